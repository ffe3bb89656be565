"""The interaction state machine, and what the engine remembers of an interaction.

`python -m cti.acd.interaction` prints the table as a mermaid diagram for the documentation.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cti.acd.need import Need
from cti.acd.order import Rank, rank
from cti.acd.reasons import OfferReasons
from cti.agents.capacity import AskedMedium
from cti.agents.diagram import mermaid
from cti.errors import IllegalTransition


class InteractionState(StrEnum):
    """SELF_SERVICE is whenever the customer is with us and neither waits nor talks: in a flow, a survey, a way out."""

    NEW = "new"
    SELF_SERVICE = "self_service"
    QUEUED = "queued"
    OFFERED = "offered"
    CONNECTED = "connected"
    HELD = "held"
    ENDED = "ended"


class InteractionTrigger(StrEnum):
    """Why a state changes.

    QUEUE: enters a queue, or moves to another one. RETURN: an offer failed and the place is taken again. ENGAGE: an
    agent or supervisor has the customer without an offer (take-over, transfer to an agent, restart). EXPIRE: the
    longest wait is over. RELEASE: the last agent left and the customer is still there.
    """

    START = "start"
    QUEUE = "queue"
    OFFER = "offer"
    ANSWER = "answer"
    RETURN = "return"
    ENGAGE = "engage"
    EXPIRE = "expire"
    HOLD = "hold"
    RESUME = "resume"
    RELEASE = "release"
    END = "end"


_S = InteractionState
_T = InteractionTrigger

TRANSITIONS: Mapping[tuple[InteractionState, InteractionTrigger], InteractionState] = {
    (_S.NEW, _T.START): _S.SELF_SERVICE,
    (_S.NEW, _T.QUEUE): _S.QUEUED,
    (_S.NEW, _T.ENGAGE): _S.CONNECTED,
    (_S.NEW, _T.END): _S.ENDED,
    (_S.SELF_SERVICE, _T.QUEUE): _S.QUEUED,
    (_S.SELF_SERVICE, _T.ENGAGE): _S.CONNECTED,
    (_S.SELF_SERVICE, _T.END): _S.ENDED,
    (_S.QUEUED, _T.OFFER): _S.OFFERED,
    (_S.QUEUED, _T.QUEUE): _S.QUEUED,
    (_S.QUEUED, _T.ENGAGE): _S.CONNECTED,
    (_S.QUEUED, _T.EXPIRE): _S.SELF_SERVICE,
    (_S.QUEUED, _T.END): _S.ENDED,
    (_S.OFFERED, _T.ANSWER): _S.CONNECTED,
    (_S.OFFERED, _T.RETURN): _S.QUEUED,
    (_S.OFFERED, _T.END): _S.ENDED,
    (_S.CONNECTED, _T.HOLD): _S.HELD,
    (_S.CONNECTED, _T.ENGAGE): _S.CONNECTED,
    (_S.CONNECTED, _T.QUEUE): _S.QUEUED,
    (_S.CONNECTED, _T.RETURN): _S.QUEUED,  # the answered leg was lost before anybody was heard
    (_S.CONNECTED, _T.RELEASE): _S.SELF_SERVICE,
    (_S.CONNECTED, _T.END): _S.ENDED,
    (_S.HELD, _T.RESUME): _S.CONNECTED,
    (_S.HELD, _T.ENGAGE): _S.CONNECTED,
    (_S.HELD, _T.QUEUE): _S.QUEUED,
    (_S.HELD, _T.RELEASE): _S.SELF_SERVICE,
    (_S.HELD, _T.END): _S.ENDED,
}


def transition(state: InteractionState, trigger: InteractionTrigger) -> InteractionState:
    """The state that follows; `IllegalTransition` for whatever the table does not have."""
    try:
        return TRANSITIONS[state, trigger]
    except KeyError:
        raise IllegalTransition("interaction", state, trigger) from None


_NOTHING = Need("")


@dataclass(slots=True)
class Interaction:
    """What the engine knows of an interaction; mutable, and never leaves the engine.

    `arrival` numbers the interactions as they were first seen and breaks ties; `offers` counts every offer ever made,
    so that an offer id is never used twice. `agents` are those whom it is offered to, or who talk with the customer;
    `offer_ids` the live offers. The `asked_` fields are what came with it; `asked` is that and what the queue asks
    before relaxation; `need`, `points` and `relax_at` are of its current stage. `held_over`: the preferred agent
    is no longer waited for. `medium` is what it is, "" as long as nobody has said. `why` explains the latest
    offers, the oldest first.
    """

    interaction_id: str
    arrival: int
    state: InteractionState = InteractionState.NEW
    queue: str = ""
    medium: AskedMedium = ""
    asked_medium: AskedMedium = ""
    priority: int = 0
    asked_priority: int = 0
    vip: int = 0
    branch: str = ""
    queued_at: float = 0.0
    entered_at: float = 0.0
    due: float = 0.0
    asked: Mapping[str, int] = field(default_factory=dict)
    asked_skills: Mapping[str, int] = field(default_factory=dict)
    preferred_agent: str = ""
    asked_preferred_wait_s: float | None = None
    preferred_wait_s: float = 0.0
    held_over: bool = False
    node: str = ""
    only_agent: str = ""
    only_group: str = ""
    max_wait_s: float | None = None
    wait_until: float | None = None
    way_out: str = ""
    offers: int = 0
    offer_ids: list[str] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    need: Need = _NOTHING
    points: int = 0
    relax_at: float | None = None
    why: tuple[OfferReasons, ...] = ()

    @property
    def reserved(self) -> bool:
        """It is for one agent or one group, whoever else is there: no limit of the queue concerns it."""
        return bool(self.only_agent or self.only_group)

    @property
    def rank(self) -> Rank:
        return rank(self.priority + self.points, self.need.ageing, self.due, self.arrival)

    @property
    def beyond(self) -> tuple[tuple[str, int], ...]:
        """What it asks beyond its queue, sorted: with the priority, what sets its wait apart from others' there."""
        return tuple(sorted(self.asked_skills.items()))

    def move(self, trigger: InteractionTrigger) -> None:
        self.state = transition(self.state, trigger)


if __name__ == "__main__":
    sys.stdout.write(mermaid(TRANSITIONS, start=InteractionState.NEW))
