"""Interactions: found by what a supervisor knows, shown with all that happened, listed for a restarted daemon."""

from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, Row, Select, Table, and_, func, or_, select

from cti.errors import CtiError, NotFound
from cti.events import Direction
from cti.store import tables as t
from cti.store.customer_card import has_recording, talked_s
from cti.store.database import Database
from cti.store.line_quality import Line, lines_of
from cti.store.projections import StoredFact, decode_fact

S = TypeVar("S", bound=msgspec.Struct)


class BadCursor(CtiError):
    """A page was asked for with a cursor that is not one of ours."""


class InteractionFilter(msgspec.Struct, frozen=True, kw_only=True):
    """All that is given must fit. `number` is canonical; `agent_id` had a segment or an offer; times: when it began."""

    agent_id: str | None = None
    number: str | None = None
    customer_id: int | None = None
    queue: str | None = None
    outcome: str | None = None
    complaint: bool | None = None
    disposition: str | None = None
    since: float | None = None
    until: float | None = None


class InteractionRow(msgspec.Struct, frozen=True, kw_only=True):
    interaction_id: str
    medium: str
    direction: Direction
    started_at: float
    connected_at: float | None
    ended_at: float | None
    number: str
    caller_name: str
    customer_id: int | None
    customer_name: str
    vip: int
    queue: str
    agent_id: str
    agent_name: str
    waited_s: float | None
    talked_s: float
    outcome: str
    ended_by: str
    disposition: str
    note: str
    complaint: bool
    follow_up_at: float | None
    fields: dict[str, str]
    has_recording: bool


class InteractionPage(msgspec.Struct, frozen=True, kw_only=True):
    """`next`: cursor of the following page, None on the last one."""

    items: tuple[InteractionRow, ...]
    next: str | None


class IvrStep(msgspec.Struct, frozen=True, kw_only=True):
    at: float
    flow: str
    step: str
    digits: str
    label: str


class QueueVisit(msgspec.Struct, frozen=True, kw_only=True):
    queue: str
    queued_at: float
    ended_at: float | None
    outcome: str
    why: Any


class OfferRow(msgspec.Struct, frozen=True, kw_only=True):
    offer_id: str
    agent_id: str
    queue: str
    made_at: float | None
    ended_at: float | None
    reason: str
    why: Any


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    segment: int
    agent_id: str
    queue: str
    how: str
    connected_at: float | None
    ended_at: float | None
    talk_s: float | None
    hold_s: float | None
    ended_by: str


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    at: float
    from_agent: str
    kind: str
    target: str


class WrapUp(msgspec.Struct, frozen=True, kw_only=True):
    agent_id: str
    at: float
    disposition: str
    note: str
    complaint: bool
    follow_up_at: float | None
    fields: dict[str, str]
    final: bool


