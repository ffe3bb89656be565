"""What people may ask the floor for, over the websocket; each is one small record, and a table says who may send it."""

from typing import Annotated, Literal

import msgspec

from cti.events import OwnerKind, PartyKind, Role, SpyMode, TextTo
from cti.rights import EVERYBODY, WIDE_ROLES

Level = Annotated[int, msgspec.Meta(ge=1, le=10)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Target = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Note = Annotated[str, msgspec.Meta(max_length=8000)]
TaskText = Annotated[str, msgspec.Meta(max_length=500)]
Moment = Annotated[float, msgspec.Meta(ge=0, le=32_503_680_000)]
"""Unix seconds, before the year 3000."""
Tab = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f-]{8,64}$")]
Milliseconds = Annotated[float, msgspec.Meta(ge=0, le=60_000)]
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
    """Blind. `target`: an agent id, a queue name, an agent group (skill group) or a telephone number."""

    interaction_id: str
    kind: Literal["agent", "queue", "number", "group"]
    target: str


class AnswerCall(Command, frozen=True, kw_only=True, tag="call.answer"):
    """Have a hard phone that rings for this call lift off; the page's softphone answers by itself."""

    interaction_id: str


class Mute(Command, frozen=True, kw_only=True, tag="call.mute"):
    interaction_id: str
    on: bool


class SendDigits(Command, frozen=True, kw_only=True, tag="call.digits"):
    """Keys pressed for whoever the agent talks with: the party who is consulted, else the customer."""

    interaction_id: str
    digits: Annotated[str, msgspec.Meta(pattern=r"^[0-9*#A-D]{1,32}$")]


class Consult(Command, frozen=True, kw_only=True, tag="call.consult"):
    """Call a colleague (agent id) or an outside number while the customer hears music."""

    interaction_id: str
    kind: PartyKind
    target: Target


class Swap(Command, frozen=True, kw_only=True, tag="call.swap"):
    """Talk with the customer while the party hears music, or the other way round."""

    interaction_id: str


class CompleteTransfer(Command, frozen=True, kw_only=True, tag="call.complete"):
    """The party has the customer now, and the agent is free (to wrap up); also while the party still rings."""

    interaction_id: str


class CancelConsult(Command, frozen=True, kw_only=True, tag="call.cancel_consult"):
    """The party goes, the customer comes back."""

    interaction_id: str


class Conference(Command, frozen=True, kw_only=True, tag="call.conference"):
    """All hear each other: the agent, the customer, and the party who was consulted."""

    interaction_id: str


class DropParty(Command, frozen=True, kw_only=True, tag="call.drop"):
    """One of the conference goes, the others talk on."""

    interaction_id: str
    party_id: str


class LeaveConference(Command, frozen=True, kw_only=True, tag="call.leave"):
    """The others talk on without this agent, who is free (to wrap up)."""

    interaction_id: str


class DialOut(Command, frozen=True, kw_only=True, tag="call.dial"):
    """Call a customer (`target`: a number) or a colleague (an agent id or an extension). Result: `interaction_id`."""

    kind: PartyKind
    target: Target


class PickUp(Command, frozen=True, kw_only=True, tag="call.pick_up"):
    """Have this waiting caller now, whoever's turn it is: of one of the own queues, or, for a supervisor, of any."""

    interaction_id: str


class SendToFlow(Command, frozen=True, kw_only=True, tag="call.to_flow"):
    """The customer goes through this flow (types a card number or a PIN, say) and comes back."""

    interaction_id: str
    flow: Name


class FetchFromFlow(Command, frozen=True, kw_only=True, tag="call.from_flow"):
    """Have the customer back before the flow is over."""

    interaction_id: str


class PauseRecording(Command, frozen=True, kw_only=True, tag="recording.pause"):
    """`seconds` None: as long as the settings let it be silent at most."""

    interaction_id: str
    seconds: Annotated[int, msgspec.Meta(ge=1, le=3600)] | None = None


class ResumeRecording(Command, frozen=True, kw_only=True, tag="recording.resume"):
    interaction_id: str


class StartRecording(Command, frozen=True, kw_only=True, tag="recording.start"):
    """Record from now on a conversation of a queue that records on demand."""

    interaction_id: str


class SaveWrapUp(Command, frozen=True, kw_only=True, tag="wrap_up.save"):
    """`final`: the form is done and the agent leaves the wrap-up; otherwise a draft, sent as the agent types.

    Of the present call, or of an earlier one whose form was left unfinished. A final form must have what its
    disposition requires; a draft is kept as it is. `follow_up_owner` "" is the agent.
    """

    interaction_id: str
    disposition: Annotated[str, msgspec.Meta(max_length=64)] = ""
    note: Note = ""
    fields: Annotated[dict[Name, Annotated[str, msgspec.Meta(max_length=500)]], msgspec.Meta(max_length=40)] = {}
    complaint: bool = False
    follow_up_at: Moment | None = None
    follow_up_kind: OwnerKind = "agent"
    follow_up_owner: Annotated[str, msgspec.Meta(max_length=64)] = ""
    follow_up_text: TaskText = ""
    final: bool = False


class ExtendWrapUp(Command, frozen=True, kw_only=True, tag="wrap_up.extend"):
    seconds: int = 60


