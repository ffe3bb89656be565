"""The web server's port on quality over the store, as in `cti.site.records`."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from cti.customers.numbers import canonical
from cti.errors import NotFound
from cti.quality.calibration import Calibration, Difference
from cti.quality.calibration import calibrations as pairs
from cti.quality.scorecard import Scorecard
from cti.store.comments import CommentRow
from cti.store.interactions import BadCursor
from cti.store.recording_search import RecordingQuery
from cti.store.scores import ScoreDraft, ScoreFilter, ScoreRow
from cti.store.store import Store
from cti.web.errors import BadInput
from cti.web.ports_quality import GivenScore
from cti.web.resources_quality import (
    Calibrations,
    CalibrationView,
    CommentView,
    DifferenceView,
    FoundRecordingsView,
    FoundRecordingView,
    RecordingSearchQuery,
    ScoresQuery,
    ScoreView,
)
from cti.web.routes_scores import question_view, scorecard_view

S = TypeVar("S", bound=msgspec.Struct)


class StoredQuality:
    def __init__(
        self, store: Store, scorecards: Sequence[Scorecard], *, region: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._region = region
        self._clock = clock
        self.scorecards = tuple(scorecards)

    async def search(self, query: RecordingSearchQuery) -> FoundRecordingsView:
        wanted = RecordingQuery(
            customer=query.customer,
            number=canonical(query.customer, self._region) if query.customer else "",
            agent_id=query.agent or None,
            queue=query.queue or None,
            disposition=query.disposition or None,
            since=query.since,
            until=query.until,
            min_s=query.min_s,
            max_s=query.max_s,
            min_score=query.min_score,
            max_score=query.max_score,
            scored=query.scored,
        )
        try:
            page = await self._store.recording_search.find(wanted, cursor=query.cursor or None, limit=query.limit)
        except BadCursor as error:
            raise BadInput(str(error), "cursor") from error
        items = tuple(_like(item, FoundRecordingView) for item in page.items)
        return FoundRecordingsView(items=items, next=page.next, count=page.count, total_s=page.total_s)

    async def found(self, interaction_id: str) -> FoundRecordingView:
        row = await self._store.recording_search.get(interaction_id)
        if row is None:
            raise NotFound("recording of interaction", interaction_id)
        return _like(row, FoundRecordingView)

    async def names(self, agents: frozenset[str]) -> dict[str, str]:
        known = {user.login: user.name for user in await self._store.users.list(disabled=True)}
        return {agent: known.get(agent, agent) for agent in agents}

    async def granted(self, agent_id: str) -> frozenset[str]:
        return await self._store.rights.of(agent_id)

    async def comments(self, interaction_id: str, viewer: str) -> tuple[CommentView, ...]:
        return tuple(_comment(row, viewer) for row in await self._store.comments.of(interaction_id))

    async def comment(self, interaction_id: str, author: str, at_s: float, text: str) -> CommentView:
        row = await self._store.comments.add(interaction_id, at_s=at_s, author=author, text=text, at=self._clock())
        return _comment(row, author)

    async def edit_comment(self, comment_id: int, author: str, text: str) -> CommentView:
        row = await self._store.comments.edit(comment_id, author=author, text=text, at=self._clock())
        return _comment(row, author)

    async def remove_comment(self, comment_id: int, author: str) -> None:
        await self._store.comments.remove(comment_id, author=author)

    async def scores(self, interaction_id: str, viewer: str) -> tuple[ScoreView, ...]:
        return tuple(map(_score, await self._store.scores.of(interaction_id, viewer=viewer)))

    async def score_list(self, query: ScoresQuery, agent_id: str) -> tuple[tuple[ScoreView, ...], float | None]:
        wanted = ScoreFilter(agent_id=agent_id or None, acknowledged=query.acknowledged, before=query.before)
        rows = await self._store.scores.find(wanted, limit=query.limit + 1)
        more = len(rows) > query.limit
        rows = rows[: query.limit]
        return tuple(map(_score, rows)), rows[-1].finished_at if more else None

    async def save_score(self, score: GivenScore) -> ScoreView:
        draft = ScoreDraft(**{name: getattr(score, name) for name in ScoreDraft.__struct_fields__})
        return _score(await self._store.scores.save(draft, at=self._clock()))

    async def acknowledge(self, score_id: int, agent_id: str, reply: str) -> ScoreView:
        row = await self._store.scores.acknowledge(score_id, agent_id=agent_id, reply=reply, at=self._clock())
        return _score(row)

    async def calibrations(self, interaction_id: str, viewer: str) -> Calibrations:
        rows = await self._store.scores.of(interaction_id, viewer=viewer)
        finished = tuple(row for row in rows if row.finished_at is not None)
        return Calibrations(items=tuple(map(_calibration, pairs(finished))))


def _like(row: msgspec.Struct, kind: type[S], **given: object) -> S:
    """A `kind` with `given` and, for its other fields, what `row` has under the same names."""
    same = {name: getattr(row, name) for name in kind.__struct_fields__ if name not in given}
    return kind(**same, **given)


def _comment(row: CommentRow, viewer: str) -> CommentView:
    return _like(row, CommentView, mine=row.author == viewer)


def _score(row: ScoreRow) -> ScoreView:
    return _like(row, ScoreView, card=scorecard_view(row.card))


def _calibration(pair: Calibration[ScoreRow]) -> CalibrationView:
    return CalibrationView(
        first=_score(pair.first),
        second=_score(pair.second),
        differences=tuple(map(_difference, pair.differences)),
        agreement=pair.agreement,
    )


def _difference(one: Difference) -> DifferenceView:
    return DifferenceView(question=question_view(one.question), first=one.first, second=one.second, by=one.by)
