from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.harness.house import House, open_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(
        tmp_path, softphone={"page_patience_s": 10}, people={"1002": {"queues": ("after_sales",)}}
    ) as opened:
        yield opened
