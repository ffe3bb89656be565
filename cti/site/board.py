"""The web server's port on the board's numbers over the store, as in `cti.site.records`."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from cti.errors import NotFound
from cti.events import Fact
from cti.store.behind import BehindQuery
from cti.store.interactions import BadCursor
from cti.store.store import Store
from cti.web.errors import BadInput
from cti.web.resources_board import Behind, BehindView, Ledger, LedgerEntry, NumberQuery, PastAlarms, PastAlarmView

MOST_ALARMS: Final = 200
_SAID: Final = frozenset({"at", "interaction_id", "why"})
"""Stands elsewhere: the reasons are long, and explained at `/explain`."""


class StoredBoard:
    def __init__(
        self, store: Store, *, targets: Callable[[], Mapping[str, float]], midnight: Callable[[], float]
    ) -> None:
        """`targets`: queue -> within how many seconds it is to answer, as configured now. `midnight`: of today."""
        self._store = store
        self._targets = targets
        self._midnight = midnight

    async def behind(self, query: NumberQuery) -> Behind:
        wanted = BehindQuery(
            what=query.what,
            since=self._midnight() if query.since is None else query.since,
            until=query.until,
            queue=query.queue,
            agent_id=query.agent,
            targets=self._targets(),
        )
        await self._store.writer.drain(1)
        try:
            page = await self._store.behind.find(wanted, cursor=query.cursor, limit=query.limit)
        except BadCursor as error:
            raise BadInput(str(error), "cursor") from None
        items = tuple(BehindView(**msgspec.structs.asdict(row)) for row in page.items)
        return Behind(items=items, count=page.count, next=page.next)

    async def alarms(self) -> PastAlarms:
        rows = await self._store.alarms.since(self._midnight(), MOST_ALARMS)
        return PastAlarms(items=tuple(msgspec.convert(msgspec.structs.asdict(row), PastAlarmView) for row in rows))

    async def ledger(self, interaction_id: str) -> Ledger:
        facts = await self._store.interactions.ledger(interaction_id)
        if not facts:
            raise NotFound("interaction", interaction_id)
        return Ledger(items=tuple(map(_entry, facts)))


def _entry(fact: Fact) -> LedgerEntry:
    fields = {name: value for name, value in msgspec.structs.asdict(fact).items() if name not in _SAID}
    return LedgerEntry(at=fact.at, type=type(fact).__name__, fields=fields)
