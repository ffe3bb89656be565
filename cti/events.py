"""Facts: what has happened, past tense, frozen. They are published once on the bus (`cti/bus.py`).

Every fact carries `at`, unix seconds (UTC). Mirror facts (`Channel*`, `Bridge*`) come from `cti/calls` and say what
Asterisk did; the others come from `cti/floor` and say what it meant. In JSON the class name stands as `type`.
"""

from typing import Any, Literal

import msgspec


class Fact(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Base of all facts."""

    at: float


# --- what Asterisk did (cti/calls) ---------------------------------------------------------------------------------


class ChannelFact(Fact, frozen=True, kw_only=True):
    """`channel` is the unique id, which for a leg that we originated is the `ChannelId` that we chose."""

    channel: str
    name: str
    linkedid: str


class ChannelCreated(ChannelFact, frozen=True, kw_only=True):
    caller_number: str = ""
    caller_name: str = ""
    exten: str = ""


class ChannelRinging(ChannelFact, frozen=True, kw_only=True):
    pass


class ChannelAnswered(ChannelFact, frozen=True, kw_only=True):
    pass


class ChannelHungUp(ChannelFact, frozen=True, kw_only=True):
    """`cause` is the Q.850 code of Asterisk's `Hangup` event. `lost`: gone with its whole Asterisk; nobody hung up."""

    cause: int
    cause_text: str = ""
    lost: bool = False


class BridgeEntered(ChannelFact, frozen=True, kw_only=True):
    """`peers` are the unique ids of the other channels that are in the bridge already."""

    bridge: str
    peers: tuple[str, ...] = ()


class BridgeLeft(ChannelFact, frozen=True, kw_only=True):
    bridge: str


class SpyStarted(ChannelFact, frozen=True, kw_only=True):
    """ChanSpy runs on `channel` (the supervisor's leg) and listens to `target`, from `ChanSpyStart`."""

    target: str


class OriginateFailed(Fact, frozen=True, kw_only=True):
    """A leg that we ordered never came to be, from `OriginateResponse`; `channel` is the id that we chose.

    `reason` is Asterisk's control frame code (0: no such endpoint or not registered, 3: not answered, 5: busy, ...).
    """

    channel: str
    reason: int


class CallEnded(Fact, frozen=True, kw_only=True):
    """The last channel of a call (one linkedid) is gone."""

    linkedid: str


class EndpointReachable(Fact, frozen=True, kw_only=True):
    """An endpoint's phone registered (`reachable`) or went away, from `ContactStatus`.

    `nodes` are the telephone systems on which it is, where there are several.
    """

    endpoint: str
    reachable: bool
    nodes: tuple[str, ...] = ()


class DaemonStarted(Fact, frozen=True, kw_only=True):
    """`away_since`: the last sign of life of the daemon before, None when there was none before; nobody watched since.

    `planned`: that one had been asked to stop.
    """

    away_since: float | None
    planned: bool


class LinkLost(Fact, frozen=True, kw_only=True):
    """The AMI link is down; until `LinkRestored` the mirror is stale.

    `node` is the telephone system, where there are several; `partial`: others can be reached.
    """

    reason: str
    node: str = ""
    partial: bool = False


class LinkRestored(Fact, frozen=True, kw_only=True):
    down_s: float
    node: str = ""


# --- what it meant (cti/floor) -------------------------------------------------------------------------------------

Medium = Literal["voice", "callback", "voicemail", "chat", "email"]
OverflowReason = Literal["longest_wait", "length", "wait_estimate", "nobody", "closed", "overload"]
Outcome = Literal["handled", "abandoned", "overflowed", "callback_requested", "voicemail", "self_served", "failed"]
OfferEnd = Literal["answered", "rona", "declined", "unreachable", "caller_gone", "revoked"]
SpyMode = Literal["listen", "whisper", "barge", "take_over"]
Role = Literal["agent", "supervisor", "admin"]
CallbackPause = Literal[
    "busy", "no_answer", "declined", "unreachable", "agent_gone", "hours", "queue", "restart", "limit"
]
Direction = Literal["in", "out"]
"""Who called: the customer, or one of us."""
DialPurpose = Literal["call", "callback", "party", "transfer", "overflow"]
"""Why we dial out: an agent calls, or a customer was promised a call; somebody is brought into a call; a customer is
sent on, by an agent or by the configuration."""
DialRefusal = Literal["not_allowed", "hours", "at_once", "rate", "spend"]
DialFailure = Literal["busy", "no_answer", "declined", "unreachable", "cancelled", "own_phone"]
"""Why a call that an agent made reached nobody. "own_phone": the agent's own phone, rung first, did not answer."""
InternalCallEnd = Literal["hung_up", "busy", "no_answer", "declined", "unreachable", "cancelled", "own_phone"]
PartyKind = Literal["agent", "number"]
"""A colleague, or somebody outside."""
PartyState = Literal["ringing", "consulting", "aside", "joined"]
"""Of somebody whom an agent brought into a call: is being called; talks with the agent alone (the customer hears
music); hears music while the agent is with the customer; is in the conference."""
PartyLeftReason = Literal["busy", "no_answer", "declined", "unreachable", "hung_up", "dropped", "transferred", "over"]
AlarmKind = Literal[
    "longest_wait",
    "waiting",
    "service_level",
    "abandoned",
    "nobody_ready",
    "toll",
    "overload",
    "recording_disk",
    "database",
]
"""From "toll" on they are of the whole house: their queue is ""."""
AlarmLevel = Literal["warn", "alarm"]
TextTo = Literal["agent", "queue", "everybody"]
OwnerKind = Literal["agent", "queue", "group"]
"""Whose a follow-up task is: one agent's, or of everybody who works in a queue or belongs to a group."""
TaskChange = Literal["created", "changed", "done", "reopened"]
RecordingPause = Literal["agent", "flow", "queue"]
"""An agent asked for it; the customer is in a flow; the queue is one of which nothing is recorded (unasked)."""
StateName = Literal["logged_out", "ready", "offered", "busy", "wrap_up", "not_ready"]
"""The values of `cti.agents.state.AgentState`, as they cross to the outside."""


class InteractionFact(Fact, frozen=True, kw_only=True):
    interaction_id: str


class InteractionStarted(InteractionFact, frozen=True, kw_only=True):
    """A customer reached us, or (`direction` "out") an agent is about to call one.

    `customer_number` is E.164 where it can be, `dialled` our own number: the one called (DID), or the one shown.
    """

    medium: Medium
    channel: str
    linkedid: str
    customer_number: str
    caller_name: str
    dialled: str
    direction: Direction = "in"


class CallPlaced(InteractionFact, frozen=True, kw_only=True):
    """An agent calls a customer: the agent's own phone is rung now, and when it answers `number` is, on `channel`."""

    agent_id: str
    number: str
    channel: str


class CallFailed(InteractionFact, frozen=True, kw_only=True):
    """The customer whom the agent called was not reached; nobody is dialled for it again."""

    agent_id: str
    number: str
    reason: DialFailure


class InternalCallStarted(InteractionFact, frozen=True, kw_only=True):
    """`agent_id` calls `colleague_id`. It is no interaction with a customer, and has an id all the same.

    The caller's own phone is rung now, then the colleague's; about `ring_until` both give up.
    """

    agent_id: str
    colleague_id: str
    ring_until: float


class InternalCallConnected(InteractionFact, frozen=True, kw_only=True):
    agent_id: str
    colleague_id: str


class InternalCallEnded(InteractionFact, frozen=True, kw_only=True):
    """They had talked if `reason` is "hung_up"."""

    agent_id: str
    colleague_id: str
    reason: InternalCallEnd


class CustomerIdentified(InteractionFact, frozen=True, kw_only=True):
    """`by` is the agent who said who it is, "" for the look-up of the number; the latest one counts."""

    customer_id: int
    customer_name: str
    vip: int
    created: bool = False
    by: str = ""


class IvrStepped(InteractionFact, frozen=True, kw_only=True):
    """The flow passed `step`; `digits` is what the caller pressed there, "" for none; `label` says it in words."""

    flow: str
    step: str
    digits: str = ""
    label: str = ""


class LanguageChosen(InteractionFact, frozen=True, kw_only=True):
    language: str


class InteractionQueued(InteractionFact, frozen=True, kw_only=True):
    """`queued_at` is when the wait began: older than `at` when a place was given back after a restart or a RONA.

    `priority` is the whole of it, the queue's own included.
    """

    queue: str
    priority: int
    queued_at: float


class InteractionPrioritised(InteractionFact, frozen=True, kw_only=True):
    """A supervisor gave a waiting caller another priority; the fields are as those of `InteractionQueued`."""

    queue: str
    priority: int
    queued_at: float


class InteractionOverflowed(InteractionFact, frozen=True, kw_only=True):
    """The queue no longer serves this caller, or never did: neither answered nor abandoned there.

    `why`: waited the longest time, or was not let in. `way_out` is where the caller goes now (`cti.acd.limits.WayOut`,
    as written; "" for nowhere). What became of it: an `InteractionQueued` elsewhere, or the outcome.
    """

    queue: str
    why: OverflowReason
    way_out: str


class OfferMade(InteractionFact, frozen=True, kw_only=True):
    """`why` is `cti.reports.kept.KeptOffer` as plain data: who else was idle, and how they ranked."""

    offer_id: str
    agent_id: str
    queue: str
    waited_s: float
    ring_until: float
    why: dict[str, Any] | None = None


class WaitExplained(InteractionFact, frozen=True, kw_only=True):
    """Why a caller who began to wait at `queued_at` has no agent yet: `cti.reports.kept.KeptWait` as plain data.

    Told a second after the wait began, when the need has changed, and shortly before the longest wait is over.
    """

    queue: str
    queued_at: float
    why: dict[str, Any]


class OfferEnded(InteractionFact, frozen=True, kw_only=True):
    offer_id: str
    agent_id: str
    reason: OfferEnd


class InteractionConnected(InteractionFact, frozen=True, kw_only=True):
    """A segment began: agent and customer hear each other. `segment` counts from 1 within the interaction.

    `how`: "offer" by the distributor, "transfer", "take_over" by a supervisor, or "dialled" by the agent.
    `may_record`: nothing is recorded yet, and the agent may ask for it.
    """

    agent_id: str
    segment: int
    queue: str
    waited_s: float
    how: Literal["offer", "transfer", "take_over", "dialled"] = "offer"
    may_record: bool = False


class InteractionHeld(InteractionFact, frozen=True, kw_only=True):
    agent_id: str


class InteractionResumed(InteractionFact, frozen=True, kw_only=True):
    agent_id: str


class AgentLost(InteractionFact, frozen=True, kw_only=True):
    """The page with the agent's phone is gone in the middle of the talk; the customer hears music and is kept."""

    agent_id: str


class AgentReattached(InteractionFact, frozen=True, kw_only=True):
    """The agent's page has the call again, on another leg: it was reloaded, or the phone was taken to another tab."""

    agent_id: str
    channel: str


class PartyFact(InteractionFact, frozen=True, kw_only=True):
    """About somebody whom `agent_id` brought into the call; `party_id` is unique within the interaction."""

    agent_id: str
    party_id: str


class PartyInvited(PartyFact, frozen=True, kw_only=True):
    """`target` is a colleague's agent id or a canonical number; `name` is what to call them on a screen."""

    kind: PartyKind
    target: str
    name: str


class PartyChanged(PartyFact, frozen=True, kw_only=True):
    state: PartyState


class PartyLeft(PartyFact, frozen=True, kw_only=True):
    """`reason` "transferred": the customer is theirs now. The others: they never answered, or are gone."""

    reason: PartyLeftReason


class AgentMuted(InteractionFact, frozen=True, kw_only=True):
    """The agent cannot be heard, or can again (`muted` false)."""

    agent_id: str
    muted: bool


class LineQualityMeasured(InteractionFact, frozen=True, kw_only=True):
    """How well the agent's page heard the other side, over the `seconds` before `at`.

    `mos` is an estimated mean opinion score (1 to 4.5), `loss` the share (0..1) of packets that never came;
    `rtt_ms` 0 is not known.
    """

    agent_id: str
    mos: float
    loss: float
    jitter_ms: float
    rtt_ms: float
    seconds: float


class FlowEntered(InteractionFact, frozen=True, kw_only=True):
    """An agent sent the customer into a flow, and waits for them: nobody hears or records what is typed there."""

    agent_id: str
    flow: str


class FlowLeft(InteractionFact, frozen=True, kw_only=True):
    """The customer is on the way back to the agent. `result` is what the flow says of it, never what was typed.

    `result` "" for one who was fetched or is gone, "failed" for a flow that broke; `label` says it, by language.
    """

    agent_id: str
    flow: str
    result: str
    label: dict[str, str] = {}


class RecordingPaused(InteractionFact, frozen=True, kw_only=True):
    """The recording is silent since `at`; `until` is when it goes on by itself, None for when the reason is gone.

    Told again with the same `at` when a pause gets another end or another reason.
    """

    agent_id: str
    why: RecordingPause
    until: float | None = None


class RecordingResumed(InteractionFact, frozen=True, kw_only=True):
    """The pause that began at `since` is over; `agent_id` is "" when it went on by itself, or the call has ended."""

    agent_id: str
    since: float


class SegmentEnded(InteractionFact, frozen=True, kw_only=True):
    """An agent left the conversation. `ended_by`: who hung up or why the agent left ("outage": Asterisk was lost)."""

    agent_id: str
    segment: int
    talk_s: float
    hold_s: float
    ended_by: Literal["customer", "agent", "transfer", "take_over", "supervisor", "lost", "outage"]


class InteractionTransferred(InteractionFact, frozen=True, kw_only=True):
    from_agent: str
    kind: Literal["agent", "queue", "number", "group"]
    target: str


class InteractionEnded(InteractionFact, frozen=True, kw_only=True):
    """`cause` is the Q.850 code of the customer's leg; `certain` is false when the end was found out afterwards.

    `ended_by` "outage": the telephone system was lost. Whom nobody had served by then has the outcome "failed", and is
    not counted among those who gave up.
    """

    outcome: Outcome
    ended_by: Literal["customer", "agent", "system", "supervisor", "outage", "unknown"]
    cause: int = 16
    certain: bool = True


class CallbackRequested(InteractionFact, frozen=True, kw_only=True):
    """The customer hangs up and will be dialled at `number` (canonical); the interaction goes on as a callback.

    The rest is the place that it keeps, as in `cti.floor.conversation.Place`.
    """

    number: str
    queue: str
    queued_at: float
    priority: int = 0
    skills: dict[str, int] = {}
    vip: int = 0
    branch: str = ""
    preferred_agent: str = ""


class CallbackDialled(InteractionFact, frozen=True, kw_only=True):
    """The customer is about to be dialled for the `attempts`-th time, on `channel`; `agent_id` has answered for it.

    It is stored before the order goes out: an attempt that is in the books is never made again. Should it come to
    nothing, no other is made before `until`.
    """

    attempts: int
    number: str
    channel: str
    agent_id: str
    until: float


class CallbackPaused(InteractionFact, frozen=True, kw_only=True):
    """The callback waits in no queue and nobody is dialled before `until`; `reason` is what the last turn came to.

    "hours": nobody may be dialled now. "queue": the queue lets nobody wait in it.
    """

    attempts: int
    until: float
    reason: CallbackPause


class CallbackEnded(InteractionFact, frozen=True, kw_only=True):
    """`end` "connected": the customer answered. "merged": they called again, and that call has the place now."""

    end: Literal["connected", "merged", "gave_up", "cancelled"]
    attempts: int


class WrapUpSaved(InteractionFact, frozen=True, kw_only=True):
    """`final` is false for a draft that is saved while the agent types.

    `queue` is the one whose form it is; `fields`: code -> what was filled in, of those that the disposition asks for.
    Of a finished form with `follow_up_at` comes a `TaskSaved` of its own.
    """

    agent_id: str
    queue: str = ""
    disposition: str = ""
    note: str = ""
    fields: dict[str, str] = {}
    follow_up_at: float | None = None
    follow_up_kind: OwnerKind = "agent"
    follow_up_owner: str = ""
    follow_up_text: str = ""
    complaint: bool = False
    final: bool = True


class TaskSaved(Fact, frozen=True, kw_only=True):
    """A follow-up task, whole, as it is after `by` has made or changed it. Nobody is called by it: it is a reminder.

    `owner` is an agent id, the name of a queue or of a group. The interaction and the customer may be unknown ("", 0).
    """

    task_id: str
    change: TaskChange
    by: str
    text: str
    due_at: float
    owner_kind: OwnerKind
    owner: str
    created_at: float
    created_by: str
    interaction_id: str = ""
    customer_id: int = 0
    customer_name: str = ""
    number: str = ""
    done_at: float | None = None
    done_by: str = ""


class AgentStateChanged(Fact, frozen=True, kw_only=True):
    """`since` is when the state began; `until` when it ends by itself (ring time, wrap-up), None for never."""

    agent_id: str
    state: StateName
    previous: StateName
    reason: str = ""
    since: float
    until: float | None = None
    interaction_id: str = ""


class RecordingStarted(InteractionFact, frozen=True, kw_only=True):
    """`file` is the name of the raw file in the spool folder; `part` "conversation" or a supervisor's "barge"."""

    file: str
    channel: str
    part: Literal["conversation", "barge"] = "conversation"


class RecordingPublished(InteractionFact, frozen=True, kw_only=True):
    """A checked stereo WAV. `path` is relative to the recordings folder, `started_at` when its first sample came."""

    path: str
    started_at: float
    duration_s: float
    size: int
    sha256: str
    channels: int = 2


class RecordingFailed(InteractionFact, frozen=True, kw_only=True):
    reason: str


class SupervisionStarted(InteractionFact, frozen=True, kw_only=True):
    supervisor_id: str
    agent_id: str
    mode: SpyMode


class SupervisionChanged(InteractionFact, frozen=True, kw_only=True):
    supervisor_id: str
    agent_id: str
    mode: SpyMode


class SupervisionEnded(InteractionFact, frozen=True, kw_only=True):
    supervisor_id: str
    agent_id: str


class DialFact(Fact, frozen=True, kw_only=True):
    """About dialling out over the trunk; `user` is who asked for it, "" for nobody in person."""

    user: str
    number: str
    purpose: DialPurpose
    interaction_id: str = ""


class DialPermitted(DialFact, frozen=True, kw_only=True):
    """`number` may be dialled, once. `price` is for each minute. `channel` is the new leg, or the customer sent on."""

    permit_id: str
    channel: str
    price: float


class DialRefused(DialFact, frozen=True, kw_only=True):
    """Nobody is dialled; `limit` says which limit was reached, "" for another reason."""

    reason: DialRefusal
    limit: str = ""


class DialEnded(DialFact, frozen=True, kw_only=True):
    """What was permitted is over; `talked_s` 0: nobody answered, or nobody was dialled after all."""

    permit_id: str
    talked_s: float
    cost: float


class CommandAudited(Fact, frozen=True, kw_only=True):
    """Somebody used a right over somebody else, or tried to. `subject` is whom or what it was done to."""

    actor: str
    role: str
    command: str
    subject: str
    allowed: bool
    detail: str = ""
    interaction_id: str = ""


class AlarmFact(Fact, frozen=True, kw_only=True):
    """About one alarm of one queue, from when it is raised until it is cleared; `alarm_id` is unique."""

    alarm_id: str
    queue: str
    kind: AlarmKind


class AlarmRaised(AlarmFact, frozen=True, kw_only=True):
    """A figure has reached a limit (`cti/desk/alarms.py`), or that of another `level`: then with the same `alarm_id`.

    `value` and `limit` are seconds, callers, times or a share (0..1), by `kind`. `worst` is the worst level so far.
    """

    level: AlarmLevel
    worst: AlarmLevel
    value: float
    limit: float


class AlarmCleared(AlarmFact, frozen=True, kw_only=True):
    pass


class AlarmAcknowledged(AlarmFact, frozen=True, kw_only=True):
    """`agent_id` has seen it and sees to it; it goes on until it is cleared."""

    agent_id: str


class TextSent(Fact, frozen=True, kw_only=True):
    """`sender` wrote to all of `recipients` (agent ids). `target`: which agent or queue, "" for everybody.

    `reply_to` is the text that this one answers, "" for none.
    """

    text_id: str
    sender: str
    to: TextTo
    target: str
    recipients: tuple[str, ...]
    text: str
    reply_to: str = ""


class TextRead(Fact, frozen=True, kw_only=True):
    """`agent_id` has confirmed it."""

    text_id: str
    agent_id: str
