"""Who an agent is, and why an agent may be NOT_READY without having asked for it."""

from collections.abc import Mapping
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

BUILT_IN_REASONS: Final = (SIGNED_IN, RONA, DECLINED, UNREACHABLE, SUPERVISOR)
"""The reasons that always exist, beside those that a site configures (lunch, training, ...)."""


class AgentProfile(msgspec.Struct, frozen=True, kw_only=True):
    """An agent as configured. `skills` maps a skill to its level, 1 to 10; `queues` are names."""

    agent_id: str
    name: str = ""
    extension: str = ""
    queues: tuple[str, ...] = ()
    skills: Mapping[str, int] = {}

    def has(self, required: Mapping[str, int]) -> bool:
        """Whether every required skill is there at its level or a higher one."""
        return all(self.skills.get(skill, 0) >= level for skill, level in required.items())
