"""Alarms of the queues: those that a restarted daemon finds going on, and those of a period."""

import msgspec
from sqlalchemy import select

from cti.store import tables as t
from cti.store.database import Database


class AlarmRow(msgspec.Struct, frozen=True, kw_only=True):
    """Fields as in `cti.events.AlarmRaised`; `cleared_at` None while it goes on."""

    alarm_id: str
    queue: str
    kind: str
    level: str
    worst: str
    value: float | None
    limit: float | None
    raised_at: float
    cleared_at: float | None
    acknowledged_by: str
    acknowledged_at: float | None


class AlarmRepository:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def open(self) -> list[AlarmRow]:
        """Those that go on, the oldest first."""
        return await self._read(t.alarms.c.cleared_at.is_(None), newest_first=False)

    async def since(self, at: float, limit: int) -> list[AlarmRow]:
        """Raised since then, the latest first."""
        return (await self._read(t.alarms.c.raised_at >= at, newest_first=True, limit=limit))[:limit]

    async def _read(self, which: object, *, newest_first: bool, limit: int | None = None) -> list[AlarmRow]:
        a = t.alarms.c
        columns = [(a.id if name == "alarm_id" else a[name]) for name in AlarmRow.__struct_fields__]
        order = a.raised_at.desc() if newest_first else a.raised_at
        query = select(*columns).where(which).order_by(order, a.id).limit(limit)  # type: ignore[arg-type]
        rows = await self._db.read(lambda c: c.execute(query).all())
        return [AlarmRow(**dict(zip(AlarmRow.__struct_fields__, row, strict=True))) for row in rows]
