"""What agents have begun and not finished: forms and follow-up tasks, for a daemon that starts."""

from typing import Any

from sqlalchemy import Connection, Select, func, or_, select

from cti.desk.views import DraftView, TaskView
from cti.store import tables as t
from cti.store.database import Database


class UnfinishedRepository:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def forms(self, since: float) -> list[tuple[str, DraftView]]:
        """Those saved last at `since` or later, each with its agent."""
        return await self._db.read(lambda c: _forms(c, since))

    async def tasks(self, done_since: float) -> list[TaskView]:
        """Those that are open, and those done at `done_since` or later."""
        columns = t.tasks.c
        query = select(*(columns[name] for name in TaskView.__struct_fields__)).where(
            or_(columns.done_at.is_(None), columns.done_at >= done_since)
        )
        return await self._db.read(lambda c: [TaskView(**row) for row in c.execute(query).mappings()])


def _forms(c: Connection, since: float) -> list[tuple[str, DraftView]]:
    rows = c.execute(_unfinished().where(t.wrap_ups.c.at >= since)).mappings()
    fields = DraftView.__struct_fields__
    return [(row["agent_id"], DraftView(**{name: row[name] for name in fields})) for row in rows]


def _unfinished() -> Select[Any]:
    w, i, k = t.wrap_ups, t.interactions, t.customers
    return (
        select(
            w,
            func.coalesce(i.c.customer_id, 0).label("customer_id"),
            func.coalesce(k.c.name, i.c.caller_name, "").label("customer_name"),
            func.coalesce(i.c.number, "").label("number"),
        )
        .outerjoin_from(w, i, i.c.id == w.c.interaction_id)
        .outerjoin(k, k.c.id == i.c.customer_id)
        .where(w.c.final.is_(False))
    )