class InteractionDetail(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about one interaction; the lists in order of time."""

    interaction: InteractionRow
    dialled: str
    language: str
    cause: int | None
    certain: bool | None
    ivr: tuple[IvrStep, ...]
    visits: tuple[QueueVisit, ...]
    offers: tuple[OfferRow, ...]
    segments: tuple[Segment, ...]
    lines: tuple[Line, ...]
    transfers: tuple[Transfer, ...]
    wrap_ups: tuple[WrapUp, ...]


class OpenInteraction(msgspec.Struct, frozen=True, kw_only=True):
    """What a restarted daemon knows of an interaction that had not ended. `segments`: how many there were.

    `agent_id` is who was talking (a segment without an end), "" for nobody; `queued_at` of the wait that is going on,
    None when the caller was not waiting.
    """

    interaction_id: str
    medium: str
    direction: Direction
    channel: str
    linkedid: str
    number: str
    caller_name: str
    dialled: str
    customer_id: int | None
    language: str
    queue: str
    priority: int
    started_at: float
    queued_at: float | None
    waited_s: float | None
    agent_id: str
    connected_at: float | None
    segments: int
    offers: int
    offered: tuple[tuple[str, str], ...] = ()
    """Offers of which nobody knows yet how they ended: (offer, agent)."""
    ivr: tuple[IvrStep, ...]


class InteractionRepository:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def search(self, wanted: InteractionFilter, *, cursor: str | None = None, limit: int = 50) -> InteractionPage:
        """The latest first. `BadCursor`."""
        query = _matching(_listed(), wanted, cursor).limit(limit + 1)
        rows = await self._db.read(lambda c: c.execute(query).all())
        more = len(rows) > limit
        rows = rows[:limit]
        following = f"{rows[-1].started_at!r}~{rows[-1].id}" if more else None
        return InteractionPage(items=tuple(map(_row, rows)), next=following)

    async def get(self, interaction_id: str) -> InteractionDetail:
        """`NotFound`."""
        return await self._db.read(lambda c: _detail(c, interaction_id))

    async def ledger(self, interaction_id: str) -> list[StoredFact]:
        """Every fact about it, in the order of publication."""
        f = t.facts.c
        query = select(f.body).where(f.interaction_id == interaction_id).order_by(f.id)
        bodies = await self._db.read(lambda c: c.scalars(query).all())
        return [decode_fact(body) for body in bodies]

    async def open(self) -> list[OpenInteraction]:
        """Those that have not ended, the oldest first: for the reconciliation after a restart."""
        return await self._db.read(_open)


def _listed() -> Select[Any]:
    i, u, k = t.interactions.c, t.users.c, t.customers.c
    return (
        select(
            t.interactions,
            func.coalesce(k.name, "").label("customer_name"),
            func.coalesce(k.vip, 0).label("vip"),
            func.coalesce(u.name, i.agent_id).label("agent_name"),
            talked_s(),
            has_recording(),
        )
        .outerjoin_from(t.interactions, t.users, u.login == i.agent_id)
        .outerjoin(t.customers, k.id == i.customer_id)
    )


def _matching(query: Select[Any], wanted: InteractionFilter, cursor: str | None) -> Select[Any]:
    i = t.interactions.c
    for name in ("number", "customer_id", "queue", "outcome", "complaint", "disposition"):
        if (value := getattr(wanted, name)) is not None:
            query = query.where(i[name] == value)
    if wanted.since is not None:
        query = query.where(i.started_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(i.started_at < wanted.until)
    if wanted.agent_id is not None:
        query = query.where(_worked_on_by(wanted.agent_id))
    if cursor is not None:
        at, interaction_id = _read_cursor(cursor)
        query = query.where(or_(i.started_at < at, and_(i.started_at == at, i.id < interaction_id)))
    return query.order_by(i.started_at.desc(), i.id.desc())


def _worked_on_by(agent_id: str) -> Any:
    """Not EXISTS: SQLite would go through all that the agent ever did again for each interaction."""
    s, o, interaction = t.segments.c, t.offers.c, t.interactions.c.id
    return or_(
        interaction.in_(select(s.interaction_id).where(s.agent_id == agent_id)),
        interaction.in_(select(o.interaction_id).where(o.agent_id == agent_id)),
    )


def _read_cursor(cursor: str) -> tuple[float, str]:
    at, found, interaction_id = cursor.partition("~")
    try:
        if found:
            return float(at), interaction_id
    except ValueError:
        pass
    raise BadCursor(f"{cursor!r} is no cursor of this list")


def _row(row: Row[Any]) -> InteractionRow:
    known = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    values = {f: known[f] for f in InteractionRow.__struct_fields__ if f not in {"interaction_id", "has_recording"}}
    return InteractionRow(interaction_id=row.id, has_recording=bool(row.has_recording), **values)


def _children(c: Connection, kind: type[S], table: Table, interaction_id: str, order: str) -> tuple[S, ...]:
    columns = [table.c[name] for name in kind.__struct_fields__]
    query = select(*columns).where(table.c.interaction_id == interaction_id).order_by(table.c[order])
    return tuple(kind(**row._mapping) for row in c.execute(query))  # noqa: SLF001 - as above


def _detail(c: Connection, interaction_id: str) -> InteractionDetail:
    row = c.execute(_listed().where(t.interactions.c.id == interaction_id)).one_or_none()
    if row is None:
        raise NotFound("interaction", interaction_id)
    return InteractionDetail(
        interaction=_row(row),
        dialled=row.dialled,
        language=row.language,
        cause=row.cause,
        certain=row.certain,
        ivr=_children(c, IvrStep, t.ivr_steps, interaction_id, "fact_id"),
        visits=_children(c, QueueVisit, t.queue_visits, interaction_id, "queued_at"),
        offers=_children(c, OfferRow, t.offers, interaction_id, "made_at"),
        segments=_children(c, Segment, t.segments, interaction_id, "segment"),
        lines=lines_of(c, interaction_id),
        transfers=_children(c, Transfer, t.transfers, interaction_id, "fact_id"),
        wrap_ups=_children(c, WrapUp, t.wrap_ups, interaction_id, "at"),
    )


def _open(c: Connection) -> list[OpenInteraction]:
    i = t.interactions.c
    return [_reopened(c, row) for row in c.execute(select(t.interactions).where(i.ended_at.is_(None)).order_by(i.id))]


def _reopened(c: Connection, row: Row[Any]) -> OpenInteraction:
    visits = _children(c, QueueVisit, t.queue_visits, row.id, "queued_at")
    segments = _children(c, Segment, t.segments, row.id, "segment")
    waiting = [visit.queued_at for visit in visits if visit.ended_at is None]
    talking = [segment for segment in segments if segment.ended_at is None]
    offers = _children(c, OfferRow, t.offers, row.id, "made_at")
    return OpenInteraction(
        interaction_id=row.id,
        medium=row.medium,
        direction=row.direction,
        channel=row.channel,
        linkedid=row.linkedid,
        number=row.number,
        caller_name=row.caller_name,
        dialled=row.dialled,
        customer_id=row.customer_id,
        language=row.language,
        queue=row.queue,
        priority=row.priority,
        started_at=row.started_at,
        queued_at=waiting[-1] if waiting else None,
        waited_s=row.waited_s,
        agent_id=talking[-1].agent_id if talking else "",
        connected_at=talking[-1].connected_at if talking else None,
        segments=max((segment.segment for segment in segments), default=0),
        offers=len(offers),
        offered=tuple((offer.offer_id, offer.agent_id) for offer in offers if offer.ended_at is None),
        ivr=_children(c, IvrStep, t.ivr_steps, row.id, "fact_id"),
    )
