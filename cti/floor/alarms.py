"""The queues' alarms: their figures are looked at once a second, and what has changed is told once."""

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple, Protocol, cast

from cti.desk.alarms import Alarm, AlarmLimit, AlarmRules, AlarmWatch, figures_of
from cti.desk.views import QueueView
from cti.errors import NotFound
from cti.events import AlarmAcknowledged, AlarmFact, AlarmKind, AlarmLevel, AlarmRaised
from cti.floor.means import Means
from cti.floor.places import Places

HOUSE: Final = ""
"""In place of a queue: what is wrong with all of us."""
HOUSE_CLEAR_S: Final = 15.0
OVERLOAD: Final = AlarmLimit(kind="overload", alarm=1)
TOLL: Final = AlarmLimit(kind="toll", warn=1, alarm=10)


class HouseFigure(NamedTuple):
    """Of the whole house; `value` 0 is all right."""

    kind: AlarmKind
    value: Callable[[], float]
    limit: AlarmLimit


class OpenAlarm(Protocol):
    """One that went on when the daemon stopped (`cti.store.alarms.AlarmRow`)."""

    @property
    def alarm_id(self) -> str: ...
    @property
    def queue(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def worst(self) -> str: ...
    @property
    def value(self) -> float | None: ...
    @property
    def limit(self) -> float | None: ...
    @property
    def raised_at(self) -> float: ...
    @property
    def acknowledged_by(self) -> str: ...
    @property
    def acknowledged_at(self) -> float | None: ...


class Alarms:
    def __init__(self, means: Means, places: Places) -> None:
        self._means = means
        self._places = places
        self._watches: dict[str, AlarmWatch] = {}
        self._nobody_since: dict[str, float] = {}
        self.of_house: list[HouseFigure] = [HouseFigure("toll", means.permits.refused_lately, TOLL)]

    def resume(self, opens: Iterable[OpenAlarm]) -> None:
        """After a restart: they go on, and are told to the desk alone, for the store knows them already."""
        for row in opens:
            kind, level, worst = cast("tuple[AlarmKind, AlarmLevel, AlarmLevel]", (row.kind, row.level, row.worst))
            alarm = Alarm(row.alarm_id, kind, level, worst)
            self._watch(row.queue).alarms[kind] = alarm
            self._means.desk.on_fact(
                AlarmRaised(
                    at=row.raised_at,
                    alarm_id=row.alarm_id,
                    queue=row.queue,
                    kind=kind,
                    level=level,
                    worst=worst,
                    value=row.value or 0.0,
                    limit=row.limit or 0.0,
                )
            )
            if row.acknowledged_at is not None:
                self._means.desk.on_fact(
                    _acknowledged(row.acknowledged_at, row.alarm_id, row.queue, kind, row.acknowledged_by)
                )

    def look(self) -> None:
        """Call it once a second."""
        now = self._means.clock()
        seen = set()
        for view in self._means.desk.queues.views():
            seen.add(view.name)
            rules = self._means.rules.care(view.name).alarms
            figures = figures_of(view, rules, now, self._nobody_ready_s(view, rules, now))
            self._publish(self._watch(view.name).judge(rules, figures, now))
        figures = {each.kind: float(value) for each in self.of_house if (value := each.value())}
        rules = AlarmRules(limits=tuple(each.limit for each in self.of_house), clear_after_s=HOUSE_CLEAR_S)
        self._publish(self._watch(HOUSE).judge(rules, figures, now))
        for queue in self._watches.keys() - seen - {HOUSE}:
            self._publish(self._watches.pop(queue).end(now))

    def acknowledge(self, alarm_id: str, agent_id: str) -> str:
        """The queue whose alarm it is. Raises NotFound when it is over."""
        for watch in self._watches.values():
            if alarm := watch.find(alarm_id):
                now = self._means.clock()
                self._means.bus.publish(_acknowledged(now, alarm_id, watch.queue, alarm.kind, agent_id))
                return watch.queue
        raise NotFound("alarm", alarm_id)

    def _watch(self, queue: str) -> AlarmWatch:
        return self._watches.setdefault(queue, AlarmWatch(queue))

    def _nobody_ready_s(self, view: QueueView, rules: AlarmRules, now: float) -> float | None:
        watched = any(limit.kind == "nobody_ready" for limit in rules.limits)
        if not watched or view.ready or not self._places.is_open(view.name):
            self._nobody_since.pop(view.name, None)
            return None
        return now - self._nobody_since.setdefault(view.name, now)

    def _publish(self, facts: Iterable[AlarmFact]) -> None:
        for fact in facts:
            self._means.bus.publish(fact)


def _acknowledged(at: float, alarm_id: str, queue: str, kind: AlarmKind, agent_id: str) -> AlarmAcknowledged:
    return AlarmAcknowledged(at=at, alarm_id=alarm_id, queue=queue, kind=kind, agent_id=agent_id)
