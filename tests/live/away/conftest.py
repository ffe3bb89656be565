from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.harness.apart import Apart, open_apart


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Apart]:
    async with open_apart(tmp_path) as opened:
        yield opened
