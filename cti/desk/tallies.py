"""Queues (topic `queues`) and the chart of quarter hours (topic `intervals`), counted from facts.

Offered: everybody who entered the queue. Answered within the target over offered that is answered or abandoned is the
service level; an abandoned call counts against it (the strict one of the common definitions). A wait counts for the day
and the quarter of an hour in which it began, however it ends, as in the reports (`cti/reports/service.py`).
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from cti.desk.surface import Handlers, Surface
from cti.desk.views import IntervalView, QueueView, Text
from cti.events import (
    AgentStateChanged,
    Fact,
    InteractionConnected,
    InteractionEnded,
    InteractionOverflowed,
    InteractionQueued,
    OfferMade,
)

INTERVAL_S = 900


@dataclass(slots=True)
class Tally:
    """One queue. `waiting`: interaction id -> when the wait began."""

    name: str
    label: Text
    target_s: float
    waiting: dict[str, float] = field(default_factory=dict)
    agents: dict[str, str] = field(default_factory=dict)
    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    within: int = 0
    overflowed: int = 0
    wait_s: float | None = None
    wait_error_s: float | None = None

    def view(self) -> QueueView:
        states = list(self.agents.values())
        closed = self.answered + self.abandoned
        return QueueView(
            name=self.name,
            label=self.label,
            waiting=len(self.waiting),
            oldest=min(self.waiting.values(), default=None),
            ready=states.count("ready"),
            busy=sum(state in ("offered", "busy", "wrap_up") for state in states),
            signed_in=sum(state != "logged_out" for state in states),
            offered_today=self.offered,
            answered_today=self.answered,
            abandoned_today=self.abandoned,
            service_level_today=self.within / closed if closed else None,
            target_s=self.target_s,
            overflowed_today=self.overflowed,
            wait_s=self.wait_s,
            wait_error_s=self.wait_error_s,
        )


@dataclass(slots=True)
class Interval:
    start: float
    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    within: int = 0

    def view(self) -> IntervalView:
        return IntervalView(
            start=self.start,
            offered=self.offered,
            answered=self.answered,
            abandoned=self.abandoned,
            within_target=self.within,
        )


class QueueDesk:
    """Counts at once, shows on `flush()`, which the shell calls a few times a second: a tile needs no more."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        self._tallies: dict[str, Tally] = {}
        self._intervals: dict[float, Interval] = {}
        self._member_of: dict[str, tuple[str, ...]] = {}
        self._waits_in: dict[str, str] = {}
        self._dirty: set[str] = set()
        self._dirty_intervals: set[float] = set()
        self._closing: set[str] = set()
        self._day_began = 0.0
        self._seeded_until = 0.0
        self.handlers: Handlers = {
            InteractionQueued: self._queued,
            InteractionOverflowed: self._overflowed,
            OfferMade: self._noted,
            InteractionConnected: self._connected,
            InteractionEnded: self._ended,
            AgentStateChanged: self._state,
        }

    def configure(self, name: str, label: Text, target_s: float) -> None:
        tally = self._tallies.setdefault(name, Tally(name, label, target_s))
        tally.label, tally.target_s = label, target_s
        self._dirty.add(name)

    def keep(self, names: Collection[str]) -> None:
        """Only these are configured. Any other tile goes when nobody waits there; its figures are kept."""
        self._closing = {name for name in self._tallies if name not in names}
        self._dirty |= self._closing

    def members(self, agent_id: str, queues: tuple[str, ...], state: str) -> None:
        for name in self._member_of.get(agent_id, ()):
            if left := self._tallies.get(name):
                left.agents.pop(agent_id, None)
                self._dirty.add(name)
        self._member_of[agent_id] = queues
        for name in queues:
            if tally := self._tallies.get(name):
                tally.agents[agent_id] = state
                self._dirty.add(name)

    def seeded(self, until: float) -> None:
        """Waits that began before are in the seeds' `offered`: who comes back to an old place is no new arrival."""
        self._seeded_until = until

    def begin_day(self, midnight: float) -> None:
        """Today's counts start anew; who waits since yesterday still waits, and is yesterday's."""
        self._day_began = midnight
        for tally in self._tallies.values():
            tally.offered = tally.answered = tally.abandoned = tally.within = tally.overflowed = 0
            self._dirty.add(tally.name)
        for start in [start for start in self._intervals if start < midnight]:
            del self._intervals[start]
            self._dirty_intervals.discard(start)
            self._surface.drop("intervals", str(int(start)))

    def seed(self, name: str, *, offered: int, answered: int, abandoned: int, within: int) -> None:
        """Today's figures up to now, from the store."""
        if tally := self._tallies.get(name):
            tally.offered, tally.answered, tally.abandoned, tally.within = offered, answered, abandoned, within
            self._dirty.add(name)

    def seed_interval(self, start: float, *, offered: int, answered: int, abandoned: int, within: int) -> None:
        self._intervals[start] = Interval(start, offered, answered, abandoned, within)
        self._dirty_intervals.add(start)

    def flush(self) -> None:
        for name in self._dirty:
            if name in self._closing and not self._tallies[name].waiting:
                self._surface.drop("queues", name)
            else:
                self._surface.put("queues", name, self._tallies[name].view())
        for start in self._dirty_intervals:
            self._surface.put("intervals", str(int(start)), self._intervals[start].view())
        self._dirty.clear()
        self._dirty_intervals.clear()

    def _counters(self, tally: Tally, queued_at: float) -> tuple[Tally | Interval, ...]:
        """Where a wait that began then counts; nowhere if that was before today."""
        self._dirty.add(tally.name)
        if queued_at < self._day_began:
            return ()
        start = queued_at - queued_at % INTERVAL_S
        self._dirty_intervals.add(start)
        return tally, self._intervals.setdefault(start, Interval(start))

    def _queued(self, fact: InteractionQueued) -> None:
        before = self._waits_in.get(fact.interaction_id)
        if before == fact.queue:
            return  # back at the old place, not a new arrival
        self._leave(fact.interaction_id)
        tally = self._tallies.get(fact.queue)
        if tally is None:
            return
        self._waits_in[fact.interaction_id] = fact.queue
        tally.waiting[fact.interaction_id] = fact.queued_at
        self._dirty.add(tally.name)
        if fact.queued_at >= self._seeded_until:
            for counter in self._counters(tally, fact.queued_at):
                counter.offered += 1

    def _leave(self, interaction_id: str) -> tuple[Tally, float] | None:
        """It no longer waits: where it did, and since when."""
        name = self._waits_in.pop(interaction_id, None)
        if name is None:
            return None
        self._dirty.add(name)
        return self._tallies[name], self._tallies[name].waiting.pop(interaction_id)

    def _overflowed(self, fact: InteractionOverflowed) -> None:
        """Offered, but neither answered nor abandoned: the service level does not judge it."""
        self._leave(fact.interaction_id)
        if tally := self._tallies.get(fact.queue):
            tally.overflowed += 1
            self._dirty.add(tally.name)

    def expect(self, name: str, wait_s: float | None, error_s: float | None) -> None:
        """What the last in line is expected to wait, and how wrong such estimates were; both rounded."""
        if tally := self._tallies.get(name):
            tally.wait_s, tally.wait_error_s = wait_s, error_s
            self._dirty.add(name)

    def _noted(self, fact: OfferMade) -> None:
        if fact.queue in self._tallies:
            self._dirty.add(fact.queue)

    def _connected(self, fact: InteractionConnected) -> None:
        left = self._leave(fact.interaction_id)
        if left is None:
            return
        tally, queued_at = left
        for counter in self._counters(tally, queued_at):
            counter.answered += 1
            counter.within += fact.at - queued_at <= tally.target_s

    def _ended(self, fact: InteractionEnded) -> None:
        left = self._leave(fact.interaction_id)
        if left is not None and fact.outcome == "abandoned":
            for counter in self._counters(*left):
                counter.abandoned += 1

    def _state(self, fact: AgentStateChanged) -> None:
        for name in self._member_of.get(fact.agent_id, ()):
            if tally := self._tallies.get(name):
                tally.agents[fact.agent_id] = fact.state
                self._dirty.add(name)

    def on_fact(self, fact: Fact) -> None:
        handler = self.handlers.get(type(fact))
        if handler is not None:
            handler(fact)
