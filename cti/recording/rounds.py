"""Work for threads, handed over in rounds: at twenty recordings a second a change of threads for each costs as much as
writing them does.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")


class _Turn(NamedTuple):
    work: Callable[[], Any]
    ready: Callable[[], bool]
    done: asyncio.Future[Any]


class Rounds:
    """Every `interval_s`, while there is anything to do, all that is ready goes to one of the threads."""

    def __init__(self, threads: ThreadPoolExecutor, interval_s: float) -> None:
        self._threads, self._interval_s = threads, interval_s
        self._waiting: list[_Turn] = []
        self._task: asyncio.Task[None] | None = None

    async def do(self, work: Callable[[], T], ready: Callable[[], bool] = lambda: True) -> T:
        """What `work` returns or raises. `ready` is asked each round, on the event loop; what it raises ends it too."""
        turn = _Turn(work, ready, asyncio.get_running_loop().create_future())
        self._waiting.append(turn)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="rounds of recordings")
        result: T = await turn.done
        return result

    async def _run(self) -> None:
        while self._waiting:
            await asyncio.sleep(self._interval_s)
            if ready := self._take():
                self._threads.submit(_work, ready, asyncio.get_running_loop())

    def _take(self) -> list[_Turn]:
        ready: list[_Turn] = []
        later: list[_Turn] = []
        for turn in self._waiting:
            try:
                if not turn.done.done():  # or else nobody waits for it any more
                    (ready if turn.ready() else later).append(turn)
            except Exception as error:  # noqa: BLE001 - it is told to who waits
                turn.done.set_exception(error)
        self._waiting = later
        return ready

    def close(self) -> None:
        """Of what waits nothing is begun any more."""
        if self._task is not None:
            self._task.cancel()
        for turn in self._waiting:
            turn.done.cancel()


def _work(turns: Sequence[_Turn], loop: asyncio.AbstractEventLoop) -> None:
    outcomes: list[tuple[asyncio.Future[Any], Any, Exception | None]] = []
    for turn in turns:
        try:
            outcomes.append((turn.done, turn.work(), None))
        except Exception as error:  # noqa: BLE001 - it is told to who waits
            outcomes.append((turn.done, None, error))
    loop.call_soon_threadsafe(_tell, outcomes)


def _tell(outcomes: Sequence[tuple[asyncio.Future[Any], Any, Exception | None]]) -> None:
    for done, result, error in outcomes:
        if done.done():
            continue
        if error is None:
            done.set_result(result)
        else:
            done.set_exception(error)
