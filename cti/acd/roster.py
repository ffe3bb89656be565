"""The signed-in agents: every change of an agent's state passes here, is announced, and keeps the indexes in step."""

from collections.abc import Callable
from dataclasses import dataclass

from cti.acd.choice import Standing
from cti.acd.decisions import AgentChanged
from cti.acd.load import NONE, worked
from cti.acd.matching import Matching
from cti.acd.queue import AfterMiss
from cti.acd.ranked import Ranked
from cti.acd.views import AgentView
from cti.agents.agent import AgentProfile
from cti.agents.state import AgentState, Trigger, transition
from cti.errors import IllegalTransition

Deadlines = Ranked[tuple[str, str]]
"""What is due when, ranked by (time,).

("ring", offer), ("rest", agent), ("wrap", agent), ("wait", interaction: its longest wait is over) and ("relax",
interaction: it needs something else from now on).
"""


@dataclass(slots=True)
class Agent:
    """Mutable, and never leaves the engine. `queue` is the queue of the offer, the conversation or the wrap-up.

    `handled`, `load` and `turn` are as in `choice.Standing`; `busy_since` is when the present spell of conversation and
    wrap-up began.
    """

    profile: AgentProfile
    state: AgentState = AgentState.LOGGED_OUT
    reason: str = ""
    since: float = 0.0
    until: float | None = None
    interaction_id: str = ""
    queue: str = ""
    offer_id: str = ""
    reachable: bool = True
    idle_since: float = 0.0
    handled: int = 0
    load: float = NONE
    turn: int = 0
    busy_since: float | None = None
    rest_until: float | None = None
    pending: AgentState | None = None
    pending_reason: str = ""

    @property
    def agent_id(self) -> str:
        return self.profile.agent_id

    def view(self) -> AgentView:
        blocked = ""
        if self.state is AgentState.READY:
            blocked = "unreachable" if not self.reachable else "resting" if self.rest_until is not None else ""
        return AgentView(
            profile=self.profile,
            state=self.state,
            reason=self.reason,
            since=self.since,
            until=self.until,
            interaction_id=self.interaction_id,
            offer_id=self.offer_id,
            reachable=self.reachable,
            blocked=blocked,
            rest_until=self.rest_until,
            idle_since=self.idle_since,
            handled=self.handled,
            pending=self.pending,
            pending_reason=self.pending_reason,
        )


