"""When nobody watched: what is counted of such a time is what could be found out afterwards."""

import msgspec
from sqlalchemy import select

from cti.store import tables as t
from cti.store.database import Database


class OutageRow(msgspec.Struct, frozen=True, kw_only=True):
    """`what` was away, "daemon" or "asterisk" (the link to it); `planned`: it had been asked to stop."""

    what: str
    since: float
    until: float
    planned: bool


class OutageRepository:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def since(self, at: float) -> list[OutageRow]:
        """That ended then or later, in order of time."""
        o = t.outages.c
        columns = [o[name] for name in OutageRow.__struct_fields__]
        query = select(*columns).where(o.until >= at).order_by(o.since, o.fact_id)
        rows = await self._db.read(lambda c: c.execute(query).mappings().all())
        return [OutageRow(**row) for row in rows]
