"""One call on the agent's desk: the pop comes before the ring, both sides hear each other, the words are kept."""

from playwright.async_api import expect

from cti.events import (
    ChannelCreated,
    InteractionConnected,
    InteractionEnded,
    OfferMade,
    SegmentEnded,
)
from tests.browser.chromium import Browsers
from tests.browser.page import Screen
from tests.harness.house import House, until

CUSTOMER, AGENT = 440, 1000
NOTE = "约好周四上午 10 点上门，带新的排水泵。"


async def test_a_call_from_the_pop_to_the_finished_form(house: House, chromium: Browsers) -> None:
    desk = await chromium.open(tone=AGENT)
    await desk.start_work()
    async with house.caller() as caller:
        await caller.play(CUSTOMER)
        await house.enter_queue(caller, "2")
        await the_pop(house, desk)
        await desk.page.keyboard.press("Space")
        await desk.phase("connected")
        talk = await house.wait(InteractionConnected)
        await caller.wait_hears({AGENT})
        await desk.hears_something()
        await desk.picture("talking", dark=True)

        await desk.at("hold").click()
        await desk.phase("held")
        await caller.wait_until(lambda: AGENT not in caller.hears(), 15, "the agent's tone is gone")
        await desk.falls_silent()
        await desk.at("resume").click()
        await desk.phase("connected")
        await caller.wait_hears({AGENT})
        await desk.hears_something()

        await desk.at("note").fill(NOTE)
        await desk.press("hang-up")
        await caller.wait_closed()
    await desk.state("wrap_up")
    assert (await house.wait(SegmentEnded)).ended_by == "agent"
    assert (await house.wait(InteractionEnded)).outcome == "handled"
    await desk.at("disposition").select_option("repair.booked")
    await desk.picture("wrap-up")
    await desk.press("finish")
    await desk.state("ready")
    await the_note_is_kept(house, desk, talk.interaction_id)


async def the_pop(house: House, desk: Screen) -> None:
    """It is complete, and it was painted before the INVITE came to the page's phone."""
    await expect(desk.at("pop", phase="offered")).to_be_visible()
    await desk.phone("ringing")
    await expect(desk.at("pop-name")).to_have_text("张伟")
    await expect(desk.at("pop-vip")).to_have_attribute("data-level", "3")
    await expect(desk.at("pop-number")).to_contain_text("139 0000 0001")
    await expect(desk.at("order", order="88123")).to_be_visible()
    await expect(desk.at("pop-ivr")).to_contain_text("2")
    await expect(desk.at("pop-ivr")).to_contain_text("售后客服")
    await expect(desk.at("pop-waited")).to_have_text("0:00")
    assert await desk.at("contact").count() >= 3
    await desk.picture("pop")
    pop_at, ring_at = await desk.window("popAt"), await desk.window("phone.ringAt")
    offer = house.of(OfferMade)[0]
    leg = house.of(ChannelCreated, channel=f"ld-{offer.offer_id}")[0]
    print(f"offer 0, pop painted {pop_at - offer.at:.3f}, leg {leg.at - offer.at:.3f}, INVITE {ring_at - offer.at:.3f}")
    assert offer.at < pop_at < ring_at
    assert offer.at < leg.at < ring_at


async def the_note_is_kept(house: House, desk: Screen, interaction_id: str) -> None:
    """By the server, whom another page asks; and the customer's next pop shows it."""
    assert await house.daemon.store.writer.drain(5)
    answer = await desk.page.request.get(f"{house.daemon.url}/api/v1/interactions/{interaction_id}")
    card = await answer.json()
    assert answer.status == 200, card
    assert (card["note"], card["interaction"]["disposition"]) == (NOTE, "repair.booked")
    async with house.caller() as again:
        await house.enter_queue(again, "2", count=2)
        contact = desk.at("contact", interaction=interaction_id)
        await expect(contact).to_contain_text(NOTE)
        await again.hang_up()
    await until(lambda: len(house.of(InteractionEnded)) == 2, "the second call is over")
    await desk.state("ready")
