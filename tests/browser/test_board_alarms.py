"""Alarms on the board and on the wall: coloured, rung for once, acknowledged, over, and on the day's list."""

from msgspec.structs import replace
from playwright.async_api import expect

from cti.desk.alarms import AlarmLimit, AlarmRules
from cti.events import AlarmAcknowledged, AlarmCleared, AlarmRaised
from tests.browser.chromium import Browsers
from tests.browser.page import Screen
from tests.browser.site import a_day_so_far, colleagues_come
from tests.harness.house import House


def watch_closely(house: House) -> None:
    """Limits of seconds instead of minutes, and a service level of which nobody complains."""
    limits = (AlarmLimit(kind="longest_wait", warn=1, alarm=4), AlarmLimit(kind="waiting", warn=5))
    rules = house.daemon.floor.rules
    rules.cares = {
        name: replace(care, alarms=AlarmRules(limits=limits, clear_after_s=1)) for name, care in rules.cares.items()
    }


async def test_an_alarm_on_the_board_and_on_the_wall(house: House, chromium: Browsers) -> None:
    await colleagues_come(house)
    a_day_so_far(house)
    watch_closely(house)
    board = await chromium.open(path="/board")
    await board.log_in("2001")
    await board.phone("registered")
    wall = await chromium.open(path="/wall?queues=complaints,after_sales,nowhere")
    await wall.log_in("2001")
    await the_wall_shows_what_the_address_names(wall)
    async with house.caller("13900000002") as caller:
        await house.enter_queue(caller, "3")
        raised = await house.wait(AlarmRaised, queue="complaints", level="alarm")
        for screen in (board, wall):
            tile = screen.at("queue-tile", queue="complaints")
            await expect(tile).to_have_attribute("data-trouble", "alarm")
            await expect(tile.get_by_test_id("tile-trouble")).to_contain_text("最长等待")
        button = board.at("open-alarms")
        await expect(button).to_have_attribute("data-unseen", "1")
        await expect(button).to_have_attribute("data-rung", "2")  # as a warning, and as an alarm
        await wall.page.set_viewport_size({"width": 1920, "height": 1080})
        await wall.picture("wall", dark=True)
        await acknowledged(house, board, raised.alarm_id)
        await the_wall_comes_back_by_itself(house, wall)
        await wall.page.goto(house.daemon.url + "/wall")
        await expect(wall.at("queue-tile")).to_have_count(4)
        await expect(wall.at("queue-tile").first).to_have_attribute("data-queue", "complaints")
        await wall.picture("wall-of-all")
        await caller.hang_up()
    await house.wait(AlarmCleared, alarm_id=raised.alarm_id)
    await expect(board.at("active-alarm")).to_have_count(0)
    past = board.at("past-alarm", queue="complaints")
    await expect(past).to_have_count(1)
    await expect(past).to_contain_text("陈静")
    await expect(wall.at("queue-tile", queue="complaints")).to_have_attribute("data-trouble", "calm")
    await a_silent_browser_stays_silent(board)


async def the_wall_shows_what_the_address_names(wall: Screen) -> None:
    tiles = wall.at("queue-tile")
    await expect(tiles).to_have_count(2)
    assert [await tiles.nth(n).get_attribute("data-queue") for n in range(2)] == ["complaints", "after_sales"]
    assert wall.page.url.endswith("/wall?queues=complaints,after_sales,nowhere")
    await expect(wall.at("wall")).to_contain_text("没有这样的队列：nowhere")
    await expect(wall.at("wall-clock")).to_be_visible()
    await expect(wall.page.locator("header.top")).to_have_count(0)


async def acknowledged(house: House, board: Screen, alarm_id: str) -> None:
    """By the keyboard alone."""
    await board.at("open-alarms").focus()
    await board.page.keyboard.press("Enter")
    row = board.at("active-alarm", queue="complaints", kind="longest_wait")
    await expect(row).to_contain_text("未确认")
    await board.picture("alarms", dark=True)
    await row.get_by_test_id("acknowledge").focus()
    await board.page.keyboard.press("Enter")
    fact = await house.wait(AlarmAcknowledged, alarm_id=alarm_id)
    assert fact.agent_id == "2001"
    await expect(row).to_contain_text("陈静")
    await expect(board.at("open-alarms")).to_have_attribute("data-unseen", "0")


async def the_wall_comes_back_by_itself(house: House, wall: Screen) -> None:
    await wall.page.context.set_offline(True)
    house.daemon.hub.disconnect("2001", "the test cuts the line")
    await expect(wall.at("wall")).to_have_attribute("data-offline", "true")
    await expect(wall.at("queue-tile")).to_have_count(2)
    await wall.page.context.set_offline(False)
    await expect(wall.at("wall")).to_have_attribute("data-offline", "false")


async def a_silent_browser_stays_silent(board: Screen) -> None:
    await board.page.keyboard.press("Escape")
    await board.at("alarm-sound").click()
    await board.page.reload()
    await expect(board.at("alarm-sound")).to_have_attribute("aria-pressed", "false")
