"""Queues (topic `queues`) and the chart of quarter hours (topic `intervals`), counted from facts.

Offered: everybody who entered the queue. Answered within the target over offered that is answered or abandoned is the
service level; an abandoned call counts against it (the strict one of the common definitions). A wait counts for the day
and the quarter of an hour in which it began, however it ends, as in the reports (`cti/reports/service.py`).
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from cti.desk.chart import Interval, Intervals
from cti.desk.surface import Handlers, Surface
from cti.desk.views import QueueView, Text
from cti.events import (
    AgentStateChanged,
    AlarmLevel,
    InteractionConnected,
    InteractionEnded,
    InteractionOverflowed,
    InteractionQueued,
    OfferMade,
)


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
    trouble: AlarmLevel | None = None

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
            within_today=self.within,
            trouble=self.trouble or "",
        )


class QueueDesk:
    """Counts at once, shows on `flush()`, which the shell calls a few times a second: a tile needs no more.

    `_visits`: interaction -> its waits (queue, since when) and whether each overflowed: who comes back to an old place
    goes on with the old wait, as in the store, so that every number is that of a list (`cti/store/behind.py`).
    """

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        self._tallies: dict[str, Tally] = {}
        self._intervals = Intervals(surface)
        self._member_of: dict[str, tuple[str, ...]] = {}
        self._waits_in: dict[str, str] = {}
        self._visits: dict[str, dict[tuple[str, float], bool]] = {}
        self._dirty: set[str] = set()
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
        self._intervals.begin_day(midnight)

    def seed(self, name: str, *, offered: int, answered: int, abandoned: int, within: int, overflowed: int = 0) -> None:
        """Today's figures up to now, from the store."""
        if tally := self._tallies.get(name):
            tally.offered, tally.answered, tally.abandoned, tally.within = offered, answered, abandoned, within
            tally.overflowed = overflowed
            self._dirty.add(name)

    def seed_interval(
        self, start: float, *, offered: int, answered: int, abandoned: int, within: int, queue: str = ""
    ) -> None:
        """Of all queues together, or of one."""
        self._intervals.seed(Interval(start, queue, offered, answered, abandoned, within))

    def flush(self) -> None:
        for name in self._dirty:
            if name in self._closing and not self._tallies[name].waiting:
                self._surface.drop("queues", name)
            else:
                self._surface.put("queues", name, self._tallies[name].view())
        self._dirty.clear()
        self._intervals.flush()

    def views(self) -> Iterator[QueueView]:
        """As they are now, also what is not shown yet."""
        return (tally.view() for name, tally in self._tallies.items() if name not in self._closing)

    def waiting(self) -> Mapping[str, int]:
        return {name: len(tally.waiting) for name, tally in self._tallies.items()}

    def trouble(self, name: str, level: AlarmLevel | None) -> None:
        if tally := self._tallies.get(name):
            tally.trouble = level
            self._dirty.add(name)

    def _counters(self, tally: Tally, queued_at: float) -> tuple[Tally | Interval, ...]:
        """Where a wait that began then counts; nowhere if that was before today."""
        self._dirty.add(tally.name)
        if queued_at < self._day_began:
            return ()
        return tally, *self._intervals.at(queued_at, tally.name)

    def _queued(self, fact: InteractionQueued) -> None:
        before = self._waits_in.get(fact.interaction_id)
        if before == fact.queue:
            return  # back at the old place, not a new arrival
        self._move_on(fact.interaction_id)
        tally = self._tallies.get(fact.queue)
        if tally is None:
            return
        self._waits_in[fact.interaction_id] = fact.queue
        tally.waiting[fact.interaction_id] = fact.queued_at
        self._dirty.add(tally.name)
        visits = self._visits.setdefault(fact.interaction_id, {})
        again = visits.get((fact.queue, fact.queued_at))
        visits[fact.queue, fact.queued_at] = False
        if again is not None:
            tally.overflowed -= again
        elif fact.queued_at >= self._seeded_until:
            for counter in self._counters(tally, fact.queued_at):
                counter.offered += 1

    def _leave(self, interaction_id: str) -> tuple[Tally, float] | None:
        """It no longer waits: where it did, and since when."""
        name = self._waits_in.pop(interaction_id, None)
        if name is None:
            return None
        self._dirty.add(name)
        return self._tallies[name], self._tallies[name].waiting.pop(interaction_id)

    def _move_on(self, interaction_id: str) -> None:
        """Offered, but neither answered nor abandoned: the service level does not judge it."""
        left = self._leave(interaction_id)
        if left is not None and left[1] >= self._day_began:
            tally, queued_at = left
            tally.overflowed += 1
            self._visits.setdefault(interaction_id, {})[tally.name, queued_at] = True

    def _overflowed(self, fact: InteractionOverflowed) -> None:
        """Who came to a closed queue has never waited there, and counts nowhere."""
        self._move_on(fact.interaction_id)

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
        if fact.outcome == "overflowed":
            self._move_on(fact.interaction_id)
        left = self._leave(fact.interaction_id)
        self._visits.pop(fact.interaction_id, None)
        if left is not None and fact.outcome == "abandoned":
            for counter in self._counters(*left):
                counter.abandoned += 1

    def _state(self, fact: AgentStateChanged) -> None:
        for name in self._member_of.get(fact.agent_id, ()):
            if tally := self._tallies.get(name):
                tally.agents[fact.agent_id] = fact.state
                self._dirty.add(name)
