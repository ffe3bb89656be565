"""What a browser shows: topics of entities, each replaced as a whole.

A screen's state is `{topic: {key: entity}}`. A change is `Put(topic, key, entity)` or `Drop(topic, key)`; nothing is
ever patched inside an entity, so that snapshot + changes = a fresh snapshot by construction. The browser application's
TypeScript types are generated from this file (`cti/web/typescript.py`). Times are unix seconds of the server.
"""

from typing import Literal

import msgspec

from cti.events import (
    AlarmKind,
    AlarmLevel,
    Direction,
    Medium,
    OwnerKind,
    PartyKind,
    PartyLeftReason,
    PartyState,
    Role,
    SpyMode,
    StateName,
    TextTo,
)

Text = dict[str, str]
"""A text in every language: {"zh": ..., "en": ...}."""


class View(msgspec.Struct, frozen=True, kw_only=True):
    pass


class ReasonView(View, frozen=True, kw_only=True):
    code: str
    label: Text


GateState = Literal["unchecked", "checking", "passed", "failed"]
GateStep = Literal["", "microphone", "sound", "registration", "no_answer", "not_heard"]
"""What failed: no microphone; the page may make no sound before a click; the phone is not registered, did not answer,
or the tone that the page sent did not come back.
"""
PhoneTrouble = Literal["", "page", "phone", "gate", "line"]
"""Why nobody can be rung who is signed in: the page is gone, the phone is not registered, its check is not passed.

"line": who talks can be rung, but the call is hard to understand (`cti.desk.people.BAD_LINE`).
"""


class StationView(View, frozen=True, kw_only=True):
    """The agent's phone in the browser. `tab` is the tab that owns it, "" for none; `present`: its page is connected.

    `gate` is the check of the phone (`cti/floor/gate.py`), `step` what it failed at.
    """

    tab: str
    present: bool
    gate: GateState
    step: GateStep = ""


class MeView(View, frozen=True, kw_only=True):
    """Topic `me`, key = agent id: the agent's own state. `reachable`: a phone of this agent is registered.

    `pending` is what was asked for during a conversation and comes after it: "not_ready:<reason>", "logged_out", or "".
    `queues` are those in which the agent works now; `absent_from` the own ones that the agent has left for now.
    """

    agent_id: str
    name: str
    role: Role
    extension: str
    state: StateName
    reason: str
    since: float
    until: float | None
    phone: Literal["web", "desk"]
    reachable: bool
    handled_today: int
    talk_today_s: float
    queues: tuple[str, ...]
    pending: str = ""
    absent_from: tuple[str, ...] = ()
    station: StationView | None = None


class OrderView(View, frozen=True, kw_only=True):
    number: str
    placed_at: float
    title: str
    amount: str
    state: str
    carrier: str = ""
    tracking: str = ""
    delivery: str = ""
    scan: str = ""
    scanned_at: float | None = None
    warranty_until: float | None = None


class TransferView(View, frozen=True, kw_only=True):
    """`target`: an agent id, a queue, an agent group or a number, as `kind` says."""

    at: float
    from_agent: str
    kind: str
    target: str


class ContactView(View, frozen=True, kw_only=True):
    """One earlier contact in the customer's timeline; `agent_id` is who talked to them last, "" for nobody.

    `agents`: the ids of all who talked, in order; who listens must be one of them, or a supervisor.
    """

    interaction_id: str
    at: float
    medium: str
    queue: str
    agent_name: str
    talked_s: float
    outcome: str
    disposition: str
    note: str
    has_recording: bool
    agent_id: str = ""
    direction: Direction = "in"
    fields: dict[str, str] = {}
    number: str = ""
    waited_s: float | None = None
    agents: tuple[str, ...] = ()
    transfers: tuple[TransferView, ...] = ()
    complaint: bool = False
    follow_up_at: float | None = None


class NoteView(View, frozen=True, kw_only=True):
    at: float
    author: str
    text: str


class AddressView(View, frozen=True, kw_only=True):
    label: str
    text: str


class CustomerView(View, frozen=True, kw_only=True):
    """`customer_id` 0: not stored yet (the database is away). `agent_id` is the customer's named agent, "" for none.

    `version` goes back with an edit. `extra`: code of a configured field -> its value. `updated_by`: the last editor's
    name, "" for nobody yet.
    """

    customer_id: int
    name: str
    vip: int
    numbers: tuple[str, ...]
    city: str
    company: str
    new: bool
    orders: tuple[OrderView, ...]
    contacts: tuple[ContactView, ...]
    notes: tuple[NoteView, ...]
    branch: str = ""
    agent_id: str = ""
    version: int = 0
    addresses: tuple[AddressView, ...] = ()
    extra: dict[str, str] = {}
    updated_at: float = 0
    updated_by: str = ""


class CandidateView(View, frozen=True, kw_only=True):
    """One of several customers who share the caller's number; `last_at`: when somebody last talked to them."""

    customer_id: int
    name: str
    vip: int
    city: str
    company: str
    last_at: float | None


