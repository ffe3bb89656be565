import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from cti.recording.rounds import Rounds


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


class Counted(ThreadPoolExecutor):
    handed_over = 0

    def submit(self, *args: Any, **more: Any) -> Future[Any]:
        self.handed_over += 1
        return super().submit(*args, **more)


async def test_all_that_is_ready_changes_threads_once() -> None:
    with Counted(1) as threads:
        rounds = Rounds(threads, 0.01)
        done = await asyncio.gather(*(rounds.do(partial(pow, n, 2)) for n in range(20)))
        names = await rounds.do(lambda: threading.current_thread().name)
    assert done == [n * n for n in range(20)]
    assert names != threading.current_thread().name
    assert threads.handed_over == 2


async def test_what_is_not_ready_waits_and_keeps_nobody_waiting(threads: ThreadPoolExecutor) -> None:
    rounds, asked = Rounds(threads, 0.001), iter([False, False, True])
    late = asyncio.create_task(rounds.do(lambda: "late", lambda: next(asked)))
    await asyncio.sleep(0)
    assert await rounds.do(lambda: "at once") == "at once"
    assert not late.done()
    assert await late == "late"
    assert next(asked, None) is None


async def test_an_error_is_told_to_who_waits_and_to_nobody_else(threads: ThreadPoolExecutor) -> None:
    rounds = Rounds(threads, 0.001)
    wrong = rounds.do(partial(int, "x"))
    unready = rounds.do(lambda: 1, lambda: bool(1 // 0))
    right = rounds.do(lambda: 2)
    found = await asyncio.gather(wrong, unready, right, return_exceptions=True)
    assert [type(one) for one in found] == [ValueError, ZeroDivisionError, int]
    assert await rounds.do(lambda: 3) == 3


async def test_what_nobody_waits_for_any_more_is_not_begun(threads: ThreadPoolExecutor) -> None:
    rounds, begun = Rounds(threads, 0.01), list[str]()
    given_up = asyncio.create_task(rounds.do(lambda: begun.append("given up")))
    await asyncio.sleep(0)
    given_up.cancel()
    await rounds.do(lambda: begun.append("wanted"))
    assert begun == ["wanted"]


async def test_after_closing_nothing_is_begun(threads: ThreadPoolExecutor) -> None:
    rounds, begun = Rounds(threads, 0.01), list[str]()
    waiting = asyncio.create_task(rounds.do(lambda: begun.append("late")))
    await asyncio.sleep(0)
    rounds.close()
    await asyncio.sleep(0.03)
    assert waiting.cancelled()
    assert not begun
