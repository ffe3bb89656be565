"""One timer for many deadlines: it calls in time, for the deadline that counts, and leaves nothing behind."""

import asyncio
from collections.abc import Coroutine, Iterator

import pytest

from cti.agi.deadline import Deadline
from tests.unit.floor.virtual_time import VirtualLoop


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    made = VirtualLoop()
    yield made
    made.shut()


def run(loop: VirtualLoop, story: Coroutine[None, None, None]) -> None:
    loop.run_until_complete(story)
    assert not loop.broken


def test_the_last_one_counts_and_is_missed_at_its_time(loop: VirtualLoop) -> None:
    missed: list[tuple[str, float]] = []

    async def story() -> None:
        deadline = Deadline()
        deadline.begin(10, lambda: missed.append(("first", loop.time())))
        await asyncio.sleep(4)
        deadline.begin(10, lambda: missed.append(("later", loop.time())))
        await asyncio.sleep(9)
        assert missed == []
        await asyncio.sleep(2)
        deadline.begin(600, lambda: missed.append(("long", loop.time())))
        deadline.begin(1, lambda: missed.append(("short", loop.time())))
        await asyncio.sleep(700)

    run(loop, story())
    assert [(name, round(at)) for name, at in missed] == [("later", 14), ("short", 16)]


def test_what_is_kept_is_not_missed_and_the_next_is(loop: VirtualLoop) -> None:
    missed: list[float] = []

    async def story() -> None:
        deadline = Deadline()
        deadline.begin(10, lambda: missed.append(loop.time()))
        deadline.kept()
        await asyncio.sleep(30)
        assert missed == []
        deadline.begin(10, lambda: missed.append(loop.time()))
        await asyncio.sleep(30)

    run(loop, story())
    assert [round(at) for at in missed] == [40]


def test_a_hundred_commands_take_one_timer_and_its_end_takes_that(
    loop: VirtualLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    timers: list[asyncio.TimerHandle] = []
    call_at = loop.call_at

    def counted(when: float, callback: object, *args: object, **named: object) -> asyncio.TimerHandle:
        timers.append(call_at(when, callback, *args, **named))  # type: ignore[arg-type]  # handed on as they came
        return timers[-1]

    async def story() -> None:
        deadline = Deadline()
        monkeypatch.setattr(loop, "call_at", counted)
        for _ in range(100):
            deadline.begin(10, loop.stop)
            deadline.kept()
        assert len(timers) == 1
        deadline.end()
        assert timers[0].cancelled()

    run(loop, story())


async def test_one_that_is_now_can_be_followed_by_another() -> None:
    """The loop has no timer for it."""
    missed: list[str] = []
    deadline = Deadline()
    deadline.begin(0, lambda: missed.append("now"))
    deadline.begin(60, lambda: missed.append("later"))
    await asyncio.sleep(0.01)
    assert missed == []
    deadline.begin(0, lambda: missed.append("again"))
    await asyncio.sleep(0.01)
    assert missed == ["again"]
    deadline.end()
