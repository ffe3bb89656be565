"""What a call costs the daemon in CPU: beside what it costs Asterisk, and beside more and more callers who wait.

`daemon_cpu`: calls through menu, queue, agent, stereo recording and store at a rate that the machine bears easily;
Asterisk's CPU per call over the daemon's.

`waiting_cost`: a queue in which always so many wait as there were at first: as many callers come as the agents, who are
all busy, serve. All of them, the waiting ones and those who come and talk, are real calls; nothing is played to them,
because two cores cannot stream music to two thousand, and no announcements are made. The daemon's CPU per call served
is compared; how old its events were is looked at in the same seconds.
"""

import asyncio
import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from tests.bench import load, ours, watch
from tests.bench.bench_hotline import SECONDS as HOTLINE_S
from tests.bench.bench_hotline import whole_hotline
from tests.bench.figure import Figure
from tests.bench.stage import STRAIGHT, Stage, open_stage

log = structlog.get_logger(__name__)

GROUP = "cost"
EASY_RATE, TURNS = 20.0, 3
WAITING = (10, 100, 500, 2000)
AGENTS, RATE = 12, 10.0
"""So many agents are always busy with talks of a second at so many calls a second."""
COMING, MEASURED_S = 40.0, 20.0
"""New callers a second until enough wait; and how long is looked."""
NO_MUSIC = {"templates/musiconhold.conf": "[general]\n"}
DAEMON_GOAL, WAITING_GOAL, AGE_GOAL_S = 2.0, 0.75, 0.25


@dataclass(frozen=True, slots=True)
class Cost:
    """With so many `waiting`: seconds of the daemon's CPU per call served, and how old its events were (p99)."""

    waiting: int
    call_s: float
    event_age_s: float


async def waiting(count: int) -> Cost:
    house = ours.one_queue()
    quiet = {"first_s": 3600, "every_s": 3600}
    queues = {name: {**queue, "announcements": quiet} for name, queue in house.queues.items()}
    house = ours.House(house.flows, house.hotlines, queues)
    async with contextlib.AsyncExitStack() as stack:
        stage = await stack.enter_async_context(open_stage(AGENTS, replaced=NO_MUSIC))
        daemon = await stack.enter_async_context(ours.serving(stage, house))
        await stack.enter_async_context(load.agents(stage, talks_ms=(1100, 1200, 1300)))
        crowd = load.callers(stage, STRAIGHT, calls=count, rate=COMING, at_once=count)
        await stack.enter_async_context(crowd)
        await asyncio.sleep(count / COMING)
        following = load.callers(stage, STRAIGHT, calls=10_000, rate=RATE, at_once=10_000)
        await stack.enter_async_context(following)
        await asyncio.sleep(3)
        cost = await _look(stage, daemon, count)
    log.info("waiting", callers=count, call_ms=round(cost.call_s * 1000, 2), age_ms=round(cost.event_age_s * 1000, 1))
    return cost


async def _look(stage: Stage, daemon: ours.Side, count: int) -> Cost:
    await daemon.ask("ages")
    began, cpu_s = daemon.books(), watch.cpu_s(daemon.process.pid)
    await asyncio.sleep(MEASURED_S)
    served = daemon.books().outcomes.get("handled", 0) - began.outcomes.get("handled", 0)
    spent_s = watch.cpu_s(daemon.process.pid) - cpu_s
    ages: Sequence[float] = json.loads(await daemon.ask("ages"))
    held = int(await daemon.ask("waiting"))
    if served < RATE * MEASURED_S * 0.7:
        raise RuntimeError(f"beside {count} waiting callers only {served} calls were served in {MEASURED_S:g} s")
    if not 0.7 * count <= held <= 1.3 * count + 60:
        raise RuntimeError(f"{held} callers waited, not about {count}")
    if stage.asterisk.pid is None or not ages:
        raise RuntimeError("no event came")
    return Cost(count, spent_s / served, watch.percentile(ages, 0.99))


async def measure() -> tuple[float, float, list[Cost]]:
    """CPU seconds per call of Asterisk and of the daemon; and the costs beside `WAITING`."""
    asterisk_s, daemon_s = [], []
    for _ in range(TURNS):
        outcome = await whole_hotline(EASY_RATE)
        if outcome.wrong:
            raise RuntimeError(f"at {EASY_RATE:g} calls a second for {HOTLINE_S:g} s: {outcome.wrong}")
        asterisk_s.append(outcome.asterisk_s)
        daemon_s.append(outcome.daemon_s)
    return watch.median(asterisk_s), watch.median(daemon_s), [await waiting(count) for count in WAITING]


def run() -> list[Figure]:
    asterisk_s, daemon_s, costs = asyncio.run(measure())
    by_count = {cost.waiting: cost for cost in costs}
    few, many = by_count[100], by_count[2000]
    least = by_count[min(WAITING)]
    return [
        _figure("daemon_cpu", daemon_s, "Asterisk", asterisk_s, DAEMON_GOAL),
        _figure("waiting_cost", many.call_s, "100 waiting", few.call_s, WAITING_GOAL),
        _figure("waiting_event_age", many.event_age_s, "a quarter of a second", AGE_GOAL_S, 1),
        *(
            _figure(f"waiting_cost_{cost.waiting}", cost.call_s, f"{least.waiting} waiting", least.call_s, 0)
            for cost in costs
            if cost is not least
        ),
    ]


def _figure(name: str, value_s: float, peer: str, peer_s: float, goal: float) -> Figure:
    return {
        "name": name,
        "value": round(value_s * 1000, 2),
        "unit": "ms",
        "peer": peer,
        "peer_value": round(peer_s * 1000, 2),
        "ratio": round(peer_s / value_s, 2),
        "goal": goal,
    }
