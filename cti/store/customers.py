"""Customers and what a screen-pop shows of them. Implements `cti.customers.directory.CustomerDirectory`."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from cti.customers.directory import Identified
from cti.customers.numbers import canonical
from cti.desk.views import ContactView, CustomerView, NoteView, OrderView
from cti.errors import Conflict, NotFound
from cti.store import tables as t
from cti.store.database import Database

CONTACTS, ORDERS, NOTES = 10, 8, 10
_LATEST = 500
_LONGEST_NAME = 200
_FAR_AHEAD = 1e12


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


class CustomerRepository:
    def __init__(self, database: Database, *, region: str = "CN") -> None:
        """`region` is whose national numbers a search may hold."""
        self._db = database
        self._region = region

    async def find(self, number: str) -> Identified | None:
        """`number` is canonical."""
        return await self._db.read(lambda c: _find(c, number))

    async def find_or_create(self, number: str, *, caller_name: str, at: float) -> Identified:
        if found := await self.find(number):
            return found
        return await self._db.write(lambda c: _find(c, number) or _create(c, number, caller_name, at))

    async def card(self, customer_id: int) -> CustomerView:
        """`NotFound`."""
        return await self._db.read(lambda c: _card(c, customer_id))

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

    async def timeline(self, customer_id: int, *, before: float | None = None, limit: int = 50) -> list[ContactView]:
        """Earlier contacts, the latest first; `before`: only what began earlier, for the next page."""
        return await self._db.read(lambda c: _contacts(c, customer_id, limit, before))

    async def edit(
        self, customer_id: int, *, version: int, name: str, vip: int, city: str, company: str, at: float
    ) -> CustomerSummary:
        """`NotFound`, or `Conflict` when somebody else edited since `version`."""
        c = t.customers.c
        values = {"name": name, "vip": vip, "city": city, "company": company, "new": False, "updated_at": at}
        statement = (
            update(t.customers).where(c.id == customer_id, c.version == version).values(version=c.version + 1, **values)
        )
        if not await self._db.write(lambda conn: conn.execute(statement).rowcount):
            now = await self.summary(customer_id)
            raise Conflict(f"customer {customer_id} was edited by somebody else meanwhile", f"version {now.version}")
        return await self.summary(customer_id)

    async def add_number(self, customer_id: int, number: str) -> None:
        """`Conflict` when the number (canonical) is a customer's already, `NotFound`."""
        await self._db.write(lambda c: _add_number(c, customer_id, number))

    async def add_note(self, customer_id: int, *, author: str, text: str, at: float) -> None:
        """`author` is a login. `NotFound`."""

        def work(c: Connection) -> None:
            _must_exist(c, customer_id)
            c.execute(insert(t.customer_notes).values(customer_id=customer_id, author=author, text=text, at=at))

        await self._db.write(work)

    async def adopt_orphans(self) -> int:
        """Give interactions whose caller could not be identified (the database was away) their customers. How many."""
        return await self._db.write(_adopt_orphans)


def _find(c: Connection, number: str) -> Identified | None:
    if not (row := c.execute(_BY_NUMBER, {"number": number}).one_or_none()):
        return None
    return Identified(customer_id=row.id, name=row.name, vip=row.vip, created=False)


def _create(c: Connection, number: str, caller_name: str, at: float) -> Identified:
    """The number's primary key decides a race: who comes second takes the first one's customer."""
    name = "" if canonical(caller_name) in {number, ""} else _printable(caller_name)
    made = c.begin_nested()
    customer_id = c.execute(
        insert(t.customers).values(name=name, new=True, created_at=at, updated_at=at).returning(t.customers.c.id)
    ).scalar_one()
    dialect = postgresql if c.dialect.name == "postgresql" else sqlite
    numbers = dialect.insert(t.customer_numbers).values(number=number, customer_id=customer_id)
    if c.execute(numbers.on_conflict_do_nothing()).rowcount:
        made.commit()
        return Identified(customer_id=customer_id, name=name, vip=0, created=True)
    made.rollback()
    if not (found := _find(c, number)):
        raise NotFound("customer with number", number)
    return found


def _printable(text: str) -> str:
    """A caller's name comes from anywhere; PostgreSQL refuses NUL, and nobody wants the other control characters."""
    return "".join(filter(str.isprintable, text))[:_LONGEST_NAME]


def _must_exist(c: Connection, customer_id: int) -> None:
    if not c.scalar(select(exists().where(t.customers.c.id == customer_id))):
        raise NotFound("customer", customer_id)


def _add_number(c: Connection, customer_id: int, number: str) -> None:
    _must_exist(c, customer_id)
    if owner := c.scalar(select(t.customer_numbers.c.customer_id).where(t.customer_numbers.c.number == number)):
        if owner == customer_id:
            return
        raise Conflict(f"{number} belongs to another customer", str(owner))
    position = select(func.count()).where(t.customer_numbers.c.customer_id == customer_id).scalar_subquery()
    c.execute(insert(t.customer_numbers).values(number=number, customer_id=customer_id, position=position))


