"""Facts -> rows. One pure function per type of fact; `PROJECTIONS` is the table of them.

`rows(fact_id, fact, body)` names the statements of `cti/store/statements.py` and their parameters. Statements may be
run grouped, in the order of that file instead of the order of the facts: within one statement the facts keep their
order, and two statements never write the same column of a row except where that file says how. Each is idempotent.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from cti.events import (
    AgentLost,
    AgentMuted,
    AgentReattached,
    AgentStateChanged,
    AlarmAcknowledged,
    AlarmCleared,
    AlarmFact,
    AlarmRaised,
    CallbackDialled,
    CallbackEnded,
    CallbackPaused,
    CallbackRequested,
    CallFailed,
    CallPlaced,
    CommandAudited,
    CustomerIdentified,
    DaemonStarted,
    DialEnded,
    DialPermitted,
    DialRefused,
    EndpointReachable,
    Fact,
    FlowEntered,
    FlowLeft,
    InteractionConnected,
    InteractionEnded,
    InteractionHeld,
    InteractionOverflowed,
    InteractionPrioritised,
    InteractionQueued,
    InteractionResumed,
    InteractionStarted,
    InteractionTransferred,
    InternalCallConnected,
    InternalCallEnded,
    InternalCallStarted,
    IvrStepped,
    LanguageChosen,
    LineQualityMeasured,
    LinkLost,
    LinkRestored,
    OfferEnded,
    OfferMade,
    PartyChanged,
    PartyInvited,
    PartyLeft,
    RecordingFailed,
    RecordingPaused,
    RecordingPublished,
    RecordingResumed,
    RecordingStarted,
    SegmentEnded,
    SupervisionChanged,
    SupervisionEnded,
    SupervisionStarted,
    TaskSaved,
    TextRead,
    TextSent,
    WaitExplained,
    WrapUpSaved,
)

Row = dict[str, Any]
Rows = list[tuple[str, Row]]
Projection = Callable[[str, Any], Rows]


def _started(_: str, f: InteractionStarted) -> Rows:
    row = {
        "id": f.interaction_id,
        "medium": f.medium,
        "number": f.customer_number,
        "caller_name": f.caller_name,
        "dialled": f.dialled,
        "direction": f.direction,
        "channel": f.channel,
        "linkedid": f.linkedid,
        "started_at": f.at,
    }
    return [("interaction_started", row)]


def _identified(_: str, f: CustomerIdentified) -> Rows:
    # 0 stands for a customer who could not be stored; adopt_orphans() finds the right one later.
    row = {"id": f.interaction_id, "started_at": f.at, "customer_id": f.customer_id or None}
    return [("interaction_customer", row)]


def _ivr(fact_id: str, f: IvrStepped) -> Rows:
    row = {
        "fact_id": fact_id,
        "interaction_id": f.interaction_id,
        "at": f.at,
        "flow": f.flow,
        "step": f.step,
        "digits": f.digits,
        "label": f.label,
    }
    return [("ivr_step", row)]


def _language(_: str, f: LanguageChosen) -> Rows:
    return [("interaction_language", {"id": f.interaction_id, "started_at": f.at, "language": f.language})]


def _queued(_: str, f: InteractionQueued | InteractionPrioritised) -> Rows:
    row = {
        "id": f.interaction_id,
        "started_at": f.at,
        "queue": f.queue,
        "priority": f.priority,
        "queued_at": f.queued_at,
    }
    visit = {"interaction_id": f.interaction_id, "queue": f.queue, "queued_at": f.queued_at}
    moved = {"b_interaction": f.interaction_id, "b_queue": f.queue, "b_queued_at": f.queued_at, "b_at": f.at}
    return [("interaction_queued", row), ("visit_began", visit), ("visit_moved_on", moved)]


def _prioritised(_: str, f: InteractionPrioritised) -> Rows:
    return _queued("", f)[:1]


def _overflowed(_: str, f: InteractionOverflowed) -> Rows:
    return [("visit_overflowed", {"b_interaction": f.interaction_id, "b_queue": f.queue, "b_at": f.at})]


def _offer_made(_: str, f: OfferMade) -> Rows:
    row = {
        "offer_id": f.offer_id,
        "interaction_id": f.interaction_id,
        "agent_id": f.agent_id,
        "queue": f.queue,
        "made_at": f.at,
        "why": f.why,
    }
    return [("offer_made", row)]


def _wait_explained(_: str, f: WaitExplained) -> Rows:
    row = {"interaction_id": f.interaction_id, "queue": f.queue, "queued_at": f.queued_at, "why": f.why}
    return [("visit_explained", row)]


def _offer_ended(_: str, f: OfferEnded) -> Rows:
    row = {
        "offer_id": f.offer_id,
        "interaction_id": f.interaction_id,
        "agent_id": f.agent_id,
        "ended_at": f.at,
        "reason": f.reason,
    }
    return [("offer_ended", row)]


def _connected(_: str, f: InteractionConnected) -> Rows:
    row = {
        "id": f.interaction_id,
        "started_at": f.at,
        "connected_at": f.at,
        "waited_s": f.waited_s,
        "agent_id": f.agent_id,
    }
    segment = {
        "interaction_id": f.interaction_id,
        "segment": f.segment,
        "agent_id": f.agent_id,
        "queue": f.queue,
        "how": f.how,
        "connected_at": f.at,
    }
    answered = {"b_interaction": f.interaction_id, "b_queue": f.queue, "b_at": f.at}
    return [("interaction_connected", row), ("segment_began", segment), ("visit_answered", answered)]


def _line_measured(fact_id: str, f: LineQualityMeasured) -> Rows:
    row = {
        "fact_id": fact_id,
        "interaction_id": f.interaction_id,
        "agent_id": f.agent_id,
        "at": f.at,
        "seconds": f.seconds,
        "mos": f.mos,
        "loss": f.loss,
        "jitter_ms": f.jitter_ms,
        "rtt_ms": f.rtt_ms,
    }
    return [("line_measured", row)]


def _segment_ended(_: str, f: SegmentEnded) -> Rows:
    row = {
        "interaction_id": f.interaction_id,
        "segment": f.segment,
        "agent_id": f.agent_id,
        "ended_at": f.at,
        "talk_s": f.talk_s,
        "hold_s": f.hold_s,
        "ended_by": f.ended_by,
    }
    return [("segment_ended", row)]


def _transferred(fact_id: str, f: InteractionTransferred) -> Rows:
    row = {
        "fact_id": fact_id,
        "interaction_id": f.interaction_id,
        "at": f.at,
        "from_agent": f.from_agent,
        "kind": f.kind,
        "target": f.target,
    }
    return [("transfer", row)]


def _ended(_: str, f: InteractionEnded) -> Rows:
    row = {
        "id": f.interaction_id,
        "started_at": f.at,
        "ended_at": f.at,
        "outcome": f.outcome,
        "ended_by": f.ended_by,
        "cause": f.cause,
        "certain": f.certain,
    }
    visit = {"b_interaction": f.interaction_id, "b_at": f.at, "b_outcome": f.outcome}
    return [("interaction_ended", row), ("visit_ended", visit)]


def _callback(f: Fact, interaction_id: str, **known: Any) -> Row:
    """A row of `callbacks` of which only a part is known."""
    nothing = {"number": "", "queue": "", "place": {}, "requested_at": f.at}
    return {"interaction_id": interaction_id, **nothing, **known}


def _callback_requested(_: str, f: CallbackRequested) -> Rows:
    place = {
        "queued_at": f.queued_at,
        "priority": f.priority,
        "skills": f.skills,
        "vip": f.vip,
        "branch": f.branch,
        "preferred_agent": f.preferred_agent,
    }
    row = _callback(f, f.interaction_id, number=f.number, queue=f.queue, place=place)
    medium = {"id": f.interaction_id, "started_at": f.at, "medium": "callback"}
    return [("callback_requested", row), ("interaction_medium", medium)]


def _callback_dialled(_: str, f: CallbackDialled) -> Rows:
    row = _callback(f, f.interaction_id, attempts=f.attempts, next_at=f.until)
    channel = {"id": f.interaction_id, "started_at": f.at, "channel": f.channel, "linkedid": f.channel}
    return [("callback_moved", row), ("interaction_channel", channel)]


def _callback_paused(_: str, f: CallbackPaused) -> Rows:
    return [("callback_moved", _callback(f, f.interaction_id, attempts=f.attempts, next_at=f.until))]


def _callback_ended(_: str, f: CallbackEnded) -> Rows:
    return [("callback_ended", _callback(f, f.interaction_id, ended_at=f.at, end=f.end))]


def _wrap_up(_: str, f: WrapUpSaved) -> Rows:
    result = {
        "disposition": f.disposition,
        "note": f.note,
        "complaint": f.complaint,
        "follow_up_at": f.follow_up_at,
        "fields": f.fields,
    }
    form = {
        "interaction_id": f.interaction_id,
        "agent_id": f.agent_id,
        "queue": f.queue,
        "follow_up_kind": f.follow_up_kind,
        "follow_up_owner": f.follow_up_owner,
        "follow_up_text": f.follow_up_text,
    }
    rows: Rows = [("wrap_up", {**form, "at": f.at, "final": f.final, **result})]
    if f.final:
        rows.append(("interaction_wrapped_up", {"id": f.interaction_id, "started_at": f.at, **result}))
    return rows


def _task(_: str, f: TaskSaved) -> Rows:
    columns = f.__struct_fields__
    return [("task", {name: getattr(f, name) for name in columns if name not in {"at", "change", "by"}})]


def _agent_state(fact_id: str, f: AgentStateChanged) -> Rows:
    now = {
        "agent_id": f.agent_id,
        "state": f.state,
        "reason": f.reason,
        "since": f.since,
        "interaction_id": f.interaction_id,
    }
    return [("agent_state", {"fact_id": fact_id, **now}), ("agent_now", {**now, "until": f.until})]


def _recording_started(_: str, f: RecordingStarted) -> Rows:
    row = {
        "file": f.file,
        "interaction_id": f.interaction_id,
        "part": f.part,
        "channel": f.channel,
        "started_at": f.at,
    }
    return [("recording_part", row)]


def _recording_published(_: str, f: RecordingPublished) -> Rows:
    row = {
        "interaction_id": f.interaction_id,
        "path": f.path,
        "started_at": f.started_at,
        "duration_s": f.duration_s,
        "size": f.size,
        "sha256": f.sha256,
        "channels": f.channels,
    }
    return [("recording_published", row)]


def _recording_failed(_: str, f: RecordingFailed) -> Rows:
    return [("recording_failed", {"interaction_id": f.interaction_id, "problem": f.reason})]


def _audited(fact_id: str, f: CommandAudited) -> Rows:
    row = {
        "fact_id": fact_id,
        "at": f.at,
        "actor": f.actor,
        "role": f.role,
        "command": f.command,
        "subject": f.subject,
        "allowed": f.allowed,
        "detail": f.detail,
        "interaction_id": f.interaction_id,
    }
    return [("audit", row)]


def _alarm(f: AlarmFact, **known: Any) -> Row:
    return {"id": f.alarm_id, "queue": f.queue, "kind": f.kind, "raised_at": f.at, **known}


def _alarm_raised(_: str, f: AlarmRaised) -> Rows:
    return [("alarm_raised", _alarm(f, level=f.level, worst=f.worst, value=f.value, limit=f.limit))]


def _alarm_cleared(_: str, f: AlarmCleared) -> Rows:
    return [("alarm_cleared", _alarm(f, cleared_at=f.at))]


def _alarm_acknowledged(_: str, f: AlarmAcknowledged) -> Rows:
    return [("alarm_acknowledged", _alarm(f, acknowledged_by=f.agent_id, acknowledged_at=f.at))]


def _text_sent(_: str, f: TextSent) -> Rows:
    row = {
        "id": f.text_id,
        "at": f.at,
        "sender": f.sender,
        "to": f.to,
        "target": f.target,
        "text": f.text,
        "reply_to": f.reply_to,
        "recipients": f.recipients,
    }
    return [("text_sent", row)]


def _text_read(_: str, f: TextRead) -> Rows:
    return [("text_read", {"text_id": f.text_id, "agent_id": f.agent_id, "at": f.at})]


def _outage(fact_id: str, what: str, since: float, until: float, *, planned: bool) -> Rows:
    row = {"fact_id": fact_id, "what": what, "since": since, "until": until, "planned": planned}
    return [("outage", row)]


def _link_restored(fact_id: str, f: LinkRestored) -> Rows:
    """Without `down_s` it is the first link of a daemon."""
    return _outage(fact_id, "asterisk", f.at - f.down_s, f.at, planned=False) if f.down_s else []


def _daemon_started(fact_id: str, f: DaemonStarted) -> Rows:
    if f.away_since is None:
        return []
    return _outage(fact_id, "daemon", f.away_since, f.at, planned=f.planned)


def _ledger_only(_: str, __: Fact) -> Rows:
    return []


PROJECTIONS: dict[type[Fact], Projection] = {
    InteractionStarted: _started,
    CallPlaced: _ledger_only,
    CallFailed: _ledger_only,
    InternalCallStarted: _ledger_only,
    InternalCallConnected: _ledger_only,
    InternalCallEnded: _ledger_only,
    CustomerIdentified: _identified,
    IvrStepped: _ivr,
    LanguageChosen: _language,
    InteractionQueued: _queued,
    InteractionPrioritised: _prioritised,
    InteractionOverflowed: _overflowed,
    OfferMade: _offer_made,
    WaitExplained: _wait_explained,
    OfferEnded: _offer_ended,
    InteractionConnected: _connected,
    InteractionHeld: _ledger_only,
    InteractionResumed: _ledger_only,
    SegmentEnded: _segment_ended,
    InteractionTransferred: _transferred,
    AgentLost: _ledger_only,
    AgentReattached: _ledger_only,
    PartyInvited: _ledger_only,
    PartyChanged: _ledger_only,
    PartyLeft: _ledger_only,
    AgentMuted: _ledger_only,
    LineQualityMeasured: _line_measured,
    FlowEntered: _ledger_only,
    FlowLeft: _ledger_only,
    RecordingPaused: _ledger_only,
    RecordingResumed: _ledger_only,
    InteractionEnded: _ended,
    CallbackRequested: _callback_requested,
    CallbackDialled: _callback_dialled,
    CallbackPaused: _callback_paused,
    CallbackEnded: _callback_ended,
    WrapUpSaved: _wrap_up,
    TaskSaved: _task,
    AgentStateChanged: _agent_state,
    RecordingStarted: _recording_started,
    RecordingPublished: _recording_published,
    RecordingFailed: _recording_failed,
    SupervisionStarted: _ledger_only,
    SupervisionChanged: _ledger_only,
    SupervisionEnded: _ledger_only,
    CommandAudited: _audited,
    AlarmRaised: _alarm_raised,
    AlarmCleared: _alarm_cleared,
    AlarmAcknowledged: _alarm_acknowledged,
    TextSent: _text_sent,
    TextRead: _text_read,
    DialPermitted: _ledger_only,
    DialRefused: _ledger_only,
    DialEnded: _ledger_only,
    EndpointReachable: _ledger_only,
    LinkLost: _ledger_only,
    LinkRestored: _link_restored,
    DaemonStarted: _daemon_started,
}
"""Every fact that is stored. Mirror facts (`Channel*`, `Bridge*`, `CallEnded`, `OriginateFailed`) are not."""

StoredFact = (
    InteractionStarted
    | CallPlaced
    | CallFailed
    | InternalCallStarted
    | InternalCallConnected
    | InternalCallEnded
    | CustomerIdentified
    | IvrStepped
    | LanguageChosen
    | InteractionQueued
    | InteractionPrioritised
    | InteractionOverflowed
    | OfferMade
    | WaitExplained
    | OfferEnded
    | InteractionConnected
    | InteractionHeld
    | InteractionResumed
    | SegmentEnded
    | InteractionTransferred
    | AgentLost
    | AgentReattached
    | PartyInvited
    | PartyChanged
    | PartyLeft
    | AgentMuted
    | LineQualityMeasured
    | FlowEntered
    | FlowLeft
    | RecordingPaused
    | RecordingResumed
    | InteractionEnded
    | CallbackRequested
    | CallbackDialled
    | CallbackPaused
    | CallbackEnded
    | WrapUpSaved
    | TaskSaved
    | AgentStateChanged
    | RecordingStarted
    | RecordingPublished
    | RecordingFailed
    | SupervisionStarted
    | SupervisionChanged
    | SupervisionEnded
    | CommandAudited
    | AlarmRaised
    | AlarmCleared
    | AlarmAcknowledged
    | TextSent
    | TextRead
    | DialPermitted
    | DialRefused
    | DialEnded
    | EndpointReachable
    | LinkLost
    | LinkRestored
    | DaemonStarted
)

decode_fact: Callable[[bytes | str], StoredFact] = msgspec.json.Decoder(StoredFact).decode


def rows(fact_id: str, fact: Fact, body: bytes) -> Rows:
    """Of a fact whose type is in `PROJECTIONS`: its row in the ledger and its projections. `body`: the fact as JSON."""
    ledger = {
        "id": fact_id,
        "at": fact.at,
        "type": type(fact).__name__,
        "interaction_id": getattr(fact, "interaction_id", ""),
        "body": body.decode(),
    }
    projected = PROJECTIONS[type(fact)](fact_id, fact)
    if b"\\u0000" in body:
        projected = [(name, _without_nul(row)) for name, row in projected]
    return [("fact", ledger), *projected]


def _without_nul(row: Row) -> Row:
    """PostgreSQL has no NUL in texts; a note that somebody pasted must not be lost for it."""
    return {key: value.replace("\0", "") if isinstance(value, str) else value for key, value in row.items()}
