"""What the REST API answers, and what it accepts (`*Body`). Times are unix seconds (UTC), lengths in seconds.

Answers are msgspec structs, bodies are pydantic models: both are in the OpenAPI document and in the TypeScript types.
"""

from typing import Annotated

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from cti.agents.wrap_up import FieldKind
from cti.desk.views import AgentView, ContactView, CustomerView, NoteView, QueueView, ReasonView, Text
from cti.events import Direction, Outcome, Role
from cti.web.known import Must


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    pass


class SessionView(Resource, frozen=True, kw_only=True):
    """`csrf` goes back in `X-CSRF-Token` with every request that changes something. `rights`: by role, or granted.

    `must`: what has to be done before anything else.
    """

    login: str
    agent_id: str
    name: str
    role: Role
    csrf: str
    expires_at: float
    demo: bool
    version: str
    rights: tuple[str, ...] = ()
    must: Must = ""


class PhoneView(Resource, frozen=True, kw_only=True):
    """How the browser's softphone registers: JsSIP's `sockets`, `uri`, `authorization_user` and `password`."""

    ws_url: str
    sip_uri: str
    login: str
    password: str


class CustomerHit(Resource, frozen=True, kw_only=True):
    customer_id: int
    name: str
    vip: int
    numbers: tuple[str, ...]
    city: str
    company: str


class CustomerHits(Resource, frozen=True, kw_only=True):
    items: tuple[CustomerHit, ...]


class CustomerCard(Resource, frozen=True, kw_only=True):
    """`version` goes back with a change; a change made from an older version is refused with 409."""

    version: int
    customer: CustomerView


class NoteAnswer(Resource, frozen=True, kw_only=True):
    note: NoteView


class Timeline(Resource, frozen=True, kw_only=True):
    """Newest first. `next_before` is the `before` of the next page, None at the end."""

    items: tuple[ContactView, ...]
    next_before: float | None


class SegmentView(Resource, frozen=True, kw_only=True):
    """`talk_s`, `hold_s` None and `ended_by` "" while it goes on."""

    agent_id: str
    queue: str
    segment: int
    how: str
    started_at: float | None
    talk_s: float | None
    hold_s: float | None
    ended_by: str


class LineView(Resource, frozen=True, kw_only=True):
    """How well one agent's page heard the other side: means over the `seconds` that were measured.

    `mos` is an estimated mean opinion score (1 to 4.5), `worst` that of the worst stretch of at most half a minute;
    `loss` is a share (0..1) of packets.
    """

    agent_id: str
    seconds: float
    mos: float
    worst: float
    loss: float
    jitter_ms: float
    rtt_ms: float


class StepView(Resource, frozen=True, kw_only=True):
    at: float
    step: str
    digits: str
    label: str


class InteractionHit(Resource, frozen=True, kw_only=True):
    """`outcome` is "" while it goes on; `agent_id` is the last one's, all are in the card's segments."""

    interaction_id: str
    medium: str
    started_at: float
    ended_at: float | None
    customer_id: int | None
    customer_name: str
    customer_number: str
    queue: str
    agent_id: str
    agent_name: str
    waited_s: float | None
    talked_s: float
    outcome: str
    disposition: str
    has_recording: bool
    direction: Direction = "in"
    complaint: bool = False


class Interactions(Resource, frozen=True, kw_only=True):
    """Newest first. `next_before` is the `before` of the next page, None at the end."""

    items: tuple[InteractionHit, ...]
    next_before: float | None


class InteractionCard(Resource, frozen=True, kw_only=True):
    interaction: InteractionHit
    dialled: str
    ended_by: str
    note: str
    complaint: bool
    fields: dict[str, str] = {}
    follow_up_at: float | None = None
    steps: tuple[StepView, ...]
    segments: tuple[SegmentView, ...]
    lines: tuple[LineView, ...] = ()


class RecordingView(Resource, frozen=True, kw_only=True):
    """The WAV is at `/api/v1/recordings/<interaction_id>/audio`: left the customer, right our side."""

    interaction_id: str
    started_at: float
    duration_s: float
    size: int
    sha256: str
    channels: int
    customer_number: str
    customer_id: int | None
    agent_id: str
    queue: str


