"""Relaxation: what a queue asks of an agent less and less as the caller waits ("bullseye" routing)."""

from collections.abc import Mapping
from math import isfinite
from typing import Final

import msgspec

HIGHEST_LEVEL: Final = 10


class RelaxStep(msgspec.Struct, frozen=True, kw_only=True):
    """From `after_s` seconds in the queue on. Steps add up, in the order of their times.

    `skills` lowers the named skills to these levels (0: no longer needed; a level above the need changes nothing), then
    `lower` takes as much off every level (those that reach 0 are no longer needed). `queues` and `groups` let the
    agents of those queues and groups have the caller too, by the caller's skills as relaxed; a group such as
    "experts" may span all branches. `points` are added to the priority. An impossible value raises `ValueError`.
    """

    after_s: float
    skills: Mapping[str, int] = {}
    lower: int = 0
    queues: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    points: int = 0

    def __post_init__(self) -> None:
        if not (isfinite(self.after_s) and self.after_s >= 0):
            raise ValueError("after_s of a relaxation must be 0 or more")
        if self.lower < 0 or any(level < 0 for level in self.skills.values()):
            raise ValueError("a relaxation can lower a level to 0 at most")

    def relaxed(self, skills: Mapping[str, int]) -> dict[str, int]:
        """What is still needed of these levels."""
        lowered = {skill: min(level, self.skills.get(skill, level)) - self.lower for skill, level in skills.items()}
        return {skill: level for skill, level in lowered.items() if level > 0}

    @property
    def doors(self) -> tuple[str, ...]:
        """See `cti.acd.need.Need`."""
        return (*(f"queue:{name}" for name in self.queues), *(f"group:{name}" for name in self.groups))
