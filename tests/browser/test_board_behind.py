"""From any number on the board to the calls behind it: as many as it says, each with its ledger, reasons and sound."""

import math
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from tests.browser.chromium import Browsers
from tests.browser.page import Screen
from tests.browser.site import open_site
from tests.harness.house import House

LATE = 22


def where_the_day_is_nearly_over() -> str:
    """A time zone in which it is past ten in the evening: all of the demo's latest day is today's, whenever we look."""
    ahead = (LATE - datetime.now(UTC).hour + 11) % 24 - 11
    return f"Etc/GMT{-ahead:+d}"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_site(tmp_path, time_zone=where_the_day_is_nearly_over()) as opened:
        yield opened


WHATS = ("offered", "answered", "abandoned", "overflowed")


async def test_as_many_as_the_number_says(house: House, chromium: Browsers) -> None:
    """The demo's own day, and one caller who gives up before our eyes."""
    board = await chromium.open(path="/board")
    await board.log_in("2001")
    await expect(board.at("queue-tile")).to_have_count(4)
    async with house.caller("13900000002") as caller:
        before = await number(figure(board, "after_sales", "abandoned"))
        await house.enter_queue(caller, "2")
        await caller.hang_up()
        await expect(figure(board, "after_sales", "abandoned")).to_have_text(str(before + 1))
    for queue in ("after_sales", "complaints"):
        for what in WHATS:
            await as_many(board, figure(board, queue, what))
    await the_level_opens_those_in_time(board)
    await one_is_opened_with_all_that_is_known(board)
    await the_day_of_an_agent(house, board)
    await a_bar_of_the_chart(board)
    await the_charts_of_the_last_hour(board)


def figure(board: Screen, queue: str, what: str) -> Locator:
    return board.at("figure", queue=queue, what=what)


async def number(element: Locator) -> int:
    return int(await element.inner_text())


async def as_many(board: Screen, element: Locator) -> int:
    """Opens it, counts, pages to the end, and closes."""
    said = await number(element)
    await element.click()
    if said == 0:
        await expect(board.at("behind")).to_contain_text("没有这样的通话")
    else:
        await expect(board.at("behind-count")).to_have_attribute("data-count", str(said))
        await expect(board.at("behind-row")).to_have_count(said)
    await board.at("close-sheet").click()
    await expect(board.at("behind")).to_have_count(0)
    return said


async def the_level_opens_those_in_time(board: Screen) -> None:
    await figure(board, "after_sales", "within_target").click()
    count = board.at("behind-count")
    in_time = int(await count.get_attribute("data-count") or "")
    await board.at("close-sheet").click()
    answered, lost = [await number(figure(board, "after_sales", what)) for what in ("answered", "abandoned")]
    level = await figure(board, "after_sales", "within_target").inner_text()
    assert level == f"{math.floor(100 * in_time / (answered + lost) + 0.5)}%"  # a half goes up, as in the page


async def one_is_opened_with_all_that_is_known(board: Screen) -> None:
    await figure(board, "after_sales", "answered").focus()
    await board.page.keyboard.press("Enter")
    await board.at("behind-row").first.locator("button").focus()
    await board.page.keyboard.press("Enter")
    detail = board.at("interaction-detail")
    await expect(detail.get_by_test_id("ledger")).to_contain_text("InteractionConnected")
    await expect(detail.get_by_test_id("ledger")).to_contain_text("SegmentEnded")
    await board.picture("behind", dark=True)
    if await detail.get_by_test_id("recording-play").count():
        await detail.get_by_test_id("recording-play").click()
        await board.plays(board.at("recording-audio"))
    await detail.get_by_test_id("detail-why").click()
    await expect(board.at("why")).to_be_visible()
    await board.page.keyboard.press("Escape")
    await board.at("behind-back").click()
    await expect(board.at("behind-row").first).to_be_visible()
    await board.page.keyboard.press("Escape")


async def the_day_of_an_agent(house: House, board: Screen) -> None:
    people = house.daemon.desk.people.people.values()
    busiest = max(people, key=lambda person: person.handled_today).profile.agent_id
    await board.at("agent-tile", agent=busiest).click()
    handled = board.at("handled-today")
    said = int(await handled.get_attribute("data-count") or "")
    assert said > 0
    await handled.click()
    await expect(board.at("behind-row")).to_have_count(said)
    await board.page.keyboard.press("Escape")
    await board.page.keyboard.press("Escape")


async def a_bar_of_the_chart(board: Screen) -> None:
    await board.at("chart-queue").select_option("after_sales")
    bars = board.page.locator('[data-testid="bar"]:not([data-offered="0"])')
    said = int(await bars.last.get_attribute("data-offered") or "")
    await bars.last.click()
    await expect(board.at("behind-row")).to_have_count(said)
    await board.page.keyboard.press("Escape")


async def the_charts_of_the_last_hour(board: Screen) -> None:
    await board.at("chart-states").click()
    await expect(board.at("chart").locator("polygon.band")).to_have_count(5)
    await board.at("chart-waiting").click()
    await expect(board.at("chart").locator("polyline.waiting-line")).to_have_count(1)
    await board.picture("chart-waiting")
