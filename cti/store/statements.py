"""The statements that projections name, compiled for one dialect. `STATEMENTS` lists them in the order of execution.

Rows are made by whatever fact of theirs comes first (partial knowledge is normal: the daemon may have been started in
the middle of a call), so almost every statement is an upsert. `puts` columns are replaced, `first` columns keep the
first value that they got, the other columns of a row are only written when it is made.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Executable, Table, bindparam, case, func, literal_column, null, select
from sqlalchemy.dialects import postgresql, sqlite

from cti.store import tables as t


@dataclass(frozen=True, slots=True)
class Upsert:
    table: Table
    puts: tuple[str, ...] = ()
    first: tuple[str, ...] = ()

    def build(self, dialect: str) -> Executable:
        insert = postgresql.insert(self.table) if dialect == "postgresql" else sqlite.insert(self.table)
        keys = list(self.table.primary_key.columns)
        if not self.puts and not self.first:
            return insert.on_conflict_do_nothing(index_elements=keys)
        columns = self.table.c
        values: dict[str, Any] = {name: insert.excluded[name] for name in self.puts}
        values |= {name: func.coalesce(columns[name], insert.excluded[name]) for name in self.first}
        if self.table is t.interactions and "ended_at" in self.puts:
            # Who was never connected has waited until the end.
            values["waited_s"] = func.coalesce(columns.waited_s, insert.excluded.ended_at - columns.queued_at)
        if "customer_id" in self.puts:
            # A fact that was on its way while its customer was merged.
            k = t.customers.c
            told: Any = literal_column("excluded.customer_id")  # not a table for the subquery to join
            now = select(k.merged_into).where(k.id == told).scalar_subquery()
            values["customer_id"] = func.coalesce(now, told)
        return insert.on_conflict_do_update(index_elements=keys, set_=values)


def _visit_began(dialect: str) -> Executable:
    """Who comes back to a queue that they were moved out of goes on waiting there; who was answered there was."""
    insert = postgresql.insert(t.queue_visits) if dialect == "postgresql" else sqlite.insert(t.queue_visits)
    v = t.queue_visits.c
    moved = v.outcome == "overflowed"
    again = {
        "ended_at": case((moved, null()), else_=v.ended_at),
        "outcome": case((moved, ""), else_=v.outcome),
    }
    keys = list(t.queue_visits.primary_key.columns)
    return insert.on_conflict_do_update(index_elements=keys, set_=again)


def _visit_answered() -> Executable:
    v = t.queue_visits
    return (
        v.update()
        .where(v.c.interaction_id == bindparam("b_interaction"), v.c.queue == bindparam("b_queue"))
        .where(v.c.queued_at <= bindparam("b_at"), v.c.ended_at.is_(None))
        .values(ended_at=bindparam("b_at"), outcome="answered")
    )


def _visit_moved_on() -> Executable:
    """Not the visit to the queue where it is now: that may have begun in the same batch, with the time of the first."""
    v = t.queue_visits
    now_in = select(t.interactions.c.queue).where(t.interactions.c.id == bindparam("b_interaction")).scalar_subquery()
    return (
        v.update()
        .where(v.c.interaction_id == bindparam("b_interaction"), v.c.queue != bindparam("b_queue"))
        .where(v.c.queue != now_in)
        .where(v.c.queued_at <= bindparam("b_queued_at"), v.c.ended_at.is_(None))
        .values(ended_at=bindparam("b_at"), outcome="overflowed")
    )


def _visit_overflowed() -> Executable:
    v = t.queue_visits
    return (
        v.update()
        .where(v.c.interaction_id == bindparam("b_interaction"), v.c.queue == bindparam("b_queue"))
        .where(v.c.queued_at <= bindparam("b_at"), v.c.ended_at.is_(None))
        .values(ended_at=bindparam("b_at"), outcome="overflowed")
    )


def _visit_ended() -> Executable:
    v = t.queue_visits
    return (
        v.update()
        .where(v.c.interaction_id == bindparam("b_interaction"), v.c.ended_at.is_(None))
        .values(ended_at=bindparam("b_at"), outcome=bindparam("b_outcome"))
    )


_CALLER = ("medium", "direction", "number", "caller_name", "dialled", "channel", "linkedid", "started_at")
_RESULT = ("disposition", "note", "complaint", "follow_up_at", "fields")
_FORM = (*_RESULT, "queue", "follow_up_kind", "follow_up_owner", "follow_up_text")
_TASK = tuple(column.name for column in t.tasks.columns if not column.primary_key)

_UPSERTS = {
    "fact": Upsert(t.facts),
    "interaction_started": Upsert(t.interactions, puts=_CALLER),
    # After interaction_started: what a callback has become outlives how its customer reached us first.
    "interaction_medium": Upsert(t.interactions, puts=("medium",)),
    "interaction_channel": Upsert(t.interactions, puts=("channel", "linkedid")),
    "interaction_customer": Upsert(t.interactions, puts=("customer_id",)),
    "interaction_language": Upsert(t.interactions, puts=("language",)),
    "interaction_queued": Upsert(t.interactions, puts=("queue", "priority"), first=("queued_at",)),
    "interaction_connected": Upsert(t.interactions, puts=("agent_id",), first=("connected_at", "waited_s")),
    # After interaction_connected, whose waited_s wins.
    "interaction_ended": Upsert(t.interactions, puts=("ended_at", "outcome", "ended_by", "cause", "certain")),
    "interaction_wrapped_up": Upsert(t.interactions, puts=_RESULT),
    "callback_requested": Upsert(t.callbacks, puts=("number", "queue", "place", "requested_at")),
    "callback_moved": Upsert(t.callbacks, puts=("attempts", "next_at")),
    "callback_ended": Upsert(t.callbacks, puts=("ended_at", "end")),
    "ivr_step": Upsert(t.ivr_steps),
    "visit_began": Upsert(t.queue_visits),
    "visit_explained": Upsert(t.queue_visits, puts=("why",)),
    "offer_made": Upsert(t.offers, puts=("interaction_id", "agent_id", "queue", "made_at", "why")),
    "offer_ended": Upsert(t.offers, puts=("ended_at", "reason")),
    "segment_began": Upsert(t.segments, puts=("agent_id", "queue", "how", "connected_at")),
    "segment_ended": Upsert(t.segments, puts=("ended_at", "talk_s", "hold_s", "ended_by")),
    "line_measured": Upsert(t.call_quality),
    "transfer": Upsert(t.transfers),
    "wrap_up": Upsert(t.wrap_ups, puts=("at", "final", *_FORM)),
    "task": Upsert(t.tasks, puts=_TASK),
    "recording_part": Upsert(t.recording_parts),
    "recording_published": Upsert(
        t.recordings, puts=("path", "started_at", "duration_s", "size", "sha256", "channels")
    ),
    "recording_failed": Upsert(t.recordings, puts=("problem",)),
    "agent_state": Upsert(t.agent_states),
    "agent_now": Upsert(t.agent_now, puts=("state", "reason", "since", "until", "interaction_id")),
    "audit": Upsert(t.audit),
    "alarm_raised": Upsert(t.alarms, puts=("queue", "kind", "level", "worst", "value", "limit")),
    "alarm_cleared": Upsert(t.alarms, puts=("cleared_at",)),
    "alarm_acknowledged": Upsert(t.alarms, puts=("acknowledged_by", "acknowledged_at")),
    "outage": Upsert(t.outages),
    "text_sent": Upsert(t.texts),
    "text_read": Upsert(t.text_reads),
}


def statements(dialect: str) -> dict[str, Executable]:
    """`dialect`: "sqlite" or "postgresql". In the order of execution."""
    built = {name: upsert.build(dialect) for name, upsert in _UPSERTS.items()}
    built["visit_began"] = _visit_began(dialect)  # at the place that it has above, before the others
    # A visit that was answered ends so, whatever came after it in the same batch.
    built["visit_answered"] = _visit_answered()
    built["visit_overflowed"] = _visit_overflowed()
    built["visit_moved_on"] = _visit_moved_on()
    built["visit_ended"] = _visit_ended()
    return built
