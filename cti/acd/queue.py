"""The rules of a queue, as configured."""

from collections.abc import Mapping
from math import isfinite
from typing import Literal

import msgspec

AfterMiss = Literal["not_ready", "ready"]

_SHORTEST_S = 0.1
"""Anything shorter could ring one phone over and over within one instant of the clock."""


class QueueRules(msgspec.Struct, frozen=True, kw_only=True):
    """How a queue distributes. Durations are seconds. An impossible value raises `ValueError`.

    `priority` is added to that of each interaction; higher goes first, across all queues of an agent. `skills` is what
    every agent of the queue must have, on top of what the interaction asks for. After `max_wait_s` in this queue the
    interaction leaves by `way_out`, a name that only the floor understands; None waits for ever.

    `rona` and `declined` say what becomes of an agent who let an offer pass: NOT_READY with that reason, or READY and
    passed over for `rest_s` (what mod_callcenter calls no-answer and reject delay), so that one phone which nobody
    answers does not take every caller. `wrap_up_limit_s` bounds a wrap-up with all its extensions.
    `target_s` and `target_share` are the service level (80 % within 20 s); `order` sorts the queues on screens.
    """

    name: str
    label: Mapping[str, str] = {}
    priority: int = 0
    order: int = 0
    ring_s: float = 20.0
    wrap_up_s: float = 15.0
    wrap_up_limit_s: float = 600.0
    target_s: float = 20.0
    target_share: float = 0.8
    max_wait_s: float | None = None
    way_out: str = ""
    skills: Mapping[str, int] = {}
    rona: AfterMiss = "not_ready"
    declined: AfterMiss = "not_ready"
    rest_s: float = 5.0

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("a queue needs a name")
        if not (isfinite(self.ring_s) and self.ring_s >= _SHORTEST_S):
            raise ValueError(f"queue {self.name}: ring_s must be {_SHORTEST_S} or more")
        for field in ("wrap_up_s", "wrap_up_limit_s", "target_s", "rest_s", "max_wait_s"):
            value = getattr(self, field)
            if value is not None and not (isfinite(value) and value >= 0):
                raise ValueError(f"queue {self.name}: {field} must be 0 or more")
        if self.rest_s < _SHORTEST_S and "ready" in {self.rona, self.declined}:
            raise ValueError(f"queue {self.name}: rest_s must be {_SHORTEST_S} or more for an agent who stays ready")