class Recordings(Resource, frozen=True, kw_only=True):
    """Newest first. `next_before` is the `before` of the next page, None at the end."""

    items: tuple[RecordingView, ...]
    next_before: float | None


class AuditView(Resource, frozen=True, kw_only=True):
    at: float
    actor: str
    role: str
    command: str
    subject: str
    allowed: bool
    detail: str
    interaction_id: str


class AuditTrail(Resource, frozen=True, kw_only=True):
    """Newest first. `next_before` is the `before` of the next page, None at the end."""

    items: tuple[AuditView, ...]
    next_before: float | None


class QueueList(Resource, frozen=True, kw_only=True):
    items: tuple[QueueView, ...]


class AgentList(Resource, frozen=True, kw_only=True):
    items: tuple[AgentView, ...]


class OptionView(Resource, frozen=True, kw_only=True):
    code: str
    label: Text


class FieldView(Resource, frozen=True, kw_only=True):
    """What a disposition asks for; `options` of a "choice"."""

    code: str
    label: Text
    kind: FieldKind
    required: bool
    options: tuple[OptionView, ...]


class DispositionView(Resource, frozen=True, kw_only=True):
    """A leaf is chosen; a branch with children only leads there.

    When it is chosen the form proposes the complaint flag, and a follow-up in `follow_up_days`, None for none.
    """

    code: str
    label: Text
    children: tuple["DispositionView", ...]
    fields: tuple[FieldView, ...] = ()
    complaint: bool = False
    follow_up_days: int | None = None


class FormView(Resource, frozen=True, kw_only=True):
    """A queue's form: the name of its tree, and whether one must be chosen; `waits`: see `cti.agents.wrap_up`."""

    tree: str
    required: bool
    waits: bool


class FlowView(Resource, frozen=True, kw_only=True):
    """A flow that an agent may send a customer through (`call.to_flow`)."""

    name: str
    label: Text


class WorkCodes(Resource, frozen=True, kw_only=True):
    """What an agent chooses from: dispositions of the form, reasons for being not ready, flows for a customer.

    `dispositions` is the tree of a queue that is not in `forms`; `trees` are all, by name, that one by "".
    """

    dispositions: tuple[DispositionView, ...]
    not_ready_reasons: tuple[ReasonView, ...]
    flows: tuple[FlowView, ...] = ()
    trees: dict[str, tuple[DispositionView, ...]] = {}
    forms: dict[str, FormView] = {}


class Health(Resource, frozen=True, kw_only=True):
    """`checks`: the parts that were looked at, and of each "ok", "away" or "failed" (`cti.web.ports.Readiness`)."""

    ok: bool
    checks: dict[str, str]


# --- bodies ---


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class LogInBody(Body):
    """Taken as typed: a blank may be part of a password."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=False)

    login: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=256)]
    code: Annotated[str, Field(max_length=40)] = ""
    """Of the second factor, or a recovery code."""


class NoteBody(Body):
    text: Annotated[str, Field(min_length=1, max_length=4000)]


# --- queries ---


class SearchQuery(Body):
    q: Annotated[str, Field(max_length=100)] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class PhoneQuery(Body):
    """`tab`: the one that asks, as it gave it to the websocket."""

    tab: Annotated[str, Field(pattern=r"^[0-9a-f-]{0,64}$")] = ""


class PageQuery(Body):
    before: float | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class RecordsQuery(PageQuery):
    """`since` and `before` bound the start of the interaction; `number` is the customer's in any spelling."""

    since: float | None = None
    agent: Annotated[str, Field(max_length=64)] = ""
    queue: Annotated[str, Field(max_length=64)] = ""
    number: Annotated[str, Field(max_length=32)] = ""
    outcome: Outcome | None = None
    customer: Annotated[int, Field(ge=1)] | None = None
    disposition: Annotated[str, Field(max_length=64)] = ""
    complaint: bool | None = None


class AuditQuery(PageQuery):
    since: float | None = None
    agent: Annotated[str, Field(max_length=64)] = ""
