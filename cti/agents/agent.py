"""Who an agent is, and why an agent may be NOT_READY without having asked for it."""

from collections.abc import Mapping
from functools import cached_property
from math import isfinite
from sys import intern
from typing import Final

import msgspec

SIGNED_IN: Final = "signed_in"
"""Just signed in, and has not asked for calls yet."""
RONA: Final = "rona"
"""Did not answer an offer within the ring time."""
DECLINED: Final = "declined"
"""Declined an offer."""
UNREACHABLE: Final = "unreachable"
"""The phone refused or could not be reached when it should have rung; ends by itself when it is reachable again."""
SUPERVISOR: Final = "supervisor"
"""Taken out by a supervisor."""
TAB_LOST: Final = "tab_lost"
"""The page with the agent's phone was closed or fell asleep, and did not come back in time."""
SUPERVISING: Final = "supervising"
"""Listens to somebody else's call, or speaks in it: ready again when that is over."""

_VOICE_ALONE: Final = frozenset({"voice"})

BUILT_IN_REASONS: Final = (SIGNED_IN, RONA, DECLINED, UNREACHABLE, SUPERVISOR, TAB_LOST, SUPERVISING)
"""The reasons that always exist, beside those that a site configures (lunch, training, ...)."""


class AgentProfile(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """An agent as configured. `skills` maps a skill to its level, 1 to 10; `queues` and `groups` are names.

    `tiers` maps a queue to the agent's tier in it, the lower one first (0 where nothing is said); `weight` counts where
    agents are chosen by lot; `branch` is where the agent works. A weight that is not above 0 raises `ValueError`.

    `nodes` are the telephone systems where the agent's phone is registered, where there are several.

    `capacity` maps a medium (`cti.agents.capacity.MEDIA`) to how many interactions of it the agent may have in hand at
    once. What is not named is 1 for voice and 0, none at all, for the others.
    """

    agent_id: str
    name: str = ""
    extension: str = ""
    queues: tuple[str, ...] = ()
    skills: Mapping[str, int] = {}
    groups: tuple[str, ...] = ()
    branch: str = ""
    tiers: Mapping[str, int] = {}
    weight: float = 1.0
    capacity: Mapping[str, int] = {}
    nodes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not (isfinite(self.weight) and self.weight > 0):
            raise ValueError(f"agent {self.agent_id}: the weight must be above 0")

    def has(self, required: Mapping[str, int]) -> bool:
        """Whether every required skill is there at its level or a higher one."""
        return all(self.skills.get(skill, 0) >= level for skill, level in required.items())

    def capacity_for(self, medium: str) -> int:
        return self.capacity.get(medium, 1 if medium == "voice" else 0)

    @cached_property
    def media(self) -> frozenset[str]:
        """The media of which this agent gets any."""
        if not self.capacity:
            return _VOICE_ALONE  # shared: there are many such agents
        return frozenset(intern(medium) for medium in {"voice", *self.capacity} if self.capacity_for(medium) > 0)

    @cached_property
    def doors(self) -> frozenset[str]:
        """By what an interaction may reach this agent: "queue:<name>", "group:<name>" and "agent:<id>"."""
        names = [f"queue:{name}" for name in self.queues] + [f"group:{name}" for name in self.groups]
        return frozenset(map(intern, [*names, f"agent:{self.agent_id}"]))
