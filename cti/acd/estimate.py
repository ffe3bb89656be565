"""How long a caller will wait (EWT), and how wrong earlier answers were.

While a queue has a backlog, its callers leave it one after another, to agents or by giving up; the mean time between
two of them (`gap`, moving average) times the place in the line is the raw estimate. It needs no handling time and no
head count, which change all day, and so holds with agents who serve several queues. What it does not see - callers who
overtake, needs that few agents fit - shows in how long callers of this queue, priority and skills waited compared
with the raw estimate that they had on entering: that ratio (`factor`, moving average too) corrects it. How wrong the
corrected estimates given on entering were is kept beside it, so that a screen can say whether they are to be believed.

Only who was answered is compared; who gave up would have waited longer. Nothing is estimated before
`LEAST_GAPS` gaps have been seen since the queue's first backlog.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import msgspec

Skills = tuple[tuple[str, int], ...]
"""Sorted (name, least level)."""

LEAST_GAPS: Final = 3
_MEMORY: Final = 30
"""A moving average forgets after about this many samples; until then it is the plain mean."""


@dataclass(slots=True)
class Mean:
    """The plain mean of the first samples, a moving average later."""

    value: float = 0.0
    count: int = 0

    def add(self, sample: float) -> None:
        self.count += 1
        self.value += (sample - self.value) / min(self.count, _MEMORY)


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """How the estimates on entering a queue at this priority, with these skills, turned out; later ones count more.

    `skills` are those that the interaction asked for beyond its queue's. `bias_s`, in seconds, is actual minus
    estimated on average, `error_s` the same without its sign, `count` how many were compared.
    """

    queue: str
    priority: int
    skills: Skills = ()
    count: int
    bias_s: float
    error_s: float
    factor: float


@dataclass(slots=True)
class _Class:
    """The callers of one queue and priority who ask for the same skills."""

    raw: Mean = field(default_factory=Mean)
    actual: Mean = field(default_factory=Mean)
    bias: Mean = field(default_factory=Mean)
    error: Mean = field(default_factory=Mean)

    @property
    def factor(self) -> float:
        if self.actual.count < LEAST_GAPS or self.raw.value <= 0:
            return 1.0
        return self.actual.value / self.raw.value


@dataclass(slots=True)
class _Backlog:
    """`last` is when one last left, or when the first came; None while nobody is there."""

    gap: Mean = field(default_factory=Mean)
    last: float | None = None
    waiting: Counter[int] = field(default_factory=Counter)

    def drop(self, priority: int) -> None:
        self.waiting[priority] -= 1
        if not self.waiting[priority]:
            del self.waiting[priority]


@dataclass(slots=True)
class _Entry:
    queue: str
    priority: int
    skills: Skills
    at: float
    raw: float | None
    given: float | None


class WaitEstimate:
    """Told of everybody who waits for longer than an instant: `entered`, then `answered` or `left`."""

    def __init__(self) -> None:
        self._backlogs: dict[str, _Backlog] = {}
        self._classes: dict[tuple[str, int, Skills], _Class] = {}
        self._entries: dict[str, _Entry] = {}

    def entered(self, interaction_id: str, queue: str, priority: int, now: float, skills: Skills = ()) -> float | None:
        """The estimate for one who begins to wait, behind all of the same or a higher priority; None for unknown."""
        self.left(interaction_id, now)
        backlog = self._backlogs.setdefault(queue, _Backlog())
        ahead = sum(count for other, count in backlog.waiting.items() if other >= priority)
        raw = self._raw(queue, ahead)
        given = self.after(queue, priority, ahead, skills)
        self._entries[interaction_id] = _Entry(queue, priority, skills, now, raw, given)
        if backlog.last is None:
            backlog.last = now
        backlog.waiting[priority] += 1
        return given

    def is_known(self, interaction_id: str) -> bool:
        """Whether it waits as far as this is concerned: it may have been offered meanwhile, to nobody's avail."""
        return interaction_id in self._entries

    def after(self, queue: str, priority: int, ahead: int, skills: Skills = ()) -> float | None:
        """The estimate for one of this priority, who asks for these skills, with `ahead` before it."""
        raw = self._raw(queue, ahead)
        known = self._classes.get((queue, priority, skills))
        return None if raw is None else raw * (known.factor if known else 1.0)

    def _raw(self, queue: str, ahead: int) -> float | None:
        backlog = self._backlogs.get(queue)
        if backlog is None or backlog.gap.count < LEAST_GAPS:
            return None
        return (ahead + 1) * backlog.gap.value

    def answered(self, interaction_id: str, now: float) -> None:
        entry = self._entries.get(interaction_id)
        if entry is None:
            return
        self.left(interaction_id, now)
        if entry.raw is None or entry.given is None:
            return
        actual = now - entry.at
        known = self._classes.setdefault((entry.queue, entry.priority, entry.skills), _Class())
        known.bias.add(actual - entry.given)
        known.error.add(abs(actual - entry.given))
        known.raw.add(entry.raw)
        known.actual.add(actual)

    def left(self, interaction_id: str, now: float) -> None:
        """It waits no more, for whatever reason; one that does not wait is ignored."""
        entry = self._entries.pop(interaction_id, None)
        if entry is None:
            return
        backlog = self._backlogs[entry.queue]
        backlog.drop(entry.priority)
        if backlog.last is not None:
            backlog.gap.add(max(0.0, now - backlog.last))
        backlog.last = now if backlog.waiting else None

    def turned_away(self, interaction_id: str) -> None:
        """It was not let in after all."""
        entry = self._entries.pop(interaction_id, None)
        if entry is not None:
            backlog = self._backlogs[entry.queue]
            backlog.drop(entry.priority)
            if not backlog.waiting:
                backlog.last = None

    def calibrations(self) -> tuple[Calibration, ...]:
        """By queue, priority and skills."""
        return tuple(
            Calibration(
                queue=queue,
                priority=priority,
                skills=skills,
                count=known.bias.count,
                bias_s=known.bias.value,
                error_s=known.error.value,
                factor=known.factor,
            )
            for (queue, priority, skills), known in sorted(self._classes.items())
        )
