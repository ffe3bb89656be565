"""The live engine on a virtual clock: simulated callers and agents do what the floor would tell the engine.

No real clock, no thread, no randomness but the seed's: the same input gives the same outcome, bit for bit.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from typing import Any

import msgspec

from cti.acd.decisions import AgentChanged, Decision, MakeOffer, RevokeOffer, WaitExpired
from cti.acd.engine import Engine
from cti.acd.events import (
    AgentReady,
    AgentSignedIn,
    AgentSignedOut,
    CallerLeft,
    CallerQueued,
    Event,
    OfferAnswered,
    OfferConnected,
    Tick,
)
from cti.acd.queue import QueueRules
from cti.agents.agent import RONA, AgentProfile
from cti.agents.state import AgentState
from cti.simulation.arrivals import Arrival
from cti.simulation.chance import Duration, stream
from cti.simulation.outcome import Outcome, QueueOutcome, Tally

AT_ONCE = Duration(mean_s=0.0, shape="constant")


class SimulatedAgent(msgspec.Struct, frozen=True, kw_only=True):
    """Signed in and ready in each of the `shifts` (from, to in seconds); picks up after `answer`, unless too late."""

    profile: AgentProfile
    shifts: tuple[tuple[float, float], ...]
    answer: Duration = AT_ONCE


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to simulate: `intervals` slices of `interval_s`. An agent who missed a ring is ready again after
    `back_after_rona_s`.
    """

    rules: tuple[QueueRules, ...]
    agents: Sequence[SimulatedAgent]
    interval_s: float
    intervals: int
    seed: int = 1
    back_after_rona_s: float = 60.0

    @property
    def end_s(self) -> float:
        return self.intervals * self.interval_s


@dataclass(slots=True)
class _Caller:
    """`queue` since `entered_at`; `been_in` are all queues so far; `offers` are those that ring, also several."""

    arrival: Arrival
    queue: str
    entered_at: float
    been_in: set[str] = field(default_factory=set)
    offers: set[str] = field(default_factory=set)
    answered: bool = False


def simulate(plan: Plan, arrivals: Iterable[Arrival]) -> Outcome:
    """Play until nobody is left who could do anything; visits and times beyond the last slice are not counted.

    `arrivals` come in the order of their times, each for one of the queues.
    """
    floor = _Floor(plan, iter(arrivals))
    floor.run()
    return floor.outcome()


