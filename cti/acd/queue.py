"""The rules of a queue, as configured."""

from collections.abc import Mapping
from functools import cached_property
from math import isfinite
from typing import Literal, get_args

import msgspec

from cti.acd.choice import Choice
from cti.acd.limits import Limit
from cti.acd.relax import RelaxStep
from cti.events import Medium

AfterMiss = Literal["not_ready", "ready"]
Serve = Literal["arrival", "target"]

_SHORTEST_S = 0.1
"""Anything shorter could ring one phone over and over within one instant of the clock."""
_MOST_RUNG = 20
_DURATIONS = ("wrap_up_s", "wrap_up_limit_s", "target_s", "rest_s", "max_wait_s", "preferred_wait_s", "branch_wait_s")


class QueueRules(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """How a queue distributes. Durations are seconds. An impossible value raises `ValueError`.

    `priority` is added to that of each interaction; higher goes first, across all queues of an agent; `vip_points`
    for each VIP level, `ageing` (points per minute) and `serve` complete the order, see `cti/acd/order.py`. `skills` is
    what every agent of the queue must have, on top of what the interaction asks for; `relax` asks less as time
    passes. `choice` is among the idle agents, see `cti/acd/choice.py`; "ring_all" rings up to `ring_at_once` of them.
    `preferred_wait_s` is how long the interaction waits for its preferred agent alone while that one is at work;
    `prefer_branch` puts agents of the caller's branch first, and `branch_wait_s` waits for them alone as long.

    After `max_wait_s` in this queue the interaction leaves by `way_out`, a name that only the floor understands; None
    waits for ever. `limits` let it leave, or not in at all, for other reasons.

    `rona` and `declined` say what becomes of an agent who let an offer pass: NOT_READY with that reason, or READY and
    passed over for `rest_s` (what mod_callcenter calls no-answer and reject delay), so that one phone which nobody
    answers does not take every caller. `wrap_up_limit_s` bounds a wrap-up with all its extensions; without
    `wrap_up_ends` its end is only shown, and it lasts until somebody ends it.
    `target_s` and `target_share` are the service level (80 % within 20 s); `order` sorts the queues on screens.
    `medium` is what waits here unless an interaction says otherwise: what that takes of whose capacity is told in
    `cti/agents/capacity.py`.
    """

    name: str
    label: Mapping[str, str] = {}
    priority: int = 0
    order: int = 0
    ring_s: float = 20.0
    wrap_up_s: float = 15.0
    wrap_up_limit_s: float = 600.0
    wrap_up_ends: bool = True
    target_s: float = 20.0
    target_share: float = 0.8
    max_wait_s: float | None = None
    way_out: str = ""
    skills: Mapping[str, int] = {}
    rona: AfterMiss = "not_ready"
    declined: AfterMiss = "not_ready"
    rest_s: float = 5.0
    choice: Choice = "longest_idle"
    ring_at_once: int = 5
    relax: tuple[RelaxStep, ...] = ()
    limits: tuple[Limit, ...] = ()
    serve: Serve = "arrival"
    ageing: float = 0.0
    vip_points: int = 0
    preferred_wait_s: float = 0.0
    prefer_branch: bool = False
    branch_wait_s: float = 0.0
    medium: Medium = "voice"

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("a queue needs a name")
        if not (isfinite(self.ring_s) and self.ring_s >= _SHORTEST_S):
            raise ValueError(f"queue {self.name}: ring_s must be {_SHORTEST_S} or more")
        for field in (*_DURATIONS, "ageing"):
            value = getattr(self, field)
            if value is not None and not (isfinite(value) and value >= 0):
                raise ValueError(f"queue {self.name}: {field} must be 0 or more")
        if self.rest_s < _SHORTEST_S and "ready" in {self.rona, self.declined}:
            raise ValueError(f"queue {self.name}: rest_s must be {_SHORTEST_S} or more for an agent who stays ready")
        if not 1 <= self.ring_at_once <= _MOST_RUNG:
            raise ValueError(f"queue {self.name}: ring_at_once must be 1 to {_MOST_RUNG}")
        if self.medium not in get_args(Medium):
            raise ValueError(f"queue {self.name}: medium must be one of {', '.join(get_args(Medium))}")
        if any(one.after_s > two.after_s for one, two in zip(self.relax, self.relax[1:], strict=False)):
            raise ValueError(f"queue {self.name}: the steps of relax must be in the order of after_s")

    def rung_at_once(self) -> int:
        return self.ring_at_once if self.choice == "ring_all" else 1

    @cached_property
    def door(self) -> str:
        """That of its own agents, see `need.Need`."""
        return f"queue:{self.name}"

    def reach(self) -> tuple[str, ...]:
        """The doors (see `need.Need`) whose agents may have an interaction of this queue, sooner or later."""
        added = (door for step in self.relax for door in step.doors)
        return tuple(dict.fromkeys((self.door, *added)))
