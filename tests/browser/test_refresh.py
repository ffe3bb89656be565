"""A reload keeps the call, the form and the offer, and the customer stays: on the line, on hold, ringing."""

from playwright.async_api import expect

from cti.events import (
    AgentReattached,
    ChannelRinging,
    InteractionConnected,
    RecordingPublished,
    SegmentEnded,
)
from cti.simulated.phone import Phone
from tests.browser.chromium import Browsers
from tests.browser.page import Screen
from tests.harness.house import House

CUSTOMER, AGENT = 440, 1000
NOTE = "先查物流，稍后回电"


async def test_pain_24_a_reload_keeps_offer_call_hold_and_form(house: House, chromium: Browsers) -> None:
    desk = await chromium.open(tone=AGENT)
    await desk.start_work()
    async with house.caller() as caller:
        await caller.play(CUSTOMER)
        await house.enter_queue(caller, "2")
        await desk.phone("ringing")
        rung = len(house.of(ChannelRinging))
        await desk.page.reload()  # while it rings: it rings again
        await house.wait(ChannelRinging, count=rung + 1)
        await desk.phone("ringing")
        await expect(desk.at("pop", phase="offered")).to_be_visible()
        await desk.page.keyboard.press("Space")
        talk = await house.wait(InteractionConnected)
        await caller.wait_hears({AGENT})
        await desk.at("note").fill(NOTE)

        await desk.page.reload()
        await house.wait(AgentReattached)
        await heard_again(desk, caller)
        await expect(desk.at("note")).to_have_value(NOTE)

        await desk.at("hold").click()
        await desk.phase("held")
        await caller.wait_until(lambda: AGENT not in caller.hears(), 15, "the agent's tone is gone")
        await desk.page.reload()
        await house.wait(AgentReattached, count=2)
        await desk.phase("held")
        await desk.phone("talking")
        assert AGENT not in caller.hears()
        await desk.at("resume").click()
        await heard_again(desk, caller)

        await desk.press("hang-up")
        await caller.wait_closed()
    await desk.state("wrap_up")
    await expect(desk.at("note")).to_have_value(NOTE)
    ended = await house.wait(SegmentEnded)
    assert (ended.segment, ended.ended_by) == (1, "agent")
    assert len(house.of(InteractionConnected)) == 1, "the same segment, no other one"
    recording = await house.wait(RecordingPublished, interaction_id=talk.interaction_id)
    assert abs(recording.duration_s - ended.talk_s) < 1, "the recording went on"


async def heard_again(desk: Screen, caller: Phone) -> None:
    await desk.phase("connected")
    await desk.phone("talking")
    await caller.wait_hears({AGENT})
    await desk.hears_something()
