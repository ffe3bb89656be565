"""What the board needs when the daemon starts: the day so far, and the state that every agent was in."""

import msgspec
from sqlalchemy import func, select

from cti.reports.service import AgentFigures, Visit
from cti.store import tables as t
from cti.store.database import Database


class AgentNow(msgspec.Struct, frozen=True, kw_only=True):
    """The state of the last `AgentStateChanged`."""

    agent_id: str
    state: str
    reason: str
    since: float
    until: float | None
    interaction_id: str


class AgentStateRow(msgspec.Struct, frozen=True, kw_only=True):
    """`until`: when the next state began, None for the one that lasts."""

    agent_id: str
    state: str
    reason: str
    since: float
    until: float | None
    interaction_id: str


class FigureRepository:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def visits(self, since: float) -> list[Visit]:
        """Waits that began since then, in every queue; `cti.reports.service` counts them."""
        v = t.queue_visits.c
        query = select(v.queue, v.queued_at, v.ended_at, v.outcome).where(v.queued_at >= since).order_by(v.queued_at)
        rows = await self._db.read(lambda c: c.execute(query).all())
        return [Visit(queue=r.queue, queued_at=r.queued_at, ended_at=r.ended_at, outcome=r.outcome) for r in rows]

    async def agents(self, since: float) -> dict[str, AgentFigures]:
        """Agent id -> segments that have ended since then."""
        s = t.segments.c
        sums = (func.count(), func.coalesce(func.sum(s.talk_s), 0.0), func.coalesce(func.sum(s.hold_s), 0.0))
        query = select(s.agent_id, *sums).where(s.ended_at >= since).group_by(s.agent_id)
        rows = await self._db.read(lambda c: c.execute(query).all())
        return {agent: AgentFigures(handled=n, talk_s=talk, hold_s=hold) for agent, n, talk, hold in rows}

    async def agents_now(self) -> list[AgentNow]:
        query = select(t.agent_now).order_by(t.agent_now.c.agent_id)
        rows = await self._db.read(lambda c: c.execute(query).mappings().all())
        return [AgentNow(**row) for row in rows]

    async def agent_log(self, agent_id: str, *, since: float, until: float) -> list[AgentStateRow]:
        """States that began in the period, in order."""
        a = t.agent_states.c
        following = func.lead(a.since).over(partition_by=a.agent_id, order_by=a.fact_id)
        everything = (
            select(a.agent_id, a.state, a.reason, a.since, following.label("until"), a.interaction_id, a.fact_id)
            .where(a.agent_id == agent_id)
            .subquery()
        )
        e = everything.c
        columns = [e[name] for name in AgentStateRow.__struct_fields__]
        query = select(*columns).where(e.since >= since, e.since < until).order_by(e.fact_id)
        rows = await self._db.read(lambda c: c.execute(query).mappings().all())
        return [AgentStateRow(**row) for row in rows]
