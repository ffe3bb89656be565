from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.harness.house import QUEUES, House, open_house

PATIENT = {name: {**queue, "ring_s": 60} for name, queue in QUEUES.items()}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path, queues=PATIENT) as opened:
        yield opened
