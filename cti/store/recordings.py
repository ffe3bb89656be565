"""The index of published recordings, and of the raw parts that they are made of."""

from typing import Any

import msgspec
from sqlalchemy import Select, func, select

from cti.errors import NotFound
from cti.store import tables as t
from cti.store.database import Database


class RecordingFilter(msgspec.Struct, frozen=True, kw_only=True):
    """All that is given must fit. `number` is canonical; `agent_id` talked in it; times: when it began."""

    interaction_id: str | None = None
    agent_id: str | None = None
    number: str | None = None
    customer_id: int | None = None
    since: float | None = None
    until: float | None = None


class RecordingRow(msgspec.Struct, frozen=True, kw_only=True):
    """`path` is relative to the recordings folder; "" when there is none, and `problem` says why."""

    interaction_id: str
    path: str
    started_at: float | None
    duration_s: float | None
    size: int | None
    sha256: str
    channels: int | None
    problem: str
    number: str
    customer_id: int | None
    agent_id: str
    queue: str


class RecordingPart(msgspec.Struct, frozen=True, kw_only=True):
    file: str
    part: str
    channel: str
    started_at: float


class RecordingRepository:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def find(self, wanted: RecordingFilter, *, limit: int = 50) -> list[RecordingRow]:
        """Those that can be played, the latest first."""
        query = _matching(wanted).where(t.recordings.c.path != "").limit(limit)
        rows = await self._db.read(lambda c: c.execute(query).mappings().all())
        return [RecordingRow(**row) for row in rows]

    async def get(self, interaction_id: str) -> RecordingRow:
        """Also one that failed. `NotFound` when nothing was ever recorded."""
        query = _matching(RecordingFilter(interaction_id=interaction_id))
        row = await self._db.read(lambda c: c.execute(query).mappings().one_or_none())
        if row is None:
            raise NotFound("recording of interaction", interaction_id)
        return RecordingRow(**row)

    async def parts(self, interaction_id: str) -> list[RecordingPart]:
        """The raw files that were begun, the oldest first: exact times for `cti.recording.publish.RecordingJob`."""
        p = t.recording_parts.c
        query = select(p.file, p.part, p.channel, p.started_at).where(p.interaction_id == interaction_id)
        rows = await self._db.read(lambda c: c.execute(query.order_by(p.started_at)).mappings().all())
        return [RecordingPart(**row) for row in rows]


def _matching(wanted: RecordingFilter) -> Select[Any]:
    r, i, s = t.recordings.c, t.interactions.c, t.segments.c
    query = (
        select(
            t.recordings,
            func.coalesce(i.number, "").label("number"),
            i.customer_id,
            func.coalesce(i.agent_id, "").label("agent_id"),
            func.coalesce(i.queue, "").label("queue"),
        )
        .outerjoin_from(t.recordings, t.interactions, i.id == r.interaction_id)
        .order_by(r.started_at.desc(), r.interaction_id.desc())
    )
    if wanted.interaction_id is not None:
        query = query.where(r.interaction_id == wanted.interaction_id)
    if wanted.number is not None:
        query = query.where(i.number == wanted.number)
    if wanted.customer_id is not None:
        query = query.where(i.customer_id == wanted.customer_id)
    if wanted.agent_id is not None:
        theirs = select(s.interaction_id).where(s.agent_id == wanted.agent_id)  # as in cti.store.interactions
        query = query.where(r.interaction_id.in_(theirs))
    if wanted.since is not None:
        query = query.where(r.started_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(r.started_at < wanted.until)
    return query
