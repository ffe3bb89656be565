from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.harness.apart import Apart, open_apart
from tests.harness.house import House, open_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        yield opened


@pytest.fixture
async def apart(tmp_path: Path) -> AsyncIterator[Apart]:
    async with open_apart(tmp_path) as opened:
        yield opened
