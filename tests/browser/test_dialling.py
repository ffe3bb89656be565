"""Calls that an agent makes from the page: to a number, to a colleague, and to somebody who waits in a queue."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from cti.events import InteractionConnected
from tests.browser.chromium import Browsers
from tests.browser.hearing import wait_hears
from tests.browser.page import Screen
from tests.browser.site import open_site
from tests.browser.test_call_control import colleague_comes
from tests.harness.house import House

CUSTOMER, AGENT, OTHER = 440, 1000, 1600


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_site(tmp_path, away=()) as opened:
        yield opened


async def signed_in(chromium: Browsers) -> Screen:
    desk = await chromium.open(tone=AGENT)
    await desk.log_in("1001")
    await desk.press("sign-in")
    await desk.state("not_ready")
    await desk.phone("registered")
    return desk


async def test_dial_a_number_again_by_a_click_and_a_colleague_by_name(house: House, chromium: Browsers) -> None:
    desk = await signed_in(chromium)
    async with house.outside() as outside, house.agent("1002") as colleague:
        await outside.play(CUSTOMER)
        await colleague.play(OTHER)
        await desk.page.keyboard.press("d")
        await desk.page.keyboard.type("139 0000 0001")
        await desk.picture("dial-field", dark=True)
        await desk.page.keyboard.press("Enter")
        await desk.phase("dialling")
        await expect(desk.at("pop-name")).to_have_text("张伟")
        await outside.wait_call(within=15)
        await desk.picture("dialling")
        await outside.answer()
        await desk.phase("connected")
        await outside.wait_hears({AGENT})
        await wait_hears(desk, {CUSTOMER})
        assert (await house.wait(InteractionConnected)).how == "dialled"
        await desk.press("hang-up")
        await outside.wait_closed(within=8)
        await desk.state("wrap_up")
        await desk.press("finish")
        await desk.state("not_ready")
        assert await house.daemon.store.writer.drain(5)

        await desk.at("dial-number", target="+8613900000001").first.click()
        await outside.wait_call(within=15, number=2)
        await desk.press("hang-up")  # before anybody has answered
        await outside.wait_closed(within=8)
        await desk.phase("none")

        await colleague_comes(house, "1002")
        await desk.page.keyboard.press("d")
        await desk.page.keyboard.type("王强")
        await expect(desk.at("dial-option", kind="agent", target="1002")).to_be_visible()
        await desk.page.keyboard.press("Enter")
        await colleague.wait_call(within=15)
        await colleague.answer()
        await expect(desk.at("colleague-name")).to_have_text("王强")
        await colleague.wait_hears({AGENT})
        await wait_hears(desk, {OTHER})
        await desk.picture("internal")
        await desk.press("hang-up")
        await colleague.wait_closed(within=8)
        await desk.phase("none")


async def test_who_waits_in_my_queues_is_seen_and_picked_up(house: House, chromium: Browsers) -> None:
    desk = await signed_in(chromium)
    await expect(desk.at("pick-up-list")).to_contain_text("没有客户在等待")
    async with house.caller("13900000002") as other, house.caller() as caller:
        await caller.play(CUSTOMER)
        first = await house.enter_queue(other, "2")
        second = await house.enter_queue(caller, "3", count=2)
        await expect(desk.at("waiting-caller")).to_have_count(2)
        await expect(desk.at("waiting-caller", interaction=first.interaction_id)).to_contain_text("王芳")
        await desk.picture("pick-up-list", dark=True)
        await desk.at("waiting-caller", interaction=second.interaction_id).locator('[data-testid="pick-up"]').click()
        talk = await house.wait(InteractionConnected)
        await desk.phase("connected")
        await caller.wait_hears({AGENT})
        await wait_hears(desk, {CUSTOMER})
        await desk.press("hang-up")
    assert (talk.interaction_id, talk.agent_id) == (second.interaction_id, "1001")
