"""What administrators call people and queues is shown by every screen letter by letter, and runs nowhere."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.attack.live.test_hostile_texts import IMAGE, SCRIPT, runs_nothing
from tests.browser.chromium import browsers
from tests.harness.desk import password_of
from tests.harness.house import QUEUES, open_house

LABEL = {"zh": SCRIPT, "en": SCRIPT}


async def test_names_of_agents_and_labels_of_queues_are_text(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    queues = {**QUEUES, "after_sales": {**QUEUES["after_sales"], "label": LABEL}}
    async with (
        open_house(tmp_path, queues=queues, people={"1001": {"name": IMAGE}}) as house,
        browsers(house.daemon.url, tmp_path, request.node.name) as chromium,
    ):
        desk = await chromium.open()
        await desk.log_in("1001", password_of("1001"))
        await expect(desk.page.locator("body")).to_contain_text(IMAGE, timeout=20_000)
        board = await chromium.open(path="/board")
        await board.log_in("2001", password_of("2001"))
        await expect(board.at("agent-tile", agent="1001")).to_contain_text(IMAGE, timeout=20_000)
        await expect(board.at("queue-tile", queue="after_sales")).to_contain_text(SCRIPT)
        await board.page.goto(f"{house.daemon.url}/wall?queues=after_sales")
        await expect(board.page.locator("body")).to_contain_text(SCRIPT, timeout=20_000)
        for screen in (desk, board):
            await runs_nothing(screen)
