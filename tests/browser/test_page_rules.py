"""What holds on every page: names are text, errors are sentences, the keyboard is enough, a lost line heals."""

import asyncio

from playwright.async_api import expect

from cti.desk import commands as ask
from cti.events import InteractionConnected, InteractionEnded
from tests.browser.chromium import Browsers
from tests.browser.page import Screen
from tests.harness.house import House, until

AGENT, CUSTOMER = 1000, 440
EVIL = "<img src=/x onerror=alert(1)>"


async def test_a_callers_name_is_text_everywhere(house: House, chromium: Browsers) -> None:
    board = await chromium.open(path="/board")
    await board.log_in("2001")
    async with house.caller("13700000009", EVIL) as caller:
        await house.enter_queue(caller, "2")
        await expect(board.at("waiting-row")).to_contain_text(EVIL)
        desk = await chromium.open(tone=AGENT)
        await desk.start_work()
        await desk.phone("ringing")
        await expect(desk.at("pop-name")).to_have_text(EVIL)
        await desk.press("answer")
        await desk.phase("connected")
        await expect(board.at("agent-tile", agent="1001")).to_contain_text(EVIL)
        await board.at("agent-tile", agent="1001").click()
        await expect(board.at("agent-panel")).to_contain_text(EVIL)
        await desk.at("note").fill(EVIL)
        await desk.press("hang-up")
        await desk.state("wrap_up")
        await desk.press("finish")
        await desk.state("ready")
    await expect(desk.at("interaction").first).to_contain_text(EVIL)
    assert await house.daemon.store.writer.drain(5)
    await board.at("open-drawer").click()
    await expect(board.at("interaction").first).to_contain_text(EVIL)
    async with house.caller("13700000009", EVIL) as again:
        await house.enter_queue(again, "2", count=2)
        await expect(desk.at("contact").first).to_contain_text(EVIL)  # the note of the first call
        await expect(desk.at("draft-tab")).to_have_count(0)
        await desk.picture("name-is-text")
    await asyncio.sleep(0.3)  # an image would be asked for at once
    for screen in (desk, board):
        assert "/x" not in screen.watch.paths
        assert await screen.page.locator("img[src='/x']").count() == 0


async def test_a_wrong_password_and_two_languages(house: House, chromium: Browsers) -> None:
    assert house.daemon.demo
    page = await chromium.open()
    await expect(page.at("demo-banner")).to_contain_text("演示")
    await page.picture("login")
    await page.log_in("1001", "demo-1002")
    await expect(page.at("login-error")).to_be_visible()
    await expect(page.at("login-password")).to_have_value("")
    await page.at("language-toggle").click()
    await expect(page.at("login-submit")).to_have_text("Log in")
    await expect(page.at("demo-banner")).to_contain_text("demo")
    await page.log_in("1001")
    await expect(page.at("state")).to_contain_text("Signed out")
    await expect(page.at("demo-banner")).to_be_visible()
    await page.picture("idle-english")
    await page.page.reload()
    await expect(page.at("state")).to_contain_text("Signed out")  # the choice is kept
    await page.at("language-toggle").click()
    await expect(page.at("state")).to_contain_text("未签入")
    assert await page.page.evaluate("document.documentElement.lang") == "zh-CN"
    board = await chromium.open(path="/board", language="en-GB")
    await board.log_in("2001")
    await expect(board.at("demo-banner")).to_contain_text("demo")
    await expect(board.at("queue-tile", queue="after_sales")).to_contain_text("After-sales")
    await board.picture("board-english")


