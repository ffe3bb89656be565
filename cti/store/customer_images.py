"""What people edit of a customer, read and written as a whole (`cti.customers.merging.Image`)."""

from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, insert, select, text, update

from cti.customers.merging import PLAIN, Address, Image
from cti.errors import Conflict, NotFound
from cti.store import tables as t


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """`merged_into`: whose record this one is part of now."""

    image: Image
    version: int
    merged_into: int | None


def load(c: Connection, customer_id: int, *, lock: bool = False) -> Stored:
    """`lock`: nobody else changes the customer until the transaction is over. `NotFound`."""
    query = select(t.customers).where(t.customers.c.id == customer_id)
    row = c.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound("customer", customer_id)
    n = t.customer_numbers.c
    numbers = select(n.number).where(n.customer_id == customer_id).order_by(n.position, n.number)
    image = Image(
        **{name: getattr(row, name) for name in PLAIN},
        extra=row.extra,
        numbers=tuple(c.scalars(numbers)),
        addresses=tuple(Address(**one) for one in row.addresses),
    )
    return Stored(image=image, version=row.version, merged_into=row.merged_into)


def save(c: Connection, customer_id: int, image: Image, *, at: float, by: str, **columns: Any) -> None:
    """Everything of the image, with the next version. `columns`: others of the row."""
    k = t.customers.c
    plain = {name: getattr(image, name) for name in PLAIN}
    addresses = [msgspec.structs.asdict(address) for address in image.addresses]
    values = {**plain, "extra": image.extra, "addresses": addresses, "updated_at": at, "updated_by": by, **columns}
    c.execute(update(t.customers).where(k.id == customer_id).values(version=k.version + 1, **values))
    n = t.customer_numbers
    c.execute(delete(n).where(n.c.customer_id == customer_id))
    if image.numbers:
        rows = [{"number": one, "customer_id": customer_id, "position": p} for p, one in enumerate(image.numbers)]
        c.execute(insert(n), rows)


def must_stand_alone(customer_id: int, stored: Stored) -> None:
    if stored.merged_into is not None:
        raise Conflict(f"customer {customer_id} has been merged into customer {stored.merged_into}", "merged")


def one_at_a_time(c: Connection, number: str) -> None:
    """Who asks for the same number waits until this transaction is over. SQLite has one writer at a time anyway."""
    if c.dialect.name == "postgresql":
        c.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:number, 0))"), {"number": number})


def add_number(c: Connection, customer_id: int, number: str) -> None:
    """At the end of the customer's numbers; nothing happens when they have it."""
    n = t.customer_numbers.c
    if c.scalar(select(n.number).where(n.number == number, n.customer_id == customer_id)) is None:
        position = select(func.count()).where(n.customer_id == customer_id).scalar_subquery()
        c.execute(insert(t.customer_numbers).values(number=number, customer_id=customer_id, position=position))
