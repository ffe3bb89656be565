"""The distributor's side of the floor: it is told what happened, its decisions are handed on, its timers run here."""

import asyncio
from collections.abc import Callable
from contextvars import Context

from cti.acd import events as acd
from cti.acd.decisions import AgentChanged, Decision
from cti.errors import NotFound
from cti.events import AgentStateChanged
from cti.floor.means import Means

_ASKS_FOR_A_STATE = (acd.AgentReady, acd.AgentNotReady, acd.AgentSignedOut, acd.AgentEngaged)
CLOCK_S = 0.001
"""How far two clocks that are read one after the other may seem to differ."""


class Distributor:
    """`carry_out` is called with each decision, in order; it may feed the distributor again."""

    def __init__(self, means: Means, carry_out: Callable[[Decision], None]) -> None:
        self._means = means
        self._carry_out = carry_out
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = 0.0

    def feed(self, event: acd.Event) -> None:
        """Tell the distributor something and carry out what it decides."""
        try:
            for decision in self._means.engine.handle(event, self._means.clock()):
                self._carry_out(decision)
        finally:
            self.arm()
        if isinstance(event, _ASKS_FOR_A_STATE):
            self._show_pending(event.agent_id)

    def arm(self) -> None:
        """While the link is down no time passes for the distributor: who was rung may have answered, unheard."""
        deadline = self._means.engine.next_deadline() if self._means.link else None
        if deadline is None:
            if self._alarm is not None:
                self._alarm.cancel()
                self._alarm = None
            return
        loop = asyncio.get_running_loop()
        at = loop.time() + max(0.0, deadline - self._means.clock())
        if self._alarm is not None:
            if self._alarm_at <= at + CLOCK_S:
                return  # nothing is due then, mostly, as few phones ring to the end of their time; see `_look`
            self._alarm.cancel()
        self._alarm_at = at
        self._alarm = loop.call_at(at, self._look, context=Context())

    def _look(self) -> None:
        self._alarm = None
        deadline = self._means.engine.next_deadline()
        if deadline is not None and deadline <= self._means.clock():
            self.feed(acd.Tick())
        else:
            self.arm()

    def publish_state(self, changed: AgentChanged) -> None:
        self._means.bus.publish(
            AgentStateChanged(
                at=self._means.clock(),
                agent_id=changed.agent_id,
                state=changed.state.value,
                previous=changed.previous.value,
                reason=changed.reason,
                since=changed.since,
                until=changed.until,
                interaction_id=changed.interaction_id,
            )
        )
        self._show_pending(changed.agent_id)

    def _show_pending(self, agent_id: str) -> None:
        try:
            agent = self._means.engine.agent(agent_id)
        except NotFound:
            self._means.desk.pending(agent_id, "")
            return
        reason = f":{agent.pending_reason}" if agent.pending_reason else ""
        self._means.desk.pending(agent_id, f"{agent.pending}{reason}" if agent.pending else "")
