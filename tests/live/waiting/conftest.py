"""A house whose queues are each test's own, and a caller whose ears are judged."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from cti.acd.events import CallerLeft, CallerQueued
from cti.simulated.phone import Phone
from tests.harness.house import QUEUES, House, open_house, until
from tests.harness.listening import heard

PROMPTS = Path(__file__).parents[3] / "ivr_prompts"

ONE_ANNOUNCEMENT_S = 5.0

OpenHouse = Callable[..., AbstractAsyncContextManager[House]]


@dataclass(slots=True)
class Ears:
    """A caller, and all that they have heard so far."""

    phone: Phone
    kept: Path
    language: str = "zh"

    def when(self, prompt: str) -> list[float]:
        """The seconds (since the call began to be heard) at which it was said, in order."""
        return heard(self.kept, PROMPTS / self.language / "8k" / f"{prompt}.wav")

    async def hear(self, prompt: str, *, times: int = 1, within: float = 30) -> float:
        """When it was said for the `times`-th time, as soon as it was; the daemon lives in this loop, too."""
        deadline = time.monotonic() + within
        while len(said := await asyncio.to_thread(self.when, prompt)) < times:
            assert time.monotonic() < deadline, f"{prompt} was said {len(said)} times within {within} s"
            await asyncio.sleep(1)
        return said[times - 1]

    async def hear_together(self, *prompts: str, within: float = 90) -> None:
        """All of these in this order, in one announcement at least."""
        for prompt in prompts:
            await self.hear(prompt, within=within)
        for before, after in pairwise(prompts):
            gaps = [then - at for at in self.when(before) for then in self.when(after)]
            assert any(0 < gap < ONE_ANNOUNCEMENT_S for gap in gaps), f"{before}, {after}: {gaps}"


@contextlib.asynccontextmanager
async def calling(house: House, folder: Path, number: str = "13900000001", language: str = "zh") -> AsyncIterator[Ears]:
    kept = folder / f"{number}.raw"
    async with house.caller(number, keep=kept) as phone:
        yield Ears(phone, kept, language)


def busy_day(house: House, queue: str, gap_s: float) -> None:
    """Callers left this queue every `gap_s` seconds until a moment ago: that is what waits are estimated by."""
    engine, begin = house.daemon.engine, time.time() - 5 * gap_s
    ghosts = [f"ghost-{n}" for n in range(4)]
    for ghost in ghosts:
        engine.handle(CallerQueued(interaction_id=ghost, queue=queue, queued_at=begin), begin)
    for n, ghost in enumerate(ghosts, 1):
        engine.handle(CallerLeft(interaction_id=ghost), begin + n * gap_s)


@pytest.fixture
def open_queues(tmp_path: Path) -> OpenHouse:
    """`open_queues(after_sales={...})`: the queues of `QUEUES` so changed; other names are keys of open_house."""

    def opened(**changes: Any) -> AbstractAsyncContextManager[House]:
        queues = {name: {**queue, **changes.pop(name, {})} for name, queue in QUEUES.items()}
        return open_house(tmp_path, queues=queues, **changes)

    return opened


__all__ = ["Ears", "OpenHouse", "busy_day", "calling", "until"]
