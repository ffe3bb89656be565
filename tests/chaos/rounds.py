"""A round: a crowd calls, blows fall while it does, and Asterisk and the database are asked what came of it."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from cti.errors import CtiError
from cti.events import InteractionEnded, InteractionQueued
from tests.chaos.blows import Strike
from tests.chaos.crowd import Crowd, calling, phones
from tests.chaos.judge import Account, Blow, Verdict, judge, judge_outage
from tests.chaos.stand import Stand
from tests.chaos.witness import witness
from tests.harness.books import read_cdr

log = structlog.get_logger(__name__)

PATIENCE_S = 60.0
"""How long after the talks a round may take until everybody was answered: restarts are slow on a busy machine."""
SETTLED_S = 20.0
GATHERED_S = 30.0


@dataclass(frozen=True, slots=True)
class Planned:
    """A blow that falls at a random moment between two seconds of the round, though not before the last is over.

    `gathered`: nor before everybody waits or talks.
    """

    strike: Strike
    begin_s: float
    end_s: float
    gathered: bool = False


def everywhere(strike: Strike, crowd: Crowd) -> tuple[Planned, ...]:
    """One while they come in (menus, phones that ring), one while all wait or talk, one while the line is served."""
    full, drained = crowd.fill_s + 2.0, crowd.talk_s + crowd.talkers / crowd.rate
    return (
        Planned(strike, 0.5, full - 2.0),
        Planned(strike, full, full + 2.0, gathered=True),
        Planned(strike, crowd.talk_s + 0.5, drained + 2.0),
    )


async def run_round(
    stand: Stand, crowd: Crowd, planned: Sequence[Planned], chance: random.Random, wave: int = 0
) -> Verdict:
    callers = crowd.callers(wave)
    told_before, lines_before = len(stand.books.facts()), len(read_cdr(stand.asterisk.cdr_file))
    async with witness(stand) as seen, phones(stand, crowd.talk_s), calling(stand, callers) as sipp:
        began = time.time()
        blows = []
        for one in planned:
            if one.gathered:
                await _gathered(stand, told_before, len(callers))
            blows.append(await _fall(stand, one, began, chance))
        sipp_says = ""
        try:
            counts = await sipp.wait(max(0.0, began + crowd.talk_s - time.time()) + PATIENCE_S)
        except CtiError as error:
            sipp_says = str(error)
        else:
            sipp_says = "" if counts.clean and counts.created == len(callers) else f"{counts} {sipp.errors()[:1000]}"
        await _settled(stand, told_before, len(callers))
    account = Account(stand.books.facts()[told_before:], seen, read_cdr(stand.asterisk.cdr_file)[lines_before:])
    verdict = judge(callers, account, blows, crowd.talk_s)
    if sipp_says:
        verdict += Verdict(complaints=(f"SIPp: {sipp_says}",))
    fell = [f"{one.kind} at {one.began - began:.1f} s for {one.ended - one.began:.1f} s" for one in blows]
    log.info("round", wave=wave, blows=fell, took_s=round(time.time() - began, 1), verdict=str(verdict))
    return verdict


def once(strike: Strike, crowd: Crowd) -> tuple[Planned, ...]:
    """While all wait or talk, or soon after the first talks are over."""
    full = crowd.fill_s + 2.0
    return (Planned(strike, full, max(full, crowd.talk_s + 1.0), gathered=True),)


async def run_outage(stand: Stand, crowd: Crowd, strike: Strike, chance: random.Random, wave: int = 0) -> Verdict:
    """A round in which every call is lost: they are closed with the reason, once, and the next crowd is served."""
    callers = crowd.callers(wave)
    told_before = len(stand.books.facts())
    async with phones(stand, crowd.talk_s), calling(stand, callers):
        await asyncio.sleep(crowd.fill_s + chance.uniform(2.5, 4.0))
        await strike(stand, chance)
    await _settled(stand, told_before, len(callers))
    verdict = judge_outage(callers, stand.books.facts()[told_before:])
    log.info("outage", wave=wave, verdict=str(verdict))
    return verdict + await run_round(stand, crowd, (), chance, wave + 1)


async def _fall(stand: Stand, planned: Planned, start: float, chance: random.Random) -> Blow:
    at = max(start + chance.uniform(planned.begin_s, planned.end_s), time.time() + chance.uniform(0, 1))
    await asyncio.sleep(max(0.0, at - time.time()))
    began = time.time()
    await planned.strike(stand, chance)
    return Blow(planned.strike.__name__, began, time.time())


async def _gathered(stand: Stand, told_before: int, calls: int) -> None:
    """Everybody has come to the queue, or the time is up."""
    deadline = time.monotonic() + GATHERED_S
    while time.monotonic() < deadline:
        queued = {one.interaction_id for one in stand.books.facts()[told_before:] if isinstance(one, InteractionQueued)}
        if len(queued) >= calls:
            return
        await asyncio.sleep(0.3)


async def _settled(stand: Stand, told_before: int, calls: int) -> None:
    """The books are complete, or the time is up; then the judge says what is missing."""
    deadline = time.monotonic() + SETTLED_S
    while time.monotonic() < deadline:
        ended = {
            fact.interaction_id for fact in stand.books.facts()[told_before:] if isinstance(fact, InteractionEnded)
        }
        if len(ended) >= calls:
            await asyncio.sleep(0.5)
            return
        await asyncio.sleep(0.3)
