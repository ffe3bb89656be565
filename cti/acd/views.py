"""What the engine shows of itself: frozen copies for the floor, the desk and the board."""

from collections.abc import Mapping

import msgspec

from cti.acd.interaction import InteractionState
from cti.acd.queue import QueueRules
from cti.agents.agent import AgentProfile
from cti.agents.capacity import AskedMedium
from cti.agents.state import AgentState


class AssignmentView(msgspec.Struct, frozen=True, kw_only=True):
    """An interaction in an agent's hands. `state` is OFFERED (it rings), BUSY (they talk, or write) or WRAP_UP.

    `medium` is the one whose capacity it takes ("voice" for a callback too). `offer_id` is "" without an offer and in
    the wrap-up; `until` is when `state` ends by itself, None for never.
    """

    interaction_id: str
    medium: str
    state: AgentState
    queue: str
    offer_id: str
    since: float
    until: float | None


class AgentView(msgspec.Struct, frozen=True, kw_only=True):
    """`handling` is what the agent has in hand, in the order in which it came. `state`, `since`, `until`, `offer_id`
    and `interaction_id` are those of the foremost of it: conversations before wrap-ups before offers, of each the voice
    first. `room` has the media of which one more may come, by capacity and interruption rules; `blocked` says why
    nothing is offered all the same: "unreachable", "resting" (after a miss, until `rest_until`), "" for not at all.

    `pending` is what was asked for with work in hand and comes after it: NOT_READY (with `pending_reason`) or
    LOGGED_OUT, None for neither. `idle_since` decides who is longest idle; it outlives an offer that was withdrawn.
    `handled` counts conversations since sign-in.
    """

    profile: AgentProfile
    state: AgentState
    reason: str
    since: float
    until: float | None
    interaction_id: str
    offer_id: str
    reachable: bool
    blocked: str
    rest_until: float | None
    idle_since: float
    handled: int
    pending: AgentState | None
    pending_reason: str
    handling: tuple[AssignmentView, ...] = ()
    room: tuple[str, ...] = ()

    @property
    def agent_id(self) -> str:
        return self.profile.agent_id


class InteractionView(msgspec.Struct, frozen=True, kw_only=True):
    """`priority` is the sum of the queue's, its own and what the VIP level gives; `points` is what relaxation added.

    `agent_ids` are those whom it is offered to or who talk; `offer_ids` the live offers, several only where a queue
    rings several agents at once, and `offer_id` the first of them. `asked` are the skills (name, level) that it asked
    for beyond its queue's; `skills`, `doors` (see `need.Need`) and `branch_only` are the need of
    the moment, `held_for` the preferred agent who alone may have it until then, and `relax_at` when that changes.
    `medium` is what it is, "" for one that no queue has seen and nobody spoke of. `node` as in `CallerQueued`.
    """

    interaction_id: str
    state: InteractionState
    queue: str
    priority: int
    queued_at: float
    entered_at: float
    wait_until: float | None
    skills: Mapping[str, int]
    asked: tuple[tuple[str, int], ...] = ()
    preferred_agent: str
    only_agent: str
    only_group: str = ""
    offers: int
    offer_id: str
    agent_ids: tuple[str, ...]
    offer_ids: tuple[str, ...] = ()
    points: int = 0
    vip: int = 0
    branch: str = ""
    doors: tuple[str, ...] = ()
    branch_only: bool = False
    held_for: str = ""
    relax_at: float | None = None
    medium: AskedMedium = ""
    node: str = ""


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """Everything, each part in a fixed order: queues by (order, name), agents by id, interactions by arrival."""

    queues: tuple[QueueRules, ...]
    agents: tuple[AgentView, ...]
    interactions: tuple[InteractionView, ...]
