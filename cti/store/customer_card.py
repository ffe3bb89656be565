"""What a screen-pop asks of a customer. The statements are built once: building one costs more than running it."""

from collections.abc import Iterator
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import Connection, CursorResult, Select, and_, bindparam, exists, func, literal, or_, select, union_all

from cti.customers.directory import Candidate, Identified
from cti.desk.views import AddressView, ContactView, CustomerView, NoteView, OrderView, TransferView
from cti.errors import NotFound
from cti.store import tables as t

CONTACTS: Final = 20
ORDERS, NOTES, MOST_CANDIDATES = 8, 10, 20
S = TypeVar("S", bound=msgspec.Struct)
_FAR_AHEAD: Final = 1e12
_LISTED: Final = ("agents", "transfers", "talked_s")


class ContactFilter(msgspec.Struct, frozen=True, kw_only=True):
    """`kind`: "inbound", "outbound", or a medium; `text` in note, queue, number or agent; or one of `dispositions`."""

    before: float | None = None
    kind: str = ""
    text: str = ""
    dispositions: tuple[str, ...] = ()


def find(c: Connection, number: str) -> Identified | None:
    rows = c.execute(_BY_NUMBER, {"number": number}).all()
    if len(rows) > 1:
        return _shared(c, number)
    return Identified(customer_id=rows[0].id, name=rows[0].name, vip=rows[0].vip, created=False) if rows else None


def _shared(c: Connection, number: str) -> Identified:
    rows = c.execute(_CANDIDATES, {"number": number}).mappings()
    candidates = tuple(Candidate(**row) for row in rows)
    first = candidates[0]
    return Identified(
        customer_id=first.customer_id, name=first.name, vip=first.vip, created=False, candidates=candidates
    )


def card(c: Connection, customer_id: int) -> CustomerView:
    """Of a customer who was merged, the one they are now. `NotFound`."""
    row = c.execute(_CUSTOMER, {"customer": customer_id}).one_or_none()
    if row is None:
        raise NotFound("customer", customer_id)
    if row.merged_into is not None:
        return card(c, row.merged_into)
    key = {"customer": customer_id}
    return CustomerView(
        customer_id=customer_id,
        name=row.name,
        vip=row.vip,
        numbers=tuple(number for (number,) in c.execute(_NUMBERS, key).all()),
        city=row.city,
        company=row.company,
        new=row.new,
        orders=tuple(_structs(OrderView, c.execute(_ORDERS, key))),
        contacts=tuple(_contacts(c, _POP, {"customer": customer_id, "limit": CONTACTS, "before": _FAR_AHEAD})),
        notes=tuple(_structs(NoteView, c.execute(_NOTES, key))),
        branch=row.branch,
        agent_id=row.agent_id,
        version=row.version,
        addresses=tuple(AddressView(**one) for one in row.addresses),
        extra=row.extra,
        updated_at=row.updated_at,
        updated_by=row.editor,
    )


def timeline(c: Connection, customer_id: int, wanted: ContactFilter, limit: int) -> list[ContactView]:
    """The latest first."""
    key = {"customer": customer_id, "limit": limit, "before": wanted.before or _FAR_AHEAD}
    return _contacts(c, _narrowed(wanted), key)


def _structs(kind: type[S], result: CursorResult[Any]) -> Iterator[S]:
    """A row's columns are called like the fields. Many times faster than `mappings()`, and a pop waits for it."""
    names = tuple(result.keys())
    for row in result.all():
        yield kind(**dict(zip(names, row, strict=True)))


def _contacts(c: Connection, query: Select[Any], key: dict[str, Any]) -> list[ContactView]:
    result = c.execute(query, key)
    names, rows = tuple(result.keys()), result.all()
    if not rows:
        return []
    talks: dict[str, list[tuple[str, float]]] = {}
    transfers: dict[str, list[TransferView]] = {}
    for interaction_id, at, agent_id, kind, target, talk_s in c.execute(
        _COURSES, {"ids": [row[0] for row in rows]}
    ).all():
        if kind:
            moved = TransferView(at=at, from_agent=agent_id, kind=kind, target=target)
            transfers.setdefault(interaction_id, []).append(moved)
        else:
            talks.setdefault(interaction_id, []).append((agent_id, talk_s))
    return [
        ContactView(
            **dict(zip(names, row, strict=True)),
            talked_s=sum(talk_s for _, talk_s in talks.get(row[0], ())),
            agents=tuple(dict.fromkeys(agent_id for agent_id, _ in talks.get(row[0], ()))),
            transfers=tuple(transfers.get(row[0], ())),
        )
        for row in rows
    ]


