"""How long agents stand idle while callers wait: the daemon's distributor against Asterisk's app_queue.

20 agents answer after 20 ms; 200 callers. The figures `dispatch_*`: callers dial by chance within two seconds, and
talks last a second on average, 0.6 to 1.4 s by chance. The figures `dispatch_exact_*`: 100 callers a second, and every
talk lasts one second to the millisecond. There the agents come free in step with app_queue's callers, each of whom
looks once a second whether it is their turn: its gap is whatever the callers' spacing makes it (0.07 s to 0.66 s at 300
to 30 callers a second), and ten rounds of one second leave no distributor more than about 1.18 times as quick in all.
They are shown for completeness, with the goal of never being worse than the peer.

Both sides in turn, each time on a fresh Asterisk, judged by what a second manager connection saw.
"""

import asyncio
import contextlib
from dataclasses import dataclass, field

from tests.bench import load, ours, watch
from tests.bench.figure import Figure
from tests.bench.stage import PEER_STRAIGHT, STRAIGHT, Stage, open_stage

GROUP = "dispatch"
AGENTS = 20
CALLS = 200
PAIRS = 3
DEADLINE_S = 60.0
BOOKS_S = 10.0


@dataclass(frozen=True, slots=True)
class Case:
    """`name` begins the figures' names; `goals` are those of the gap's median, its p99, and the makespan."""

    name: str
    rate: float
    within_ms: int
    talks_ms: tuple[int, ...]
    goals: tuple[float, float, float]


CASES = (
    Case("dispatch", 1000, 2000, (600, 800, 1000, 1200, 1400), (4.0, 3.0, 1.25)),
    Case("dispatch_exact", 100, 0, (1000,), (1.0, 1.0, 1.0)),
)


@dataclass(slots=True)
class Idle:
    """Of all rounds of one side, in seconds."""

    gaps: list[float] = field(default_factory=list)
    makespans: list[float] = field(default_factory=list)

    def take(self, seen: watch.Witness) -> None:
        if seen.count != CALLS:
            raise RuntimeError(f"{seen.count} talks instead of {CALLS}")
        self.gaps += seen.gaps()
        self.makespans.append(seen.makespan())


async def serve_all(stage: Stage, number: str, case: Case) -> watch.Witness:
    """All callers, to the end of the last talk. Raises RuntimeError when a call failed."""
    async with (
        watch.witness(stage) as seen,
        load.agents(stage, talks_ms=case.talks_ms),
        load.callers(stage, number, calls=CALLS, rate=case.rate, within_ms=case.within_ms) as callers,
    ):
        counts = await callers.wait(DEADLINE_S)
        await asyncio.sleep(0.3)  # the last events are on their way
    if not counts.clean:
        raise RuntimeError(f"calls failed: {counts}")
    return seen


async def by_app_queue(case: Case) -> watch.Witness:
    async with open_stage(AGENTS) as stage:
        return await serve_all(stage, PEER_STRAIGHT, case)


async def by_the_daemon(case: Case) -> watch.Witness:
    async with contextlib.AsyncExitStack() as stack:
        stage = await stack.enter_async_context(open_stage(AGENTS))
        daemon = await stack.enter_async_context(ours.serving(stage))
        seen = await serve_all(stage, STRAIGHT, case)
        await daemon.expect_handled(CALLS, within=BOOKS_S)
        return seen


async def measure(case: Case) -> tuple[Idle, Idle]:
    daemon, app_queue = Idle(), Idle()
    for _ in range(PAIRS):
        app_queue.take(await by_app_queue(case))
        daemon.take(await by_the_daemon(case))
    return daemon, app_queue


def run() -> list[Figure]:
    return [figure for case in CASES for figure in figures(case)]


def figures(case: Case) -> list[Figure]:
    daemon, app_queue = asyncio.run(measure(case))
    pairs = (
        ("gap_median", watch.median(daemon.gaps), watch.median(app_queue.gaps)),
        ("gap_p99", watch.percentile(daemon.gaps, 0.99), watch.percentile(app_queue.gaps, 0.99)),
        ("makespan", watch.median(daemon.makespans), watch.median(app_queue.makespans)),
    )
    return [
        {
            "name": f"{case.name}_{what}",
            "value": round(value, 3),
            "unit": "s",
            "peer": "app_queue",
            "peer_value": round(peer_value, 3),
            "ratio": round(peer_value / value, 2),
            "goal": goal,
        }
        for (what, value, peer_value), goal in zip(pairs, case.goals, strict=True)
    ]
