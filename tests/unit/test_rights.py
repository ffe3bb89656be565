"""Whose things somebody may touch: every predicate with somebody of each role, on their own thing and on another's."""

from collections.abc import Callable
from typing import get_args

import pytest

from cti import rights
from cti.events import Role
from cti.rights import Actor

ANNA, BEN = (Actor(agent_id=name, role="agent") for name in ("anna", "ben"))
SUE, ADA = Actor(agent_id="sue", role="supervisor"), Actor(agent_id="ada", role="admin")
EVERYONE = (ANNA, BEN, SUE, ADA)
DOWNLOAD = frozenset({"recording.download"})

OBJECTS: dict[str, tuple[Callable[[Actor], bool], set[str]]] = {
    "a live call of anna's": (lambda who: rights.is_own(who.agent_id, ("anna",)), {"anna"}),
    "the recording of anna's talk": (lambda who: rights.may_hear(who, {"anna"}), {"anna", "sue", "ada"}),
    "nobody's recording": (lambda who: rights.may_hear(who, set()), {"sue", "ada"}),
    "keeping it": (lambda who: rights.may_download(who, {"anna"}, ()), {"sue", "ada"}),
    "keeping it, granted": (lambda who: rights.may_download(who, {"anna"}, DOWNLOAD), {"anna", "sue", "ada"}),
    "anna's finished score": (lambda who: rights.may_see_score(who, "anna", finished=True), {"anna", "sue", "ada"}),
    "a draft about anna": (lambda who: rights.may_see_score(who, "anna", finished=False), {"sue", "ada"}),
    "a caller in anna's queue": (
        lambda who: rights.may_pick_from(who, "sales", {"anna": ("sales",)}.get(who.agent_id, ("service",))),
        {"anna", "sue", "ada"},
    ),
    "a task that anna made": (
        lambda who: rights.may_change_task(who, "anna", sees=False),
        {"anna", "sue", "ada"},
    ),
    "a task of ben's queue": (
        lambda who: rights.may_change_task(who, "", sees=who is BEN),
        {"ben", "sue", "ada"},
    ),
}


@pytest.mark.parametrize("thing", OBJECTS)
def test_an_object_is_open_to_exactly_those_whose_it_is_and_those_over_them(thing: str) -> None:
    may, expected = OBJECTS[thing]
    assert {who.agent_id for who in EVERYONE if may(who)} == expected


def test_agents_find_their_own_whatever_they_ask_for() -> None:
    assert [rights.seen_by(who, "ben") for who in EVERYONE] == ["anna", "ben", "ben", "ben"]
    assert [rights.seen_by(who, "") for who in EVERYONE] == ["anna", "ben", "", ""]


def test_a_right_belongs_to_a_role_or_was_granted() -> None:
    assert set(rights.BY_ROLE) == set(get_args(Role))
    for right in rights.RIGHTS:
        assert [rights.has(right, who.role, ()) for who in EVERYONE] == [False, False, True, True]
        assert rights.has(right, "agent", {right})
        assert not rights.has(right, "agent", {"another.right"})
