"""Recordings found by what somebody who judges them knows: who, when, what about, how long, how it was scored."""

from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, ScalarSelect, Select, and_, func, or_, select

from cti.store import tables as t
from cti.store.customer_card import like
from cti.store.database import Database
from cti.store.interactions import BadCursor


class RecordingQuery(msgspec.Struct, frozen=True, kw_only=True):
    """All that is given must fit.

    `customer`: a part of the name, or of the number (`number`: the same in canonical form); `agent_id` talked in it;
    `since` and `until` bound its begin, `min_s` and `max_s` its length; `min_score` and `max_score` the mean of its
    finished scores; `scored`: whether it has one.
    """

    customer: str = ""
    number: str = ""
    agent_id: str | None = None
    queue: str | None = None
    disposition: str | None = None
    since: float | None = None
    until: float | None = None
    min_s: float | None = None
    max_s: float | None = None
    min_score: float | None = None
    max_score: float | None = None
    scored: bool | None = None


class FoundRecording(msgspec.Struct, frozen=True, kw_only=True):
    """`score`: the mean of its finished scores, None without one; `unacknowledged`: scores that no agent has seen."""

    interaction_id: str
    started_at: float
    duration_s: float
    customer_id: int | None
    customer_name: str
    customer_number: str
    agent_id: str
    agent_name: str
    queue: str
    outcome: str
    disposition: str
    complaint: bool
    score: float | None
    unacknowledged: int
    comments: int


class FoundRecordings(msgspec.Struct, frozen=True, kw_only=True):
    """`count` and `total_s` are of everything that fits, not only of this page; None on a page that follows."""

    items: tuple[FoundRecording, ...]
    next: str | None
    count: int | None
    total_s: float | None


class RecordingSearch:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def find(self, wanted: RecordingQuery, *, cursor: str | None = None, limit: int = 50) -> FoundRecordings:
        """Those that can be played, the latest first. `BadCursor`."""
        after = None if cursor is None else _read_cursor(cursor)
        return await self._db.read(lambda c: _find(c, wanted, after, limit))

    async def get(self, interaction_id: str) -> FoundRecording | None:
        query = _listed().where(t.recordings.c.interaction_id == interaction_id, t.recordings.c.path != "")
        row = await self._db.read(lambda c: c.execute(query).one_or_none())
        return None if row is None else _found(row)


def _find(c: Connection, wanted: RecordingQuery, after: tuple[float, str] | None, limit: int) -> FoundRecordings:
    r = t.recordings.c
    conditions = _conditions(wanted)
    page = _listed().where(*conditions).order_by(r.started_at.desc(), r.interaction_id.desc()).limit(limit + 1)
    count = total_s = None
    if after is None:
        sums = _joined(select(func.count(), func.coalesce(func.sum(r.duration_s), 0.0))).where(*conditions)
        count, total_s = c.execute(sums).one()
    else:
        at, interaction_id = after
        page = page.where(or_(r.started_at < at, and_(r.started_at == at, r.interaction_id < interaction_id)))
    rows = c.execute(page).all()
    items = tuple(map(_found, rows[:limit]))
    following = f"{items[-1].started_at!r}~{items[-1].interaction_id}" if len(rows) > limit else None
    return FoundRecordings(items=items, next=following, count=count, total_s=total_s)


def _joined(query: Select[Any]) -> Select[Any]:
    i, k = t.interactions.c, t.customers.c
    return (
        query.select_from(t.recordings)
        .outerjoin(t.interactions, i.id == t.recordings.c.interaction_id)
        .outerjoin(t.customers, k.id == i.customer_id)
    )


def _listed() -> Select[Any]:
    r, i, k, u, s = t.recordings.c, t.interactions.c, t.customers.c, t.users.c, t.scores.c
    unseen = select(func.count()).where(
        s.interaction_id == r.interaction_id, s.finished_at.is_not(None), s.acknowledged_at.is_(None)
    )
    comments = select(func.count()).where(t.recording_comments.c.interaction_id == r.interaction_id)
    query = select(
        r.interaction_id,
        func.coalesce(r.started_at, 0.0).label("started_at"),
        func.coalesce(r.duration_s, 0.0).label("duration_s"),
        i.customer_id,
        func.coalesce(func.nullif(k.name, ""), i.caller_name, "").label("customer_name"),
        func.coalesce(i.number, "").label("customer_number"),
        *(func.coalesce(i[name], "").label(name) for name in ("agent_id", "queue", "outcome", "disposition")),
        func.coalesce(u.name, i.agent_id, "").label("agent_name"),
        i.complaint,
        _score().label("score"),
        unseen.scalar_subquery().label("unacknowledged"),
        comments.scalar_subquery().label("comments"),
    )
    return _joined(query).outerjoin(t.users, u.login == i.agent_id)


def _score() -> ScalarSelect[Any]:
    s = t.scores.c
    mine = (s.interaction_id == t.recordings.c.interaction_id, s.finished_at.is_not(None))
    return select(func.avg(s.percent)).where(*mine).correlate(t.recordings).scalar_subquery()


def _conditions(wanted: RecordingQuery) -> list[ColumnElement[bool]]:
    r, i, s = t.recordings.c, t.interactions.c, t.segments.c
    score = _score()
    bounds: tuple[tuple[Any, Callable[[Any], ColumnElement[bool]]], ...] = (
        (wanted.queue, lambda queue: i.queue == queue),
        (wanted.disposition, lambda code: i.disposition == code),
        (wanted.since, lambda at: r.started_at >= at),
        (wanted.until, lambda at: r.started_at < at),
        (wanted.min_s, lambda length: r.duration_s >= length),
        (wanted.max_s, lambda length: r.duration_s <= length),
        (wanted.min_score, lambda percent: score >= percent),
        (wanted.max_score, lambda percent: score <= percent),
        (wanted.scored, lambda has_one: score.is_not(None) if has_one else score.is_(None)),
        # Not EXISTS: SQLite would go through all talks of the agent again for each recording.
        (wanted.agent_id, lambda agent: r.interaction_id.in_(select(s.interaction_id).where(s.agent_id == agent))),
    )
    given = [condition(value) for value, condition in bounds if value is not None]
    return [r.path != "", *given, *([_customer(wanted)] if wanted.customer else [])]


def _customer(wanted: RecordingQuery) -> ColumnElement[bool]:
    i, k = t.interactions.c, t.customers.c
    hits: list[ColumnElement[bool]] = [
        k.name.ilike(like(wanted.customer), escape="\\"),
        i.caller_name.ilike(like(wanted.customer), escape="\\"),
    ]
    if any(map(str.isdigit, wanted.number)):
        hits += [i.number == wanted.number, i.number.like(like(wanted.number.lstrip("+")), escape="\\")]
    return or_(*hits)


def _found(row: Row[Any]) -> FoundRecording:
    known = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    score = None if row.score is None else round(float(row.score), 1)
    return FoundRecording(**{**known, "complaint": bool(row.complaint), "score": score})


def _read_cursor(cursor: str) -> tuple[float, str]:
    at, found, interaction_id = cursor.partition("~")
    try:
        if found:
            return float(at), interaction_id
    except ValueError:
        pass
    raise BadCursor(f"{cursor!r} is no cursor of this list")