def _adopt_orphans(c: Connection) -> int:
    i = t.interactions.c
    query = select(i.id, i.number, i.caller_name, i.started_at).where(i.customer_id.is_(None), i.number != "")
    orphans = c.execute(query).all()
    for orphan in orphans:
        found = _find(c, orphan.number) or _create(c, orphan.number, orphan.caller_name, orphan.started_at)
        c.execute(update(t.interactions).where(i.id == orphan.id).values(customer_id=found.customer_id))
    return len(orphans)


def like(text: str) -> str:
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def _search(text: str, number: str) -> Select[Any]:
    c, n = t.customers.c, t.customer_numbers.c
    if not text:
        return _called_last()
    query = select(t.customers).order_by(c.name, c.id)
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


def _card(c: Connection, customer_id: int) -> CustomerView:
    key = {"customer": customer_id}
    if not (row := c.execute(_CUSTOMER, key).one_or_none()):
        raise NotFound("customer", customer_id)
    return CustomerView(
        customer_id=customer_id,
        name=row.name,
        vip=row.vip,
        numbers=tuple(c.scalars(_NUMBERS, key)),
        city=row.city,
        company=row.company,
        new=row.new,
        orders=tuple(OrderView(**row) for row in c.execute(_ORDERS, key).mappings()),
        contacts=tuple(_contacts(c, customer_id, CONTACTS, None)),
        notes=tuple(NoteView(**row) for row in c.execute(_NOTES, key).mappings()),
        branch=row.branch,
        agent_id=row.agent_id,
    )


def _contacts(c: Connection, customer_id: int, limit: int, before: float | None) -> list[ContactView]:
    found = c.execute(_CONTACTS, {"customer": customer_id, "limit": limit, "before": before or _FAR_AHEAD})
    booleans = ("has_recording", "complaint")
    return [ContactView(**{**row, **{name: bool(row[name]) for name in booleans}}) for row in found.mappings()]


def talked_s() -> Any:
    """Column expression: seconds that an interaction's agents talked, all segments together."""
    s = t.segments.c
    total = select(func.sum(s.talk_s)).where(s.interaction_id == t.interactions.c.id).scalar_subquery()
    return func.coalesce(total, literal(0.0)).label("talked_s")


def has_recording() -> Any:
    """Column expression: a recording of the interaction was published."""
    r = t.recordings.c
    return exists().where(and_(r.interaction_id == t.interactions.c.id, r.path != "")).label("has_recording")


def _contacts_query() -> Select[Any]:
    i, u = t.interactions.c, t.users.c
    return (
        select(
            i.id.label("interaction_id"),
            i.started_at.label("at"),
            i.medium,
            i.queue,
            func.coalesce(u.name, i.agent_id).label("agent_name"),
            talked_s(),
            i.outcome,
            i.disposition,
            i.note,
            has_recording(),
            i.agent_id,
            i.direction,
            i.complaint,
            i.fields,
            i.follow_up_at,
        )
        .outerjoin_from(t.interactions, t.users, u.login == i.agent_id)
        .where(i.customer_id == bindparam("customer"), i.ended_at.is_not(None), i.started_at < bindparam("before"))
        .order_by(i.started_at.desc())
        .limit(bindparam("limit"))
    )


def _orders_query() -> Select[Any]:
    o = t.orders.c
    query = select(o.number, o.placed_at, o.title, o.amount, o.state).where(o.customer_id == bindparam("customer"))
    return query.order_by(o.placed_at.desc()).limit(ORDERS)


def _notes_query() -> Select[Any]:
    n, u = t.customer_notes.c, t.users.c
    return (
        select(n.at, func.coalesce(u.name, n.author).label("author"), n.text)
        .outerjoin_from(t.customer_notes, t.users, u.login == n.author)
        .where(n.customer_id == bindparam("customer"))
        .order_by(n.at.desc())
        .limit(NOTES)
    )


# What a screen-pop asks is built once: building a statement costs more than running it.
_BY_NUMBER = (
    select(t.customers.c.id, t.customers.c.name, t.customers.c.vip)
    .join(t.customer_numbers, t.customer_numbers.c.customer_id == t.customers.c.id)
    .where(t.customer_numbers.c.number == bindparam("number"))
)
_CUSTOMER = select(t.customers).where(t.customers.c.id == bindparam("customer"))
_NUMBERS = (
    select(t.customer_numbers.c.number)
    .where(t.customer_numbers.c.customer_id == bindparam("customer"))
    .order_by(t.customer_numbers.c.position, t.customer_numbers.c.number)
)
_ORDERS, _NOTES, _CONTACTS = _orders_query(), _notes_query(), _contacts_query()
