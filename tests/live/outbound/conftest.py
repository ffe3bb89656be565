"""A house where agents call out: they have a short wrap-up afterwards, and customers are rung for a short time."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.harness.house import House, open_house

RING_S, WRAP_UP_S = 6, 3
OUTBOUND = {"ring_s": RING_S, "wrap_up_s": WRAP_UP_S}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path, outbound=OUTBOUND) as opened:
        yield opened