class IvrView(View, frozen=True, kw_only=True):
    step: str
    digits: str
    label: str


class PartyView(View, frozen=True, kw_only=True):
    """Somebody beside the customer and the agent, brought in by the agent `by`; see `cti.events.PartyInvited`."""

    party_id: str
    kind: PartyKind
    target: str
    name: str
    state: PartyState
    since: float
    by: str


class PartyGoneView(View, frozen=True, kw_only=True):
    """Who was brought in and is gone again by themselves, and why; see `cti.events.PartyLeft`."""

    name: str
    reason: PartyLeftReason
    at: float


class CallView(View, frozen=True, kw_only=True):
    """Topic `call`, key = agent id: what this agent is working on; also the screen-pop.

    `phase` "offered" comes before the phone rings; "dialling" while the customer of a callback is being rung; "wrap_up"
    after the talk, with the form. `supervised` names the mode
    of a supervisor only when the agent may know ("whisper", "barge", "take_over").

    `direction`: who called; "internal" is between colleagues, and has no customer. `asked_by` is the agent whose call
    this is when this agent was only brought in ("" for one's own): then there is no form and nothing but to mute or
    hang up. `party_gone` is shown until the agent does something about the call. `flow` is where the customer is
    meanwhile, "" for here. `recording_paused` is silent; until when, if that is known. `may_record`: nothing is
    recorded yet, and the agent may ask for it. `candidates`: who shares the number, those talked to last first;
    `customer` is the first of them until an agent has said who it is (`customer_chosen`).
    """

    interaction_id: str
    offer_id: str
    phase: Literal["offered", "dialling", "connected", "held", "wrap_up"]
    queue: str
    number: str
    caller_name: str
    customer: CustomerView | None
    ivr: tuple[IvrView, ...]
    waited_s: float
    offered_at: float
    ring_until: float
    connected_at: float | None
    held_since: float | None
    ended_at: float | None
    wrap_up_until: float | None
    recording: bool
    supervised: SpyMode | None
    note: str
    disposition: str
    complaint: bool
    medium: Medium = "voice"
    direction: Literal["in", "out", "internal"] = "in"
    asked_by: str = ""
    parties: tuple[PartyView, ...] = ()
    party_gone: PartyGoneView | None = None
    muted: bool = False
    flow: str = ""
    flow_result: Text = {}
    recording_paused: bool = False
    recording_paused_until: float | None = None
    may_record: bool = False
    candidates: tuple[CandidateView, ...] = ()
    customer_chosen: bool = False
    fields: dict[str, str] = {}
    follow_up_at: float | None = None
    follow_up_kind: OwnerKind = "agent"
    follow_up_owner: str = ""
    follow_up_text: str = ""


class DraftView(View, frozen=True, kw_only=True):
    """A form that is not finished, as it was saved at `at`. The values as in `cti.events.WrapUpSaved`."""

    interaction_id: str
    at: float
    queue: str
    customer_id: int
    customer_name: str
    number: str
    disposition: str
    note: str
    fields: dict[str, str]
    complaint: bool
    follow_up_at: float | None
    follow_up_kind: OwnerKind
    follow_up_owner: str
    follow_up_text: str


class DraftsView(View, frozen=True, kw_only=True):
    """Topic `drafts`, key = agent id: the agent's own unfinished forms, the latest first; that of the present call too.

    They outlive the page, the log-in and the daemon.
    """

    items: tuple[DraftView, ...]


class TaskView(View, frozen=True, kw_only=True):
    """Topic `tasks`, key = task id (supervisors): every task that is open, and what was done since midnight.

    The fields as in `cti.events.TaskSaved`; `done_at` None: open.
    """

    task_id: str
    text: str
    due_at: float
    owner_kind: OwnerKind
    owner: str
    created_at: float
    created_by: str
    interaction_id: str
    customer_id: int
    customer_name: str
    number: str
    done_at: float | None
    done_by: str


class MyTasksView(View, frozen=True, kw_only=True):
    """Topic `my_tasks`, key = agent id: those of `tasks` that are the agent's own, or of the agent's queues and groups.

    What is open first, by when it is due.
    """

    items: tuple[TaskView, ...]


class QueueView(View, frozen=True, kw_only=True):
    """Topic `queues`, key = queue name. `oldest` is when the longest waiting caller began to wait, None for nobody.

    `service_level_today`: share (0..1) of offered callers answered within `target_s`; None when there was none yet.
    `overflowed_today`: waited here and were sent or moved elsewhere. `wait_s` is what the
    last in line is expected to wait, `wait_error_s` how wrong such estimates were on average; None for unknown.
    `trouble` is the worst level of its alarms (topic `alarms`), "" without any; `within_today` were answered within
    the target.
    """

    name: str
    label: Text
    waiting: int
    oldest: float | None
    ready: int
    busy: int
    signed_in: int
    offered_today: int
    answered_today: int
    abandoned_today: int
    service_level_today: float | None
    target_s: float
    overflowed_today: int = 0
    wait_s: float | None = None
    wait_error_s: float | None = None
    within_today: int = 0
    trouble: Literal["", "warn", "alarm"] = ""


