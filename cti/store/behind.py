"""The interactions behind a number on the board: the waits that a tile or a bar counts, the talks of an agent's day.

What is counted is what `cti/desk/tallies.py` counts live and `cti/reports/service.py` after a restart.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, literal, or_, select

from cti.store import tables as t
from cti.store.customer_card import has_recording
from cti.store.database import Database
from cti.store.interactions import BadCursor

What = Literal["offered", "answered", "within_target", "late", "abandoned", "overflowed", "handled"]


class BehindQuery(msgspec.Struct, frozen=True, kw_only=True):
    """`what` is counted, of a `queue` and an agent ("" for all) in [since, until): by when the wait began.

    "handled" are talks instead, by when they ended; "late" were answered, but not within the target. `targets` is
    queue -> its seconds.
    """

    what: What
    since: float
    until: float | None = None
    queue: str = ""
    agent_id: str = ""
    targets: Mapping[str, float] = {}


class BehindRow(msgspec.Struct, frozen=True, kw_only=True):
    """One wait or talk. `outcome` is the wait's ("" while it goes on), or who ended the talk; `lasted_s` its length."""

    interaction_id: str
    at: float
    lasted_s: float | None
    outcome: str
    medium: str
    queue: str
    agent_id: str
    agent_name: str
    customer_name: str
    customer_number: str
    disposition: str
    has_recording: bool


class BehindPage(msgspec.Struct, frozen=True, kw_only=True):
    """`count`: all of them, on every page. `next`: cursor of the following page, None on the last one."""

    items: tuple[BehindRow, ...]
    count: int
    next: str | None


class BehindRepository:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def find(self, wanted: BehindQuery, *, cursor: str = "", limit: int = 50) -> BehindPage:
        """The latest first. `BadCursor`."""
        after = _read_cursor(cursor) if cursor else None
        return await self._db.read(lambda c: _find(c, wanted, after, limit))


def _find(c: Connection, wanted: BehindQuery, after: tuple[float, str] | None, limit: int) -> BehindPage:
    talks = wanted.what == "handled"
    at = t.segments.c.ended_at if talks else t.queue_visits.c.queued_at
    key = _key(talks=talks)
    which = _talks(wanted) if talks else _waits(wanted)
    page = _listed(at, key, talks=talks).where(*which).order_by(at.desc(), key.desc()).limit(limit + 1)
    if after is not None:
        page = page.where(or_(at < after[0], and_(at == after[0], key < after[1])))
    own = t.segments if talks else t.queue_visits
    count = c.execute(select(func.count()).select_from(own).where(*which)).scalar_one()
    rows = c.execute(page).all()
    items = tuple(_row(row) for row in rows[:limit])
    following = f"{rows[limit - 1].at!r}~{rows[limit - 1].key}" if len(rows) > limit else None
    return BehindPage(items=items, count=count, next=following)


def _key(*, talks: bool) -> ColumnElement[str]:
    """Unique among those of the same time."""
    s, v = t.segments.c, t.queue_visits.c
    return s.interaction_id.concat("/").concat(s.agent_id) if talks else v.interaction_id.concat("/").concat(v.queue)


def _waits(wanted: BehindQuery) -> list[ColumnElement[bool]]:
    v = t.queue_visits.c
    found = [v.queued_at >= wanted.since]
    if wanted.until is not None:
        found.append(v.queued_at < wanted.until)
    if wanted.queue:
        found.append(v.queue == wanted.queue)
    if wanted.agent_id:
        s = t.segments.c
        found.append(v.interaction_id.in_(select(s.interaction_id).where(s.agent_id == wanted.agent_id)))
    lasted, target = v.ended_at - v.queued_at, _target(wanted.targets)
    match wanted.what:
        case "answered" | "abandoned" | "overflowed":
            found.append(v.outcome == wanted.what)
        case "within_target":
            found += [v.outcome == "answered", lasted <= target]
        case "late":
            found += [v.outcome == "answered", lasted > target]
        case _:
            pass
    return found


def _target(targets: Mapping[str, float], otherwise: float = 20) -> ColumnElement[float]:
    if not targets:
        return literal(otherwise)
    v = t.queue_visits.c
    return case(*((v.queue == queue, seconds) for queue, seconds in targets.items()), else_=otherwise)


def _talks(wanted: BehindQuery) -> list[ColumnElement[bool]]:
    s = t.segments.c
    found = [s.ended_at >= wanted.since]
    if wanted.until is not None:
        found.append(s.ended_at < wanted.until)
    if wanted.agent_id:
        found.append(s.agent_id == wanted.agent_id)
    if wanted.queue:
        found.append(s.queue == wanted.queue)
    return found


def _listed(at: ColumnElement[float], key: ColumnElement[str], *, talks: bool) -> Select[Any]:
    i, u, k, v, s = t.interactions.c, t.users.c, t.customers.c, t.queue_visits.c, t.segments.c
    own = t.segments if talks else t.queue_visits
    agent = s.agent_id if talks else func.coalesce(i.agent_id, "")
    return (
        select(
            own.c.interaction_id,
            at.label("at"),
            key.label("key"),
            (s.talk_s if talks else v.ended_at - v.queued_at).label("lasted_s"),
            (s.ended_by if talks else v.outcome).label("outcome"),
            own.c.queue,
            agent.label("agent_id"),
            func.coalesce(u.name, agent).label("agent_name"),
            func.coalesce(func.nullif(k.name, ""), i.caller_name, "").label("customer_name"),
            func.coalesce(i.number, "").label("customer_number"),
            func.coalesce(i.medium, "").label("medium"),
            func.coalesce(i.disposition, "").label("disposition"),
            has_recording(),
        )
        .select_from(own)
        .outerjoin(t.interactions, i.id == own.c.interaction_id)
        .outerjoin(t.customers, k.id == i.customer_id)
        .outerjoin(t.users, u.login == agent)
    )


def _row(row: Any) -> BehindRow:
    values = {name: getattr(row, name) for name in BehindRow.__struct_fields__}
    return BehindRow(**{**values, "has_recording": bool(row.has_recording)})


def _read_cursor(cursor: str) -> tuple[float, str]:
    at, found, key = cursor.partition("~")
    try:
        if found:
            return float(at), key
    except ValueError:
        pass
    raise BadCursor(f"{cursor!r} is no cursor of this list")
