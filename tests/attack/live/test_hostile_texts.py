"""What strangers and colleagues write is shown on desk and board letter by letter, and runs nowhere."""

from typing import Any

from playwright.async_api import expect

from cti.desk import commands as ask
from cti.events import CustomerIdentified
from tests.browser.chromium import Browsers
from tests.browser.conftest import chromium, house
from tests.browser.page import Screen
from tests.harness.house import House

__all__ = ["chromium", "house"]

IMAGE = "<img src=x onerror=window.pwned=1>"
SCRIPT = '"><script>window.pwned=1</script><a href="javascript:window.pwned=1">x</a>${7*7}{{7*7}}'
SESSION = "async () => (await (await fetch('/api/v1/session')).json()).csrf"


async def test_nothing_that_is_written_runs(house: House, chromium: Browsers) -> None:
    desk = await chromium.open(tone=1000)
    await desk.start_work()
    board = await chromium.open(path="/board")
    await board.log_in("2001")
    async with house.caller("13712345678", name=IMAGE) as caller:
        await house.enter_queue(caller, "2")
        await desk.press("answer")
        await desk.phase("connected")
        who = await house.wait(CustomerIdentified)
        await expect(desk.at("pop-name")).to_contain_text("<img src=x")
        await house.ask("2001", ask.SendText, to="agent", target="1001", text=SCRIPT)
        await expect(desk.at("inbox-text")).to_have_text(SCRIPT)
        await note(desk, who.customer_id, IMAGE + SCRIPT)
        await expect(desk.page.get_by_text(SCRIPT, exact=False).first).to_be_visible()
        await expect(board.page.locator("body")).to_contain_text("<img src=x", timeout=15_000)
        for screen in (desk, board):
            await runs_nothing(screen)
        await desk.picture("hostile texts")
        await caller.hang_up()


async def note(desk: Screen, customer_id: int, text: str) -> None:
    headers = {"X-CSRF-Token": await desk.page.evaluate(SESSION), "Origin": desk.page.url.rstrip("/")}
    body: dict[str, Any] = {"text": text}
    address = f"{desk.page.url}api/v1/customers/{customer_id}/notes"
    answer = await desk.page.request.fetch(address, method="POST", data=body, headers=headers)
    assert answer.status == 201, await answer.text()


async def runs_nothing(screen: Screen) -> None:
    assert await screen.page.evaluate("window.pwned") is None
    assert await screen.page.locator('img[src="x"]').count() == 0
    assert await screen.page.locator('a[href^="javascript:"]').count() == 0
    assert await screen.page.locator("script:not([src])").count() == 0
