"""What the board's charts show: quarters of an hour (topic `intervals`) and the last hour by minutes (`minutes`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cti.desk.surface import Surface
from cti.desk.views import IntervalView, MinuteView

INTERVAL_S = 900
MINUTE_S = 60
MINUTES = 60


@dataclass(slots=True)
class Interval:
    """Of one queue, or of all together (`queue` "")."""

    start: float
    queue: str
    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    within: int = 0

    @property
    def key(self) -> str:
        return f"{int(self.start)}/{self.queue}" if self.queue else str(int(self.start))

    def view(self) -> IntervalView:
        return IntervalView(
            start=self.start,
            offered=self.offered,
            answered=self.answered,
            abandoned=self.abandoned,
            within_target=self.within,
            queue=self.queue,
        )


class Intervals:
    """Shown on `flush()`."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        self._known: dict[str, Interval] = {}
        self._dirty: set[str] = set()

    def at(self, queued_at: float, queue: str) -> tuple[Interval, Interval]:
        """Where a wait that began then is counted: in its queue, and in all queues together."""
        start = queued_at - queued_at % INTERVAL_S
        return self._of(Interval(start, queue)), self._of(Interval(start, ""))

    def _of(self, new: Interval) -> Interval:
        self._dirty.add(new.key)
        return self._known.setdefault(new.key, new)

    def seed(self, interval: Interval) -> None:
        self._known[interval.key] = interval
        self._dirty.add(interval.key)

    def begin_day(self, midnight: float) -> None:
        for key in [key for key, one in self._known.items() if one.start < midnight]:
            del self._known[key]
            self._dirty.discard(key)
            self._surface.drop("intervals", key)

    def flush(self) -> None:
        for key in self._dirty:
            self._surface.put("intervals", key, self._known[key].view())
        self._dirty.clear()


@dataclass(slots=True)
class Minutes:
    """The last hour, a minute at a time; a restart begins it anew."""

    surface: Surface
    _start: float = 0.0
    _waiting: dict[str, int] = field(default_factory=dict)
    _shown: list[float] = field(default_factory=list)

    def look(self, now: float, waiting: Mapping[str, int], states: Mapping[str, int]) -> None:
        """What is so now, several times a minute. Queues and states at 0 are left out."""
        start = now - now % MINUTE_S
        if start != self._start:
            self._start, self._waiting = start, {}
            self._shown.append(start)
            while len(self._shown) > MINUTES:
                self.surface.drop("minutes", str(int(self._shown.pop(0))))
        for queue, count in waiting.items():
            if count:
                self._waiting[queue] = max(count, self._waiting.get(queue, 0))
        present = {state: count for state, count in states.items() if count}
        self.surface.put(
            "minutes", str(int(start)), MinuteView(start=start, waiting=dict(self._waiting), states=present)
        )
