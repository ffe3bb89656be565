"""What came of a simulation: per queue and interval the figures of the live reports, and how busy the agents were."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from cti.agents.state import AgentState
from cti.reports.service import QueueFigures, Visit

_HANDLING = frozenset({AgentState.BUSY, AgentState.WRAP_UP})
_AVAILABLE = frozenset({AgentState.READY, AgentState.OFFERED})


class Slice(msgspec.Struct, frozen=True, kw_only=True):
    """One queue in one interval. `figures` judges the visits that began in it.

    `handling_s` is talk and wrap-up, `staffed_s` that and being ready or rung, of the queue's agents together -
    whichever of their queues it was for.
    """

    start_s: float
    figures: QueueFigures
    overflowed: int
    handling_s: float
    staffed_s: float

    @property
    def occupancy(self) -> float | None:
        return self.handling_s / self.staffed_s if self.staffed_s else None

    @property
    def abandon_rate(self) -> float | None:
        """Abandoned / offered."""
        return self.figures.abandoned / self.figures.offered if self.figures.offered else None


class QueueOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """`slices` follow each other in time. `target_s` is the threshold of the service level."""

    queue: str
    target_s: float
    target_share: float
    slices: tuple[Slice, ...]

    @property
    def total(self) -> Slice:
        return _together(self.slices)


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The queues that had callers or agents, in the order of their configuration; slices of `interval_s`."""

    interval_s: float
    queues: tuple[QueueOutcome, ...]


def _together(slices: Iterable[Slice]) -> Slice:
    slices = tuple(slices)
    figures = [one.figures for one in slices]
    return Slice(
        start_s=slices[0].start_s if slices else 0.0,
        figures=QueueFigures(
            offered=sum(one.offered for one in figures),
            answered=sum(one.answered for one in figures),
            abandoned=sum(one.abandoned for one in figures),
            within_target=sum(one.within_target for one in figures),
            waited_s=sum(one.waited_s for one in figures),
        ),
        overflowed=sum(one.overflowed for one in slices),
        handling_s=sum(one.handling_s for one in slices),
        staffed_s=sum(one.staffed_s for one in slices),
    )


class Tally:
    """Counts while a simulation runs, in `intervals` slices of `interval_s` from 0 on."""

    def __init__(self, intervals: int, interval_s: float, targets_s: Mapping[str, float]) -> None:
        self._intervals, self._interval_s, self._targets_s = intervals, interval_s, targets_s
        self._figures: dict[tuple[str, int], QueueFigures] = {}
        self._overflowed: dict[tuple[str, int], int] = {}
        self._states: dict[str, tuple[AgentState, float]] = {}
        self._times: dict[str, list[list[float]]] = {}

    def visit(self, queue: str, at: float, ended_at: float | None, outcome: str) -> None:
        """`outcome` as in `Visit`, or "overflowed"."""
        key = (queue, int(at // self._interval_s))
        visit = Visit(queue=queue, queued_at=at, ended_at=ended_at, outcome=outcome)
        self._figures[key] = self._figures.get(key, QueueFigures()).plus(visit, self._targets_s[queue])
        if outcome == "overflowed":
            self._overflowed[key] = self._overflowed.get(key, 0) + 1

    def agent(self, agent_id: str, state: AgentState, now: float) -> None:
        """The agent is in this state from now on."""
        before, since = self._states.get(agent_id, (AgentState.LOGGED_OUT, now))
        self._states[agent_id] = (state, now)
        if before in _HANDLING:
            self._spread(agent_id, 0, since, now)
        elif before in _AVAILABLE:
            self._spread(agent_id, 1, since, now)

    def state(self, agent_id: str) -> AgentState:
        return self._states[agent_id][0]

    def _spread(self, agent_id: str, kind: int, begin: float, end: float) -> None:
        times = self._times.get(agent_id)
        if times is None:
            times = self._times[agent_id] = [[0.0, 0.0] for _ in range(self._intervals)]
        number = int(begin // self._interval_s)
        while begin < end and number < self._intervals:
            until = min(end, (number + 1) * self._interval_s)
            times[number][kind] += until - begin
            begin, number = until, number + 1

    def slices(self, queue: str, agents: Iterable[str]) -> Iterator[Slice]:
        """Of the queue, whose agents these are. Before this, let each agent be in some state at the end."""
        times = [self._times[agent_id] for agent_id in agents if agent_id in self._times]
        for number in range(self._intervals):
            handling = sum(one[number][0] for one in times)
            yield Slice(
                start_s=number * self._interval_s,
                figures=self._figures.get((queue, number), QueueFigures()),
                overflowed=self._overflowed.get((queue, number), 0),
                handling_s=handling,
                staffed_s=handling + sum(one[number][1] for one in times),
            )

    def any_visit(self, queue: str) -> bool:
        return any(name == queue for name, _ in self._figures)

    def close(self, now: float) -> None:
        """Count all agents' states up to now."""
        for agent_id, (state, _) in tuple(self._states.items()):
            self.agent(agent_id, state, now)