class Roster:
    """`emit` receives each change; `matching` and `deadlines` are shared with the engine."""

    def __init__(self, matching: Matching, deadlines: Deadlines, emit: Callable[[AgentChanged], None]) -> None:
        self._agents: dict[str, Agent] = {}
        self._matching = matching
        self._deadlines = deadlines
        self._emit = emit
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

    def enter(self, profile: AgentProfile, *, reachable: bool) -> Agent:
        """A new agent, LOGGED_OUT until moved."""
        agent = self._agents[profile.agent_id] = Agent(profile, reachable=reachable)
        self._matching.enter(profile)
        return agent

    def reprofile(self, agent: Agent, profile: AgentProfile) -> None:
        agent.profile = profile
        self._matching.enter(profile)
        self.restless[profile.agent_id] = None

    def move(
        self,
        agent: Agent,
        *triggers: Trigger,
        now: float,
        reason: str = "",
        since: float | None = None,
        until: float | None = None,
        interaction_id: str = "",
    ) -> None:
        """Pass through the state table, one trigger after another, and announce where that led.

        `IllegalTransition` leaves the agent as it was. Idle time starts anew whenever READY is reached, except from
        OFFERED: an offer that was withdrawn costs the agent no place.
        """
        state = previous = agent.state
        for trigger in triggers:
            state = transition(state, trigger)
        agent.state, agent.reason, agent.interaction_id = state, reason, interaction_id
        agent.since, agent.until, agent.rest_until = now if since is None else since, until, None
        if state is AgentState.READY and previous is not AgentState.OFFERED:
            agent.idle_since = agent.since
        if state not in {AgentState.OFFERED, AgentState.BUSY}:
            agent.offer_id = ""
        self._count_work(agent, now)
        self._deadlines.discard(("rest", agent.agent_id))
        self._deadlines.discard(("wrap", agent.agent_id))
        if state is AgentState.WRAP_UP and until is not None:
            self._deadlines.put(("wrap", agent.agent_id), (until,))
        self._emit(
            AgentChanged(
                agent_id=agent.agent_id,
                state=state,
                previous=previous,
                reason=reason,
                since=agent.since,
                until=until,
                interaction_id=interaction_id,
            )
        )
        if state in {AgentState.LOGGED_OUT, AgentState.NOT_READY}:
            self.restless[agent.agent_id] = None
        if state is AgentState.LOGGED_OUT:
            self._matching.exit(agent.agent_id)
            del self._agents[agent.agent_id]
        else:
            self.settle(agent)

    @staticmethod
    def _count_work(agent: Agent, now: float) -> None:
        if agent.state in {AgentState.BUSY, AgentState.WRAP_UP}:
            agent.busy_since = agent.since if agent.busy_since is None else agent.busy_since
        elif agent.busy_since is not None:
            agent.load, agent.busy_since = worked(agent.load, agent.busy_since, now), None

    def settle(self, agent: Agent) -> None:
        """Let the agent be given interactions exactly when READY, reachable and not resting."""
        if agent.state is AgentState.READY and agent.reachable and agent.rest_until is None:
            self._matching.idle(agent.agent_id, Standing(agent.idle_since, agent.handled, agent.load, agent.turn))
        else:
            self._matching.taken(agent.agent_id)

    def miss(self, agent: Agent, reason: str, after: AfterMiss, rest_s: float, now: float) -> None:
        """The agent let an offer pass: what was asked for meanwhile comes first, then what the queue's rules say."""
        if agent.pending is not None:
            self.finish(agent, Trigger.MISS, now=now)
        elif after == "not_ready":
            self.move(agent, Trigger.MISS, now=now, reason=reason)
        else:
            self.move(agent, Trigger.WITHDRAW, now=now)
            agent.idle_since, agent.rest_until = now, now + rest_s
            self._deadlines.put(("rest", agent.agent_id), (agent.rest_until,))
            self.settle(agent)

    def excuse(self, agent: Agent, now: float) -> None:
        """The agent answered, and there was nobody to talk to: what was asked for meanwhile, or the old place."""
        if agent.pending is not None:
            self.finish(agent, Trigger.MISS, now=now)
            return
        idle_since = agent.idle_since
        self.move(agent, Trigger.WITHDRAW, now=now)
        agent.idle_since = idle_since
        self.settle(agent)

    def wake(self, agent: Agent) -> None:
        """The rest after a miss is over."""
        agent.rest_until = None
        self._deadlines.discard(("rest", agent.agent_id))
        self.settle(agent)

    def remember(self, agent: Agent, state: AgentState, reason: str) -> None:
        """The agent asks during a conversation for what comes after it."""
        agent.pending, agent.pending_reason = state, reason
        self.restless[agent.agent_id] = None

    def end_talk(self, agent: Agent, wrap_up_s: float, now: float) -> None:
        """The conversation is over: wrap-up, if the queue gives one, or what comes after it."""
        agent.handled += 1
        if wrap_up_s > 0:
            until = now + wrap_up_s
            self.move(agent, Trigger.END_TALK, now=now, until=until, interaction_id=agent.interaction_id)
        else:
            self.finish(agent, Trigger.END_TALK, now=now)

    def finish(self, agent: Agent, *before: Trigger, now: float) -> None:
        """READY, or what was asked for during the conversation."""
        pending, reason = agent.pending, agent.pending_reason
        agent.pending, agent.pending_reason = None, ""
        if pending is AgentState.LOGGED_OUT:
            self.move(agent, *before, Trigger.SIGN_OUT, now=now)
        elif pending is AgentState.NOT_READY:
            self.move(agent, *before, Trigger.NOT_READY, now=now, reason=reason)
        else:
            self.move(agent, *before, Trigger.FINISH, now=now)
