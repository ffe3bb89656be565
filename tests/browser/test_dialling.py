"""Calls that an agent makes from the page."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from cti.events import InteractionConnected
from tests.browser.chromium import Browsers
from tests.browser.hearing import wait_hears
from tests.browser.page import Screen
from tests.browser.site import open_site
from tests.harness.house import House

CUSTOMER, AGENT = 440, 1000


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


async def test_dial_a_number_and_again_by_a_click(house: House, chromium: Browsers) -> None:
    desk = await signed_in(chromium)
    async with house.outside() as outside:
        await outside.play(CUSTOMER)
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
        await outside.wait_hears({AGENT}, within=8)
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
