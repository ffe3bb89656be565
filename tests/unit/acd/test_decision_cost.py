"""A decision costs what the choice needs, not what the hotline holds: counted in calls, so that no clock matters."""

import sys
from types import FrameType
from typing import Any

import pytest

from cti.acd.decisions import MakeOffer
from cti.acd.engine import Engine
from cti.acd.events import AgentReady, AgentSignedIn, CallerLeft, CallerQueued, Event, OfferFailed
from cti.acd.limits import Limit
from cti.acd.queue import QueueRules
from cti.acd.relax import RelaxStep
from cti.agents.agent import AgentProfile
from cti.agents.state import AgentState

SKILLS = tuple(f"skill{number}" for number in range(8))


def calls(engine: Engine, event: Event, now: float) -> int:
    """Python function calls that the event takes."""
    count = 0

    def note(_frame: FrameType, kind: str, _what: Any) -> None:
        nonlocal count
        count += kind == "call"

    sys.setprofile(note)
    try:
        engine.handle(event, now)
    finally:
        sys.setprofile(None)
    return count


RICH: dict[str, Any] = {
    "choice": "weighted_random",
    "ageing": 1.0,
    "vip_points": 2,
    "preferred_wait_s": 10,
    "relax": (RelaxStep(after_s=1e9, groups=("experts",)),),
    "limits": (Limit(when="nobody", way_out="voicemail"), Limit(when="wait_estimate", above=1e9, way_out="voicemail")),
}


def hotline(size: int, rules: dict[str, Any]) -> Engine:
    """`size` agents who all talk, five times as many who wait; as many agents and callers to each queue at any size."""
    queues = [f"queue{number}" for number in range(5)]
    engine = Engine([QueueRules(name=queue, **rules) for queue in queues])
    for number in range(size):
        profile = AgentProfile(
            agent_id=f"agent{number:05}",
            queues=(queues[number % 5], queues[(number + 1) % 5]),
            skills={SKILLS[number % 8]: 5, SKILLS[(number + 3) % 8]: 5},
        )
        engine.handle(AgentSignedIn(profile=profile, state=AgentState.NOT_READY), 0.0)
    for number in range(5 * size):
        queue, skill = queues[number % 5], SKILLS[number % 8]
        engine.handle(
            CallerQueued(interaction_id=f"i{number}", queue=queue, skills={skill: 3}, queued_at=float(number)), 1e6
        )
    return engine


def cost(size: int, rules: dict[str, Any]) -> dict[str, int]:
    engine = hotline(size, rules)
    offered = [one for one in engine.handle(AgentReady(agent_id="agent00003"), 1e6) if isinstance(one, MakeOffer)]
    engine.handle(CallerQueued(interaction_id="plain", queue="queue1", queued_at=1e6), 1e6)
    return {
        "ready": calls(engine, AgentReady(agent_id="agent00004"), 1e6),
        "missed": calls(engine, OfferFailed(offer_id=offered[0].offer_id, reason="declined"), 1e6),
        "queued": calls(engine, CallerQueued(interaction_id="new", queue="queue1", queued_at=1e6), 1e6),
        "left": calls(engine, CallerLeft(interaction_id="i77"), 1e6),
    }


@pytest.mark.parametrize("rules", [{}, RICH], ids=["plain", "rich"])
def test_a_decision_costs_the_same_among_few_and_among_many(rules: dict[str, Any]) -> None:
    few, many = cost(40, rules), cost(1600, rules)
    assert {name: many[name] <= 1.5 * few[name] for name in few} == dict.fromkeys(few, True), (few, many)
