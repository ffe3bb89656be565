"""What agents do about their own state: sign in and out, ready, not ready, wrap-up; and the gate beside it."""

from collections.abc import Mapping
from math import isfinite
from typing import Final

from cti.acd.agent import Agent, Assignment
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
from cti.acd.roster import Roster
from cti.acd.talk import Talk
from cti.agents.agent import UNREACHABLE
from cti.agents.capacity import counted_as
from cti.agents.state import AgentState, Trigger
from cti.errors import Conflict, IllegalTransition

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
        medium = self._talk.medium(event.interaction_id, event.queue, event.medium)
        agent = self._roster.enter(event.profile, reachable=event.reachable)
        agent.handled = event.handled
        work, until = None, None
        if event.state is AgentState.BUSY:
            work = self._talk.attach(agent, event.interaction_id, event.queue, medium, now)
        elif event.state is AgentState.WRAP_UP:
            work = Assignment(event.interaction_id, counted_as(medium), event.queue)
            until = now if event.until is None else event.until
        triggers = _RESTORE[event.state]
        reason = event.reason if triggers[-1] is Trigger.SIGN_IN else ""
        self._roster.move(agent, work, *triggers, now=now, reason=reason, since=event.since, until=until)

    def signed_out(self, event: AgentSignedOut, now: float) -> None:
        agent = self._roster.find(event.agent_id)
        if agent is None:
            return
        if agent.state is AgentState.BUSY:
            self._ask_for(agent, AgentState.LOGGED_OUT, "", now)
        else:
            self._step_out(agent, Trigger.SIGN_OUT, "", now)

    def ready(self, event: AgentReady, now: float) -> None:
        agent = self._roster.get(event.agent_id, Trigger.READY)
        agent.pending, agent.pending_reason = None, ""
        if agent.state is AgentState.NOT_READY:
            self._roster.move(agent, None, Trigger.READY, now=now)
        for wrap_up in agent.doing(AgentState.WRAP_UP):
            self._roster.finish(agent, wrap_up, now=now)
        self._roster.wake(agent)

    def not_ready(self, event: AgentNotReady, now: float) -> None:
        agent = self._roster.get(event.agent_id, Trigger.NOT_READY)
        if agent.state in {AgentState.BUSY, AgentState.WRAP_UP}:
            if agent.pending is not AgentState.LOGGED_OUT:
                self._ask_for(agent, AgentState.NOT_READY, event.reason, now)
        elif (agent.state, agent.reason) != (AgentState.NOT_READY, event.reason):
            self._step_out(agent, Trigger.NOT_READY, event.reason, now)

    def _ask_for(self, agent: Agent, state: AgentState, reason: str, now: float) -> None:
        """What comes after the work in hand. Offers that ring beside it are revoked and go to the next."""
        given_back = self._offers.call_off(agent)
        self._roster.remember(agent, state, reason)
        self._offers.give_back(given_back, now)

    def _step_out(self, agent: Agent, trigger: Trigger, reason: str, now: float) -> None:
        """Take the agent out of the choice. What rings is revoked and goes to the next, a wrap-up is over."""
        given_back = self._offers.call_off(agent)
        agent.handling.clear()
        agent.pending, agent.pending_reason = None, ""
        withdrawn = (Trigger.WITHDRAW,) if agent.state is AgentState.OFFERED else ()
        self._roster.move(agent, None, *withdrawn, trigger, now=now, reason=reason)
        self._offers.give_back(given_back, now)

    def profile(self, event: AgentProfileChanged, _now: float) -> None:
        agent = self._roster.find(event.profile.agent_id)
        if agent is not None:
            self._roster.reprofile(agent, event.profile)

    def reachability(self, event: ReachabilityChanged, now: float) -> None:
        agent = self._roster.find(event.agent_id)
        if agent is None:
            return
        agent.reachable = event.reachable
        if event.reachable and (agent.pending, agent.pending_reason) == (AgentState.NOT_READY, UNREACHABLE):
            agent.pending, agent.pending_reason = None, ""
        if event.reachable and (agent.state, agent.reason) == (AgentState.NOT_READY, UNREACHABLE):
            self._roster.move(agent, None, Trigger.READY, now=now)
        else:
            self._roster.settle(agent)

    def wrap_up_finished(self, event: WrapUpFinished, now: float) -> None:
        agent = self._roster.get(event.agent_id, Trigger.FINISH)
        self._roster.finish(agent, _wrap_up(agent, event.interaction_id, Trigger.FINISH), now=now)

    def wrap_up_over(self, agent: Agent, now: float) -> None:
        """The time of the wrap-up that ends first has passed: it is over, or goes on without an end."""
        ending = [(one.until, one) for one in agent.doing(AgentState.WRAP_UP) if one.until is not None]
        if not ending:
            return
        wrap_up = min(ending, key=lambda end: end[0])[1]
        if self._offers.rules(wrap_up.queue).wrap_up_ends:
            self._roster.finish(agent, wrap_up, now=now)
        else:
            self._roster.move(agent, wrap_up, Trigger.EXTEND, now=now, since=wrap_up.since, until=None)

    def wrap_up_extended(self, event: WrapUpExtended, now: float) -> None:
        agent = self._roster.get(event.agent_id, Trigger.EXTEND)
        wrap_up = _wrap_up(agent, event.interaction_id, Trigger.EXTEND)
        if not (isfinite(event.seconds) and event.seconds > 0):
            raise Conflict("an extension must be longer than nothing", agent.state)
        until = now if wrap_up.until is None else wrap_up.until
        limit = max(until, wrap_up.since + self._offers.rules(wrap_up.queue).wrap_up_limit_s)
        until = min(until + event.seconds, limit)
        self._roster.move(agent, wrap_up, Trigger.EXTEND, now=now, since=wrap_up.since, until=until)


def _wrap_up(agent: Agent, interaction_id: str, trigger: Trigger) -> Assignment:
    """The wrap-up that is meant, "" for the foremost; raises as the engine says if there is none, or not this one."""
    wrap_ups = sorted(agent.doing(AgentState.WRAP_UP), key=lambda one: one.medium != "voice")
    if not wrap_ups:
        raise IllegalTransition("agent", agent.state, trigger)
    found = next((one for one in wrap_ups if interaction_id in {"", one.interaction_id}), None)
    if found is None:
        raise Conflict(f"the wrap-up of {interaction_id} is over already", agent.state)
    return found
