"""When a queue is in trouble: its figures against the limits that were configured. Pure.

An alarm is raised at once and cleared late: its figure must have been good for `clear_after_s` (hysteresis in time), so
that one that swings about a limit rings once. From "warn" to "alarm" it goes at once too, and back as late.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from cti.desk.views import QueueView
from cti.events import AlarmCleared, AlarmFact, AlarmKind, AlarmLevel, AlarmRaised

FALLING: Final = frozenset[AlarmKind]({"service_level", "recording_disk"})
"""Where less is worse; of all others more is."""

_RANK: Final[Mapping[AlarmLevel | None, int]] = {None: 0, "warn": 1, "alarm": 2}


class AlarmLimit(msgspec.Struct, frozen=True, kw_only=True):
    """A figure that reaches `warn` or `alarm` (None: no such level) is in trouble; a falling one when it is below.

    It is not judged before `least` callers were answered or lost today, so that the first one lost is no 100 %.
    """

    kind: AlarmKind
    warn: float | None = None
    alarm: float | None = None
    least: int = 0

    def level(self, value: float) -> tuple[AlarmLevel, float] | None:
        """The worst level that `value` has reached, and its limit."""
        levels: tuple[tuple[AlarmLevel, float | None], ...] = (("alarm", self.alarm), ("warn", self.warn))
        for level, limit in levels:
            if limit is not None and (value < limit if self.kind in FALLING else value >= limit):
                return level, limit
        return None


class AlarmRules(msgspec.Struct, frozen=True, kw_only=True):
    """Of one queue. `limits`: at most one of a kind."""

    limits: tuple[AlarmLimit, ...] = ()
    clear_after_s: float = 15.0


Figures = Mapping[AlarmKind, float]
"""What there is to judge; a kind that is absent is all right."""


def figures_of(queue: QueueView, rules: AlarmRules, now: float, nobody_ready_s: float | None) -> Figures:
    """`nobody_ready_s`: for how long nobody has been ready; None while somebody is, or nobody need be."""
    decided = queue.answered_today + queue.abandoned_today
    found: dict[AlarmKind, float] = {"waiting": queue.waiting}
    if queue.oldest is not None:
        found["longest_wait"] = now - queue.oldest
    if nobody_ready_s is not None:
        found["nobody_ready"] = nobody_ready_s
    if queue.service_level_today is not None:
        found["service_level"] = queue.service_level_today
        found["abandoned"] = queue.abandoned_today / decided
    return {limit.kind: found[limit.kind] for limit in rules.limits if limit.kind in found and decided >= limit.least}


@dataclass(slots=True)
class Alarm:
    """One that goes on. `better_since`: since when its figure has been better than `level`; None for not now.

    `meanwhile` is the worst level that it has had in that time.
    """

    alarm_id: str
    kind: AlarmKind
    level: AlarmLevel
    worst: AlarmLevel
    better_since: float | None = None
    meanwhile: AlarmLevel | None = None


class AlarmWatch:
    """The alarms of one queue that go on. Two are never of the same kind."""

    def __init__(self, queue: str, alarms: Iterable[Alarm] = ()) -> None:
        self.queue = queue
        self.alarms = {alarm.kind: alarm for alarm in alarms}

    def find(self, alarm_id: str) -> Alarm | None:
        return next((alarm for alarm in self.alarms.values() if alarm.alarm_id == alarm_id), None)

    def judge(self, rules: AlarmRules, figures: Figures, now: float) -> list[AlarmFact]:
        """What has changed. A kind that is configured no more is cleared at once."""
        limits = {limit.kind: limit for limit in rules.limits}
        facts = list(self._without([kind for kind in self.alarms if kind not in limits], now))
        for kind, limit in limits.items():
            value = figures.get(kind)
            found = None if value is None else limit.level(value)
            facts += self._turn(limit, value or 0.0, found, rules.clear_after_s, now)
        return facts

    def end(self, now: float) -> list[AlarmFact]:
        """The queue is no more."""
        return list(self._without(list(self.alarms), now))

    def _without(self, kinds: Iterable[AlarmKind], now: float) -> Iterator[AlarmFact]:
        for kind in kinds:
            yield AlarmCleared(at=now, alarm_id=self.alarms.pop(kind).alarm_id, queue=self.queue, kind=kind)

    def _turn(
        self, limits: AlarmLimit, value: float, found: tuple[AlarmLevel, float] | None, clear_after_s: float, now: float
    ) -> Iterator[AlarmFact]:
        kind = limits.kind
        alarm = self.alarms.get(kind)
        level, limit = found or (None, 0.0)
        if alarm is None:
            if level is not None:
                alarm = self.alarms[kind] = Alarm(f"{self.queue}-{kind}-{int(now * 1000)}", kind, level, level)
                yield self._raised(alarm, value, limit, now)
            return
        if _RANK[level] >= _RANK[alarm.level]:
            alarm.better_since = None
            if level is None or level == alarm.level:
                return
        else:
            if alarm.better_since is None:
                alarm.better_since, alarm.meanwhile = now, level
            alarm.meanwhile = max(alarm.meanwhile, level, key=_RANK.__getitem__)
            if now - alarm.better_since < clear_after_s:
                return
            if alarm.meanwhile is None:
                yield from self._without([kind], now)
                return
            level, limit = alarm.meanwhile, limits.warn or 0.0
        alarm.level, alarm.better_since = level, None
        alarm.worst = max(alarm.worst, level, key=_RANK.__getitem__)
        yield self._raised(alarm, value, limit, now)

    def _raised(self, alarm: Alarm, value: float, limit: float, now: float) -> AlarmRaised:
        return AlarmRaised(
            at=now,
            alarm_id=alarm.alarm_id,
            queue=self.queue,
            kind=alarm.kind,
            level=alarm.level,
            worst=alarm.worst,
            value=value,
            limit=limit,
        )
