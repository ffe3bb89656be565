"""The signed-in agents: every change of an agent's state passes here, is announced, and keeps the indexes in step."""

from collections.abc import Callable

from cti.acd.agent import IN_HAND, Agent, Assignment
from cti.acd.decisions import AgentChanged
from cti.acd.load import worked
from cti.acd.matching import Matching
from cti.acd.queue import AfterMiss
from cti.acd.ranked import Ranked
from cti.agents.agent import AgentProfile
from cti.agents.capacity import Interruption, has_room
from cti.agents.state import AgentState, Trigger, transition
from cti.errors import Conflict, IllegalTransition

Deadlines = Ranked[tuple[str, str]]
"""What is due when, ranked by (time,).

("ring", offer), ("rest", agent), ("wrap", agent: the first wrap-up that ends), ("wait", interaction: its longest wait
is over) and ("relax", interaction: it needs something else from now on).
"""

_NOTHING: frozenset[str] = frozenset()
_OUT = frozenset({AgentState.LOGGED_OUT, AgentState.NOT_READY})


class Roster:
    """`emit` receives each change; `matching` and `deadlines` are shared with the engine."""

    def __init__(
        self,
        matching: Matching,
        deadlines: Deadlines,
        emit: Callable[[AgentChanged], None],
        interruption: Interruption,
    ) -> None:
        self._agents: dict[str, Agent] = {}
        self._matching = matching
        self._deadlines = deadlines
        self._emit = emit
        self.interruption = interruption
        self.restless: dict[str, None] = {}
        """Who may not be worth waiting for any more, since the engine last looked."""

    def awaited(self, agent_id: str) -> AgentProfile | None:
        """The profile of a preferred agent who is at work and means to stay, hence worth waiting for."""
        agent = self._agents.get(agent_id)
        if agent is None or agent.state is AgentState.NOT_READY or agent.pending is not None:
            return None
        return agent.profile

    def find(self, agent_id: str) -> Agent | None:
        return self._agents.get(agent_id)

    def get(self, agent_id: str, trigger: Trigger) -> Agent:
        """The agent who is asked to do this; `IllegalTransition` from LOGGED_OUT for one who is not signed in."""
        agent = self._agents.get(agent_id)
        if agent is None:
            raise IllegalTransition("agent", AgentState.LOGGED_OUT, trigger)
        return agent

    def all(self) -> list[Agent]:
        return [self._agents[agent_id] for agent_id in sorted(self._agents)]

    # --- who they are

    def enter(self, profile: AgentProfile, *, reachable: bool) -> Agent:
        """A new agent, LOGGED_OUT until moved."""
        agent = self._agents[profile.agent_id] = Agent(profile, reachable=reachable)
        self._matching.enter(profile)
        return agent

    def reprofile(self, agent: Agent, profile: AgentProfile) -> None:
        agent.profile = profile
        self._matching.enter(profile)
        self.restless[profile.agent_id] = None
        self.settle(agent)

    def interrupt(self, interruption: Interruption) -> None:
        """From now on these rules hold; what is in hand stays."""
        if interruption != self.interruption:
            self.interruption = interruption
            for agent in self._agents.values():
                self.settle(agent)

    # --- what they do

    def move(
        self,
        agent: Agent,
        work: Assignment | None,
        *triggers: Trigger,
        now: float,
        reason: str = "",
        since: float | None = None,
        until: float | None = None,
    ) -> None:
        """Pass `work` - None: the agent, with nothing in hand - through the state table and announce where that led.

        Work that leaves the agent's hands while others are left there only tells what comes after those: NOT_READY
        and LOGGED_OUT are remembered. `IllegalTransition` leaves everything as it was. Idle time starts anew
        whenever anything but an offer is over: an offer that was withdrawn costs the agent no place.
        """
        previous, began = agent.state, now if since is None else since
        was = agent.state if not agent.handling else AgentState.READY
        if work is not None and work in agent.handling:
            was = work.state
        reached = was
        for trigger in triggers:
            reached = transition(reached, trigger)
        if work is not None:
            self._handle(agent, work, reached, began, until)
        foremost = agent.foremost()
        if foremost is None:
            agent.state, agent.reason, agent.since, agent.until = reached, reason, began, until
        else:
            agent.state, agent.reason, agent.since, agent.until = foremost.state, "", foremost.since, foremost.until
            if reached in _OUT:
                agent.pending, agent.pending_reason = reached, reason
        if reached is AgentState.READY and was is not AgentState.OFFERED:
            agent.idle_since = began
        self._count_work(agent, now)
        self._time(agent, reached)
        self._announce(agent, previous)
        if reached in _OUT:
            self.restless[agent.agent_id] = None
        if agent.state is AgentState.LOGGED_OUT:
            self._matching.exit(agent.agent_id)
            del self._agents[agent.agent_id]
        else:
            self.settle(agent)

    @staticmethod
    def _handle(agent: Agent, work: Assignment, reached: AgentState, since: float, until: float | None) -> None:
        """Take it into the agent's hands, keep it there, or out of them. A wrap-up ends when its customer is back."""
        if reached not in IN_HAND:
            if work in agent.handling:
                agent.handling.remove(work)
            return
        work.state, work.since, work.until = reached, since, until
        if work not in agent.handling:
            agent.handling.append(work)
        if reached is AgentState.WRAP_UP:
            work.offer_id = ""
        elif reached is AgentState.BUSY and len(agent.handling) > 1:
            for one in agent.doing(AgentState.WRAP_UP):
                if one.interaction_id == work.interaction_id:
                    agent.handling.remove(one)

    @staticmethod
    def _count_work(agent: Agent, now: float) -> None:
        if agent.state in {AgentState.BUSY, AgentState.WRAP_UP}:
            agent.busy_since = agent.since if agent.busy_since is None else agent.busy_since
        elif agent.busy_since is not None:
            agent.load, agent.busy_since = worked(agent.load, agent.busy_since, now), None

    def _time(self, agent: Agent, reached: AgentState) -> None:
        """Keep the deadlines of a rest and of wrap-ups. Who talks again, or is out, rests no more."""
        if agent.rest_until is not None and (reached in _OUT or reached is AgentState.BUSY):
            agent.rest_until = None
            self._deadlines.discard(("rest", agent.agent_id))
        ends = [one.until for one in agent.handling if one.state is AgentState.WRAP_UP and one.until is not None]
        if ends:
            self._deadlines.put(("wrap", agent.agent_id), (min(ends),))
        else:
            self._deadlines.discard(("wrap", agent.agent_id))

    def _announce(self, agent: Agent, previous: AgentState) -> None:
        self._emit(
            AgentChanged(
                agent_id=agent.agent_id,
                state=agent.state,
                previous=previous,
                reason=agent.reason,
                since=agent.since,
                until=agent.until,
                interaction_id=agent.interaction_id,
            )
        )

    def settle(self, agent: Agent) -> None:
        """Let the agent be given what there is room for, if reachable and not resting."""
        agent.room = self._room(agent)
        if agent.room and agent.reachable and agent.rest_until is None:
            self._matching.idle(agent.agent_id, agent.standing(), agent.room)
        else:
            self._matching.taken(agent.agent_id)

    def _room(self, agent: Agent) -> frozenset[str]:
        """The media of which one more may come, by the agent's state, capacity and the interruption rules."""
        if not agent.handling:
            return agent.profile.media if agent.state is AgentState.READY else _NOTHING
        if agent.pending is not None:
            return _NOTHING
        in_hand = [one.medium for one in agent.handling]
        profile, rules = agent.profile, self.interruption
        return frozenset([one for one in profile.media if has_room(profile, one, in_hand, rules)])

    def check_free(self, agent: Agent, medium: str) -> None:
        """`Conflict` unless the agent could be rung for one more of this medium, ready or not."""
        room = agent.profile.media if agent.state is AgentState.NOT_READY else agent.room
        if medium not in room:
            raise Conflict("finish what you have in hand first", agent.state)
        if not agent.reachable:
            raise Conflict("your phone cannot be rung", agent.state)

    def offer(self, agent: Agent, work: Assignment, *, now: float, until: float) -> None:
        """Rings now. Who is NOT_READY has asked for it, and is so again afterwards."""
        triggers: tuple[Trigger, ...] = (Trigger.OFFER,)
        if agent.state is AgentState.NOT_READY:
            agent.pending, agent.pending_reason = AgentState.NOT_READY, agent.reason
            triggers = (Trigger.READY, Trigger.OFFER)
        self.move(agent, work, *triggers, now=now, until=until)

    def withdraw(self, agent: Agent, work: Assignment, now: float) -> None:
        """It rings no more, and nobody let it pass."""
        if agent.pending is not None and agent.handling == [work]:
            self.finish(agent, work, Trigger.WITHDRAW, now=now)
        else:
            self.move(agent, work, Trigger.WITHDRAW, now=now)

    def miss(self, agent: Agent, work: Assignment, *, reason: str, after: AfterMiss, rest_s: float, now: float) -> None:
        """The agent let an offer pass: what was asked for meanwhile comes first, then what the queue's rules say."""
        if agent.pending is not None and agent.handling == [work]:
            self.finish(agent, work, Trigger.MISS, now=now)
        elif agent.pending is not None:
            self.move(agent, work, Trigger.WITHDRAW, now=now)
        elif after == "not_ready":
            self.move(agent, work, Trigger.MISS, now=now, reason=reason)
        else:
            self.move(agent, work, Trigger.WITHDRAW, now=now)
            agent.idle_since, agent.rest_until = now, now + rest_s
            self._deadlines.put(("rest", agent.agent_id), (agent.rest_until,))
            self.settle(agent)

    def excuse(self, agent: Agent, work: Assignment, now: float) -> None:
        """The agent answered, and there was nobody to talk to: what was asked for meanwhile, or the old place."""
        if agent.pending is not None and agent.handling == [work]:
            self.finish(agent, work, Trigger.MISS, now=now)
            return
        idle_since = agent.idle_since
        self.move(agent, work, Trigger.WITHDRAW, now=now)
        agent.idle_since = idle_since
        self.settle(agent)

    def wake(self, agent: Agent) -> None:
        """The rest after a miss is over."""
        agent.rest_until = None
        self._deadlines.discard(("rest", agent.agent_id))
        self.settle(agent)

    def remember(self, agent: Agent, state: AgentState, reason: str) -> None:
        """The agent asks, with work in hand, for what comes after it; nothing new comes meanwhile."""
        agent.pending, agent.pending_reason = state, reason
        self.restless[agent.agent_id] = None
        self.settle(agent)

    def end_talk(self, agent: Agent, work: Assignment, wrap_up_s: float, now: float) -> None:
        """The conversation is over: wrap-up, if the queue gives one, or what comes after it."""
        agent.handled += 1
        if wrap_up_s > 0:
            self.move(agent, work, Trigger.END_TALK, now=now, until=now + wrap_up_s)
        else:
            self.finish(agent, work, Trigger.END_TALK, now=now)

    def finish(self, agent: Agent, work: Assignment, *before: Trigger, now: float) -> None:
        """Done with this: READY, or what was asked for meanwhile, once nothing else is in hand."""
        pending, reason = agent.pending, agent.pending_reason
        if pending is None or agent.handling != [work]:
            self.move(agent, work, *before, Trigger.FINISH, now=now)
            return
        agent.pending, agent.pending_reason = None, ""
        if pending is AgentState.LOGGED_OUT:
            self.move(agent, work, *before, Trigger.SIGN_OUT, now=now)
        else:
            self.move(agent, work, *before, Trigger.NOT_READY, now=now, reason=reason)
