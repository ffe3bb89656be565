"""Duplicates made one, and parted again; `cti/customers/merging.py` decides what wins and what an undo gives back."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Table, func, insert, or_, select, update

from cti.customers.merging import Image, Record, Side, merged, parted
from cti.errors import Conflict, NotFound
from cti.store import tables as t
from cti.store.customer_images import Stored, load, must_stand_alone, save
from cti.store.database import Database

MOVED: Final[Mapping[str, tuple[Table, str]]] = {
    "interactions": (t.interactions, "id"),
    "notes": (t.customer_notes, "id"),
    "orders": (t.orders, "number"),
    "tasks": (t.tasks, "task_id"),
}
"""What belongs to a customer by `customer_id` and goes along: name in the record -> (table, key)."""
_AT_ONCE: Final = 500


class MergeRow(msgspec.Struct, frozen=True, kw_only=True):
    """`by_name`: who merged, by name. `undone_at` None: it holds."""

    merge_id: int
    kept_id: int
    other_id: int
    other_name: str
    at: float
    by_name: str
    undone_at: float | None


class MergePlan(msgspec.Struct, frozen=True, kw_only=True):
    """The two as they are; `moving`: how many of each kind would change hands."""

    kept: Stored
    other: Stored
    moving: dict[str, int]


class MergeRepository:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def plan(self, kept_id: int, other_id: int) -> MergePlan:
        """`NotFound`, or `Conflict` when the two are one already."""
        return await self._db.read(lambda c: _plan(c, kept_id, other_id))

    async def merge(
        self,
        kept_id: int,
        other_id: int,
        *,
        versions: tuple[int, int],
        choices: Mapping[str, Side],
        by: str,
        at: float,
    ) -> int:
        """The id of the merge. `versions` of (kept, other) that the choices were made from. `NotFound`, `Conflict`."""
        return await self._db.write(
            lambda c: _merge(c, kept_id, other_id, versions=versions, choices=choices, by=by, at=at)
        )

    async def undo(self, merge_id: int, *, by: str, at: float) -> tuple[int, int]:
        """(kept, other): whom it parted. `NotFound`; `Conflict` when it was undone, or another came on top."""
        return await self._db.write(lambda c: _undo(c, merge_id, by=by, at=at))

    async def of(self, customer_id: int) -> list[MergeRow]:
        """The merges that this customer came out of, the latest first."""
        return await self._db.read(lambda c: [MergeRow(**row) for row in c.execute(_listed(customer_id)).mappings()])


def _pair(c: Connection, kept_id: int, other_id: int, *, lock: bool) -> tuple[Stored, Stored]:
    if kept_id == other_id:
        raise Conflict("a customer cannot be merged with themselves", "same")
    found = {one: load(c, one, lock=lock) for one in sorted((kept_id, other_id))}
    for one, stored in found.items():
        must_stand_alone(one, stored)
    return found[kept_id], found[other_id]


def _plan(c: Connection, kept_id: int, other_id: int) -> MergePlan:
    kept, other = _pair(c, kept_id, other_id, lock=False)
    moving = {
        name: c.scalar(select(func.count()).where(table.c.customer_id == other_id)) or 0
        for name, (table, _) in MOVED.items()
    }
    return MergePlan(kept=kept, other=other, moving=moving)


def _merge(
    c: Connection,
    kept_id: int,
    other_id: int,
    *,
    versions: tuple[int, int],
    choices: Mapping[str, Side],
    by: str,
    at: float,
) -> int:
    kept, other = _pair(c, kept_id, other_id, lock=True)
    for one, stored, seen in ((kept_id, kept, versions[0]), (other_id, other, versions[1])):
        if stored.version != seen:
            raise Conflict(f"customer {one} was edited by somebody else meanwhile", f"version {stored.version}")
    after = merged(kept.image, other.image, choices)
    moved = {name: _move(c, table, key, other_id, kept_id) for name, (table, key) in MOVED.items()}
    k = t.customers
    moved["customers"] = list(c.scalars(select(k.c.id).where(k.c.merged_into == other_id)))
    c.execute(update(k).where(k.c.merged_into == other_id).values(merged_into=kept_id))
    bare = msgspec.structs.replace(other.image, numbers=(), addresses=())
    save(c, other_id, bare, at=at, by=by, merged_into=kept_id)
    save(c, kept_id, after, at=at, by=by)
    record = Record(kept=kept.image, other=other.image, after=after, moved=moved)
    values = {"kept_id": kept_id, "other_id": other_id, "at": at, "by": by, "record": msgspec.to_builtins(record)}
    merge_id: int = c.execute(insert(t.customer_merges).values(**values).returning(t.customer_merges.c.id)).scalar_one()
    return merge_id


def _move(c: Connection, table: Table, key: str, source: int, target: int) -> list[str | int]:
    keys = list(c.scalars(select(table.c[key]).where(table.c.customer_id == source).order_by(table.c[key])))
    c.execute(update(table).where(table.c.customer_id == source).values(customer_id=target))
    return keys


def _undo(c: Connection, merge_id: int, *, by: str, at: float) -> tuple[int, int]:
    m = t.customer_merges
    row = c.execute(select(m).where(m.c.id == merge_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("merge", merge_id)
    if row.undone_at is not None:
        raise Conflict("this merge has been undone already", "undone")
    _must_be_latest(c, row)
    record = msgspec.convert(row.record, Record)
    now = load(c, row.kept_id, lock=True)
    kept, other = parted(record, now.image)
    for name, (table, key) in MOVED.items():
        _give_back(c, table, key, record.moved.get(name, []), (row.kept_id, row.other_id))
    _give_back_calls_since(c, row, other, kept)
    save(c, row.kept_id, kept, at=at, by=by)
    save(c, row.other_id, other, at=at, by=by, merged_into=None)
    k = t.customers
    c.execute(update(k).where(k.c.id.in_(record.moved.get("customers", []))).values(merged_into=row.other_id))
    c.execute(update(m).where(m.c.id == merge_id).values(undone_at=at, undone_by=by))
    return row.kept_id, row.other_id


def _must_be_latest(c: Connection, row: Any) -> None:
    m = t.customer_merges.c
    touched = or_(m.kept_id == row.kept_id, m.other_id == row.kept_id)
    later = select(m.id).where(touched, m.id > row.id, m.undone_at.is_(None)).order_by(m.id.desc()).limit(1)
    if (newer := c.scalar(later)) is not None:
        raise Conflict(f"merge {newer} came after this one and builds on it: undo that one first", f"merge {newer}")


def _give_back(c: Connection, table: Table, key: str, keys: list[str | int], pair: tuple[int, int]) -> None:
    """Only what the kept one still has: what somebody has given to a third customer meanwhile stays there."""
    kept_id, other_id = pair
    for begin in range(0, len(keys), _AT_ONCE):
        mine = table.c[key].in_(keys[begin : begin + _AT_ONCE])
        c.execute(update(table).where(mine, table.c.customer_id == kept_id).values(customer_id=other_id))


def _give_back_calls_since(c: Connection, row: Any, other: Image, kept: Image) -> None:
    """Who called since from a number that is only the other's now was the other."""
    i = t.interactions.c
    theirs = [number for number in other.numbers if number not in kept.numbers]
    since = (i.customer_id == row.kept_id, i.started_at >= row.at, i.number.in_(theirs))
    c.execute(update(t.interactions).where(*since).values(customer_id=row.other_id))


def _listed(customer_id: int) -> Any:
    m, u, k = t.customer_merges.c, t.users.c, t.customers.c
    return (
        select(
            m.id.label("merge_id"),
            *(m[name] for name in ("kept_id", "other_id", "at", "undone_at")),
            func.coalesce(k.name, "").label("other_name"),
            func.coalesce(u.name, m.by).label("by_name"),
        )
        .outerjoin_from(t.customer_merges, t.users, u.login == m.by)
        .outerjoin(t.customers, k.id == m.other_id)
        .where(m.kept_id == customer_id)
        .order_by(m.id.desc())
    )
