"""A house whose queue calls back, quickly; and what a caller does who wants that."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cti.events import CallbackRequested
from cti.simulated.phone import Phone
from tests.harness.house import QUEUES, House, open_house

RETRY_S, RING_S = 3, 5
DAYS = "mon-sun"


def calling_back(**more: object) -> dict[str, dict[str, object]]:
    """The queues of the house; after-sales calls back at any hour, twice at most, unless told otherwise."""
    rules = {"attempts": 2, "retry_s": RETRY_S, "ring_s": RING_S, "hours": {DAYS: ["00:00-24:00"]}, **more}
    return {**QUEUES, "after_sales": {**QUEUES["after_sales"], "wrap_up_s": 2, "callback": rules}}


async def asks_for_a_call(house: House, caller: Phone, keys: str = "1") -> CallbackRequested:
    """Dials, waits in the queue, presses 1 and then `keys`; the caller is let go."""
    before = len(house.of(CallbackRequested))
    await house.enter_queue(caller, count=len(house.of(CallbackRequested)) + 1)
    await caller.wait_sound(0.5)
    await caller.send_digits("1")
    await asyncio.sleep(1.5)
    await caller.send_digits(keys)
    request = await house.wait(CallbackRequested, within=30, count=before + 1)
    await caller.wait_closed(within=30)
    return request


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path, queues=calling_back()) as opened:
        yield opened
