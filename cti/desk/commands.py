"""What people may ask the floor for, over the websocket; each is one small record, and a table says who may send it."""

from typing import Annotated, Literal

import msgspec

from cti.events import Role, SpyMode

Level = Annotated[int, msgspec.Meta(ge=1, le=10)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Points = Annotated[int, msgspec.Meta(ge=-1000, le=1000)]


class Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="cmd", forbid_unknown_fields=True):
    """`id` is chosen by the browser and comes back in the `Reply`."""

    id: int


# --- agent ---


class SignIn(Command, frozen=True, kw_only=True, tag="agent.sign_in"):
    """Start work: LOGGED_OUT -> NOT_READY. `phone`: which of the agent's two endpoints is rung."""

    phone: Literal["web", "desk"] = "web"


class SignOut(Command, frozen=True, kw_only=True, tag="agent.sign_out"):
    pass


class Ready(Command, frozen=True, kw_only=True, tag="agent.ready"):
    """Also ends a wrap-up early."""


class NotReady(Command, frozen=True, kw_only=True, tag="agent.not_ready"):
    reason: str


class Decline(Command, frozen=True, kw_only=True, tag="call.decline"):
    interaction_id: str


class HangUp(Command, frozen=True, kw_only=True, tag="call.hang_up"):
    interaction_id: str


class Hold(Command, frozen=True, kw_only=True, tag="call.hold"):
    interaction_id: str


class Resume(Command, frozen=True, kw_only=True, tag="call.resume"):
    interaction_id: str


class Transfer(Command, frozen=True, kw_only=True, tag="call.transfer"):
    """Blind. `target`: an agent id, a queue name or a telephone number."""

    interaction_id: str
    kind: Literal["agent", "queue", "number"]
    target: str


class SaveWrapUp(Command, frozen=True, kw_only=True, tag="wrap_up.save"):
    """`final`: the form is done and the agent leaves the wrap-up; otherwise a draft, sent as the agent types."""

    interaction_id: str
    disposition: str = ""
    note: str = ""
    complaint: bool = False
    follow_up_at: float | None = None
    final: bool = False


class ExtendWrapUp(Command, frozen=True, kw_only=True, tag="wrap_up.extend"):
    seconds: int = 60


class JoinQueue(Command, frozen=True, kw_only=True, tag="queue.join"):
    """Work in one of the own queues again."""

    queue: str


class LeaveQueue(Command, frozen=True, kw_only=True, tag="queue.leave"):
    """Take no more calls of one of the own queues, until `queue.join`; a restart does not forget it."""

    queue: str


class PopShown(Command, frozen=True, kw_only=True, tag="pop.shown"):
    """The page has painted the screen-pop; `at` is the browser's clock. Evidence that it came before the ring."""

    interaction_id: str
    offer_id: str
    at: float


# --- supervisor ---


class Supervise(Command, frozen=True, kw_only=True, tag="supervise.start"):
    """Ring the supervisor's own phone and listen to `agent_id`'s call in `mode`; again with another mode switches."""

    agent_id: str
    mode: SpyMode = "listen"


class StopSupervising(Command, frozen=True, kw_only=True, tag="supervise.stop"):
    pass


class ForceState(Command, frozen=True, kw_only=True, tag="force.state"):
    agent_id: str
    state: Literal["ready", "not_ready", "logged_out"]
    reason: str = "supervisor"


class ForceHangUp(Command, frozen=True, kw_only=True, tag="force.hang_up"):
    agent_id: str


class CancelCallback(Command, frozen=True, kw_only=True, tag="callback.cancel"):
    """Nobody is called back for this interaction, which is over."""

    interaction_id: str


class Assign(Command, frozen=True, kw_only=True, tag="agent.assign"):
    """Which queues, skills and groups an agent has, and the tiers in queues; null: as before. Stored."""

    agent_id: str
    queues: tuple[Name, ...] | None = None
    skills: dict[Name, Level] | None = None
    groups: tuple[Name, ...] | None = None
    tiers: dict[Name, Annotated[int, msgspec.Meta(ge=0, le=100)]] | None = None


class Prioritise(Command, frozen=True, kw_only=True, tag="interaction.prioritise"):
    """`priority` is the caller's own, on top of the queue's; null: as much as brings the caller to the front."""

    interaction_id: str
    priority: Points | None = None


class MoveToQueue(Command, frozen=True, kw_only=True, tag="interaction.move"):
    """Let a waiting caller wait in another queue, with the time waited so far."""

    interaction_id: str
    queue: str


AnyCommand = (
    SignIn
    | SignOut
    | Ready
    | NotReady
    | Decline
    | HangUp
    | Hold
    | Resume
    | Transfer
    | SaveWrapUp
    | ExtendWrapUp
    | JoinQueue
    | LeaveQueue
    | PopShown
    | Supervise
    | StopSupervising
    | ForceState
    | ForceHangUp
    | CancelCallback
    | Assign
    | Prioritise
    | MoveToQueue
)

AGENT_COMMANDS = (
    SignIn,
    SignOut,
    Ready,
    NotReady,
    Decline,
    HangUp,
    Hold,
    Resume,
    Transfer,
    SaveWrapUp,
    ExtendWrapUp,
    JoinQueue,
    LeaveQueue,
    PopShown,
)
SUPERVISOR_COMMANDS = (
    Supervise,
    StopSupervising,
    ForceState,
    ForceHangUp,
    CancelCallback,
    Assign,
    Prioritise,
    MoveToQueue,
)

ROLES: dict[type[Command], frozenset[Role]] = {
    **dict.fromkeys(AGENT_COMMANDS, frozenset[Role](("agent", "supervisor", "admin"))),
    **dict.fromkeys(SUPERVISOR_COMMANDS, frozenset[Role](("supervisor", "admin"))),
}
"""Who may send which command. A command that stands in no row is refused to everybody."""
