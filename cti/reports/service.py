"""Figures of contact centres from visits to queues and segments of talk. Pure.

Definitions follow ICMI's glossary (Cleveland, *Call Center Management on Fast Forward*): service level = contacts
answered within the threshold / (contacts answered + contacts abandoned), however short; ASA = waiting time of
answered contacts / answered contacts. Who still waits, or went on to another queue, is not judged yet.
"""

from collections.abc import Iterable, Mapping

import msgspec

QUARTER_S = 900


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One contact's wait in one queue. `outcome`: "answered", "abandoned", ...; "" while it waits."""

    queue: str
    queued_at: float
    ended_at: float | None
    outcome: str

    @property
    def waited_s(self) -> float:
        return (self.ended_at or self.queued_at) - self.queued_at


class QueueFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of visits that began in a period. `waited_s`: of the answered ones together."""

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    within_target: int = 0
    waited_s: float = 0
    overflowed: int = 0

    def plus(self, visit: Visit, target_s: float) -> "QueueFigures":
        answered = visit.outcome == "answered"
        return QueueFigures(
            offered=self.offered + 1,
            answered=self.answered + answered,
            abandoned=self.abandoned + (visit.outcome == "abandoned"),
            within_target=self.within_target + (answered and visit.waited_s <= target_s),
            waited_s=self.waited_s + (visit.waited_s if answered else 0),
            overflowed=self.overflowed + (visit.outcome == "overflowed"),
        )

    @property
    def service_level(self) -> float | None:
        """0..1, None when nobody was answered or gave up yet."""
        judged = self.answered + self.abandoned
        return self.within_target / judged if judged else None

    @property
    def asa_s(self) -> float | None:
        return self.waited_s / self.answered if self.answered else None


class AgentFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Segments that ended in a period: an agent is credited with the own part of a conversation, no more."""

    handled: int = 0
    talk_s: float = 0
    hold_s: float = 0


def by_queue(visits: Iterable[Visit], targets_s: Mapping[str, float], default_s: float = 20) -> dict[str, QueueFigures]:
    """`targets_s`: queue -> its service level's threshold."""
    figures: dict[str, QueueFigures] = {}
    for visit in visits:
        before = figures.get(visit.queue, QueueFigures())
        figures[visit.queue] = before.plus(visit, targets_s.get(visit.queue, default_s))
    return figures


def by_quarter(
    visits: Iterable[Visit], targets_s: Mapping[str, float], default_s: float = 20
) -> dict[tuple[float, str], QueueFigures]:
    """By the start (unix seconds) of the quarter of an hour in which the wait began, and queue; "": all together."""
    figures: dict[tuple[float, str], QueueFigures] = {}
    for visit in visits:
        start = visit.queued_at // QUARTER_S * QUARTER_S
        for key in ((start, visit.queue), (start, "")):
            before = figures.get(key, QueueFigures())
            figures[key] = before.plus(visit, targets_s.get(visit.queue, default_s))
    return figures