class WaitingView(View, frozen=True, kw_only=True):
    """Topic `waiting`, key = interaction id (supervisors; agents see it of their own queues, to pick somebody up).

    The browser sorts by (priority, queued_at).

    `position` is the place in its queue, `wait_s` what is still to wait; both some seconds old, None for unknown.
    Of a callback `number` is whom we will dial, and `not_before` when, None for whenever its turn comes.
    """

    interaction_id: str
    queue: str
    number: str
    caller_name: str
    customer_name: str
    vip: int
    priority: int
    queued_at: float
    offered_to: str
    position: int | None = None
    wait_s: float | None = None
    medium: Medium = "voice"
    not_before: float | None = None


class AgentView(View, frozen=True, kw_only=True):
    """Topic `agents`, key = agent id (supervisors; agents see the name, extension and state for transfers).

    `parties`: whom the agent has brought into the call beside the customer. `reachable`: the phone in use is
    registered; of who is not signed in, any phone. `on_phone`: in a call with a colleague, or one that the phone made
    by itself.
    """

    agent_id: str
    name: str
    extension: str
    state: StateName
    reason: str
    since: float
    until: float | None
    reachable: bool
    queues: tuple[str, ...]
    interaction_id: str
    customer: str
    queue: str
    phase: str
    supervised_by: str
    supervised_mode: SpyMode | None
    handled_today: int
    absent_from: tuple[str, ...] = ()
    skills: dict[str, int] = {}
    groups: tuple[str, ...] = ()
    parties: tuple[PartyView, ...] = ()
    trouble: PhoneTrouble = ""
    on_phone: bool = False


class IntervalView(View, frozen=True, kw_only=True):
    """Topic `intervals`: a quarter of an hour on the board's chart. Key = start, for `queue` "", all queues together;
    "<start>/<queue>" for one of them.
    """

    start: float
    offered: int
    answered: int
    abandoned: int
    within_target: int
    queue: str = ""


class MinuteView(View, frozen=True, kw_only=True):
    """Topic `minutes`, key = start: each of the last 60. `waiting`: queue -> the most who waited at once in it;
    `states`: state -> agents at its end.
    """

    start: float
    waiting: dict[str, int]
    states: dict[str, int]


class AlarmView(View, frozen=True, kw_only=True):
    """Topic `alarms`, key = alarm id: one that goes on. See `cti.events.AlarmRaised`; `since` is when it was raised.

    `acknowledged_by` is an agent id, "" for nobody yet.
    """

    alarm_id: str
    queue: str
    kind: AlarmKind
    level: AlarmLevel
    value: float
    limit: float
    since: float
    acknowledged_by: str = ""
    acknowledged_at: float | None = None


class TextView(View, frozen=True, kw_only=True):
    """A text that somebody wrote to people here; fields as in `cti.events.TextSent`."""

    text_id: str
    at: float
    sender: str
    sender_name: str
    to: TextTo
    target: str
    text: str
    reply_to: str = ""


class InboxView(View, frozen=True, kw_only=True):
    """Topic `inbox`, key = agent id: what this person has not confirmed yet, the oldest first."""

    texts: tuple[TextView, ...]


class SentTextView(View, frozen=True, kw_only=True):
    """Topic `texts`, key = text id (supervisors): a text of today. `read`: who has confirmed it, and when."""

    text: TextView
    recipients: tuple[str, ...]
    read: dict[str, float]


class GapView(View, frozen=True, kw_only=True):
    """Nobody watched in this time: what is counted of it is only what could be found out afterwards."""

    since: float
    until: float


class SystemView(View, frozen=True, kw_only=True):
    """Topic `system`, key "daemon". `link`: AMI up; `demo`: demo passwords are in force, every page says so.

    `away`: of several telephone systems those that cannot be reached, by name.
    """

    link: bool
    demo: bool
    version: str
    message: str
    configured_at: float = 0
    """When the configuration was read last: from then on `GET /api/v1/codes` has another answer."""
    away: tuple[str, ...] = ()
    gaps: tuple[GapView, ...] = ()
    """Of today, in order of time: the day's figures are incomplete there."""


class SupervisionView(View, frozen=True, kw_only=True):
    """Topic `supervision`, key = supervisor id: the supervisor's own spying leg."""

    interaction_id: str
    agent_id: str
    mode: SpyMode
    since: float


AnyView = (
    MeView
    | CallView
    | DraftsView
    | MyTasksView
    | TaskView
    | QueueView
    | WaitingView
    | AgentView
    | IntervalView
    | SystemView
    | SupervisionView
    | MinuteView
    | AlarmView
    | InboxView
    | SentTextView
)


class Put(msgspec.Struct, frozen=True, tag="put", tag_field="t"):
    topic: str
    key: str
    entity: AnyView


class Drop(msgspec.Struct, frozen=True, tag="drop", tag_field="t"):
    topic: str
    key: str


Change = Put | Drop
