"""One tab owns the phone, over all browsers: a second one shows everything, says so, and takes over on purpose."""

from playwright.async_api import expect

from cti.events import AgentReattached, InteractionConnected
from tests.browser.chromium import Browsers
from tests.harness.house import House

CUSTOMER, AGENT, ELSEWHERE = 440, 1000, 1600


async def test_a_second_tab_shows_and_takes_over_on_purpose(house: House, chromium: Browsers) -> None:
    first = await chromium.open(tone=ELSEWHERE)
    await first.start_work()
    second = await chromium.open(tone=AGENT)  # another browser: no memory is shared
    await second.log_in("1001")
    await second.state("ready")
    await second.phone("elsewhere")
    await expect(second.at("gate", trouble="elsewhere")).to_be_visible()
    await first.phone("registered")

    await second.at("gate-act").click()
    await second.phone("registered")
    await first.phone("elsewhere")
    await expect(second.at("gate")).to_have_count(0)
    async with house.caller() as caller:
        await caller.play(CUSTOMER)
        await house.enter_queue(caller, "2")
        await expect(first.at("pop", phase="offered")).to_be_visible()
        await second.phone("ringing")
        await first.phone("elsewhere")
        await second.page.keyboard.press("Space")
        await house.wait(InteractionConnected)
        await caller.wait_hears({AGENT})
        await first.phase("connected")

        await first.at("phone-status").click()  # in the middle of the call: the call's audio comes along
        await house.wait(AgentReattached)
        await caller.wait_hears({ELSEWHERE})
        await first.phone("talking")
        await first.hears_something()
        await second.phone("elsewhere")
        await second.phase("connected")
        assert AGENT not in caller.hears()
        await first.press("hang-up")
        await caller.wait_closed()
    assert len(house.of(InteractionConnected)) == 1
