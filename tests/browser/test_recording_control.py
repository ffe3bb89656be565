"""An agent has the recording paused and started from the page; the published file is judged by its tones."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from cti.events import RecordingPaused, RecordingPublished, RecordingResumed, RecordingStarted
from cti.simulated.tones import Window
from tests.browser.chromium import Browsers
from tests.browser.page import Screen
from tests.browser.site import open_site
from tests.harness.house import House
from tests.harness.sound import channels, windows

CUSTOMER, AGENT = 440, 1000
EDGE_S = 0.6
"""Asterisk mutes at a frame, the fact is told when it said so; the file's clock began with its first sample."""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_site(tmp_path, queues={"complaints": {"recording": "on_demand"}}) as opened:
        yield opened


async def answered(desk: Screen) -> None:
    await expect(desk.at("pop", phase="offered")).to_be_visible()
    await desk.page.keyboard.press("Space")
    await desk.phase("connected")


async def test_a_paused_recording_is_silent_just_there_and_another_begins_when_asked(
    house: House, chromium: Browsers
) -> None:
    desk = await chromium.open(tone=AGENT)
    await desk.start_work()
    async with house.caller() as caller:
        await caller.play(CUSTOMER)
        await house.enter_queue(caller, "2")
        await answered(desk)
        await caller.wait_hears({AGENT})
        await expect(desk.at("recording")).to_be_visible()
        await asyncio.sleep(1.5)  # what is recorded before
        await desk.page.keyboard.press("r")
        await expect(desk.at("recording-paused")).to_contain_text(":")  # the time that remains
        await desk.picture("recording-paused", dark=True)
        paused = await house.wait(RecordingPaused)
        await asyncio.sleep(2)
        await desk.at("resume-recording").click()
        resumed = await house.wait(RecordingResumed)
        await expect(desk.at("recording")).to_be_visible()
        await asyncio.sleep(1.5)
        await desk.press("hang-up")
    published = await house.wait(RecordingPublished)
    left, right = channels(house.daemon.settings.path(house.daemon.settings.recordings) / published.path)
    began, ended = paused.at - published.started_at, resumed.at - published.started_at
    for samples, tone in ((left, CUSTOMER), (right, AGENT)):
        found = windows(samples, (CUSTOMER, AGENT))
        inside = [window for window in found if began + EDGE_S < window.at < ended - EDGE_S]
        around = [window for window in found if 0.8 < window.at < began - EDGE_S or window.at > ended + EDGE_S]
        assert inside
        assert not any(window.sound for window in inside), f"sound in the pause: {inside}"
        assert share(around, tone) > 0.9, f"{tone} Hz is missing around the pause"

    await desk.press("finish")
    await desk.state("ready")
    async with house.caller() as caller:
        await house.enter_queue(caller, "3", count=2)
        await answered(desk)
        await expect(desk.at("not-recording")).to_be_visible()
        assert len(house.of(RecordingStarted)) == 1
        await desk.page.keyboard.press("r")
        await expect(desk.at("recording")).to_be_visible()
        await desk.press("hang-up")


def share(found: list[Window], tone: int) -> float:
    return sum(tone in window.tones for window in found) / max(1, len(found))
