"""How long agents stand idle while callers wait: the daemon's distributor against Asterisk's app_queue.

20 agents answer after 20 ms; 200 callers come within two seconds, dialling by chance; talks last a second on average,
0.6 to 1.4 s by chance. If all were equally long, agents would come free in step with app_queue's callers, each of whom
looks once a second whether it is their turn: then its gap is whatever the callers' spacing makes it (0.07 s to 0.66 s
at 300 to 30 callers a second), and the figure says nothing about either side.

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
DIALLED_WITHIN_MS = 2000
TALKS_MS = (600, 800, 1000, 1200, 1400)
PAIRS = 3
DEADLINE_S = 60.0
BOOKS_S = 10.0


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


async def serve_all(stage: Stage, number: str) -> watch.Witness:
    """All callers, to the end of the last talk. Raises RuntimeError when a call failed."""
    async with (
        watch.witness(stage) as seen,
        load.agents(stage, talks_ms=TALKS_MS),
        load.callers(stage, number, calls=CALLS, rate=1000, within_ms=DIALLED_WITHIN_MS) as callers,
    ):
        counts = await callers.wait(DEADLINE_S)
        await asyncio.sleep(0.3)  # the last events are on their way
    if not counts.clean:
        raise RuntimeError(f"calls failed: {counts}")
    return seen


async def by_app_queue() -> watch.Witness:
    async with open_stage(AGENTS) as stage:
        return await serve_all(stage, PEER_STRAIGHT)


async def by_the_daemon() -> watch.Witness:
    async with contextlib.AsyncExitStack() as stack:
        stage = await stack.enter_async_context(open_stage(AGENTS))
        daemon = await stack.enter_async_context(ours.serving(stage))
        seen = await serve_all(stage, STRAIGHT)
        await daemon.expect_handled(CALLS, within=BOOKS_S)
        return seen


async def measure() -> tuple[Idle, Idle]:
    daemon, app_queue = Idle(), Idle()
    for _ in range(PAIRS):
        app_queue.take(await by_app_queue())
        daemon.take(await by_the_daemon())
    return daemon, app_queue


def run() -> list[Figure]:
    daemon, app_queue = asyncio.run(measure())
    figures = (
        ("dispatch_gap_median", 4.0, watch.median(daemon.gaps), watch.median(app_queue.gaps)),
        ("dispatch_gap_p99", 3.0, watch.percentile(daemon.gaps, 0.99), watch.percentile(app_queue.gaps, 0.99)),
        ("dispatch_makespan", 1.25, watch.median(daemon.makespans), watch.median(app_queue.makespans)),
    )
    return [
        {
            "name": name,
            "value": round(value, 3),
            "unit": "s",
            "peer": "app_queue",
            "peer_value": round(peer_value, 3),
            "ratio": round(peer_value / value, 2),
            "goal": goal,
        }
        for name, goal, value, peer_value in figures
    ]
