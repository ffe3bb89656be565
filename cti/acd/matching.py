"""Who could be connected with whom: the indexes behind the engine's choice.

Waiting interactions with equal needs share a *lane*: a queue and the skill levels required, or one agent alone
(`only_agent`). A lane keeps its interactions in the order of the waiting and the idle agents who fit it in the order
of their idle time, so that a match is the first of both. What a decision costs depends on how many lanes the
agent fits, and only by a logarithm on how many agents there are and how many wait.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

from cti.acd.interaction import Interaction
from cti.acd.ranked import Ranked
from cti.agents.agent import AgentProfile

LaneKey = tuple[str, tuple[tuple[str, int], ...], str]
IdleRank = tuple[float]


@dataclass(slots=True, eq=False)
class Lane:
    """`number` breaks ties between lanes; ranks of interactions are unique, so it never decides who goes first."""

    key: LaneKey
    number: int
    waiting: Ranked[str] = field(default_factory=Ranked)
    idle: Ranked[str] = field(default_factory=Ranked)

    def fits(self, profile: AgentProfile) -> bool:
        queue, required, only_agent = self.key
        if only_agent:
            return profile.agent_id == only_agent
        return queue in profile.queues and profile.has(dict(required))


@dataclass(slots=True)
class _Candidate:
    profile: AgentProfile
    lanes: list[Lane]
    idle: IdleRank | None = None


class Matching:
    """Knows the agents, which of them are idle, and the interactions that wait; pairs them up."""

    def __init__(self) -> None:
        self._lanes: dict[LaneKey, Lane] = {}
        self._numbers = 0
        self._by_queue: dict[str, list[Lane]] = {}
        self._members: dict[str, dict[str, _Candidate]] = {}
        self._candidates: dict[str, _Candidate] = {}
        self._waiting: dict[str, tuple[Interaction, Lane]] = {}
        self._touched: dict[Lane, None] = {}

    # --- agents

    def enter(self, profile: AgentProfile) -> None:
        """Know this agent, or know it by another profile; whether it is idle stays."""
        idle = self.exit(profile.agent_id)
        candidate = _Candidate(profile, [lane for lane in self._lanes_of(profile) if lane.fits(profile)])
        self._candidates[profile.agent_id] = candidate
        for queue in profile.queues:
            self._members.setdefault(queue, {})[profile.agent_id] = candidate
        if idle:
            self.idle(profile.agent_id, *idle)

    def exit(self, agent_id: str) -> IdleRank | None:
        """Forget the agent; since when it was idle, None if it was not."""
        candidate = self._candidates.get(agent_id)
        if candidate is None:
            return None
        idle = candidate.idle
        self.taken(agent_id)
        for queue in candidate.profile.queues:
            self._members[queue].pop(agent_id, None)
        del self._candidates[agent_id]
        return idle

    def idle(self, agent_id: str, since: float) -> None:
        """The agent may be given an interaction."""
        candidate = self._candidates[agent_id]
        candidate.idle = (since,)
        for lane in candidate.lanes:
            lane.idle.put(agent_id, candidate.idle)
            self._touched[lane] = None

    def taken(self, agent_id: str) -> None:
        """The agent may not be given anything."""
        candidate = self._candidates[agent_id]
        if candidate.idle is not None:
            candidate.idle = None
            for lane in candidate.lanes:
                lane.idle.discard(agent_id)

    # --- interactions

    def wait(self, interaction: Interaction) -> None:
        """The interaction may be given to an agent, by its rank and needs of this moment."""
        self.leave(interaction.interaction_id)
        if interaction.only_agent:
            lane = self._lane(("", (), interaction.only_agent))
        else:
            lane = self._lane((interaction.queue, interaction.required, ""))
        lane.waiting.put(interaction.interaction_id, interaction.rank)
        self._waiting[interaction.interaction_id] = (interaction, lane)
        self._touched[lane] = None

    def leave(self, interaction_id: str) -> None:
        """The interaction no longer waits."""
        _, lane = self._waiting.pop(interaction_id, (None, None))
        if lane is None:
            return
        lane.waiting.discard(interaction_id)
        if lane.key[2] and not lane.waiting:
            self._drop(lane)

    def sweep(self) -> None:
        """Close the lanes in which nobody waits, after needs have changed."""
        self._lanes = {key: lane for key, lane in self._lanes.items() if lane.waiting}
        self._by_queue = {
            queue: kept for queue, lanes in self._by_queue.items() if (kept := [lane for lane in lanes if lane.waiting])
        }
        for candidate in self._candidates.values():
            candidate.lanes = [lane for lane in candidate.lanes if lane.waiting]

    # --- pairs

    def pairs(self) -> Iterator[tuple[Interaction, str]]:
        """Interaction and agent, first things first, until nobody fits anybody.

        Whoever takes a pair calls `leave` and `taken` before asking for the next one.
        """
        heap = [(lane.waiting.rank(first), lane.number, lane) for lane in self._touched if (first := _head(lane))]
        self._touched.clear()
        heapify(heap)
        while heap:
            _, _, lane = heappop(heap)
            first = _head(lane)
            if first is None:
                continue
            interaction = self._waiting[first][0]
            agent_id = lane.idle.first() or ""
            if interaction.preferred_agent in lane.idle:
                agent_id = interaction.preferred_agent
            yield interaction, agent_id
            if following := _head(lane):
                heappush(heap, (lane.waiting.rank(following), lane.number, lane))

    # --- lanes

    def _lanes_of(self, profile: AgentProfile) -> Iterator[Lane]:
        for queue in dict.fromkeys(profile.queues):
            yield from self._by_queue.get(queue, ())
        if own := self._lanes.get(("", (), profile.agent_id)):
            yield own

    def _lane(self, key: LaneKey) -> Lane:
        """The lane, opened at the first need: then, and only then, all agents of the queue are looked at."""
        lane = self._lanes.get(key)
        if lane is None:
            self._numbers += 1
            lane = self._lanes[key] = Lane(key, self._numbers)
            queue, _, only_agent = key
            if only_agent:
                members = [found] if (found := self._candidates.get(only_agent)) else []
            else:
                self._by_queue.setdefault(queue, []).append(lane)
                members = list(self._members.get(queue, {}).values())
            for candidate in members:
                if lane.fits(candidate.profile):
                    candidate.lanes.append(lane)
                    if candidate.idle is not None:
                        lane.idle.put(candidate.profile.agent_id, candidate.idle)
        return lane

    def _drop(self, lane: Lane) -> None:
        """Close an agent's own lane. Lanes of queues stay: there are as many as the configuration has needs."""
        del self._lanes[lane.key]
        self._touched.pop(lane, None)
        if candidate := self._candidates.get(lane.key[2]):
            candidate.lanes.remove(lane)


def _head(lane: Lane) -> str | None:
    """The first interaction of a lane in which somebody is idle."""
    return lane.waiting.first() if lane.idle else None
