"""Which topic a fact goes to, and what stands in its payload. Pure. The table for readers is `docs/mqtt.md`.

`laidian/v1/<site>/<kind>/<id>/<event>`; retained states are at `laidian/v1/<site>/<kind>/<id>/state`, the daemon's own
at `laidian/v1/<site>/daemon/state`. Every payload is one JSON object with `schema`.
"""

from typing import Final

import msgspec

from cti import events
from cti.desk.views import AgentView, AnyView, QueueView
from cti.events import Fact, InteractionFact

ROOT: Final = "laidian/v1"
SCHEMA: Final = 1

INTERACTION: Final[dict[type[InteractionFact], str]] = {
    events.InteractionStarted: "started",
    events.CallPlaced: "call_placed",
    events.CallFailed: "call_failed",
    events.InternalCallStarted: "internal_call_started",
    events.InternalCallConnected: "internal_call_connected",
    events.InternalCallEnded: "internal_call_ended",
    events.CustomerIdentified: "customer_identified",
    events.IvrStepped: "ivr_stepped",
    events.LanguageChosen: "language_chosen",
    events.InteractionQueued: "queued",
    events.InteractionPrioritised: "prioritised",
    events.OfferMade: "offer_made",
    events.WaitExplained: "wait_explained",
    events.OfferEnded: "offer_ended",
    events.InteractionConnected: "connected",
    events.InteractionHeld: "held",
    events.InteractionResumed: "resumed",
    events.SegmentEnded: "segment_ended",
    events.InteractionTransferred: "transferred",
    events.AgentLost: "agent_lost",
    events.AgentReattached: "agent_reattached",
    events.PartyInvited: "party_invited",
    events.PartyChanged: "party_changed",
    events.PartyLeft: "party_left",
    events.AgentMuted: "agent_muted",
    events.LineQualityMeasured: "line_quality",
    events.FlowEntered: "flow_entered",
    events.FlowLeft: "flow_left",
    events.RecordingPaused: "recording_paused",
    events.RecordingResumed: "recording_resumed",
    events.InteractionOverflowed: "overflowed",
    events.InteractionEnded: "ended",
    events.CallbackRequested: "callback_requested",
    events.CallbackDialled: "callback_dialled",
    events.CallbackPaused: "callback_paused",
    events.CallbackEnded: "callback_ended",
    events.WrapUpSaved: "wrap_up_saved",
    events.RecordingStarted: "recording_started",
    events.RecordingPublished: "recording_published",
    events.RecordingFailed: "recording_failed",
    events.SupervisionStarted: "supervision_started",
    events.SupervisionChanged: "supervision_changed",
    events.SupervisionEnded: "supervision_ended",
}
"""Kind `interaction`, id = interaction id."""

ALARM: Final[dict[type[events.AlarmFact], str]] = {
    events.AlarmRaised: "alarm_raised",
    events.AlarmCleared: "alarm_cleared",
    events.AlarmAcknowledged: "alarm_acknowledged",
}
"""Kind `queue`, id = queue name."""

DIAL: Final[dict[type[events.DialFact], str]] = {
    events.DialPermitted: "permitted",
    events.DialRefused: "refused",
    events.DialEnded: "ended",
}
"""Kind `outbound`, id = who asked for it, "-" for nobody in person."""

DAEMON: Final[dict[type[Fact], tuple[str, str]]] = {
    events.DaemonStarted: ("daemon", "started"),
    events.LinkLost: ("asterisk", "link_lost"),
    events.LinkRestored: ("asterisk", "link_restored"),
}
"""Kind `daemon`: id and event."""

NOT_PUBLISHED: Final = (
    events.ChannelFact,
    events.CallEnded,
    events.OriginateFailed,
)
"""What Asterisk did leg by leg: ask Asterisk for that."""

_UNSAFE: Final = str.maketrans(
    {char: f"%{ord(char):02X}" for char in "/+#%\0\x7f"} | {chr(n): "_" for n in range(1, 32)}
)


def level(text: str) -> str:
    """One level of a topic: what MQTT would take for a separator or a wildcard is percent-encoded; "-" for nothing."""
    return text.translate(_UNSAFE) or "-"


def topic_of(site: str, fact: Fact) -> str | None:
    """None for a fact that is not published."""
    levels = _levels(fact)
    return None if levels is None else "/".join((ROOT, *map(level, (site, *levels))))


def _levels(fact: Fact) -> tuple[str, str, str] | None:
    """Kind, id and event."""
    found: tuple[str, str, str] | None = None
    match fact:
        case InteractionFact():
            found = ("interaction", fact.interaction_id, INTERACTION[type(fact)])
        case events.AgentStateChanged():
            found = ("agent", fact.agent_id, "state_changed")
        case events.TaskSaved():
            found = ("task", fact.task_id, fact.change)
        case events.EndpointReachable():
            found = ("endpoint", fact.endpoint, "reachable" if fact.reachable else "unreachable")
        case events.CommandAudited():
            found = ("audit", fact.actor, fact.command)
        case events.DialFact():
            found = ("outbound", fact.user, DIAL[type(fact)])
        case events.AlarmFact():
            found = ("queue", fact.queue, ALARM[type(fact)])
        case events.TextSent() | events.TextRead():
            found = ("text", fact.text_id, "sent" if isinstance(fact, events.TextSent) else "read")
        case events.DaemonStarted() | events.LinkLost() | events.LinkRestored():
            name, what = DAEMON[type(fact)]
            found = ("daemon", getattr(fact, "node", "") or name, what)
        case _:
            pass
    return found


def payload_of(fact: Fact, message_id: str) -> bytes:
    """`id` is the same when a message is sent again after a lost connection; `type` is the name in `cti/events.py`."""
    head = msgspec.json.encode({"schema": SCHEMA, "id": message_id})
    return head[:-1] + b"," + msgspec.json.encode(fact)[1:]


def expires_after_s(fact: Fact) -> int | None:
    """An offer is of no use after its ringing has ended; everything else keeps."""
    return max(1, round(fact.ring_until - fact.at)) if isinstance(fact, events.OfferMade) else None


class AgentState(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing of the customer: who may read this topic need not be allowed to see that."""

    agent_id: str
    name: str
    extension: str
    state: str
    reason: str
    since: float
    until: float | None
    reachable: bool
    queues: tuple[str, ...]
    interaction_id: str
    schema: int = SCHEMA


def state_topic(site: str, topic: str, key: str) -> str | None:
    """Where the retained state of an entity of the desk is kept; None for one that is not published."""
    kind = {"agents": "agent", "queues": "queue"}.get(topic)
    return None if kind is None else f"{ROOT}/{level(site)}/{kind}/{level(key)}/state"


def state_payload(entity: AnyView) -> bytes | None:
    if isinstance(entity, AgentView):
        fields = {name: getattr(entity, name) for name in AgentState.__struct_fields__ if name != "schema"}
        return msgspec.json.encode(AgentState(**fields))
    if isinstance(entity, QueueView):
        return msgspec.json.encode({"schema": SCHEMA, **msgspec.structs.asdict(entity)})
    return None


def daemon_topic(site: str) -> str:
    return f"{ROOT}/{level(site)}/daemon/state"


def daemon_payload(*, online: bool, version: str, at: float | None) -> bytes:
    """`at` None: in the last will, which is written before it is known when it will be needed."""
    state = "online" if online else "offline"
    return msgspec.json.encode({"schema": SCHEMA, "state": state, "version": version, "at": at})
