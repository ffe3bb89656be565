"""Who is answered in time where agents differ in what they can do: the daemon's distributor against app_queue.

The case is `skills_case`: 22 agents with overlapping skills, seven kinds of call, arrivals by chance (from a seed), so
many that agents talk for about nine tenths of their time, and callers who hang up when they have waited too long.
app_queue is configured as in `skills_peer`, by the best of its configurations. Each of the seeds is played once to each
side, on a fresh Asterisk: the same callers at the same moments with the same patience, whose talks last as long.

`skills_sl` is the share of all callers who talked with an agent within the target since they had entered the queue, as
a second manager connection saw it: the caller's channel came up (the queue follows `ENTRY_S` later, on both sides), and
it was in one bridge with an agent's. The other figures have no goal and explain that one.

What this does not say: app_queue's callers look for an agent once a second, however long talks are. With talks of two
seconds that costs its agents a good part of their time; with talks of minutes it costs them next to nothing, and then
a queue for each kind of call with the right members does as well as the daemon (docs/figures.md).
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping, Sequence

import structlog

from cti.ami.client import AmiClient
from cti.errors import CtiError
from tests.bench import load, ours, skills_peer, watch
from tests.bench.attendance import Attendance, Caller, Score, busy, score
from tests.bench.figure import Figure
from tests.bench.skills_case import KINDS, LAST_S, QUICK_S, TALKS_MS, TARGET_S, WISH_S, Call, Kind, draw, rate, workers
from tests.bench.stage import STRAIGHT, Stage, open_stage

log = structlog.get_logger(__name__)

GROUP = "skills"
SEEDS = (1, 2, 3)
GOAL = 1.15
OURS = "410"
"""What callers of the daemon's side dial: this and the place of the kind."""
END_S = 30.0
"""How long after the last call was dialled everything must be over."""
ENTRY_S = 0.5
"""Between Up and the queue: Answer() waits as long for a caller's first RTP, and SIPp sends none."""
WARM_S = 4.0
"""Occupancy is counted from so long after the first caller on: the agents begin idle."""
WORKERS = workers()
BEST = "penalties"


def queue(kind: Kind) -> dict[str, object]:
    """As in queues.yaml."""
    relax = [{"after_s": WISH_S, "skills": dict(kind.skills)}] if kind.wished else []
    return {
        **ours.QUEUE,
        "priority": kind.priority,
        "choice": "highest_skill",
        "skills": {**kind.skills, **kind.wished},
        "relax": relax,
    }


def house() -> ours.House:
    return ours.House(
        flows={
            kind.name: f"entry: agent\nlanguage: zh\nsteps:\n  agent:\n    type: queue\n    queue: {kind.name}\n"
            for kind in KINDS
        },
        hotlines={f"{OURS}{place}": kind.name for place, kind in enumerate(KINDS)}
        | dict.fromkeys((STRAIGHT, "*"), KINDS[0].name),
        queues={kind.name: queue(kind) for kind in KINDS},
        skills={worker.agent_id: worker.skills for worker in WORKERS},
    )


@contextlib.asynccontextmanager
async def patience(stage: Stage, calls: Sequence[Call]) -> AsyncIterator[Attendance]:
    """Watches, and hangs up for every caller who has waited too long."""
    limits = {call.number: call.patience_s for call in calls}
    client: AmiClient
    leaving: set[asyncio.Task[None]] = set()

    async def leave(caller: Caller) -> None:
        await asyncio.sleep(caller.up_at + ENTRY_S + limits[caller.number] - time.time())
        if caller.talked_at is None:
            with contextlib.suppress(CtiError):  # gone already
                await client.action("Hangup", {"Channel": caller.channel, "Cause": "16"})

    def came(caller: Caller) -> None:
        task = asyncio.create_task(leave(caller))
        leaving.add(task)
        task.add_done_callback(leaving.discard)

    seen = Attendance(on_up=came)
    async with watch.listening(stage, seen.hear) as client:
        yield seen
        for task in leaving:
            task.cancel()


