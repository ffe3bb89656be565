"""What was dialled out: the facts that the guard of dialling counts after a restart."""

from typing import cast

from sqlalchemy import select

from cti.events import DialEnded, DialFact, DialPermitted
from cti.store import tables as t
from cti.store.database import Database
from cti.store.projections import decode_fact

_COUNTED = (DialPermitted.__name__, DialEnded.__name__)


class DialRepository:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def since(self, at: float) -> list[DialFact]:
        """Those that count, the oldest first."""
        f = t.facts.c
        query = select(f.body).where(f.at >= at, f.type.in_(_COUNTED)).order_by(f.id)
        bodies = await self._db.read(lambda c: c.scalars(query).all())
        return [cast("DialFact", decode_fact(body)) for body in bodies]
