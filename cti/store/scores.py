"""What scorers made of conversations: drafts, finished scores, and the agents' acknowledgements."""

from typing import Any

import msgspec
from sqlalchemy import Connection, Select, and_, func, insert, or_, select, update

from cti.errors import Conflict, Forbidden, NotFound
from cti.quality.scorecard import Result, Scorecard
from cti.rights import is_own
from cti.store import tables as t
from cti.store.database import Database


class ScoreFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Finished scores only. All that is given must fit; `before` bounds when it was finished."""

    agent_id: str | None = None
    acknowledged: bool | None = None
    before: float | None = None


class ScoreDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What a scorer hands in. `result` None: it is not finished, and nobody else sees it."""

    interaction_id: str
    agent_id: str
    scorer: str
    card: Scorecard
    answers: dict[str, int | None]
    comment: str = ""
    result: Result | None = None


class ScoreRow(msgspec.Struct, frozen=True, kw_only=True):
    """`called_at` None: the interaction is not known (any more). `percent` and `finished_at` None: a draft."""

    score_id: int
    interaction_id: str
    agent_id: str
    agent_name: str
    scorer: str
    scorer_name: str
    card: Scorecard
    answers: dict[str, int | None]
    comment: str
    percent: float | None
    failed: tuple[str, ...]
    saved_at: float
    finished_at: float | None
    acknowledged_at: float | None
    reply: str
    called_at: float | None
    queue: str


class ScoreRepository:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def of(self, interaction_id: str, *, viewer: str) -> list[ScoreRow]:
        """The finished ones and the viewer's own drafts, the oldest first."""
        s = t.scores.c
        query = _listed().where(s.interaction_id == interaction_id, or_(s.finished_at.is_not(None), s.scorer == viewer))
        return await self._read(query.order_by(s.id))

    async def find(self, wanted: ScoreFilter, *, limit: int = 50) -> list[ScoreRow]:
        """Those finished last first."""
        s = t.scores.c
        query = _listed().where(s.finished_at.is_not(None)).order_by(s.finished_at.desc(), s.id.desc())
        if wanted.agent_id is not None:
            query = query.where(s.agent_id == wanted.agent_id)
        if wanted.acknowledged is not None:
            known = s.acknowledged_at.is_not(None) if wanted.acknowledged else s.acknowledged_at.is_(None)
            query = query.where(known)
        if wanted.before is not None:
            query = query.where(s.finished_at < wanted.before)
        return await self._read(query.limit(limit))

    async def get(self, score_id: int) -> ScoreRow:
        """`NotFound`."""
        found = await self._read(_listed().where(t.scores.c.id == score_id))
        if not found:
            raise NotFound("score", score_id)
        return found[0]

    async def save(self, draft: ScoreDraft, *, at: float) -> ScoreRow:
        """A scorer has one score of an agent, a conversation and a card, which a later one replaces.

        `Conflict` when the agent has acknowledged it: from then on it stays as it is; when it is finished, it cannot
        become a draft again.
        """
        return await self.get(await self._db.write(lambda c: _save(c, draft, at)))

    async def acknowledge(self, score_id: int, *, agent_id: str, reply: str, at: float) -> ScoreRow:
        """`NotFound`, also of a draft; `Forbidden` unless it is this agent's; `Conflict` when it was done before."""
        await self._db.write(lambda c: _acknowledge(c, score_id, agent_id, reply, at))
        return await self.get(score_id)

    async def _read(self, query: Select[Any]) -> list[ScoreRow]:
        rows = await self._db.read(lambda c: c.execute(query).mappings().all())
        return [_row(row) for row in rows]


_SAME = (
    "interaction_id", "agent_id", "scorer", "answers", "comment", "percent", "saved_at", "finished_at",
    "acknowledged_at", "reply",
)  # fmt: skip


def _listed() -> Select[Any]:
    s, i = t.scores.c, t.interactions.c
    agent, scorer = t.users.alias("agent"), t.users.alias("scored_by")
    return (
        select(
            s.id.label("score_id"),
            *(s[name] for name in _SAME),
            s.card,
            s.failed,
            func.coalesce(agent.c.name, s.agent_id).label("agent_name"),
            func.coalesce(scorer.c.name, s.scorer).label("scorer_name"),
            i.started_at.label("called_at"),
            func.coalesce(i.queue, "").label("queue"),
        )
        .outerjoin_from(t.scores, agent, agent.c.login == s.agent_id)
        .outerjoin(scorer, scorer.c.login == s.scorer)
        .outerjoin(t.interactions, i.id == s.interaction_id)
    )


def _row(row: Any) -> ScoreRow:
    values = {**row, "card": msgspec.convert(row["card"], Scorecard), "failed": tuple(row["failed"])}
    return ScoreRow(**values)


def _save(c: Connection, draft: ScoreDraft, at: float) -> int:
    s = t.scores.c
    mine = and_(
        s.interaction_id == draft.interaction_id,
        s.agent_id == draft.agent_id,
        s.scorecard == draft.card.code,
        s.scorer == draft.scorer,
    )
    known = c.execute(select(s.id, s.finished_at, s.acknowledged_at).where(mine)).one_or_none()
    if known is None:
        key = {"interaction_id": draft.interaction_id, "agent_id": draft.agent_id, "scorer": draft.scorer}
        values = {**key, "scorecard": draft.card.code, **_columns(draft, at)}
        done = c.execute(insert(t.scores).values(values))
        return int(done.inserted_primary_key[0])  # type: ignore[index]  # an insert of one row has one
    if known.acknowledged_at is not None:
        raise Conflict("the agent has acknowledged this score: it stays as it is", "acknowledged")
    if known.finished_at is not None and draft.result is None:
        raise Conflict("this score is finished: it cannot become a draft again", "finished")
    c.execute(update(t.scores).where(s.id == known.id).values(_columns(draft, at)))
    return int(known.id)


def _columns(draft: ScoreDraft, at: float) -> dict[str, Any]:
    return {
        "card": msgspec.to_builtins(draft.card),
        "answers": draft.answers,
        "comment": draft.comment,
        "percent": draft.result.percent if draft.result else None,
        "failed": list(draft.result.failed) if draft.result else [],
        "saved_at": at,
        "finished_at": at if draft.result else None,
    }


def _acknowledge(c: Connection, score_id: int, agent_id: str, reply: str, at: float) -> None:
    s = t.scores.c
    known = c.execute(select(s.agent_id, s.finished_at, s.acknowledged_at).where(s.id == score_id)).one_or_none()
    if known is None or known.finished_at is None:
        raise NotFound("score", score_id)
    if not is_own(agent_id, (known.agent_id,)):
        raise Forbidden("only the agent whose score it is may acknowledge it")
    if known.acknowledged_at is not None:
        raise Conflict("this score was acknowledged already", "acknowledged")
    c.execute(update(t.scores).where(s.id == score_id).values(acknowledged_at=at, reply=reply))