class _Floor:
    def __init__(self, plan: Plan, arrivals: Iterator[Arrival]) -> None:
        self._plan = plan
        self._arrivals = arrivals
        self._engine = Engine(plan.rules)
        self._tally = Tally(plan.intervals, plan.interval_s, {one.name: one.target_s for one in plan.rules})
        self._queues = frozenset(one.name for one in plan.rules)
        self._agents = {agent.profile.agent_id: agent for agent in plan.agents}
        self._answering = stream(plan.seed, "answer")
        self._callers: dict[str, _Caller] = {}
        self._names = count(1)
        self._order = count()
        self._future: list[tuple[float, int, Callable[[Any], None], Any]] = []
        self._now = 0.0

    def run(self) -> None:
        for agent in self._plan.agents:
            for begin, end in agent.shifts:
                self._at(begin, self._sign_in, agent)
                self._at(end, self._tell, AgentSignedOut(agent_id=agent.profile.agent_id))
        self._next_arrival()
        while True:
            due = self._engine.next_deadline()
            if due is not None and (not self._future or due < self._future[0][0]):
                self._now = max(self._now, due)
                self._tell(Tick())
            elif self._future:
                self._now, _, action, subject = heappop(self._future)
                action(subject)
            else:
                break

    def outcome(self) -> Outcome:
        self._tally.close(self._plan.end_s)
        for caller in self._callers.values():
            if not caller.answered:
                self._tally.visit(caller.queue, caller.entered_at, None, "")
        return Outcome(
            interval_s=self._plan.interval_s,
            queues=tuple(
                QueueOutcome(
                    queue=rules.name,
                    target_s=rules.target_s,
                    target_share=rules.target_share,
                    slices=tuple(self._tally.slices(rules.name, self._agents_of(rules.name))),
                )
                for rules in self._plan.rules
                if self._tally.any_visit(rules.name) or self._agents_of(rules.name)
            ),
        )

    def _agents_of(self, queue: str) -> list[str]:
        return [agent_id for agent_id, agent in self._agents.items() if queue in agent.profile.queues]

    def _at(self, at: float, action: Callable[[Any], None], subject: object) -> None:
        heappush(self._future, (at, next(self._order), action, subject))

    # --- what the engine is told

    def _tell(self, event: Event) -> None:
        for decision in self._engine.handle(event, self._now):
            self._carry_out(decision)

    def _sign_in(self, agent: SimulatedAgent) -> None:
        self._tell(AgentSignedIn(profile=agent.profile, state=AgentState.READY))

    def _next_arrival(self) -> None:
        arrival = next(self._arrivals, None)
        if arrival is not None:
            self._at(arrival.at, self._arrive, arrival)

    def _arrive(self, arrival: Arrival) -> None:
        name = f"sim{next(self._names):010d}"
        self._callers[name] = _Caller(arrival, arrival.queue, self._now)
        if arrival.patience_s is not None:
            self._at(self._now + arrival.patience_s, self._give_up, name)
        self._enter(name, arrival.queue)
        self._next_arrival()

    def _enter(self, name: str, queue: str) -> None:
        caller = self._callers[name]
        caller.queue, caller.entered_at = queue, self._now
        caller.been_in.add(queue)
        arrival = caller.arrival
        self._tell(CallerQueued(interaction_id=name, queue=queue, queued_at=arrival.at, skills=arrival.skills))

    def _give_up(self, name: str) -> None:
        caller = self._callers.get(name)
        if caller is not None and not caller.answered:
            self._visited(caller, "abandoned")
            self._hang_up(name)

    def _visited(self, caller: _Caller, outcome: str) -> None:
        self._tally.visit(caller.queue, caller.entered_at, self._now, outcome)

    def _pick_up(self, offer_id: str) -> None:
        name = offer_id.rpartition("-")[0]
        caller = self._callers.get(name)
        if caller is None or caller.answered or offer_id not in caller.offers:
            return
        caller.answered = True
        self._visited(caller, "answered")
        self._at(self._now + caller.arrival.talk_s, self._hang_up, name)
        self._tell(OfferAnswered(offer_id=offer_id))
        self._tell(OfferConnected(offer_id=offer_id))

    def _hang_up(self, name: str) -> None:
        del self._callers[name]
        self._tell(CallerLeft(interaction_id=name))

    # --- what the engine decides

    def _carry_out(self, decision: Decision) -> None:
        match decision:
            case MakeOffer():
                self._callers[decision.interaction_id].offers.add(decision.offer_id)
                delay = self._agents[decision.agent_id].answer.draw(self._answering)
                self._at(self._now + delay, self._pick_up, decision.offer_id)
            case RevokeOffer():
                if caller := self._callers.get(decision.interaction_id):
                    caller.offers.discard(decision.offer_id)
            case AgentChanged():
                self._tally.agent(decision.agent_id, decision.state, self._now)
                if decision.state is AgentState.NOT_READY and decision.reason == RONA:
                    self._at(self._now + self._plan.back_after_rona_s, self._come_back, decision.agent_id)
            case WaitExpired():
                self._way_out(decision)

    def _way_out(self, decision: WaitExpired) -> None:
        """The way out "queue:<name>" leads to another queue; whatever else a queue has in store ends the call here."""
        caller = self._callers[decision.interaction_id]
        self._visited(caller, "overflowed")
        kind, _, queue = decision.way_out.partition(":")
        if kind == "queue" and queue in self._queues - caller.been_in:
            self._enter(decision.interaction_id, queue)
        else:
            self._hang_up(decision.interaction_id)

    def _come_back(self, agent_id: str) -> None:
        """Whoever signed out meanwhile has gone home."""
        if self._tally.state(agent_id) is AgentState.NOT_READY:
            self._tell(AgentReady(agent_id=agent_id))
