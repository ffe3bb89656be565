"""The web server's ports over the store. `cti/web` and `cti/store` do not know each other; this file knows both."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from cti.customers.numbers import canonical
from cti.errors import NotFound
from cti.store.audit import AuditRepository
from cti.store.interactions import InteractionFilter, InteractionRepository, InteractionRow, Segment
from cti.store.recordings import RecordingFilter, RecordingRepository, RecordingRow
from cti.web.ports import Sought, StoredRecording
from cti.web.resources import (
    AuditTrail,
    AuditView,
    InteractionCard,
    InteractionHit,
    Interactions,
    LineView,
    Recordings,
    RecordingView,
    SegmentView,
    StepView,
)

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)


def _taken_over(row: msgspec.Struct, kind: type[S], **given: object) -> S:
    """A `kind` with `given` and, for its other fields, what `row` has under the same names."""
    same = {name: getattr(row, name) for name in kind.__struct_fields__ if name not in given}
    return kind(**same, **given)


def _page(rows: Sequence[T], limit: int, at: Callable[[T], float]) -> tuple[Sequence[T], float | None]:
    """One more row than a page holds was asked for: the page, and where the next one begins."""
    return rows[:limit], at(rows[limit - 1]) if len(rows) > limit else None


class StoredInteractions:
    def __init__(self, interactions: InteractionRepository, *, region: str) -> None:
        self._interactions = interactions
        self._region = region

    async def search(self, sought: Sought) -> Interactions:
        wanted = InteractionFilter(
            agent_id=sought.agent_id or None,
            number=canonical(sought.number, self._region) if sought.number else None,
            customer_id=sought.customer_id,
            queue=sought.queue or None,
            outcome=sought.outcome or None,
            disposition=sought.disposition or None,
            complaint=sought.complaint,
            since=sought.since,
            until=sought.before,
        )
        page = await self._interactions.search(wanted, limit=sought.limit)
        next_before = page.items[-1].started_at if page.next is not None else None
        return Interactions(items=tuple(map(_hit, page.items)), next_before=next_before)

    async def card(self, interaction_id: str) -> InteractionCard:
        detail = await self._interactions.get(interaction_id)
        row = detail.interaction
        return InteractionCard(
            interaction=_hit(row),
            dialled=detail.dialled,
            ended_by=row.ended_by,
            note=row.note,
            complaint=row.complaint,
            fields=row.fields,
            follow_up_at=row.follow_up_at,
            steps=tuple(_taken_over(step, StepView) for step in detail.ivr),
            segments=tuple(map(_segment, detail.segments)),
            lines=tuple(_taken_over(line, LineView) for line in detail.lines),
        )


def _hit(row: InteractionRow) -> InteractionHit:
    return _taken_over(row, InteractionHit, customer_number=row.number)


def _segment(segment: Segment) -> SegmentView:
    return _taken_over(segment, SegmentView, started_at=segment.connected_at)


class StoredRecordings:
    def __init__(self, recordings: RecordingRepository, interactions: InteractionRepository, *, region: str) -> None:
        self._recordings = recordings
        self._interactions = interactions
        self._region = region

    async def search(self, sought: Sought) -> Recordings:
        wanted = RecordingFilter(
            agent_id=sought.agent_id or None,
            number=canonical(sought.number, self._region) if sought.number else None,
            customer_id=sought.customer_id,
            since=sought.since,
            until=sought.before,
        )
        rows = await self._recordings.find(wanted, limit=sought.limit + 1)
        items, next_before = _page(rows, sought.limit, lambda row: row.started_at or 0.0)
        return Recordings(items=tuple(map(_recording, items)), next_before=next_before)

    async def get(self, interaction_id: str) -> StoredRecording:
        row = await self._recordings.get(interaction_id)
        if not row.path:
            raise NotFound("recording of interaction", interaction_id)
        return StoredRecording(view=_recording(row), path=row.path, agents=await self._agents(row))

    async def _agents(self, row: RecordingRow) -> frozenset[str]:
        try:
            detail = await self._interactions.get(row.interaction_id)
        except NotFound:
            return frozenset()
        return frozenset(segment.agent_id for segment in detail.segments)


def _recording(row: RecordingRow) -> RecordingView:
    return _taken_over(
        row,
        RecordingView,
        started_at=row.started_at or 0.0,
        duration_s=row.duration_s or 0.0,
        size=row.size or 0,
        channels=row.channels or 0,
        customer_number=row.number,
    )


class StoredAudit:
    def __init__(self, audit: AuditRepository) -> None:
        self._audit = audit

    async def search(self, sought: Sought) -> AuditTrail:
        rows = await self._audit.list(
            actor=sought.agent_id or None, since=sought.since, before=sought.before, limit=sought.limit + 1
        )
        items, next_before = _page(rows, sought.limit, lambda row: row.at)
        return AuditTrail(items=tuple(_taken_over(row, AuditView) for row in items), next_before=next_before)
