"""The gate, the devices and the line, in a browser whose fake microphone plays a tone."""

import asyncio
import time

import pytest
from playwright.async_api import expect

from cti.desk import commands as ask
from cti.errors import Conflict
from cti.events import InteractionConnected, LineQualityMeasured
from tests.browser.chromium import Browsers
from tests.browser.page import Screen
from tests.harness.house import House

CUSTOMER, AGENT = 440, 1000
NO_TONE = """() => {
  const silent = (tone) => Object.assign(tone, { start: () => undefined });
  window.createOscillator = AudioContext.prototype.createOscillator;
  AudioContext.prototype.createOscillator = function () { return silent(window.createOscillator.call(this)); };
}"""
WITH_TONE = "() => { AudioContext.prototype.createOscillator = window.createOscillator; }"


async def test_no_call_before_the_tone_comes_back(house: House, chromium: Browsers) -> None:
    desk = await chromium.open(tone=AGENT)
    await desk.page.evaluate(NO_TONE)
    await desk.log_in("1001")
    await desk.press("sign-in")
    await desk.phone("registered")
    await expect(desk.at("gate", trouble="not_heard")).to_be_visible()
    await expect(desk.at("primary", action="ready")).to_be_disabled()
    with pytest.raises(Conflict) as refused:
        await house.ask("1001", ask.Ready)
    assert refused.value.state == "not_heard"

    await desk.page.evaluate(WITH_TONE)
    await desk.at("gate-act").click()
    await expect(desk.at("gate")).to_have_count(0)
    await desk.press("ready")
    await desk.state("ready")

    await desk.at("mic-status").click()
    await expect(desk.at("phone-panel")).to_be_visible()
    await expect(desk.at("echo-result")).to_have_attribute("data-gate", "passed")
    assert await desk.at("device-microphone").locator("option").count() > 1
    await loud(desk, "own-level")
    async with house.caller() as caller:
        await caller.play(CUSTOMER)
        await house.enter_queue(caller, "2")
        await desk.phone("ringing")
        await desk.press("answer")
        await house.wait(InteractionConnected)
        await loud(desk, "far-level")
        await expect(desk.at("line-quality")).to_be_visible()
        await expect(desk.at("line-figures")).to_contain_text("MOS")
        await desk.picture("phone-panel", dark=True)
        await desk.press("hang-up")
        await caller.wait_closed()
    await the_line_is_kept(house, chromium)


async def the_line_is_kept(house: House, chromium: Browsers) -> None:
    """What the page measured is told at the end of the call, and a supervisor finds it with the call."""
    measured = await house.wait(LineQualityMeasured)
    assert measured.agent_id == "1001"
    assert await house.daemon.store.writer.drain(5)
    board = await chromium.open()
    await board.log_in("2001")
    await board.at("agent-tile", agent="1001").click()
    await board.at("handled-today").click()
    await board.at("behind-row").first.locator("button").click()
    line = board.at("detail-line", agent="1001")
    await expect(line).to_contain_text("MOS")
    assert 3.5 <= float(await line.get_attribute("data-mos") or 0) <= 4.5
    await board.picture("line-of-a-call", dark=True)


async def loud(desk: Screen, meter: str, within: float = 10) -> None:
    deadline = time.monotonic() + within
    while float(await desk.at(meter).evaluate("meter => meter.value")) < 20:
        assert time.monotonic() < deadline, f"{meter} shows nothing"
        await asyncio.sleep(0.1)
