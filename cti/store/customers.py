"""Customers: found, edited, assigned. Implements `cti.customers.directory.CustomerDirectory`."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, delete, exists, func, insert, or_, select, update

from cti.customers.directory import Identified
from cti.customers.merging import Address, Image
from cti.customers.numbers import WITHHELD, canonical, is_public
from cti.desk.views import ContactView, CustomerView
from cti.errors import Conflict, NotFound
from cti.store import tables as t
from cti.store.customer_card import ContactFilter, card, find, like, timeline
from cti.store.customer_images import add_number, load, must_stand_alone, one_at_a_time, save
from cti.store.database import Database

_LATEST = 500
_LONGEST_NAME = 200
EVERY_CONTACT: Final = ContactFilter()


class CustomerSummary(msgspec.Struct, frozen=True, kw_only=True):
    """`version` must be named by an edit."""

    customer_id: int
    name: str
    vip: int
    city: str
    company: str
    new: bool
    numbers: tuple[str, ...]
    version: int


class CustomerChange(msgspec.Struct, frozen=True, kw_only=True):
    """None: as it is. `numbers` (canonical) and `addresses` are all there shall be, `extra` every value."""

    name: str | None = None
    vip: int | None = None
    city: str | None = None
    company: str | None = None
    branch: str | None = None
    numbers: tuple[str, ...] | None = None
    addresses: tuple[Address, ...] | None = None
    extra: dict[str, str] | None = None


class CustomerRepository:
    def __init__(self, database: Database, *, region: str = "CN") -> None:
        """`region` is whose national numbers a search may hold."""
        self._db = database
        self._region = region

    async def find(self, number: str) -> Identified | None:
        """`number` is canonical."""
        return await self._db.read(lambda c: find(c, number))

    async def find_or_create(self, number: str, *, caller_name: str, at: float) -> Identified:
        if found := await self.find(number):
            return found
        name = _caller_name(caller_name, self._region)
        return await self._db.write(lambda c: _find_or_create(c, number, name, at))

    async def create(self, *, name: str, number: str, by: str, at: float) -> int:
        """A customer with this number ("": none), whoever else has it."""
        return await self._db.write(lambda c: _create(c, number, _printable(name), at, by=by))

    async def assign(self, customer_id: int, *, number: str, instead_of: int) -> None:
        """See `CustomerDirectory.assign`. `NotFound`."""
        await self._db.write(lambda c: _assign(c, customer_id, number, instead_of))

    async def card(self, customer_id: int) -> CustomerView:
        """Of a customer who was merged, the one they are now. `NotFound`."""
        return await self._db.read(lambda c: card(c, customer_id))

    async def image(self, customer_id: int) -> tuple[Image, int]:
        """What can be edited, and its version. `NotFound`; `Conflict` when the customer was merged."""

        def work(c: Connection) -> tuple[Image, int]:
            stored = load(c, customer_id)
            must_stand_alone(customer_id, stored)
            return stored.image, stored.version

        return await self._db.read(work)

    async def summary(self, customer_id: int) -> CustomerSummary:
        """`NotFound`."""
        found = await self._db.read(lambda c: _summaries(c, select(t.customers).where(t.customers.c.id == customer_id)))
        if not found:
            raise NotFound("customer", customer_id)
        return found[0]

    async def search(self, text: str, *, limit: int = 50) -> list[CustomerSummary]:
        """By a part of the name or company, or a number in any writing, by name; for "" those who called last."""
        query = _search(text.strip(), canonical(text, self._region)).limit(limit)
        return await self._db.read(lambda c: _summaries(c, query))

    async def timeline(
        self, customer_id: int, wanted: ContactFilter = EVERY_CONTACT, *, limit: int = 50
    ) -> list[ContactView]:
        """Earlier contacts, the latest first."""
        return await self._db.read(lambda c: timeline(c, customer_id, wanted, limit))

    async def edit(self, customer_id: int, change: CustomerChange, *, version: int, by: str, at: float) -> None:
        """`NotFound`, or `Conflict` when somebody else edited since `version`, or merged. `by` is a login."""

        def work(c: Connection) -> None:
            stored = load(c, customer_id, lock=True)
            must_stand_alone(customer_id, stored)
            if stored.version != version:
                words = f"customer {customer_id} was edited by somebody else meanwhile"
                raise Conflict(words, f"version {stored.version}")
            wanted = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not None}
            save(c, customer_id, msgspec.structs.replace(stored.image, **wanted, new=False), at=at, by=by)

        await self._db.write(work)

    async def add_number(self, customer_id: int, number: str) -> None:
        """`number` is canonical; others may have it, too. `NotFound`."""

        def work(c: Connection) -> None:
            _must_exist(c, customer_id)
            add_number(c, customer_id, number)

        await self._db.write(work)

    async def add_note(self, customer_id: int, *, author: str, text: str, at: float) -> None:
        """`author` is a login. `NotFound`."""

        def work(c: Connection) -> None:
            _must_exist(c, customer_id)
            c.execute(insert(t.customer_notes).values(customer_id=customer_id, author=author, text=text, at=at))

        await self._db.write(work)

    async def adopt_orphans(self) -> int:
        """Give interactions whose caller could not be identified (the database was away) their customers. How many."""
        return await self._db.write(lambda c: _adopt_orphans(c, self._region))


def _find_or_create(c: Connection, number: str, name: str, at: float) -> Identified:
    """Of several calls at once from a new number the first makes the customer, the others find it."""
    one_at_a_time(c, number)
    if found := find(c, number):
        return found
    return Identified(customer_id=_create(c, number, name, at), name=name, vip=0, created=True)


def _create(c: Connection, number: str, name: str, at: float, *, by: str = "") -> int:
    values = {
        "name": name,
        "new": not by,
        "created_at": at,
        "updated_at": at,
        "updated_by": by,
        "extra": {},
        "addresses": [],
    }
    customer_id: int = c.execute(insert(t.customers).values(**values).returning(t.customers.c.id)).scalar_one()
    if number:
        add_number(c, customer_id, number)
    return customer_id


def _assign(c: Connection, customer_id: int, number: str, instead_of: int) -> None:
    must_stand_alone(customer_id, load(c, customer_id))
    if number:
        add_number(c, customer_id, number)
    if instead_of not in {0, customer_id} and _is_only_a_number(c, instead_of):
        c.execute(delete(t.customers).where(t.customers.c.id == instead_of))


def _is_only_a_number(c: Connection, customer_id: int) -> bool:
    """Made by an unknown caller, never edited, and nothing is known but this one call, which is still going on."""
    k, i = t.customers.c, t.interactions.c
    others = (t.customer_notes, t.orders)
    return bool(
        c.scalar(
            select(k.id).where(
                k.id == customer_id,
                k.new,
                k.merged_into.is_(None),
                ~exists().where(i.customer_id == customer_id, i.ended_at.is_not(None)),
                *(~exists().where(table.c.customer_id == customer_id) for table in others),
            )
        )
    )


def _caller_name(raw: str, region: str) -> str:
    """What a trunk sends as a name, unless it is a number, or says that there is none."""
    name = _printable(raw)
    number = canonical(raw, region)
    return "" if is_public(number) or name.lower() in WITHHELD or not any(map(str.isalpha, name)) else name


def _printable(text: str) -> str:
    """A caller's name comes from anywhere; PostgreSQL refuses NUL, and nobody wants the other control characters."""
    return "".join(filter(str.isprintable, text)).strip()[:_LONGEST_NAME]