class CreateTask(Command, frozen=True, kw_only=True, tag="task.create"):
    """A reminder. `owner` "" is the one who creates it; the rest says what it is about, as far as it is known."""

    due_at: Moment
    text: TaskText = ""
    owner_kind: OwnerKind = "agent"
    owner: Annotated[str, msgspec.Meta(max_length=64)] = ""
    customer_id: int = 0
    customer_name: Annotated[str, msgspec.Meta(max_length=200)] = ""
    number: Annotated[str, msgspec.Meta(max_length=64)] = ""


class ChangeTask(Command, frozen=True, kw_only=True, tag="task.change"):
    """Postpone it, give it to somebody else, word it anew; null: as before. `owner` with its kind."""

    task_id: str
    due_at: Moment | None = None
    text: TaskText | None = None
    owner_kind: OwnerKind = "agent"
    owner: Name | None = None


class FinishTask(Command, frozen=True, kw_only=True, tag="task.done"):
    """Done, or (`done` false) to be done after all."""

    task_id: str
    done: bool = True


class IdentifyCustomer(Command, frozen=True, kw_only=True, tag="call.identify"):
    """Say who is calling: this customer, or, with 0, a new one of this name. Result: `customer_id`.

    `keep_number`: from now on the caller's number, unless it was withheld, is this customer's, too.
    """

    interaction_id: str
    customer_id: Annotated[int, msgspec.Meta(ge=0)]
    name: Annotated[str, msgspec.Meta(max_length=200)] = ""
    keep_number: bool = True


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


class ReadText(Command, frozen=True, kw_only=True, tag="text.read"):
    """Confirms a text of the own inbox."""

    text_id: str


class ReplyToText(Command, frozen=True, kw_only=True, tag="text.reply"):
    """Confirms a text of the own inbox, and writes back to whoever sent it."""

    text_id: str
    text: Words


class Reattach(Command, frozen=True, kw_only=True, tag="call.reattach"):
    """The page that owns the phone has no audio of the own call: it was reloaded, or took it from another tab."""

    interaction_id: str
    tab: Tab


class ClaimPhone(Command, frozen=True, kw_only=True, tag="phone.claim"):
    """Make the own phone in the browser this tab's. `seize`: also when another tab has it. Result: `owner` (bool)."""

    tab: Tab
    seize: bool = False


class CheckPhone(Command, frozen=True, kw_only=True, tag="phone.check"):
    """Call this page, whose microphone is open and whose phone is registered: it is to hear itself."""

    tab: Tab


class MeasuredLine(Command, frozen=True, kw_only=True, tag="phone.quality"):
    """What the page's phone measured over the last `seconds` of the own call; see `cti.events.LineQualityMeasured`."""

    interaction_id: str
    mos: Annotated[float, msgspec.Meta(ge=1, le=5)]
    loss: Annotated[float, msgspec.Meta(ge=0, le=1)]
    jitter_ms: Milliseconds
    rtt_ms: Milliseconds
    seconds: Annotated[float, msgspec.Meta(gt=0, le=3600)]


class PhoneChecked(Command, frozen=True, kw_only=True, tag="phone.checked"):
    """What came of it, at the page's end; `step` "": it answered, and its own tone came back."""

    tab: Tab
    step: Literal["", "microphone", "sound", "registration", "no_answer", "not_heard"] = ""


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


class SendText(Command, frozen=True, kw_only=True, tag="text.send"):
    """To one agent (`target`: an agent id), to all of a queue who are signed in (its name), or to everybody who is.

    Result: `text_id`, and how many `recipients` there are.
    """

    to: TextTo
    target: str = ""
    text: Words


class AcknowledgeAlarm(Command, frozen=True, kw_only=True, tag="alarm.acknowledge"):
    alarm_id: str


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
    | AnswerCall
    | Mute
    | SendDigits
    | Consult
    | Swap
    | CompleteTransfer
    | CancelConsult
    | Conference
    | DropParty
    | LeaveConference
    | DialOut
    | PickUp
    | SendToFlow
    | FetchFromFlow
    | PauseRecording
    | ResumeRecording
    | StartRecording
    | SaveWrapUp
    | ExtendWrapUp
    | CreateTask
    | ChangeTask
    | FinishTask
    | IdentifyCustomer
    | JoinQueue
    | LeaveQueue
    | PopShown
    | ReadText
    | ReplyToText
    | Reattach
    | ClaimPhone
    | CheckPhone
    | PhoneChecked
    | MeasuredLine
    | Supervise
    | StopSupervising
    | ForceState
    | ForceHangUp
    | CancelCallback
    | Assign
    | Prioritise
    | MoveToQueue
    | SendText
    | AcknowledgeAlarm
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
    AnswerCall,
    Mute,
    SendDigits,
    Consult,
    Swap,
    CompleteTransfer,
    CancelConsult,
    Conference,
    DropParty,
    LeaveConference,
    DialOut,
    PickUp,
    SendToFlow,
    FetchFromFlow,
    PauseRecording,
    ResumeRecording,
    StartRecording,
    SaveWrapUp,
    ExtendWrapUp,
    CreateTask,
    ChangeTask,
    FinishTask,
    IdentifyCustomer,
    JoinQueue,
    LeaveQueue,
    PopShown,
    ReadText,
    ReplyToText,
    Reattach,
    ClaimPhone,
    CheckPhone,
    PhoneChecked,
    MeasuredLine,
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
    SendText,
    AcknowledgeAlarm,
)

ROLES: dict[type[Command], frozenset[Role]] = {
    **dict.fromkeys(AGENT_COMMANDS, EVERYBODY),
    **dict.fromkeys(SUPERVISOR_COMMANDS, WIDE_ROLES),
}
"""Who may send which command. A command that stands in no row is refused to everybody."""
