"""What must be kept whatever its time: nothing that is held is deleted, anonymised or erased, until it is released."""

from typing import Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, Text, and_, cast, func, insert, or_, select, update

from cti.errors import Conflict, NotFound
from cti.store import tables as t
from cti.store.customer_traces import Customer, chunks
from cti.store.database import Database

HoldKind = Literal["interaction", "customer", "queue"]


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """`key`: the id of the interaction or the customer, or the name of the queue."""

    id: int
    kind: HoldKind
    key: str
    reason: str
    at: float
    by: str


class HoldRepository:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def list(self) -> list[Hold]:
        """Those in force, the latest first."""
        rows = await self._db.read(
            lambda c: c.execute(_in_force().order_by(t.legal_holds.c.id.desc())).mappings().all()
        )
        return [Hold(**{name: row[name] for name in Hold.__struct_fields__}) for row in rows]

    async def add(self, kind: HoldKind, key: str, *, reason: str, at: float, by: str) -> Hold:
        """`NotFound` for an interaction or a customer that is none, `Conflict` when it is held already."""
        values: dict[str, str | float] = {"kind": kind, "key": key, "reason": reason, "at": at, "by": by}
        return await self._db.write(lambda c: _add(c, kind, key, values))

    async def release(self, hold_id: int, *, at: float, by: str) -> Hold:
        """`NotFound`, also for one that was released before."""
        return await self._db.write(lambda c: _release(c, hold_id, at, by))


def _in_force() -> Select[tuple[int]]:
    return select(t.legal_holds).where(t.legal_holds.c.released_at.is_(None))


def _add(c: Connection, kind: HoldKind, key: str, values: dict[str, str | float]) -> Hold:
    h = t.legal_holds.c
    table = {"interaction": t.interactions, "customer": t.customers}.get(kind)
    if table is not None:
        wanted = int(key) if kind == "customer" and key.isdecimal() else key if kind == "interaction" else -1
        if c.scalar(select(table.c.id).where(table.c.id == wanted)) is None:
            raise NotFound(kind, key)
    if c.execute(_in_force().where(h.kind == kind, h.key == key)).first() is not None:
        raise Conflict(f"the {kind} {key} is held already", "held")
    hold_id: int = c.execute(insert(t.legal_holds).values(**values).returning(h.id)).scalar_one()
    return Hold(id=hold_id, **values)  # type: ignore[arg-type]  # they are its fields


def _release(c: Connection, hold_id: int, at: float, by: str) -> Hold:
    h = t.legal_holds.c
    row = c.execute(_in_force().where(h.id == hold_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("legal hold", hold_id)
    c.execute(update(t.legal_holds).where(h.id == hold_id).values(released_at=at, released_by=by))
    return Hold(**{name: row[name] for name in Hold.__struct_fields__})


def on_customer(c: Connection, customer: Customer) -> str:
    """Why nothing of the customer may be erased, "" when it may."""
    h, v = t.legal_holds.c, t.queue_visits.c
    wanted: list[ColumnElement[bool]] = [and_(h.kind == "customer", h.key.in_([str(one) for one in customer.ids]))]
    for chunk in chunks(customer.interactions):
        wanted.append(and_(h.kind == "interaction", h.key.in_(chunk)))
        queues = select(v.queue).where(v.interaction_id.in_(chunk))
        wanted.append(and_(h.kind == "queue", h.key.in_(queues)))
    row = c.execute(_in_force().where(or_(*wanted)).limit(1)).mappings().one_or_none()
    return f"the {row['kind']} {row['key']}, by {row['by']}: {row['reason']}" if row else ""


def held_interactions() -> ColumnElement[bool]:
    """Of a row of `interactions`: it, its customer, or a queue that it was in is held."""
    h, i, v = t.legal_holds.c, t.interactions.c, t.queue_visits.c
    now = h.released_at.is_(None)
    queues = select(h.key).where(h.kind == "queue", now)
    visited = select(v.interaction_id).where(v.queue.in_(queues))
    singly = select(h.key).where(h.kind == "interaction", now)
    customers = select(h.key).where(h.kind == "customer", now)
    customer = func.coalesce(cast(i.customer_id, Text), "")  # of a nobody no `NOT` of this would be true
    return or_(i.id.in_(singly), i.queue.in_(queues), i.id.in_(visited), customer.in_(customers))
