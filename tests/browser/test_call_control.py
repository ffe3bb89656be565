"""What an agent does with a call from the page; everybody plays a tone of their own, and ears decide."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from cti.desk import commands as ask
from cti.events import AgentMuted, AgentStateChanged, InteractionConnected, InteractionQueued, InteractionTransferred
from cti.simulated.phone import Phone
from tests.browser.chromium import Browsers
from tests.browser.hearing import stays_unheard, wait_hears
from tests.browser.page import Screen
from tests.browser.site import open_site
from tests.harness.house import House, until

CUSTOMER, AGENT, OTHER = 440, 1000, 1600


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_site(tmp_path, away=()) as opened:
        yield opened


async def talking(house: House, desk: Screen, caller: Phone) -> InteractionConnected:
    """A caller of the after-sales queue, answered on the page."""
    count = len(house.of(InteractionQueued)) + 1
    await house.enter_queue(caller, "2", count=count)
    await expect(desk.at("pop", phase="offered")).to_be_visible()
    await desk.page.keyboard.press("Space")
    await desk.phase("connected")
    return house.of(InteractionConnected)[-1]


async def colleague_comes(house: House, login: str) -> None:
    """At the desk phone, which has registered; not ready, so that no caller of a queue rings there."""
    await until(lambda: f"d{login}" in house.daemon.roster.reachable, f"the phone of {login} is registered")
    await house.ask(login, ask.SignIn, phone="desk")


async def test_consult_swap_and_hand_over(house: House, chromium: Browsers) -> None:
    desk = await chromium.open(tone=AGENT)
    await desk.start_work()
    async with house.agent("1002") as other, house.caller() as caller:
        await caller.play(CUSTOMER)
        await other.play(OTHER)
        await colleague_comes(house, "1002")
        await talking(house, desk, caller)
        await caller.wait_hears({AGENT})
        await wait_hears(desk, {CUSTOMER})

        await asked(desk, "王强", "1002")
        await other.wait_call()
        await other.decline()
        await expect(desk.at("party-gone", reason="declined")).to_contain_text("王强 拒接了")
        await asked(desk, "王强", "1002")
        await expect(desk.at("customer-row", state="music")).to_be_visible()
        await caller.wait_until(lambda: AGENT not in caller.hears(), 15, "the agent's tone is gone")
        await caller.wait_sound(1.0)  # music
        await other.wait_call(number=2)
        await other.answer()
        await expect(desk.at("party", state="consulting")).to_be_visible()
        await other.wait_hears({AGENT})
        await wait_hears(desk, {OTHER})
        await desk.picture("consulting", dark=True)

        await desk.page.keyboard.press("h")
        await expect(desk.at("party", state="aside")).to_be_visible()
        await caller.wait_hears({AGENT})
        await wait_hears(desk, {CUSTOMER})
        await desk.at("swap").click()
        await other.wait_hears({AGENT})

        await desk.page.keyboard.press("t")
        await desk.state("wrap_up")
        await caller.wait_hears({OTHER})
        await other.wait_hears({CUSTOMER})
        assert house.of(InteractionConnected)[-1].agent_id == "1002"


async def asked(desk: Screen, typed: str, target: str) -> None:
    """The colleague's phone rings, whom the agent has found by name."""
    await desk.page.keyboard.press("c")
    await expect(desk.at("consult-input")).to_be_focused()
    await desk.page.keyboard.type(typed)
    await expect(desk.at("consult-option", target=target)).to_be_visible()
    await desk.picture("consult-field")
    await desk.page.keyboard.press("Enter")
    await expect(desk.at("party", state="ringing")).to_be_visible()


async def test_conference_with_a_number_and_with_a_colleague_who_sees_whose_call_it_is(
    house: House, chromium: Browsers
) -> None:
    desk = await chromium.open(tone=AGENT)
    await desk.start_work()
    async with house.outside() as outside, house.caller() as caller:
        await caller.play(CUSTOMER)
        await outside.play(OTHER)
        await outside.answer_all(after=0.2)
        await talking(house, desk, caller)

        await desk.at("transfer").click()
        await desk.at("transfer-input").fill("138 1111 2222")
        await desk.page.keyboard.press("Shift+Enter")
        await expect(desk.at("party", state="consulting")).to_be_visible()
        await desk.page.keyboard.press("c")
        await expect(desk.at("party", state="joined")).to_be_visible()
        await caller.wait_hears({AGENT, OTHER})
        await outside.wait_hears({CUSTOMER, AGENT})
        await wait_hears(desk, {CUSTOMER, OTHER})
        await desk.picture("conference", dark=True)
        await desk.at("drop").click()
        await expect(desk.at("parties")).to_have_count(0)
        await outside.wait_closed(within=8)
        await caller.wait_hears({AGENT})

        colleague = await chromium.open(tone=2000, language="en-GB")
        await colleague.log_in("1002")
        await colleague.press("sign-in")
        await colleague.phone("registered")
        await until(lambda: house.daemon.floor.reachability.of("1002"), "the colleague's phone has passed its check")
        await the_colleague_joins(desk, colleague)
        await caller.wait_hears({AGENT, 2000})
        await wait_hears(colleague, {CUSTOMER, AGENT})
        await desk.at("leave").click()
        await desk.state("wrap_up")
        await caller.wait_hears({2000})
        await wait_hears(colleague, {CUSTOMER})
        await expect(colleague.at("asked-by")).to_have_count(0)  # it is the colleague's own call now


