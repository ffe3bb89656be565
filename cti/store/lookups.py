"""The flow's lookups, answered from the store's own orders. A company's own shop system would stand here instead."""

from collections.abc import Mapping

from sqlalchemy import select

from cti.errors import NotFound
from cti.ivr.actions import LookupAnswer
from cti.ivr.lookups import card_number
from cti.store import tables as t
from cti.store.database import Database

_SPOKEN = {
    "pending": "paid",
    "paid": "paid",
    "processing": "paid",
    "shipped": "shipped",
    "delivered": "delivered",
    "completed": "delivered",
}
"""State of an order -> outcome that the flow has words for. Any other needs a person: the lookup fails."""


class StoredLookups:
    """Implements `cti.ivr.lookups.Lookups`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def look_up(self, name: str, arguments: Mapping[str, str]) -> LookupAnswer:
        """`NotFound` for a lookup that this is not; `NotConnected` when the database is away."""
        if name == "card_number":
            return card_number(arguments["number"])
        if name != "order_status":
            raise NotFound("lookup", name)
        query = select(t.orders.c.state).where(t.orders.c.number == arguments["order_number"])
        state = await self._db.read(lambda c: c.scalar(query))
        if state is None:
            return LookupAnswer("not_found")
        return LookupAnswer(_SPOKEN.get(state, "failed"))
