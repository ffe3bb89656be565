"""Chaos: who talks talks on, who waits keeps the place, and every fact is in the database once, whatever breaks.

Twenty `kill -9` of the daemon at random moments and more, three in each round of 50 who wait and 20 who talk: while
they come in, while all are there, and while the line is served. Then one round each with Asterisk killed, PostgreSQL
killed, the MQTT broker stopped, and the wire between Asterisk and the daemon cut for ten seconds. The figures are
shares over all of them, and the peer is all (`tests/chaos/judge.py` says what is asked of each). What a share lacks is
printed.

Every run has other random moments; CHAOS_SEED=<number> repeats those of another run, which stand in its first line.
"""

import asyncio
import os
import random
import secrets
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import structlog

from tests.bench.figure import Figure
from tests.chaos.blows import asterisk_killed, daemon_killed
from tests.chaos.crowd import Crowd
from tests.chaos.judge import Share, Verdict
from tests.chaos.rounds import everywhere, run_outage, run_round
from tests.chaos.scenes import broker_round, database_round, wire_round
from tests.chaos.stand import open_stand

log = structlog.get_logger(__name__)

GROUP = "chaos"
ROUNDS = 7
"""With three blows each: more than twenty."""
FULL = Crowd(talkers=20, waiters=50, talk_s=20)
SMALL = Crowd(talkers=10, waiters=25, talk_s=20)
GOAL = 1.0

Part = Callable[[Path, random.Random], Awaitable[Verdict]]


async def kills(root: Path, chance: random.Random) -> Verdict:
    verdict = Verdict()
    async with open_stand(root, agents=FULL.talkers) as stand:
        for wave in range(ROUNDS):
            crowd = FULL.beside(stand.start_s)
            verdict += await run_round(stand, crowd, everywhere(daemon_killed, crowd), chance, wave)
    return verdict


async def asterisk(root: Path, chance: random.Random) -> Verdict:
    async with open_stand(root, agents=SMALL.talkers) as stand:
        return await run_outage(stand, SMALL, asterisk_killed, chance)


async def database(root: Path, chance: random.Random) -> Verdict:
    return await database_round(root, SMALL, chance)


async def broker(root: Path, chance: random.Random) -> Verdict:
    return await broker_round(root, SMALL, chance)


async def wire(root: Path, chance: random.Random) -> Verdict:
    return await wire_round(root, SMALL, chance)


PARTS: tuple[tuple[Part, Crowd], ...] = (
    (kills, FULL),
    (asterisk, SMALL),
    (database, SMALL),
    (broker, SMALL),
    (wire, SMALL),
)


async def attempt(part: Part, crowd: Crowd, chance: random.Random) -> Verdict:
    """A part that could not go on to its end has kept nobody."""
    name = part.__name__
    async with AsyncExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=f"laidian-chaos-{name}-")))
        try:
            verdict = await part(root, chance)
        except Exception as error:
            log.exception("a part of the chaos broke off", part=name)
            all_of_them = crowd.talkers + crowd.waiters
            verdict = Verdict(
                kept=Share(0, crowd.talkers),
                resumed=Share(0, crowd.waiters),
                facts=Share(0, all_of_them),
                complaints=(f"{name} broke off: {error!r}",),
            )
    print(f"{name}: {verdict}", flush=True)
    return verdict


async def measure(seed: int) -> Verdict:
    verdict = Verdict()
    for place, (part, crowd) in enumerate(PARTS):
        verdict += await attempt(part, crowd, random.Random(seed + place))
    return verdict


def run() -> list[Figure]:
    seed = int(os.environ.get("CHAOS_SEED") or secrets.randbelow(10**6))
    print(f"CHAOS_SEED={seed}", flush=True)
    verdict = asyncio.run(measure(seed))
    shares = {"chaos_kept": verdict.kept, "chaos_resumed": verdict.resumed, "chaos_facts": verdict.facts}
    return [
        {
            "name": name,
            "value": share.good,
            "unit": "calls",
            "peer": "all of them",
            "peer_value": share.of,
            "ratio": share.value,
            "goal": GOAL,
        }
        for name, share in shares.items()
    ]
