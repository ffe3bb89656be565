"""What holds for the looks of all pages: everybody can use them, they come fast, and nothing jumps."""

import re
from typing import Any

from playwright.async_api import expect

from cti.private_asterisk.model import REPOSITORY
from tests.browser.chromium import Browsers
from tests.browser.page import Screen
from tests.browser.site import a_day_so_far, colleagues_come
from tests.harness.house import House

AXE = REPOSITORY / "cti" / "web" / "client" / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")
FIRST_LOAD_KB = 250
JUMP = 0.05
"""Cumulative layout shift; 0.1 still counts as good (web.dev). Each row that comes or goes adds 0.005."""

RULES = """async () => {
  const found = await axe.run(document, { resultTypes: ["violations"] });
  return found.violations.map((rule) => ({
    rule: rule.id, impact: rule.impact,
    nodes: rule.nodes.map((node) => `${node.html.slice(0, 160)} ${node.failureSummary}`),
  }));
}"""
WATCH_SHIFTS = """() => {
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const shift of list.getEntries()) {
      // axe keeps a busy page from answering, and the banner of a lost line moves the page as a whole.
      if (shift.hadRecentInput || shift.sources.some(({ node }) => node?.tagName === "MAIN")) continue;
      window.shifts.push([shift.value, shift.sources.map(({ node }) => node?.outerHTML?.slice(0, 90) ?? "")]);
    }
  }).observe({ type: "layout-shift" });
}"""
LOADED = """() => performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"))
  .filter(({ name }) => !name.includes("/api/")).map(({ name, encodedBodySize }) => [name, encodedBodySize])"""


async def findings(screen: Screen, where: str) -> list[str]:
    """The serious findings of axe (WCAG 2 A and AA, best practices), in light and dark."""
    grave = []
    await screen.page.evaluate(AXE.read_text(encoding="utf-8"))
    for scheme in ("light", "dark"):
        await screen.page.emulate_media(color_scheme=scheme)
        found: list[dict[str, Any]] = await screen.page.evaluate(RULES)
        grave += [
            f"{where}, {scheme}: {one['rule']}: {node}"
            for one in found
            if one["impact"] in GRAVE
            for node in one["nodes"]
        ]
    await screen.page.emulate_media(color_scheme="light")
    return grave


async def test_everybody_can_use_every_page(house: House, chromium: Browsers) -> None:
    grave: list[str] = []
    a_day_so_far(house)
    await colleagues_come(house)
    board = await chromium.open(path="/board", language="en-GB")
    grave += await findings(board, "log-in")
    await board.log_in("2001")
    await expect(board.at("queue-tile", queue="after_sales")).to_be_visible()
    desk = await chromium.open(tone=1000)
    await desk.log_in("1001")
    await desk.press("sign-in")
    await desk.phone("registered")
    loaded = dict(await desk.page.evaluate(LOADED))
    await board.page.evaluate(WATCH_SHIFTS)  # who signs in moves up among the agents; numbers move nothing
    async with house.caller("13900000001") as caller:
        await house.enter_queue(caller, "2")
        await expect(board.at("waiting-row")).to_be_visible()
        grave += await findings(board, "board with somebody waiting")
        await desk.press("ready")
        await desk.phone("ringing")
        grave += await findings(desk, "pop")
        await desk.press("answer")
        await desk.phase("connected")
        grave += await findings(desk, "call")
        await board.at("agent-tile", agent="1001").click()
        grave += await findings(board, "board with an agent's panel")
        await desk.press("hang-up")
        await desk.state("wrap_up")
        grave += await findings(desk, "wrap-up")
        await desk.press("finish")
        await desk.state("ready")
        grave += await findings(desk, "idle desk")
    shifts = await board.page.evaluate("window.shifts")
    moved = [value for value, nodes in shifts if not any("queue-tile" in node for node in nodes)]  # most trouble first
    assert sum(moved) < JUMP, "\n".join(f"{value:.4f}: {nodes}" for value, nodes in shifts)
    size = sum(loaded.values()) / 1000
    assert any(re.search(r"/assets/.*\.js$", name) for name in loaded)
    assert 50 < size < FIRST_LOAD_KB, f"the first load of the desk is {size:.0f} kB: {loaded}"
    for sheet in ("alarms", "texts", "behind"):
        await (board.at("figure").nth(1) if sheet == "behind" else board.at(f"open-{sheet}")).click()
        await expect(board.at("close-sheet")).to_be_visible()
        grave += await findings(board, f"board with {sheet}")
        await board.page.keyboard.press("Escape")
        await expect(board.at("close-sheet")).to_have_count(0)
    for page in ("recordings", "scores", "wall"):
        await board.page.goto(f"{chromium.url}/{page}")
        await expect(board.page.locator("main")).to_be_visible()
        grave += await findings(board, page)
    assert not grave, "\n".join(grave)
