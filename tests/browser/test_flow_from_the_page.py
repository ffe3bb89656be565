"""An agent sends the customer through a flow from the page, sees that they type, and what came of it."""

from playwright.async_api import expect

from cti.events import FlowLeft
from tests.browser.chromium import Browsers
from tests.browser.hearing import wait_hears
from tests.harness.house import House

CUSTOMER, AGENT = 440, 1000
CARD = "4539578763621486"


async def test_a_card_number_is_typed_and_only_the_result_is_shown(house: House, chromium: Browsers) -> None:
    desk = await chromium.open(tone=AGENT)
    await desk.start_work()
    async with house.caller() as caller:
        await caller.play(CUSTOMER)
        await house.enter_queue(caller, "2")
        await expect(desk.at("pop", phase="offered")).to_be_visible()
        await desk.page.keyboard.press("Space")
        await desk.phase("connected")
        await wait_hears(desk, {CUSTOMER})
        await desk.page.keyboard.press("f")
        await desk.picture("flows")
        await desk.at("flow-option", flow="card_number").click()
        await expect(desk.at("flow-state", flow="card_number")).to_contain_text("客户正在输入")
        await expect(desk.at("fetch")).to_be_enabled()
        await expect(desk.at("transfer")).to_be_disabled()
        await wait_hears(desk, ())
        await desk.picture("flow", dark=True)
        await caller.send_digits(f"{CARD}#")
        await house.wait(FlowLeft, within=30)
        await expect(desk.at("flow-result")).to_contain_text("卡号有效")
        await wait_hears(desk, {CUSTOMER}, within=15)
        assert CARD not in await desk.page.content()
        await desk.press("hang-up")
