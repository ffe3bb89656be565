"""The answer to "why did this call go there?", out of what is so now and what was kept."""

import time
from collections.abc import Callable, Iterable
from typing import Protocol

from cti.errors import CtiError, NotFound
from cti.floor.explaining import Live
from cti.reports.explaining import Names, both, choice, rejection, score, verdict
from cti.reports.kept import KeptCandidate, KeptOffer, KeptWait, offer_of, wait_of
from cti.store.interactions import InteractionDetail, InteractionRepository, OfferRow
from cti.web.explained import (
    AheadView,
    CandidateView,
    Explanation,
    OfferExplanation,
    VisitExplanation,
    WaitExplanation,
)


class Floor(Protocol):
    def live(self, interaction_id: str) -> Live | None:
        """None for one that the distributor does not know (any more)."""


class Nobody:
    """In place of a floor, for one who only reads the books."""

    def live(self, _interaction_id: str) -> Live | None:
        return None


class Explanations:
    """`names` are asked for at each explanation: people and labels change."""

    def __init__(
        self,
        floor: Floor,
        interactions: InteractionRepository,
        names: Callable[[], Names],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._floor = floor
        self._interactions = interactions
        self._names = names
        self._clock = clock

    async def explain(self, interaction_id: str) -> Explanation:
        """Raises NotFound. While the database is away, or is a moment behind, what is so now is told all the same."""
        detail: InteractionDetail | None = None
        try:
            detail = await self._interactions.get(interaction_id)
        except CtiError:
            if self._floor.live(interaction_id) is None:
                raise
        live, names = self._floor.live(interaction_id), self._names()
        if detail is None and live is None:  # it was over at this very moment
            raise NotFound("interaction", interaction_id)
        waits = live is not None and live.position is not None
        return Explanation(
            interaction_id=interaction_id,
            at=self._clock(),
            state=_state(live, detail),
            position=live.position if live else None,
            estimate_s=live.estimate_s if live else None,
            wait=wait_view(live.wait, names) if live is not None and waits else None,
            ahead=tuple(AheadView(**one._asdict()) for one in live.ahead) if live else (),
            offers=tuple(_offers(live, detail, names)),
            visits=_visits(detail, names),
        )


def _state(live: Live | None, detail: InteractionDetail | None) -> str:
    """What the distributor never had is in the menu, or over."""
    if live is not None:
        return live.state.value
    over = detail is not None and detail.interaction.ended_at is not None
    return "ended" if over else "self_service"


def wait_view(kept: KeptWait, names: Names) -> WaitExplanation:
    return WaitExplanation(
        at=kept.at,
        queue=kept.queue,
        verdict=verdict(kept, names),
        said=kept.said,
        points=kept.points,
        ahead=kept.ahead,
        skills=dict(kept.skills),
        doors=tuple(both(names.door(door, "zh"), names.door(door, "en")) for door in kept.doors),
        next_change=kept.next_change,
        candidates=tuple(_candidate(candidate, kept, names, "") for candidate in kept.candidates),
        left_off=kept.left_off,
    )


def _candidate(candidate: KeptCandidate, kept: KeptWait | KeptOffer, names: Names, chosen: str) -> CandidateView:
    why = candidate.rejection
    return CandidateView(
        agent_id=candidate.agent_id,
        agent_name=names.agent(candidate.agent_id),
        chosen=candidate.agent_id == chosen,
        score=score(candidate, kept),
        rejection=rejection(why, names, kept.doors),
        code=why.code if why is not None else "",
        said=why.said if why is not None else "",
    )


def _offers(live: Live | None, detail: InteractionDetail | None, names: Names) -> Iterable[OfferExplanation]:
    """All that were stored, and those that are so new that they were not yet."""
    known = {offer.offer_id: offer for offer in live.offers} if live else {}
    for row in detail.offers if detail else ():
        yield _offer(row, known.pop(row.offer_id, None) or offer_of(row.why), names)
    for offer in known.values():
        row = OfferRow(
            offer_id=offer.offer_id,
            agent_id=offer.agent_id,
            queue=offer.queue,
            made_at=offer.at,
            ended_at=None,
            reason="",
            why=None,
        )
        yield _offer(row, offer, names)


def _offer(row: OfferRow, kept: KeptOffer | None, names: Names) -> OfferExplanation:
    return OfferExplanation(
        offer_id=row.offer_id,
        agent_id=row.agent_id,
        agent_name=names.agent(row.agent_id),
        queue=row.queue,
        made_at=row.made_at or (kept.at if kept else 0.0),
        ended_at=row.ended_at,
        end=row.reason,
        chosen_by=choice(kept.chosen_by) if kept else None,
        points=kept.points if kept else 0.0,
        skills=dict(kept.skills) if kept else {},
        idle=kept.idle if kept else 0,
        fitting=kept.fitting if kept else 0,
        candidates=tuple(_candidate(one, kept, names, row.agent_id) for one in kept.candidates) if kept else (),
    )


def _visits(detail: InteractionDetail | None, names: Names) -> tuple[VisitExplanation, ...]:
    return tuple(
        VisitExplanation(
            queue=visit.queue,
            queued_at=visit.queued_at,
            ended_at=visit.ended_at,
            outcome=visit.outcome,
            wait=wait_view(kept, names) if (kept := wait_of(visit.why)) else None,
        )
        for visit in (detail.visits if detail else ())
    )
