"""What the engine remembers of an agent, and of each interaction that the agent has in hand."""

from dataclasses import dataclass, field
from typing import Final

from cti.acd.choice import Standing
from cti.acd.load import NONE
from cti.acd.views import AgentView, AssignmentView
from cti.agents.agent import AgentProfile
from cti.agents.state import AgentState

IN_HAND: Final = {AgentState.BUSY: 0, AgentState.WRAP_UP: 1, AgentState.OFFERED: 2}
"""The states of an assignment, the foremost first."""


@dataclass(slots=True, eq=False)
class Assignment:
    """One interaction in the hands of one agent: from the offer, or the take-over, to the end of the wrap-up.

    `medium` is the one whose capacity it takes; `queue` brought it and decides the wrap-up, unless `wrap_up_s` does.
    `offer_id` is "" without an offer and in the wrap-up. `state` is one of `IN_HAND`, from `since` until `until` (None:
    no end by time).
    """

    interaction_id: str
    medium: str
    queue: str
    offer_id: str = ""
    state: AgentState = AgentState.READY
    since: float = 0.0
    until: float | None = None
    wrap_up_s: float | None = None

    def view(self) -> AssignmentView:
        return AssignmentView(
            interaction_id=self.interaction_id,
            medium=self.medium,
            state=self.state,
            queue=self.queue,
            offer_id=self.offer_id,
            since=self.since,
            until=self.until,
        )


@dataclass(slots=True)
class Agent:
    """Mutable, and never leaves the engine.

    `state`, `since` and `until` are those of the `foremost` of what the agent is `handling` (in the order in which it
    came), or the agent's own with nothing in hand. `handled`, `load` and `turn` are as in `choice.Standing`;
    `busy_since` is when the present spell of conversation and wrap-up began. `room` has the media of which there is
    room for one more.
    """

    profile: AgentProfile
    state: AgentState = AgentState.LOGGED_OUT
    reason: str = ""
    since: float = 0.0
    until: float | None = None
    handling: list[Assignment] = field(default_factory=list)
    reachable: bool = True
    idle_since: float = 0.0
    handled: int = 0
    load: float = NONE
    turn: int = 0
    busy_since: float | None = None
    rest_until: float | None = None
    pending: AgentState | None = None
    pending_reason: str = ""
    room: frozenset[str] = frozenset()

    @property
    def agent_id(self) -> str:
        return self.profile.agent_id

    def foremost(self) -> Assignment | None:
        """The one that holds the agent most: conversations before wrap-ups before offers, each by voice first."""
        if len(self.handling) < 2:  # noqa: PLR2004 - there is nothing to choose from
            return self.handling[0] if self.handling else None
        return min(self.handling, key=lambda one: (IN_HAND[one.state], one.medium != "voice"))

    @property
    def interaction_id(self) -> str:
        foremost = self.foremost()
        return foremost.interaction_id if foremost else ""

    def doing(self, state: AgentState) -> list[Assignment]:
        """What is in hand in this state, in the order in which it came."""
        return [one for one in self.handling if one.state is state]

    def talk(self, interaction_id: str) -> Assignment | None:
        """The agent's conversation with this customer, if there is one."""
        for one in self.handling:
            if one.interaction_id == interaction_id and one.state is AgentState.BUSY:
                return one
        return None

    def standing(self) -> Standing:
        return Standing(self.idle_since, self.handled, self.load, self.turn, len(self.handling))

    @property
    def blocked(self) -> str:
        """Why an agent who has room is offered nothing."""
        if not self.room:
            return ""
        return "unreachable" if not self.reachable else "resting" if self.rest_until is not None else ""

    def view(self) -> AgentView:
        foremost = self.foremost()
        return AgentView(
            profile=self.profile,
            state=self.state,
            reason=self.reason,
            since=self.since,
            until=self.until,
            interaction_id=foremost.interaction_id if foremost else "",
            offer_id=foremost.offer_id if foremost else "",
            reachable=self.reachable,
            blocked=self.blocked,
            rest_until=self.rest_until,
            idle_since=self.idle_since,
            handled=self.handled,
            pending=self.pending,
            pending_reason=self.pending_reason,
            handling=tuple(one.view() for one in self.handling),
            room=tuple(sorted(self.room)),
        )