async def test_the_keyboard_is_enough(house: House, chromium: Browsers) -> None:
    """From the log-in to the next call without a mouse."""
    desk = await chromium.open(tone=AGENT, language="en-GB")
    keys = desk.page.keyboard
    await expect(desk.at("login-name")).to_be_focused()
    await keys.type("1001")
    await keys.press("Tab")
    await keys.type("demo-1001")
    await keys.press("Enter")
    await expect(desk.at("primary", action="sign-in")).to_be_visible()
    await tab_to(desk, "primary")
    await keys.press("Enter")
    await desk.state("not_ready")
    await desk.phone("registered")
    await expect(desk.at("primary", action="ready")).to_be_enabled()
    await expect(desk.at("primary")).to_be_focused()  # it never jumps
    await keys.press("Enter")
    await desk.state("ready")
    async with house.caller() as caller:
        await house.enter_queue(caller, "2")
        await desk.phone("ringing")
        await keys.press("Space")
        await desk.phase("connected")
        await keys.press("Space")  # a second one must not hang up
        await keys.press("h")
        await desk.phase("held")
        await keys.press("h")
        await desk.phase("connected")
        await keys.press("t")
        await expect(desk.at("transfer-input")).to_be_focused()
        await keys.press("Escape")
        await expect(desk.at("transfer-input")).to_have_count(0)
        await tab_to(desk, "primary")
        await keys.press("Enter")
        await caller.wait_closed()
    await desk.state("wrap_up")
    await tab_to(desk, "disposition")
    await keys.type("Refu")
    await tab_to(desk, "note")
    await keys.type("Space and h are only letters here.")
    await tab_to(desk, "finish")
    await keys.press("Enter")
    await desk.state("ready")
    ended = await house.wait(InteractionEnded)
    assert await house.daemon.store.writer.drain(5)
    answer = await desk.page.request.get(f"{house.daemon.url}/api/v1/interactions/{ended.interaction_id}")
    assert (await answer.json())["note"] == "Space and h are only letters here."


async def tab_to(desk: Screen, testid: str) -> None:
    for _ in range(60):
        if await desk.page.evaluate("document.activeElement?.dataset.testid ?? ''") == testid:
            return
        await desk.page.keyboard.press("Tab")
    raise AssertionError(f"{testid} is not reached with Tab")


async def test_pain_23_a_lost_line_is_healed_by_a_new_snapshot(house: House, chromium: Browsers) -> None:
    """What happened while the page was away is on it when it is back; a call goes on meanwhile."""
    desk = await chromium.open(tone=AGENT)
    await desk.start_work()
    async with house.caller() as caller:
        await caller.play(CUSTOMER)
        await house.enter_queue(caller, "2")
        await desk.phone("ringing")
        await desk.press("answer")
        await desk.phase("connected")
        await caller.wait_hears({AGENT})
        house.daemon.hub.disconnect("1001", "the test cuts the line")
        await until(lambda: not house.daemon.hub.connected("1001"), "the line is cut")
        call = await house.wait(InteractionConnected)
        await house.ask("1001", ask.Hold, interaction_id=call.interaction_id)
        await desk.phase("held")
        await expect(desk.at("socket-status")).to_have_attribute("data-state", "open")
        await desk.at("resume").click()
        await desk.phase("connected")
        await caller.wait_hears({AGENT})
        await desk.hears_something()

        await desk.page.context.set_offline(True)
        house.daemon.hub.disconnect("1001", "the test cuts the line")
        await expect(desk.at("offline-banner")).to_be_visible()
        await caller.wait_hears({AGENT})  # the voice does not go through our websocket
        await desk.picture("offline")
        await caller.hang_up()
        await house.wait(InteractionEnded)
        await desk.page.context.set_offline(False)
        await desk.state("wrap_up")
        await expect(desk.at("offline-banner")).to_have_count(0)


async def test_a_reload_during_a_call_shows_the_call_again(house: House, chromium: Browsers) -> None:
    """The page asks first. The form, the customer and the voice are there again."""
    desk = await chromium.open(tone=AGENT)
    await desk.start_work()
    async with house.caller() as caller:
        await house.enter_queue(caller, "2")
        await desk.phone("ringing")
        await desk.press("answer")
        await desk.phase("connected")
        await desk.at("note").fill("half a sentence")
        await desk.page.reload()
        await desk.phase("connected")
        await expect(desk.at("pop-name")).to_have_text("张伟")
        await expect(desk.at("note")).to_have_value("half a sentence")
        await desk.phone("talking")
        await desk.picture("reloaded")
        await desk.at("hold").click()
        await desk.phase("held")
        await caller.wait_sound(1.0)  # music
        await desk.press("hang-up")
        await caller.wait_closed()
        await desk.state("wrap_up")
    assert desk.watch.leavings == 1
    assert (await house.wait(InteractionEnded)).outcome == "handled"