async def the_colleague_joins(desk: Screen, colleague: Screen) -> None:
    await desk.page.keyboard.press("c")
    await expect(desk.at("consult-input")).to_be_focused()
    await desk.page.keyboard.type("1002")
    option = desk.at("consult-option", kind="agent", target="1002")  # that they have come is known within a second
    await expect(option).to_have_attribute("aria-selected", "true")
    await desk.page.keyboard.press("Enter")
    await expect(colleague.at("asked-by", agent="1001")).to_contain_text("李娜 asks for your help")
    await expect(colleague.at("pop-name")).to_have_text("张伟")
    await colleague.phone("ringing")
    await colleague.press("answer")
    await expect(desk.at("party", state="consulting")).to_be_visible()
    await colleague.phase("connected")
    await expect(colleague.at("mute")).to_be_enabled()
    await expect(colleague.at("hang-up")).to_be_enabled()
    for refused in ("transfer", "consult", "hold", "pause-recording", "flow", "keypad"):
        await expect(colleague.at(refused)).to_be_disabled()
    await expect(colleague.at("wrap-up")).to_have_count(0)
    await colleague.picture("asked")
    await desk.at("merge").click()
    await expect(desk.at("party", state="joined")).to_be_visible()


async def test_mute_keys_and_blind_transfers(house: House, chromium: Browsers) -> None:
    desk = await chromium.open(tone=AGENT)
    await desk.start_work()
    async with house.outside() as outside, house.caller() as caller:
        await caller.play(CUSTOMER)
        await outside.play(OTHER)
        await outside.answer_all(after=0.2)
        await talking(house, desk, caller)
        await caller.wait_hears({AGENT})
        await muted_and_heard_again(house, desk, caller)
        await keys_are_sent(desk, caller)
        await a_refusal_loses_nothing(desk)
        await desk.at("transfer-input").fill("138 1111 2222")
        await desk.page.keyboard.press("Enter")
        await desk.state("wrap_up")
        await outside.wait_hears({CUSTOMER})
        await caller.wait_hears({OTHER})
        await caller.hang_up()
        await desk.press("finish")
    await transferred(house, desk, "投诉", kind="queue", target="complaints")
    await house.ask("1003", ask.SignIn, phone="desk")
    await transferred(house, desk, "bilingual", kind="group", target="bilingual")
    await house.ask("1006", ask.SignIn, phone="desk")
    await transferred(house, desk, "1006", kind="agent", target="1006")


async def muted_and_heard_again(house: House, desk: Screen, caller: Phone) -> None:
    """By the key and by the button; the bar says so, and the server remembers when the page is loaded again."""
    await desk.page.keyboard.press("m")
    await expect(desk.at("muted-bar")).to_be_visible()
    muted = await house.wait(AgentMuted, muted=True)
    await stays_unheard(caller, AGENT, muted.at)
    await wait_hears(desk, {CUSTOMER})
    await desk.picture("muted", dark=True)
    await desk.at("mute").click()
    await expect(desk.at("muted-bar")).to_have_count(0)
    await caller.wait_hears({AGENT})


async def keys_are_sent(desk: Screen, caller: Phone) -> None:
    await desk.page.keyboard.press("k")
    await expect(desk.at("keypad-pad")).to_be_focused()
    await desk.page.keyboard.type("42#")
    await caller.wait_until(lambda: caller.call.digits == "42#", 10, "the keys 42#")
    await expect(desk.at("keypad-sent")).to_have_text("42#")
    await desk.page.keyboard.press("Escape")


async def a_refusal_loses_nothing(desk: Screen) -> None:
    """Nobody of that extension is signed in: a sentence, and the words are still there. Keys in a field are letters."""
    await desk.page.keyboard.press("t")
    await desk.at("transfer-input").fill("1004")
    await desk.page.keyboard.press("Enter")
    await expect(desk.at("transfer-refusal")).to_contain_text("没有签入")
    await expect(desk.at("transfer-input")).to_have_value("1004")
    await desk.at("transfer-input").fill("")
    await desk.page.keyboard.type("mh?")
    await expect(desk.at("transfer-input")).to_have_value("mh?")
    await expect(desk.at("muted-bar")).to_have_count(0)
    await desk.phase("connected")
    await expect(desk.at("shortcuts")).to_have_count(0)


async def transferred(house: House, desk: Screen, typed: str, *, kind: str, target: str) -> None:
    count = len(house.of(InteractionTransferred)) + 1
    async with house.caller() as caller:
        await desk.state("ready")
        await talking(house, desk, caller)
        await desk.page.keyboard.press("t")
        await expect(desk.at("transfer-input")).to_be_focused()
        await desk.page.keyboard.type(typed)
        await expect(desk.at("transfer-option", kind=kind, target=target)).to_have_attribute("aria-selected", "true")
        await desk.page.keyboard.press("Enter")
        moved = await house.wait(InteractionTransferred, count=count)
        await desk.state("wrap_up")
        await caller.hang_up()
    assert (moved.kind, moved.target) == (kind, target)
    await desk.press("finish")
    await house.wait(AgentStateChanged, agent_id="1001", state="ready", count=count + 1)