def _must_exist(c: Connection, customer_id: int) -> None:
    if not c.scalar(select(exists().where(t.customers.c.id == customer_id))):
        raise NotFound("customer", customer_id)


def _adopt_orphans(c: Connection, region: str) -> int:
    """Whose number is no public one is nobody's customer, as when the call came."""
    i = t.interactions.c
    query = select(i.id, i.number, i.caller_name, i.started_at).where(i.customer_id.is_(None), i.number != "")
    orphans = [orphan for orphan in c.execute(query) if is_public(orphan.number)]
    for orphan in orphans:
        name = _caller_name(orphan.caller_name, region)
        found = _find_or_create(c, orphan.number, name, orphan.started_at)
        c.execute(update(t.interactions).where(i.id == orphan.id).values(customer_id=found.customer_id))
    return len(orphans)


def _search(text: str, number: str) -> Select[Any]:
    c, n = t.customers.c, t.customer_numbers.c
    if not text:
        return _called_last()
    query = select(t.customers).where(c.merged_into.is_(None)).order_by(c.name, c.id)
    wanted: list[ColumnElement[bool]] = [
        c.name.ilike(like(text), escape="\\"),
        c.company.ilike(like(text), escape="\\"),
    ]
    if any(map(str.isdigit, number)):
        hit = or_(n.number == number, n.number.like(like(number.lstrip("+")), escape="\\"))
        wanted.append(exists().where(n.customer_id == c.id, hit))
    return query.where(or_(*wanted))


def _called_last() -> Select[Any]:
    """Of the latest interactions only, so that it costs the same in a database of millions."""
    i = t.interactions.c
    latest = (
        select(i.customer_id, i.started_at)
        .where(i.customer_id.is_not(None))
        .order_by(i.started_at.desc())
        .limit(_LATEST)
        .subquery()
    )
    seen = select(latest.c.customer_id, func.max(latest.c.started_at).label("at")).group_by(latest.c.customer_id)
    last = seen.subquery()
    query = select(t.customers).join(last, last.c.customer_id == t.customers.c.id)
    return query.order_by(last.c.at.desc(), t.customers.c.id)


def _summaries(c: Connection, query: Select[Any]) -> list[CustomerSummary]:
    rows = c.execute(query).all()
    numbers = _numbers(c, [row.id for row in rows])
    return [
        CustomerSummary(
            customer_id=row.id,
            name=row.name,
            vip=row.vip,
            city=row.city,
            company=row.company,
            new=row.new,
            numbers=tuple(numbers.get(row.id, ())),
            version=row.version,
        )
        for row in rows
    ]


def _numbers(c: Connection, customer_ids: Iterable[int]) -> dict[int, list[str]]:
    n = t.customer_numbers.c
    found: dict[int, list[str]] = {}
    query = select(n.customer_id, n.number).where(n.customer_id.in_(list(customer_ids))).order_by(n.position, n.number)
    for customer_id, number in c.execute(query):
        found.setdefault(customer_id, []).append(number)
    return found
