"""Whether the screen-pop is on the agent's page before the phone rings: the product's promise, with a real browser.

The agent works in Chromium, with the softphone in the page. Callers reach this agent one after another, half of them
while other agents take 20 calls a second on the same machine. `screenpop_lead` is the share of calls in which the page
had painted the pop (the first task after the frame) before the INVITE reached the page's phone, both by the page's own
clock. The lead itself is a figure without a goal.
"""

import asyncio
import contextlib
import json
import statistics

from playwright.async_api import expect

from tests.bench import load, ours
from tests.bench.figure import Figure
from tests.bench.stage import MENU, Stage, open_stage
from tests.browser.chromium import browsers
from tests.browser.page import Screen
from tests.harness.phones import caller_phone

GROUP = "pop"
AGENT, QUEUE, NUMBER = "1900", "pops", "4002"
OTHERS = 60
RATE = 20.0
CALLS = 30
"""Of each half."""
RINGS_S = 15.0
GOAL = 1.0
ALONE = "without other calls"


async def at_work(screen: Screen, url: str, token: str) -> None:
    await screen.page.context.add_cookies([{"name": "laidian", "value": token, "url": url}])
    await screen.page.goto(f"{url}/desk")
    await screen.press("sign-in")
    await screen.state("not_ready")
    await screen.phone("registered")
    await screen.press("ready")
    await screen.state("ready")


async def leads(stage: Stage, screen: Screen) -> list[float]:
    """By how many milliseconds the pop was first, for each call."""
    found = []
    for number in range(CALLS):
        async with caller_phone(stage.server, f"1380000{number:04}", "") as caller:
            await caller.dial(NUMBER)
            await screen.phone("ringing")
            await expect(screen.at("pop-name")).to_be_visible(timeout=RINGS_S * 1000)
            found.append((await screen.window("phone.ringAt") - await screen.window("popAt")) * 1000)
            await caller.hang_up()
        await screen.state("ready")
    return found


async def measure() -> tuple[list[float], list[float]]:
    house = ours.one_queue()
    flows = {**house.flows, QUEUE: house.flows["straight"].replace("after_sales", QUEUE)}
    house = ours.House(
        flows, {**house.hotlines, NUMBER: QUEUE}, {**house.queues, QUEUE: ours.QUEUE}, browsers={AGENT: (QUEUE,)}
    )
    async with contextlib.AsyncExitStack() as stack:
        stage = await stack.enter_async_context(open_stage(OTHERS))
        await stack.enter_async_context(load.agents(stage))
        daemon = await stack.enter_async_context(ours.serving(stage, house))
        chromium = await stack.enter_async_context(browsers(daemon.url, stage.root, "bench"))
        screen = await chromium.open(tone=1000)
        await at_work(screen, daemon.url, json.loads((stage.root / ours.SESSIONS).read_text())[AGENT])
        quiet = await leads(stage, screen)
        endless = load.callers(stage, MENU, calls=100_000, rate=RATE, keys=load.KEY)
        await stack.enter_async_context(endless)
        return quiet, await leads(stage, screen)


def run() -> list[Figure]:
    quiet, busy = asyncio.run(measure())
    every = [*quiet, *busy]
    first = sum(lead > 0 for lead in every) / len(every)
    return [
        _figure("screenpop_lead", first, "share", "every call", 1.0, GOAL),
        _figure(
            "screenpop_lead_median", statistics.median(busy), "ms", "without other calls", statistics.median(quiet), 0
        ),
        _figure("screenpop_lead_least", min(busy), "ms", ALONE, min(quiet), 0),
    ]


def _figure(name: str, value: float, unit: str, peer: str, peer_value: float, goal: float) -> Figure:  # noqa: PLR0917
    return {
        "name": name,
        "value": round(value, 2),
        "unit": unit,
        "peer": peer,
        "peer_value": round(peer_value, 2),
        "ratio": round(value / peer_value, 2),
        "goal": goal,
    }