async def play(stage: Stage, calls: Sequence[Call], prefix: str) -> Attendance:
    """All callers, to the end of the last talk. Raises RuntimeError when a call failed."""
    numbers = {kind.name: f"{prefix}{place}" for place, kind in enumerate(KINDS)}
    rows = [(call.number, numbers[call.kind.name], call.at_s) for call in calls]
    async with (
        patience(stage, calls) as seen,
        load.agents(stage, talks_ms=TALKS_MS, by_caller=True),
        load.dialling(stage, rows) as callers,
    ):
        counts = await callers.wait(LAST_S + END_S)
        await asyncio.sleep(0.3)  # the last events are on their way
    if not counts.clean or len(seen.callers) != len(calls):
        raise RuntimeError(f"calls failed: {len(seen.callers)} of {len(calls)} came through, {counts}")
    return seen


def judge(seen: Attendance, calls: Sequence[Call], side: str) -> Score:
    """Prints what the run came to, kind by kind."""
    waits: dict[str, list[float | None]] = {kind.name: [] for kind in KINDS}
    for call in calls:
        waited = seen.callers[call.number].waited_s
        waits[call.kind.name].append(None if waited is None else waited - ENTRY_S)
    came = [caller.up_at for caller in seen.callers.values()]
    begin, end = min(came) + WARM_S, max(came)
    counted = score((wait for some in waits.values() for wait in some), TARGET_S, QUICK_S)
    total = counted + Score(busy_s=busy(seen.talks, begin, end), staffed_s=(end - begin) * len(WORKERS))
    log.info(
        "skills",
        side=side,
        callers=total.offered,
        share=round(total.share, 3),
        quick=round(total.quick_share, 3),
        asa_s=round(total.asa_s, 2),
        abandoned=round(total.abandoned, 3),
        occupancy=round(total.occupancy, 3),
        **{kind: round(score(some, TARGET_S, QUICK_S).share, 2) for kind, some in waits.items()},
    )
    return total


async def by_app_queue(calls: Sequence[Call], configuration: str = BEST) -> Score:
    files = skills_peer.files(skills_peer.CONFIGURATIONS[configuration], WORKERS)
    async with open_stage(len(WORKERS), files) as stage:
        return judge(await play(stage, calls, skills_peer.PEER), calls, f"app_queue, {configuration}")


async def by_the_daemon(calls: Sequence[Call]) -> Score:
    async with contextlib.AsyncExitStack() as stack:
        stage = await stack.enter_async_context(open_stage(len(WORKERS)))
        await stack.enter_async_context(ours.serving(stage, house()))
        return judge(await play(stage, calls, OURS), calls, "daemon")


async def measure() -> tuple[Score, Score]:
    daemon, app_queue = Score(), Score()
    for seed in SEEDS:
        calls = list(draw(seed, a_second=rate(len(WORKERS))))
        app_queue += await by_app_queue(calls)
        daemon += await by_the_daemon(calls)
    return daemon, app_queue


def run() -> list[Figure]:
    daemon, app_queue = asyncio.run(measure())
    return figures(daemon, app_queue)


def figures(daemon: Score, app_queue: Score) -> list[Figure]:
    """The share that has a goal, and what explains it."""
    more: Mapping[str, tuple[str, float, float, float]] = {
        "sl": ("of callers", daemon.share, app_queue.share, daemon.share / app_queue.share),
        "sl_quick": (
            "of callers",
            daemon.quick_share,
            app_queue.quick_share,
            daemon.quick_share / app_queue.quick_share,
        ),
        "asa": ("s", daemon.asa_s, app_queue.asa_s, app_queue.asa_s / daemon.asa_s),
        "abandoned": (
            "of callers",
            daemon.abandoned,
            app_queue.abandoned,
            _times(app_queue.abandoned, daemon.abandoned),
        ),
        "occupancy": ("of time", daemon.occupancy, app_queue.occupancy, daemon.occupancy / app_queue.occupancy),
    }
    return [
        {
            "name": f"skills_{name}",
            "value": round(value, 3),
            "unit": unit,
            "peer": "app_queue",
            "peer_value": round(peer_value, 3),
            "ratio": round(ratio, 2),
            "goal": GOAL if name == "sl" else 0,
        }
        for name, (unit, value, peer_value, ratio) in more.items()
    ]


def _times(theirs: float, ours: float) -> float:
    return theirs / ours if ours else 1.0
