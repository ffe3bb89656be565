"""The same buttons for an agent whose phone stands on the table: the page only asks, the server does."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from cti.events import AgentMuted
from cti.simulated import scenarios
from cti.simulated.phone import free_udp_port
from cti.simulated.sipp import sipp
from tests.browser.chromium import Browsers, browsers
from tests.browser.hearing import stays_unheard
from tests.browser.site import open_site
from tests.harness.house import House, until

CUSTOMER, AGENT, OTHER = 440, 1000, 1600


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_site(tmp_path, away=()) as opened:
        yield opened


async def test_a_hard_phone_is_muted_held_and_consulted_from_the_page(house: House, chromium: Browsers) -> None:
    desk = await chromium.open()
    async with house.agent("1001") as phone, house.outside() as outside, house.caller() as caller:
        await caller.play(CUSTOMER)
        await phone.play(AGENT)
        await outside.play(OTHER)
        await outside.answer_all(after=0.2)
        await until(lambda: "d1001" in house.daemon.roster.reachable, "the phone of 1001 is registered")
        await desk.log_in("1001")
        await desk.at("phone-desk").click()
        await desk.press("sign-in")
        await desk.state("not_ready")
        await desk.press("ready")
        await house.enter_queue(caller, "2")
        await desk.phase("offered")
        await phone.wait_call(within=10)
        await phone.answer()
        await desk.phase("connected")
        await caller.wait_hears({AGENT})

        await desk.page.keyboard.press("m")
        await expect(desk.at("muted-bar")).to_be_visible()
        muted = await house.wait(AgentMuted, muted=True)
        await stays_unheard(caller, AGENT, muted.at)
        await phone.wait_hears({CUSTOMER})
        await desk.at("muted-bar").click()
        await caller.wait_hears({AGENT})
        assert [fact.muted for fact in house.of(AgentMuted)] == [True, False]

        await desk.page.keyboard.press("h")
        await desk.phase("held")
        await caller.wait_until(lambda: AGENT not in caller.hears(), 15, "the agent's tone is gone")
        await phone.wait_hears(())
        await desk.page.keyboard.press("h")
        await caller.wait_hears({AGENT})

        await desk.at("consult").click()
        await desk.at("consult-input").fill("13811112222")
        await desk.page.keyboard.press("Enter")
        await outside.wait_hears({AGENT}, within=15)
        await phone.wait_hears({OTHER})
        await desk.at("merge").click()
        await caller.wait_hears({AGENT, OTHER})
        await phone.wait_hears({CUSTOMER, OTHER})
        await desk.at("leave").click()
        await caller.wait_hears({OTHER})
        await desk.state("wrap_up")


@pytest.mark.parametrize("obeys", [True, False])
async def test_a_hard_phone_lifts_off_when_the_page_asks_or_the_page_says_that_somebody_has_to(
    tmp_path: Path, *, obeys: bool
) -> None:
    port = free_udp_port()
    async with (
        open_site(tmp_path, contacts={"1001": f"sip:d1001@127.0.0.1:{port}"}) as house,
        browsers(house.daemon.url, tmp_path, f"hard-phone-{obeys}") as chromium,
        sipp(scenarios.agent_told_to_answer(obeys=obeys), server=house.server, port=port, calls=1),
        house.caller() as caller,
    ):
        desk = await chromium.open()
        await desk.log_in("1001")
        await desk.at("phone-desk").click()
        await desk.press("sign-in")
        await desk.press("ready")
        await house.enter_queue(caller, "2")
        await desk.phase("offered")
        await desk.page.keyboard.press("Space")
        if obeys:
            await desk.phase("connected")
            return
        await expect(desk.at("toast", level="error")).to_contain_text("请拿起听筒")
        await expect(desk.at("primary")).to_contain_text("请在话机上接听")
        await expect(desk.at("primary")).to_be_disabled()
        await desk.phase("offered")
