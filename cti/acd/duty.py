"""What agents do about their own state: sign in and out, ready, not ready, wrap-up; and the gate beside it."""

from collections.abc import Mapping
from math import isfinite
from typing import Final

from cti.acd.events import (
    AgentNotReady,
    AgentProfileChanged,
    AgentReady,
    AgentSignedIn,
    AgentSignedOut,
    ReachabilityChanged,
    WrapUpExtended,
    WrapUpFinished,
)
from cti.acd.offers import Offers
from cti.acd.roster import Agent, Roster
from cti.acd.talk import Talk
from cti.agents.agent import UNREACHABLE
from cti.agents.state import AgentState, Trigger, transition
from cti.errors import Conflict

_RESTORE: Final[Mapping[AgentState, tuple[Trigger, ...]]] = {
    AgentState.LOGGED_OUT: (Trigger.SIGN_IN,),
    AgentState.NOT_READY: (Trigger.SIGN_IN,),
    AgentState.READY: (Trigger.SIGN_IN, Trigger.READY),
    AgentState.OFFERED: (Trigger.SIGN_IN, Trigger.READY),
    AgentState.BUSY: (Trigger.SIGN_IN, Trigger.ENGAGE),
    AgentState.WRAP_UP: (Trigger.SIGN_IN, Trigger.ENGAGE, Trigger.END_TALK),
}
"""The way through the state table to a stored state."""


class Duty:
    """Each method is what the engine does about one event; `now` is the engine's time."""

    def __init__(self, roster: Roster, offers: Offers, talk: Talk) -> None:
        self._roster = roster
        self._offers = offers
        self._talk = talk

    def signed_in(self, event: AgentSignedIn, now: float) -> None:
        agent = self._roster.find(event.profile.agent_id)
        if agent is None:
            self._restore(event, now)
            return
        if agent.pending is AgentState.LOGGED_OUT:
            agent.pending = None
        self._roster.reprofile(agent, event.profile)
        self.reachability(ReachabilityChanged(agent_id=agent.agent_id, reachable=event.reachable), now)

    def _restore(self, event: AgentSignedIn, now: float) -> None:
        if event.state is AgentState.BUSY and not event.interaction_id:
            raise ValueError(f"agent {event.profile.agent_id}: BUSY with no interaction")
        agent = self._roster.enter(event.profile, reachable=event.reachable)
        agent.handled = event.handled
        until, interaction_id = None, ""
        if event.state in {AgentState.WRAP_UP, AgentState.BUSY}:
            agent.queue, interaction_id = event.queue, event.interaction_id
        if event.state is AgentState.WRAP_UP:
            until = now if event.until is None else event.until
        if event.state is AgentState.BUSY:
            self._talk.attach(agent, interaction_id, event.queue, now)
        triggers = _RESTORE[event.state]
        reason = event.reason if triggers[-1] is Trigger.SIGN_IN else ""
        self._roster.move(
            agent, *triggers, now=now, reason=reason, since=event.since, until=until, interaction_id=interaction_id
        )

    def signed_out(self, event: AgentSignedOut, now: float) -> None:
        agent = self._roster.find(event.agent_id)
        if agent is None:
            return
        if agent.state is AgentState.BUSY:
            self._roster.remember(agent, AgentState.LOGGED_OUT, "")
        else:
            self._step_out(agent, Trigger.SIGN_OUT, "", now)

    def ready(self, event: AgentReady, now: float) -> None:
        agent = self._roster.get(event.agent_id, Trigger.READY)
        agent.pending, agent.pending_reason = None, ""
        if agent.state is AgentState.NOT_READY:
            self._roster.move(agent, Trigger.READY, now=now)
        elif agent.state is AgentState.WRAP_UP:
            self._roster.finish(agent, now=now)
        elif agent.state is AgentState.READY:
            self._roster.wake(agent)

    def not_ready(self, event: AgentNotReady, now: float) -> None:
        agent = self._roster.get(event.agent_id, Trigger.NOT_READY)
        if agent.state in {AgentState.BUSY, AgentState.WRAP_UP}:
            if agent.pending is not AgentState.LOGGED_OUT:
                self._roster.remember(agent, AgentState.NOT_READY, event.reason)
        elif (agent.state, agent.reason) != (AgentState.NOT_READY, event.reason):
            self._step_out(agent, Trigger.NOT_READY, event.reason, now)

    def _step_out(self, agent: Agent, trigger: Trigger, reason: str, now: float) -> None:
        """Take the agent out of the choice. An offer that rings is revoked and its interaction goes to the next."""
        offer = self._offers.ringing_at(agent)
        if offer is None:
            self._roster.move(agent, trigger, now=now, reason=reason)
            return
        self._offers.revoke(offer, "revoked")
        self._roster.move(agent, Trigger.WITHDRAW, trigger, now=now, reason=reason)
        self._offers.give_back(offer.interaction, now)

    def profile(self, event: AgentProfileChanged, _now: float) -> None:
        agent = self._roster.find(event.profile.agent_id)
        if agent is not None:
            self._roster.reprofile(agent, event.profile)

    def reachability(self, event: ReachabilityChanged, now: float) -> None:
        agent = self._roster.find(event.agent_id)
        if agent is None:
            return
        agent.reachable = event.reachable
        if event.reachable and (agent.state, agent.reason) == (AgentState.NOT_READY, UNREACHABLE):
            self._roster.move(agent, Trigger.READY, now=now)
        else:
            self._roster.settle(agent)

    def wrap_up_finished(self, event: WrapUpFinished, now: float) -> None:
        agent = self._roster.get(event.agent_id, Trigger.FINISH)
        transition(agent.state, Trigger.FINISH)
        if event.interaction_id not in {"", agent.interaction_id}:
            raise Conflict(f"the wrap-up of {event.interaction_id} is over already", agent.state)
        self._roster.finish(agent, now=now)

    def wrap_up_extended(self, event: WrapUpExtended, now: float) -> None:
        agent = self._roster.get(event.agent_id, Trigger.EXTEND)
        transition(agent.state, Trigger.EXTEND)
        if not (isfinite(event.seconds) and event.seconds > 0):
            raise Conflict("an extension must be longer than nothing", agent.state)
        until = now if agent.until is None else agent.until
        limit = max(until, agent.since + self._offers.rules(agent.queue).wrap_up_limit_s)
        self._roster.move(
            agent,
            Trigger.EXTEND,
            now=now,
            since=agent.since,
            until=min(until + event.seconds, limit),
            interaction_id=agent.interaction_id,
        )
