"""The alarms that go on (topic `alarms`), from facts."""

from collections.abc import Callable

import msgspec

from cti.desk.surface import Handlers, Surface
from cti.desk.views import AlarmView
from cti.events import AlarmAcknowledged, AlarmCleared, AlarmLevel, AlarmRaised, Fact


class AlarmDesk:
    """`trouble` is told the worst level of a queue whenever it may have changed, None for none."""

    def __init__(self, surface: Surface, trouble: Callable[[str, AlarmLevel | None], None]) -> None:
        self._surface = surface
        self._trouble = trouble
        self._alarms: dict[str, AlarmView] = {}
        self.handlers: Handlers = {
            AlarmRaised: self._raised,
            AlarmCleared: self._cleared,
            AlarmAcknowledged: self._acknowledged,
        }

    def _raised(self, fact: AlarmRaised) -> None:
        """Worse than it was when somebody acknowledged it: that counts no more."""
        before = self._alarms.get(fact.alarm_id)
        keep = before is not None and not (before.level == "warn" and fact.level == "alarm")
        view = AlarmView(
            alarm_id=fact.alarm_id,
            queue=fact.queue,
            kind=fact.kind,
            level=fact.level,
            value=fact.value,
            limit=fact.limit,
            since=before.since if before else fact.at,
            acknowledged_by=before.acknowledged_by if before and keep else "",
            acknowledged_at=before.acknowledged_at if before and keep else None,
        )
        self._put(view)

    def _cleared(self, fact: AlarmCleared) -> None:
        if view := self._alarms.pop(fact.alarm_id, None):
            self._surface.drop("alarms", fact.alarm_id)
            self._tell(view.queue)

    def _acknowledged(self, fact: AlarmAcknowledged) -> None:
        if view := self._alarms.get(fact.alarm_id):
            self._put(msgspec.structs.replace(view, acknowledged_by=fact.agent_id, acknowledged_at=fact.at))

    def _put(self, view: AlarmView) -> None:
        self._alarms[view.alarm_id] = view
        self._surface.put("alarms", view.alarm_id, view)
        self._tell(view.queue)

    def _tell(self, queue: str) -> None:
        levels = {view.level for view in self._alarms.values() if view.queue == queue}
        self._trouble(queue, "alarm" if "alarm" in levels else "warn" if levels else None)

    def on_fact(self, fact: Fact) -> None:
        handler = self.handlers.get(type(fact))
        if handler is not None:
            handler(fact)
