"""Who was promised a call and has not been reached yet."""

import msgspec
from sqlalchemy import Connection, select

from cti.store import tables as t
from cti.store.database import Database


class KeptPlace(msgspec.Struct, frozen=True, kw_only=True):
    """What gives the old place back, as in `cti.floor.conversation.Place`."""

    queued_at: float
    priority: int = 0
    skills: dict[str, int] = {}
    vip: int = 0
    branch: str = ""
    preferred_agent: str = ""


class KeptPromise(msgspec.Struct, frozen=True, kw_only=True):
    """`attempts` were begun so far, however they ended; `next_at`: not before, None for at once."""

    interaction_id: str
    number: str
    queue: str
    place: KeptPlace
    attempts: int
    next_at: float | None


class CallbackRepository:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def pending(self) -> dict[str, KeptPromise]:
        """By interaction, the oldest first."""
        return await self._db.read(_pending)


def _pending(c: Connection) -> dict[str, KeptPromise]:
    k = t.callbacks.c
    fields = [k[name] for name in KeptPromise.__struct_fields__]
    query = select(*fields).where(k.ended_at.is_(None), k.number != "").order_by(k.requested_at)
    rows = ({str(name): value for name, value in row.items()} for row in c.execute(query).mappings())
    found = [msgspec.convert(row, KeptPromise) for row in rows]
    return {one.interaction_id: one for one in found}
