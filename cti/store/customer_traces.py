"""Where a customer's traces are: whose numbers and names they are, which rows are theirs, which others mention them.

A customer is the record of that id, all that were merged into it, and the interactions of both. Of the numbers and
names only those are searched for elsewhere that nobody else has.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import JSON, Column, ColumnElement, Connection, Table, Text, cast, or_, select

from cti.customers.numbers import is_public
from cti.store import tables as t
from cti.store.customer_images import load, must_stand_alone
from cti.store.personal import Traces, escaped

CHUNK: Final = 400
"""How many values stand in one `IN (...)`."""
STAFF: Final = frozenset(
    {
        *("users", "user_rights", "sessions", "api_tokens", "second_factors", "recovery_codes", "identities"),
        *("login_failures", "audit", "audit_chain"),
    }
)
"""Tables that nothing is taken out of by a search: people who work here; the audit log is emptied, not rewritten."""
Key = tuple[Any, ...]


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """`ids`: the customer's own first. `files`: (interaction, path below the recordings folder)."""

    customer_id: int
    ids: tuple[int, ...]
    numbers: tuple[str, ...]
    names: tuple[str, ...]
    interactions: tuple[str, ...]
    files: tuple[tuple[str, str], ...]


def find(c: Connection, customer_id: int) -> Customer:
    """`NotFound`, and `Conflict` for one who is part of another."""
    must_stand_alone(customer_id, load(c, customer_id))
    k = t.customers.c
    ids = (customer_id, *c.scalars(select(k.id).where(k.merged_into == customer_id).order_by(k.id)))
    images = _images(c, ids)
    numbers, names = _numbers(c, ids, images), _names(c, ids, images)
    own = tuple(sorted(filter(is_public, numbers - _called_others(c, ids, numbers))))
    interactions = _interactions(c, ids, own)
    return Customer(
        customer_id=customer_id,
        ids=ids,
        numbers=own,
        names=tuple(sorted(names - _named_others(c, ids, names))),
        interactions=interactions,
        files=tuple(_files(c, interactions)),
    )


def chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


def _images(c: Connection, ids: Sequence[int]) -> list[dict[str, Any]]:
    m = t.customer_merges.c
    query = select(m.record).where(or_(m.kept_id.in_(ids), m.other_id.in_(ids)), m.undone_at.is_(None))
    return [record[side] for record in c.scalars(query) for side in ("kept", "other", "after")]


def _interactions(c: Connection, ids: Sequence[int], numbers: Sequence[str]) -> tuple[str, ...]:
    """Also calls from numbers of theirs alone for which nobody could be found."""
    i = t.interactions.c
    theirs = or_(i.customer_id.in_(ids), i.customer_id.is_(None) & i.number.in_(numbers))
    return tuple(c.scalars(select(i.id).where(theirs).order_by(i.id)))


def _files(c: Connection, interactions: Sequence[str]) -> Iterator[tuple[str, str]]:
    r = t.recordings.c
    for chunk in chunks(interactions):
        for row in c.execute(select(r.interaction_id, r.path).where(r.interaction_id.in_(chunk), r.path != "")):
            yield row.interaction_id, row.path


def _numbers(c: Connection, ids: Sequence[int], images: Iterable[dict[str, Any]]) -> set[str]:
    n, i = t.customer_numbers.c, t.interactions.c
    listed = c.scalars(select(n.number).where(n.customer_id.in_(ids)))
    called = c.scalars(select(i.number).where(i.customer_id.in_(ids)).distinct())
    return {*listed, *called, *(number for image in images for number in image["numbers"])}


def _names(c: Connection, ids: Sequence[int], images: Iterable[dict[str, Any]]) -> set[str]:
    k, i = t.customers.c, t.interactions.c
    written = c.scalars(select(k.name).where(k.id.in_(ids)))
    called = c.scalars(select(i.caller_name).where(i.customer_id.in_(ids)).distinct())
    return {*written, *called, *(image["name"] for image in images)} - {""}


