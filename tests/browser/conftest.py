from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.chromium import Browsers, browsers
from tests.browser.site import open_site
from tests.harness.house import House

expect.set_options(timeout=30_000)  # of a busy machine; the default is 5 s


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """The hotline with the demo's people, customers and calls."""
    async with open_site(tmp_path) as opened:
        yield opened


@pytest.fixture
async def chromium(house: House, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Browsers]:
    """Closed before the house; fails the test when a page broke a rule (see `Watch`)."""
    async with browsers(house.daemon.url, tmp_path, request.node.name) as opened:
        yield opened
