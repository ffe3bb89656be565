"""Calls a second without a failure through the whole hotline, as a fraction of what the same Asterisk does without us.

A call is: the menu, a key (SIP INFO), the queue, an agent who speaks for a second, a stereo recording; and on our side
an interaction stored as handled, its recording checked and published. The peer is a plain dialplan of Answer, Read,
Queue and MixMonitor, which stores nothing.

A rate is kept up when, over some seconds of it on a fresh Asterisk, not one call fails, nobody falls back, the last
callers are through as soon as the first ones were (nothing piles up), and every conversation is on disk. The highest
such rate of a ladder counts. A rate that fails gets a second chance: one hiccup of the machine is no limit.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from cti.errors import CtiError
from cti.recording.stitch import FRAME, RATE
from tests.bench import load, ours, watch
from tests.bench.figure import Figure
from tests.bench.stage import MENU, PEER_MENU, Stage, open_stage

log = structlog.get_logger(__name__)

GROUP = "hotline"
LADDER = tuple(round(8 * 1.12**step, 1) for step in range(28))
"""Calls a second, from 8 to 170."""
FIRST_OURS, FIRST_PEER = 14, 20
SECONDS = 8.0
CALL_S = 2.8
"""1.5 until the key, one second of talk, and what the machine needs."""
PILE_S = 2.5
"""By how much the last calls may be late."""
BOOKS_S = 5.0
CHANCES = 2
GOAL = 0.6


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of some seconds at one rate. CPU in seconds for each call."""

    wrong: str
    asterisk_s: float
    daemon_s: float = 0.0


async def through(stage: Stage, number: str, rate: float) -> tuple[str, int]:
    """What went wrong with the calls, "" for nothing; and how many there were."""
    calls = round(rate * SECONDS)
    within = SECONDS + CALL_S + PILE_S
    async with (
        load.agents(stage, speaking=True),
        load.callers(stage, number, calls=calls, rate=rate, keys=load.KEY) as callers,
    ):
        try:
            counts = await callers.wait(within)
        except CtiError as error:
            return f"calls pile up: {error}", calls
    return ("" if counts.clean and counts.created == calls else f"calls failed: {counts}"), calls


def recorded(folder: Path) -> int:
    """Raw recordings that hold most of a conversation."""
    least = RATE * FRAME * load.TALK_MS * 0.8 / 1000
    return sum(file.stat().st_size >= least for file in folder.glob("*.raw"))


async def plain_dialplan(rate: float) -> Outcome:
    async with open_stage(agents_for(rate)) as stage:
        before = watch.cpu_s(stage.asterisk.pid)
        wrong, calls = await through(stage, PEER_MENU, rate)
        spent = watch.cpu_s(stage.asterisk.pid) - before
        done = recorded(stage.asterisk.recordings_dir)
        return Outcome(wrong or ("" if done == calls else f"{done} recordings of {calls} calls"), spent / calls)


async def whole_hotline(rate: float) -> Outcome:
    async with contextlib.AsyncExitStack() as stack:
        stage = await stack.enter_async_context(open_stage(agents_for(rate)))
        daemon = await stack.enter_async_context(ours.serving(stage))
        pids = stage.asterisk.pid, daemon.process.pid
        before = [watch.cpu_s(pid) for pid in pids]
        wrong, calls = await through(stage, MENU, rate)
        if not wrong:
            books, _ = await daemon.settled(calls, BOOKS_S)
            complete = books.outcomes == {"handled": calls} and books.recordings == calls
            wrong = "" if complete else f"of {calls} calls the books say {books}"
        asterisk, python = (watch.cpu_s(pid) - then for pid, then in zip(pids, before, strict=True))
        return Outcome(wrong, asterisk / calls, python / calls)


def agents_for(rate: float) -> int:
    """So many that nobody waits for an agent."""
    return round(rate * load.TALK_MS / 1000 * 1.6) + 20


async def highest(side: Callable[[float], Awaitable[Outcome]], first: int) -> tuple[float, Outcome]:
    """The highest rate of the ladder that `side` keeps up, and what it cost; from `first` up or down, then halfway."""
    kept: dict[int, Outcome] = {}
    failed = len(LADDER)
    place, stride = first, 2
    while 0 <= place < failed and place not in kept:
        outcome = await attempt(side, LADDER[place])
        if outcome.wrong:
            failed = place
        else:
            kept[place] = outcome
        best = max(kept, default=-1)
        if failed == len(LADDER):
            place = min(best + stride, failed - 1)
        elif not kept:
            place = failed - stride if failed >= stride else failed - 1
        else:
            place = (best + failed) // 2
    if not kept:
        raise RuntimeError(f"{side.__name__} does not even keep up {LADDER[0]:g} calls a second")
    return LADDER[max(kept)], kept[max(kept)]


async def attempt(side: Callable[[float], Awaitable[Outcome]], rate: float) -> Outcome:
    for _ in range(CHANCES):
        outcome = await side(rate)
        log.info(
            "hotline",
            side=side.__name__,
            rate=rate,
            wrong=outcome.wrong,
            asterisk_ms=round(outcome.asterisk_s * 1000, 1),
            daemon_ms=round(outcome.daemon_s * 1000, 1),
        )
        if not outcome.wrong:
            break
    return outcome


async def measure() -> tuple[float, float]:
    peer, _ = await highest(plain_dialplan, FIRST_PEER)
    daemon, _ = await highest(whole_hotline, FIRST_OURS)
    return daemon, peer


def run() -> list[Figure]:
    daemon, peer = asyncio.run(measure())
    return [
        {
            "name": "hotline_cps",
            "value": daemon,
            "unit": "calls/s",
            "peer": "plain dialplan",
            "peer_value": peer,
            "ratio": round(daemon / peer, 2),
            "goal": GOAL,
        }
    ]
