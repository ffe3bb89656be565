"""Who used a right over whom: written by the writer from `CommandAudited`, read by admins and supervisors."""

import msgspec
from sqlalchemy import select

from cti.store import tables as t
from cti.store.database import Database


class AuditRow(msgspec.Struct, frozen=True, kw_only=True):
    at: float
    actor: str
    role: str
    command: str
    subject: str
    allowed: bool
    detail: str
    interaction_id: str


class AuditRepository:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def list(
        self, *, actor: str | None = None, since: float | None = None, before: float | None = None, limit: int = 100
    ) -> list[AuditRow]:
        """The latest first; `before` is the time of the last row of the page before."""
        a = t.audit.c
        query = select(*(a[name] for name in AuditRow.__struct_fields__)).order_by(a.at.desc(), a.fact_id.desc())
        if actor is not None:
            query = query.where(a.actor == actor)
        if since is not None:
            query = query.where(a.at >= since)
        if before is not None:
            query = query.where(a.at < before)
        rows = await self._db.read(lambda c: c.execute(query.limit(limit)).mappings().all())
        return [AuditRow(**row) for row in rows]
