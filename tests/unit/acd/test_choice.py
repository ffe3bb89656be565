"""Whom a caller goes to, each way of choosing by itself."""

from collections import Counter
from math import exp, isclose
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti.acd.choice import KEYS, Choice, Standing, lot, rank
from cti.acd.load import NONE, TAU_S, occupancy, worked
from cti.acd.need import Need
from cti.agents.agent import AgentProfile

FRESH = Standing(idle_since=100.0, handled=0, load=NONE, turn=0)


def agent(agent_id: str, queue: str = "sales", **more: object) -> AgentProfile:
    return AgentProfile(agent_id=agent_id, queues=(queue,), **more)  # type: ignore[arg-type]


def first(choice: str, **standings: Standing) -> str:
    """Who is chosen; the agents' names are their levels of english, by "x3"."""
    need = Need("sales", (("english", 1),), doors=("queue:sales",), choice=choice)
    profiles = {name: agent(name, skills={"english": int(name[-1])}) for name in standings}
    return min(standings, key=lambda name: (rank(need, profiles[name], standings[name]), name))


@pytest.mark.parametrize(
    ("choice", "chosen"),
    [
        ("longest_idle", "a1"),
        ("ring_all", "a1"),
        ("fewest_handled", "b2"),
        ("least_occupied", "c3"),
        ("round_robin", "d4"),
        ("highest_skill", "e9"),
        ("linear", "a1"),
    ],
)
def test_each_choice_has_its_own_first(choice: str, chosen: str) -> None:
    busy = worked(NONE, 0.0, 60.0)
    standings = {
        "a1": Standing(10.0, 5, busy, 5),
        "b2": Standing(20.0, 1, busy, 4),
        "c3": Standing(30.0, 5, NONE, 3),
        "d4": Standing(40.0, 5, busy, 1),
        "e9": Standing(50.0, 5, busy, 2),
    }
    assert first(choice, **standings) == chosen


def test_every_choice_that_can_be_configured_is_there() -> None:
    assert set(get_args(Choice)) == set(KEYS)


def test_own_queue_then_branch_then_tier_come_before_any_choice() -> None:
    need = Need("sales", doors=("queue:sales", "queue:repairs", "group:experts"), branch="north", prefer_branch=True)
    in_order = [
        agent("own", branch="north", tiers={"sales": 3}),
        agent("elsewhere", branch="south"),
        agent("second-tier", branch="south", tiers={"sales": 1}),
        agent("overflow", "repairs", branch="north"),
        AgentProfile(agent_id="expert", groups=("experts",), branch="north"),
    ]
    later = [FRESH._replace(idle_since=100.0 - number) for number in range(len(in_order))]
    ranks = [rank(need, profile, standing) for profile, standing in zip(in_order, later, strict=True)]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(ranks)


def test_lots_fall_by_weight_also_for_those_who_keep_theirs() -> None:
    """The rank of the losers stays, as in the engine; the shares must come out all the same (chi-square, 2 degrees)."""
    need = Need("sales", doors=("queue:sales",), choice="weighted_random")
    profiles = {name: agent(name, weight=weight) for name, weight in {"a": 1.0, "b": 2.0, "c": 5.0}.items()}
    ranks = {name: rank(need, profile, FRESH) for name, profile in profiles.items()}
    wins: Counter[str] = Counter()
    rounds = 4000
    for turn in range(1, rounds + 1):
        won = min(ranks, key=lambda name: ranks[name])
        wins[won] += 1
        ranks[won] = rank(need, profiles[won], FRESH._replace(turn=turn), drawn=ranks[won][-1])
    expected = {"a": rounds / 8, "b": rounds / 4, "c": rounds * 5 / 8}
    assert sum((wins[name] - mean) ** 2 / mean for name, mean in expected.items()) < 13.8, wins  # p = 0.001


def test_a_lot_is_the_same_at_every_replay() -> None:
    assert lot("sales", agent("a"), 7) == lot("sales", agent("a"), 7) != lot("sales", agent("a"), 8)


SPELLS = st.lists(st.tuples(st.floats(0, 3000), st.floats(1, 3000)), max_size=5)


@given(SPELLS)
def test_the_load_is_the_integral_that_it_claims_to_be(spells: list[tuple[float, float]]) -> None:
    load, now, share = NONE, 0.0, 0.0
    for pause, talk in spells:
        began, ended = now + pause, now + pause + talk
        load, now = worked(load, began, ended), ended
        share = share * exp(-(pause + talk) / TAU_S) + 1 - exp(-talk / TAU_S)
    assert isclose(occupancy(load, now), share, rel_tol=1e-6, abs_tol=1e-12)
    assert occupancy(load, now + 100) <= occupancy(load, now)


def test_who_never_stops_working_is_fully_occupied() -> None:
    assert isclose(occupancy(worked(NONE, 0.0, 1e6), 1e6), 1.0)
    assert worked(NONE, 5.0, 5.0) == NONE