def _called_others(c: Connection, ids: Sequence[int], numbers: set[str]) -> set[str]:
    n, i = t.customer_numbers.c, t.interactions.c
    listed = select(n.number).where(n.number.in_(numbers), n.customer_id.not_in(ids))
    called = select(i.number).where(i.number.in_(numbers), i.customer_id.is_not(None), i.customer_id.not_in(ids))
    return {*c.scalars(listed), *c.scalars(called.distinct())}


def _named_others(c: Connection, ids: Sequence[int], names: set[str]) -> set[str]:
    k, i, u = t.customers.c, t.interactions.c, t.users.c
    written = select(k.name).where(k.name.in_(names), k.id.not_in(ids))
    called = select(i.caller_name).where(i.caller_name.in_(names), i.customer_id.not_in(ids))
    return {
        *c.scalars(written),
        *c.scalars(called.distinct()),
        *c.scalars(select(u.name).where(u.name.in_(names))),
    }


# --- rows ------------------------------------------------------------------------------------------------------------


def own_rows(c: Connection, table: Table, customer: Customer) -> Iterator[dict[str, Any]]:
    """Each once, with its whole content."""
    seen: set[Key] = set()
    for where in _own(table, customer):
        for row in c.execute(select(table).where(where)).mappings().all():
            key = key_of(table, row)
            if key not in seen:
                seen.add(key)
                yield {str(name): value for name, value in row.items()}


def _own(table: Table, customer: Customer) -> Iterator[ColumnElement[bool]]:
    columns = table.c
    if table is t.customers:
        yield columns.id.in_(customer.ids)
    elif table is t.customer_merges:
        yield or_(columns.kept_id.in_(customer.ids), columns.other_id.in_(customer.ids))
    elif table is t.interactions:
        yield from (columns.id.in_(chunk) for chunk in chunks(customer.interactions))
    elif table.name not in STAFF:
        if "customer_id" in columns:
            yield columns.customer_id.in_(customer.ids)
        if table is t.facts and customer.ids:  # of no call: a task for a customer
            named = [columns.body.contains(f'"customer_id":{one}{end}') for one in customer.ids for end in ",}"]
            yield (columns.interaction_id == "") & or_(*named)
        if "interaction_id" in columns:
            yield from (columns.interaction_id.in_(chunk) for chunk in chunks(customer.interactions))


def key_of(table: Table, row: Any) -> Key:
    return tuple(row[column.name] for column in table.primary_key.columns)


def at(table: Table, key: Key) -> ColumnElement[bool]:
    found: ColumnElement[bool] = table.primary_key.columns[0] == key[0]
    for column, value in zip(list(table.primary_key.columns)[1:], key[1:], strict=True):
        found &= column == value
    return found


def mentions(c: Connection, traces: Traces) -> dict[str, list[Key]]:
    """Table -> keys of the rows that may hold a trace. Looks through everything: it takes as long as it takes."""
    found: dict[str, list[Key]] = {}
    if not traces.needles:
        return found
    for table in t.metadata.sorted_tables:
        if table.name not in STAFF and (where := _mentioned(table, traces)) is not None:
            keys = c.execute(select(*table.primary_key.columns).where(where)).all()
            found[table.name] = [tuple(key) for key in keys]
    return found


def _mentioned(table: Table, traces: Traces) -> ColumnElement[bool] | None:
    tried = [
        cast(column, Text).contains(spelled, autoescape=True)
        for column in table.columns
        if written(column)
        for needle in traces.needles
        for spelled in escaped(needle)
    ]
    return or_(*tried) if tried else None


def written(column: Column[Any]) -> bool:
    """Somebody's words may stand in it: a text or JSON that is no key."""
    return isinstance(column.type, Text | JSON) and not column.primary_key and not column.foreign_keys