def talked_s() -> Any:
    """Column expression: seconds that an interaction's agents talked, all segments together."""
    s = t.segments.c
    total = select(func.sum(s.talk_s)).where(s.interaction_id == t.interactions.c.id).scalar_subquery()
    return func.coalesce(total, literal(0.0)).label("talked_s")


def has_recording() -> Any:
    """Column expression: a recording of the interaction was published."""
    r = t.recordings.c
    return exists().where(and_(r.interaction_id == t.interactions.c.id, r.path != "")).label("has_recording")


def like(text: str) -> str:
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def _contacts_query() -> Select[Any]:
    i, u = t.interactions.c, t.users.c
    taken = [column for column in ContactView.__struct_fields__ if column in i and column not in _LISTED]
    return (
        select(
            i.id.label("interaction_id"),
            i.started_at.label("at"),
            func.coalesce(u.name, i.agent_id).label("agent_name"),
            has_recording(),
            *(i[column] for column in taken),
        )
        .outerjoin_from(t.interactions, t.users, u.login == i.agent_id)
        .where(i.customer_id == bindparam("customer"), i.ended_at.is_not(None), i.started_at < bindparam("before"))
        .order_by(i.started_at.desc())
        .limit(bindparam("limit"))
    )


def _narrowed(wanted: ContactFilter) -> Select[Any]:
    query, i = _POP, t.interactions.c
    if wanted.kind == "inbound":
        query = query.where(i.medium == "voice", i.direction == "in")
    elif wanted.kind == "outbound":
        query = query.where(i.direction == "out")
    elif wanted.kind:
        query = query.where(i.medium == wanted.kind)
    if wanted.text:
        texts = (i.note, i.queue, i.number, t.users.c.name)
        hits = [column.ilike(like(wanted.text), escape="\\") for column in texts]
        query = query.where(or_(*hits, i.disposition.in_(wanted.dispositions)))
    return query


def _candidates_query() -> Select[Any]:
    c, n, i = t.customers.c, t.customer_numbers.c, t.interactions.c
    talked = select(i.started_at).where(i.customer_id == c.id, i.connected_at.is_not(None))
    last = talked.order_by(i.started_at.desc()).limit(1).scalar_subquery()
    columns = (c.id.label("customer_id"), c.name, c.vip, c.city, c.company, last.label("last_at"))
    query = select(*columns).join(t.customer_numbers, n.customer_id == c.id).where(n.number == bindparam("number"))
    return query.order_by(func.coalesce(last, 0).desc(), c.id).limit(MOST_CANDIDATES)


def _orders_query() -> Select[Any]:
    o = t.orders.c
    query = select(*(o[name] for name in OrderView.__struct_fields__)).where(o.customer_id == bindparam("customer"))
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


def _courses_query() -> Any:
    """What became of interactions: who talked how long, and transfers (those have a `kind`), in order of time."""
    s, x, nothing = t.segments.c, t.transfers.c, literal("")
    wanted: Any = bindparam("ids", expanding=True)
    talks = select(
        s.interaction_id, s.connected_at.label("at"), s.agent_id, nothing, nothing, func.coalesce(s.talk_s, 0.0)
    ).where(s.interaction_id.in_(wanted))
    moves = select(x.interaction_id, x.at, x.from_agent, x.kind, x.target, literal(0.0)).where(
        x.interaction_id.in_(wanted)
    )
    return union_all(talks, moves).order_by("at")


_BY_NUMBER = (
    select(t.customers.c.id, t.customers.c.name, t.customers.c.vip)
    .join(t.customer_numbers, t.customer_numbers.c.customer_id == t.customers.c.id)
    .where(t.customer_numbers.c.number == bindparam("number"))
    .limit(2)
)
_CUSTOMER = (
    select(t.customers, func.coalesce(t.users.c.name, t.customers.c.updated_by).label("editor"))
    .outerjoin_from(t.customers, t.users, t.users.c.login == t.customers.c.updated_by)
    .where(t.customers.c.id == bindparam("customer"))
)
_NUMBERS = (
    select(t.customer_numbers.c.number)
    .where(t.customer_numbers.c.customer_id == bindparam("customer"))
    .order_by(t.customer_numbers.c.position, t.customer_numbers.c.number)
)
_ORDERS, _NOTES, _POP, _CANDIDATES = _orders_query(), _notes_query(), _contacts_query(), _candidates_query()
_COURSES = _courses_query()
