"""Queues (topic `queues`) and the chart of quarter hours (topic `intervals`), counted from facts.

Offered: everybody who entered the queue. Answered within the target over offered that is answered or abandoned is the
service level; an abandoned call counts against it (the strict one of the common definitions).
"""

from dataclasses import dataclass, field

from cti.desk.surface import Handlers, Surface
from cti.desk.views import IntervalView, QueueView, Text
from cti.events import AgentStateChanged, Fact, InteractionConnected, InteractionEnded, InteractionQueued, OfferMade

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
        self.handlers: Handlers = {
            InteractionQueued: self._queued,
            OfferMade: self._noted,
            InteractionConnected: self._connected,
            InteractionEnded: self._ended,
            AgentStateChanged: self._state,
        }

    def configure(self, name: str, label: Text, target_s: float) -> None:
        tally = self._tallies.setdefault(name, Tally(name, label, target_s))
        tally.label, tally.target_s = label, target_s
        self._dirty.add(name)

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
            self._surface.put("queues", name, self._tallies[name].view())
        for start in self._dirty_intervals:
            self._surface.put("intervals", str(int(start)), self._intervals[start].view())
        self._dirty.clear()
        self._dirty_intervals.clear()

    def _interval(self, at: float) -> Interval:
        start = at - at % INTERVAL_S
        self._dirty_intervals.add(start)
        return self._intervals.setdefault(start, Interval(start))

    def _queued(self, fact: InteractionQueued) -> None:
        tally = self._tallies.get(fact.queue)
        if tally is None:
            return
        before = self._waits_in.get(fact.interaction_id)
        if before == fact.queue and fact.interaction_id in tally.waiting:
            return  # back at the old place, not a new arrival
        if before is not None:
            self._tallies[before].waiting.pop(fact.interaction_id, None)
            self._dirty.add(before)
        self._waits_in[fact.interaction_id] = fact.queue
        tally.waiting[fact.interaction_id] = fact.queued_at
        tally.offered += 1
        self._interval(fact.at).offered += 1
        self._dirty.add(fact.queue)

    def _noted(self, fact: OfferMade) -> None:
        if fact.queue in self._tallies:
            self._dirty.add(fact.queue)

    def _connected(self, fact: InteractionConnected) -> None:
        name = self._waits_in.pop(fact.interaction_id, None)
        if name is None:
            return
        tally = self._tallies[name]
        tally.waiting.pop(fact.interaction_id, None)
        within = fact.waited_s <= tally.target_s
        interval = self._interval(fact.at)
        tally.answered += 1
        interval.answered += 1
        tally.within += within
        interval.within += within
        self._dirty.add(name)

    def _ended(self, fact: InteractionEnded) -> None:
        name = self._waits_in.pop(fact.interaction_id, None)
        if name is None:
            return
        tally = self._tallies[name]
        tally.waiting.pop(fact.interaction_id, None)
        if fact.outcome == "abandoned":
            tally.abandoned += 1
            self._interval(fact.at).abandoned += 1
        self._dirty.add(name)

    def _state(self, fact: AgentStateChanged) -> None:
        for name in self._member_of.get(fact.agent_id, ()):
            if tally := self._tallies.get(name):
                tally.agents[fact.agent_id] = fact.state
                self._dirty.add(name)

    def on_fact(self, fact: Fact) -> None:
        handler = self.handlers.get(type(fact))
        if handler is not None:
            handler(fact)
