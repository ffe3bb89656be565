"""A short round of each kind; `make bench BENCH=chaos` runs many and larger ones at other random moments."""

import random
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.chaos.blows import asterisk_killed, daemon_killed
from tests.chaos.crowd import Crowd
from tests.chaos.judge import Verdict
from tests.chaos.rounds import everywhere, run_outage, run_round
from tests.chaos.scenes import broker_round, database_round, wire_round
from tests.chaos.stand import open_stand

FEW = Crowd(talkers=3, waiters=6, talk_s=10, rate=4)


def chance() -> random.Random:
    return random.Random()


async def test_the_daemon_is_killed_thrice(tmp_path: Path) -> None:
    """While they come in, while they wait or talk, and while they are served."""
    async with open_stand(tmp_path, agents=FEW.talkers) as stand:
        crowd = FEW.beside(stand.start_s)
        verdict = await run_round(stand, crowd, everywhere(daemon_killed, crowd), chance())
    assert verdict.clean, verdict
    assert verdict.facts.of == FEW.talkers + FEW.waiters
    assert verdict.kept.of >= FEW.talkers
    assert verdict.resumed.of > 0


async def test_asterisk_is_killed(tmp_path: Path) -> None:
    """Everybody is cut off: that is told once, with the reason, and whoever calls next is served."""
    async with open_stand(tmp_path, agents=FEW.talkers) as stand:
        verdict = await run_outage(stand, FEW, asterisk_killed, chance())
    assert verdict.clean, verdict
    assert verdict.facts.of == 2 * (FEW.talkers + FEW.waiters)


@pytest.mark.parametrize("scene", [database_round, broker_round, wire_round])
async def test_calls_go_on_without(
    tmp_path: Path, scene: Callable[[Path, Crowd, random.Random], Awaitable[Verdict]]
) -> None:
    """The database, the broker, the wire between Asterisk and the daemon for ten seconds."""
    verdict = await scene(tmp_path, FEW, chance())
    assert verdict.clean, verdict
    assert verdict.facts.of == FEW.talkers + FEW.waiters
