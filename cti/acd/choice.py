"""Whom of the agents with room a caller goes to: each way of choosing is a rank, the smallest first.

A rank is (ring, away, tier, in hand, what the way of choosing says...): an agent of the queue itself comes before those
whom relaxation added, in the order in which it did; an agent of the caller's branch before one of another, where the
queue prefers the branch; a lower tier before a higher one; who has less in hand, of any medium, before who has more;
and only then longest idle, fewest handled and so on. Equal ranks are ordered by agent id. A rank does not change with
time as long as nothing is done, so that agents can be kept in heaps.
"""

from collections.abc import Callable, Mapping
from hashlib import blake2b
from math import log
from typing import Any, Final, Literal, NamedTuple

from cti.acd.need import Need
from cti.agents.agent import AgentProfile

Choice = Literal[
    "longest_idle",
    "least_occupied",
    "fewest_handled",
    "round_robin",
    "highest_skill",
    "weighted_random",
    "linear",
    "ring_all",
]


class Standing(NamedTuple):
    """What an agent's work so far says. `turn` numbers the offers: the engine's latest to this agent, 0 for none.

    `idle_since` is when the agent was last done with something, or began to be ready; `handled` counts conversations
    since sign-in; for `load`, of the spells of work that are over, see `cti/acd/load.py`. `in_hand` counts what the
    agent has in hand.
    """

    idle_since: float
    handled: int
    load: float
    turn: int
    in_hand: int = 0


def _idle(_need: Need, _profile: AgentProfile, standing: Standing) -> tuple[float, ...]:
    return (standing.idle_since,)


def _skill(need: Need, profile: AgentProfile, standing: Standing) -> tuple[float, ...]:
    return (-sum(profile.skills.get(skill, 0) for skill, _ in need.required), standing.idle_since)


KEYS: Final[Mapping[str, Callable[[Need, AgentProfile, Standing], tuple[float, ...]]]] = {
    "longest_idle": _idle,
    "ring_all": _idle,
    "least_occupied": lambda _need, _profile, standing: (standing.load, standing.idle_since),
    "fewest_handled": lambda _need, _profile, standing: (standing.handled, standing.idle_since),
    "round_robin": lambda _need, _profile, standing: (standing.turn, standing.idle_since),
    "highest_skill": _skill,
    "linear": lambda _need, _profile, _standing: (),
    "weighted_random": lambda need, profile, standing: (lot(need.queue, profile, standing.turn),),
}


def rank(need: Need, profile: AgentProfile, standing: Standing, drawn: float = 0.0) -> tuple[Any, ...]:
    """`drawn` is the winning lot of the lane's last choice by lot, see `lot`."""
    key = KEYS[need.choice](need, profile, standing)
    if need.choice == "weighted_random":
        key = (drawn + key[0],)
    theirs = [door in profile.doors for door in need.doors]
    ring = theirs.index(True) if True in theirs else 0
    away = need.prefer_branch and profile.branch != need.branch
    return (ring, away, profile.tiers.get(need.queue, 0), standing.in_hand, *key)


def lot(queue: str, profile: AgentProfile, turn: int) -> float:
    """A number from the exponential distribution with the agent's weight as its rate, the same at every replay.

    The smallest of such lots is that of each agent in proportion to the weights, and what is left of the others'
    beyond the winner's is again so distributed: hence a new lot is added to the last winner's, and all who
    are idle keep theirs.
    """
    digest = blake2b(f"{queue}\0{profile.agent_id}\0{turn}".encode(), digest_size=8).digest()
    return -log((int.from_bytes(digest) + 1) / 2**64) / profile.weight
