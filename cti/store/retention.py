"""What has been kept for long enough: recordings to be deleted, interactions to lose what says of whom they were.

An interaction's time is that of the queue which it was in last. What is held (`cti/store/legal_holds.py`), goes on, or
is to be called back stays. As with an erasure the rows stay, and with them every figure.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    not_,
    select,
    tuple_,
    update,
)

from cti.events import CommandAudited
from cti.store import tables as t
from cti.store.audit_chain import emptied_note
from cti.store.customer_traces import Customer
from cti.store.database import Database
from cti.store.erasure import NOT_REWRITTEN, empty_audit, forget_recordings, record, rewrite_own
from cti.store.legal_holds import held_interactions
from cti.store.personal import Traces

_NEVER: Final = 0.0


class Cutoffs(msgspec.Struct, frozen=True, kw_only=True):
    """Queue -> what began before this time has been kept for long enough; "" is for all other queues."""

    recordings: Mapping[str, float]
    interactions: Mapping[str, float]


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """`path` of its recording is below the folder, "" for none."""

    interaction_id: str
    path: str
    started_at: float


class QueueDue(msgspec.Struct, frozen=True, kw_only=True):
    """`held`: interactions that would be due if nothing held them."""

    queue: str
    recordings: int
    interactions: int
    held: int


class RetentionRepository:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def show(self, cutoffs: Cutoffs) -> list[QueueDue]:
        """What a run would do now, by queue. Changes nothing."""
        return await self._db.read(lambda c: _show(c, cutoffs))

    async def recordings(self, cutoffs: Cutoffs, limit: int, after: Due | None = None) -> list[Due]:
        """The oldest first; `after` is the last of the page before."""
        return await self._page(_recordings(cutoffs), limit, after)

    async def interactions(self, cutoffs: Cutoffs, limit: int, after: Due | None = None) -> list[Due]:
        """As `recordings`, each with the recording that goes with it."""
        return await self._page(_interactions(cutoffs), limit, after)

    async def _page(self, query: Select[tuple[str, str, float]], limit: int, after: Due | None) -> list[Due]:
        i = t.interactions.c
        if after is not None:
            query = query.where(
                tuple_(i.started_at, i.id) > tuple_(literal(after.started_at), literal(after.interaction_id))
            )
        ordered = query.order_by(i.started_at, i.id).limit(limit)
        rows = await self._db.read(lambda c: c.execute(ordered).all())
        return [Due(interaction_id=row.id, path=row.path or "", started_at=row.started_at) for row in rows]

    async def forget_recordings(self, due: Sequence[Due], audited: CommandAudited, fact_id: str) -> None:
        """Of files that are gone, in one transaction with its audit entry."""

        def work(c: Connection) -> None:
            forget_recordings(c, [one.interaction_id for one in due], "its time was over")
            record(c, audited, fact_id)

        await self._db.write(work)

    async def anonymise(self, due: Sequence[Due], audited: CommandAudited, fact_id: str) -> None:
        """In one transaction with its audit entry, which names the entries of the audit log that were emptied."""
        await self._db.write(lambda c: _anonymise(c, [one.interaction_id for one in due], audited, fact_id))


def _anonymise(c: Connection, interactions: Sequence[str], audited: CommandAudited, fact_id: str) -> None:
    nobody = Customer(customer_id=0, ids=(), numbers=(), names=(), interactions=tuple(interactions), files=())
    traces = Traces((), (), country="", unlink=True)
    emptied = empty_audit(c, nobody, traces)
    for table in t.metadata.sorted_tables:
        if table.name not in NOT_REWRITTEN:
            rewrite_own(c, table, nobody, traces)
    i, k = t.interactions.c, t.tasks.c
    c.execute(update(t.interactions).where(i.id.in_(interactions)).values(customer_id=None, anonymised_at=audited.at))
    c.execute(update(t.tasks).where(k.interaction_id.in_(interactions)).values(customer_id=0))
    forget_recordings(c, interactions, "its time was over", if_there=True)
    detail = "; ".join(filter(None, (audited.detail, emptied_note(emptied))))
    record(c, msgspec.structs.replace(audited, detail=detail), fact_id)


def _show(c: Connection, cutoffs: Cutoffs) -> list[QueueDue]:
    i, r = t.interactions.c, t.recordings.c
    over, heard = _over(cutoffs.interactions), _over(cutoffs.recordings) & (func.coalesce(r.path, "") != "")
    held = held_interactions()
    personal = i.anonymised_at.is_(None) & over
    told = (
        _count(heard & not_(held)),
        _count(personal & not_(held)),
        _count((heard | personal) & held),
    )
    query = (
        select(i.queue, *told)
        .outerjoin_from(t.interactions, t.recordings, r.interaction_id == i.id)
        .where(_ended(), heard | personal)
        .group_by(i.queue)
        .order_by(i.queue)
    )
    return [
        QueueDue(queue=queue, recordings=recordings, interactions=interactions, held=held)
        for queue, recordings, interactions, held in c.execute(query)
    ]


def _count(wanted: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((wanted, 1), else_=0)), 0)


def _recordings(cutoffs: Cutoffs) -> Select[tuple[str, str, float]]:
    i, r = t.interactions.c, t.recordings.c
    return (
        select(i.id, r.path, i.started_at)
        .join_from(t.interactions, t.recordings, r.interaction_id == i.id)
        .where(r.path != "", _over(cutoffs.recordings), _ended(), not_(held_interactions()))
    )


def _interactions(cutoffs: Cutoffs) -> Select[tuple[str, str, float]]:
    i, r = t.interactions.c, t.recordings.c
    return (
        select(i.id, r.path, i.started_at)
        .outerjoin_from(t.interactions, t.recordings, r.interaction_id == i.id)
        .where(i.anonymised_at.is_(None), _over(cutoffs.interactions), _ended(), not_(held_interactions()))
    )


def _over(times: Mapping[str, float]) -> ColumnElement[bool]:
    i = t.interactions.c
    latest = max(times.values(), default=_NEVER)  # for the index
    otherwise = times.get("", _NEVER)
    named = [(i.queue == queue, before) for queue, before in times.items() if queue]
    return and_(i.started_at < latest, i.started_at < (case(*named, else_=otherwise) if named else otherwise))


def _ended() -> ColumnElement[bool]:
    i, k = t.interactions.c, t.callbacks.c
    promised = exists().where(k.interaction_id == i.id, k.ended_at.is_(None))
    return and_(i.ended_at.is_not(None), not_(promised))
