"""Who could be connected with whom: the indexes behind the engine's choice.

Waiting interactions with equal needs share a *lane*. A lane keeps its interactions in the order of the waiting and the
agents who fit it and have room in the order of the choice, so that a match is the first of both. What a decision costs
depends on how many lanes the agent fits, and only by a logarithm on how many agents there are and how many wait.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from cti.acd.choice import Standing, rank
from cti.acd.interaction import Interaction
from cti.acd.need import Need
from cti.acd.order import Rank, urgency
from cti.acd.ranked import Ranked
from cti.acd.reasons import RUNNERS_UP, Candidate
from cti.agents.agent import AgentProfile

_SPARE_LANES = 4096
"""How many lanes without a waiting interaction may stay open beside twice those in use."""


@dataclass(slots=True, eq=False)
class Lane:
    """Everybody in `idle` has room for the medium of the need, and may have something in hand all the same.

    `number` breaks ties between lanes; ranks of interactions are unique, so it never decides who goes first.

    `fitting` counts the signed-in agents who fit; `drawn` is the winning lot of the last choice by lot.
    """

    need: Need
    number: int
    waiting: Ranked[str] = field(default_factory=Ranked)
    idle: Ranked[str] = field(default_factory=Ranked)
    fitting: int = 0
    drawn: float = 0.0

    def seat(self, candidate: "_Candidate") -> None:
        """Put an agent with room into the order."""
        if candidate.standing is not None and self.need.medium in candidate.room:
            profile = candidate.profile
            self.idle.put(profile.agent_id, rank(self.need, profile, candidate.standing, self.drawn))

    def urgency(self, interaction_id: str, now: float) -> Rank:
        return urgency(self.waiting.rank(interaction_id), self.need.ageing, now)


@dataclass(slots=True)
class _Candidate:
    profile: AgentProfile
    lanes: list[Lane]
    standing: Standing | None = None
    room: frozenset[str] = frozenset()


class Pair(NamedTuple):
    """An interaction and the agent for it, several only where all are rung at once. `ranked` explains the choice."""

    interaction: Interaction
    agent_ids: list[str]
    chosen_by: str
    ranked: tuple[Candidate, ...]
    idle: int
    fitting: int


class Matching:
    """Knows the agents, who of them has room for what, and the interactions that wait; pairs them up."""

    def __init__(self) -> None:
        self._lanes: dict[Need, Lane] = {}
        self._numbers = 0
        self._by_door: dict[str, dict[Lane, None]] = {}
        self._members: dict[str, dict[str, _Candidate]] = {}
        self._candidates: dict[str, _Candidate] = {}
        self._waiting: dict[str, tuple[Interaction, Lane]] = {}
        self._touched: dict[Lane, None] = {}
        self.deserted = False
        """Whether the last agent of a queue or group has gone since the engine last looked."""

    # --- agents

    def enter(self, profile: AgentProfile) -> None:
        """Know this agent, or know it by another profile; it may not be given anything yet."""
        self.exit(profile.agent_id)
        lanes = dict.fromkeys(lane for door in sorted(profile.doors) for lane in self._by_door.get(door, ()))
        candidate = _Candidate(profile, [lane for lane in lanes if not lane.need.misfit(profile)])
        self._candidates[profile.agent_id] = candidate
        for lane in candidate.lanes:
            lane.fitting += 1
        for door in profile.doors:
            self._members.setdefault(door, {})[profile.agent_id] = candidate

    def exit(self, agent_id: str) -> None:
        """Forget the agent."""
        candidate = self._candidates.get(agent_id)
        if candidate is None:
            return
        self.taken(agent_id)
        for lane in candidate.lanes:
            lane.fitting -= 1
        for door in candidate.profile.doors:
            del self._members[door][agent_id]
            if not self._members[door]:
                del self._members[door]
                self.deserted = True
        del self._candidates[agent_id]

    def idle(self, agent_id: str, standing: Standing, room: frozenset[str]) -> None:
        """The agent may be given an interaction of one of these media."""
        candidate = self._candidates[agent_id]
        if candidate.standing == standing and candidate.room == room:
            return
        less = candidate.standing is not None and not candidate.room <= room
        candidate.standing, candidate.room = standing, room
        for lane in candidate.lanes:
            lane.seat(candidate)
            if less and lane.need.medium not in room:
                lane.idle.discard(agent_id)
            elif lane.waiting:
                self._touched[lane] = None

    def taken(self, agent_id: str) -> None:
        """The agent may not be given anything."""
        candidate = self._candidates[agent_id]
        if candidate.standing is not None:
            candidate.standing = None
            for lane in candidate.lanes:
                lane.idle.discard(agent_id)

    def staffed(self, doors: Iterable[str]) -> bool:
        """Whether anybody is signed in who has one of these doors."""
        return any(door in self._members for door in doors)

    def members(self, doors: Iterable[str]) -> dict[str, None]:
        """The agents who have one of these doors, each once."""
        return {agent_id: None for door in doors for agent_id in self._members.get(door, ())}

    # --- interactions

    def wait(self, interaction: Interaction, rank: Rank) -> None:
        """The interaction may be given to an agent, by its rank and need of this moment."""
        known = self._waiting.get(interaction.interaction_id)
        if known is not None and known[1].need != interaction.need:
            self.leave(interaction.interaction_id)
        lane = self._lane(interaction.need)
        lane.waiting.put(interaction.interaction_id, rank)
        self._waiting[interaction.interaction_id] = (interaction, lane)
        self._touched[lane] = None

    def leave(self, interaction_id: str) -> bool:
        """The interaction no longer waits; whether it did."""
        known = self._waiting.pop(interaction_id, None)
        if known is None:
            return False
        lane = known[1]
        lane.waiting.discard(interaction_id)
        if lane.need.only_agent and not lane.waiting:
            self._drop(lane)
        return True

    def waiting_for(self, agent_id: str) -> list[str]:
        """The interactions that wait for this agent alone, in a fixed order."""
        lanes = self._by_door.get(f"agent:{agent_id}", ())
        return [interaction_id for lane in lanes for interaction_id in lane.waiting]

    def sweep(self) -> None:
        """Close the lanes in which nobody waits."""
        self._lanes = {need: lane for need, lane in self._lanes.items() if lane.waiting}
        for door, lanes in list(self._by_door.items()):
            kept = {lane: None for lane in lanes if lane.waiting}
            if kept:
                self._by_door[door] = kept
            else:
                del self._by_door[door]
        for candidate in self._candidates.values():
            candidate.lanes = [lane for lane in candidate.lanes if lane.waiting]

    # --- pairs

    def pairs(self, now: float, most: dict[str, int]) -> Iterable[Pair]:
        """First things first, until nobody fits anybody; `most` says which queues ring several agents, and how many.

        Whoever takes a pair calls `leave`, and `taken` or (some room is left) `idle`, before asking for the next one.
        """
        return self._pairs(now, most) if self._touched else ()

    def _pairs(self, now: float, most: dict[str, int]) -> Iterator[Pair]:
        heap = [(lane.urgency(first, now), lane.number, lane) for lane in self._touched if (first := _head(lane))]
        self._touched.clear()
        heapify(heap)
        while heap:
            _, _, lane = heappop(heap)
            first = _head(lane)
            if first is None:
                continue
            yield self._pair(self._waiting[first][0], lane, most.get(lane.need.queue, 1))
            if following := _head(lane):
                heappush(heap, (lane.urgency(following, now), lane.number, lane))

    def _pair(self, interaction: Interaction, lane: Lane, most: int) -> Pair:
        ranked = lane.idle.firsts(max(most, 1 + RUNNERS_UP))
        chosen, chosen_by = ranked[:most], lane.need.choice
        if interaction.preferred_agent in lane.idle:
            chosen, chosen_by = [interaction.preferred_agent], "preferred"
            ranked = list(dict.fromkeys([*chosen, *ranked]))
        if chosen_by == "weighted_random":
            lane.drawn = max(lane.drawn, lane.idle.rank(chosen[0])[-1])
        behind, rank = f"{chosen[0]} comes first", lane.idle.rank
        shown = tuple([Candidate(one, rank(one), "" if one in chosen else behind) for one in ranked])
        return Pair(interaction, chosen, chosen_by, shown, len(lane.idle), lane.fitting)

    # --- lanes

    def _lane(self, need: Need) -> Lane:
        """The lane, opened at the first need: then, and only then, all agents behind its doors are looked at."""
        lane = self._lanes.get(need)
        if lane is not None:
            return lane
        if len(self._lanes) > 2 * len(self._waiting) + _SPARE_LANES:
            self.sweep()
        self._numbers += 1
        lane = self._lanes[need] = Lane(need, self._numbers)
        for door in need.indexed_by:
            self._by_door.setdefault(door, {})[lane] = None
        for agent_id in self.members(need.indexed_by):
            candidate = self._candidates[agent_id]
            if not need.misfit(candidate.profile):
                candidate.lanes.append(lane)
                lane.fitting += 1
                lane.seat(candidate)
        return lane

    def _drop(self, lane: Lane) -> None:
        """Close an agent's own lane. Those of queues stay, up to a bound: they are as many as the rules have needs."""
        del self._lanes[lane.need]
        self._touched.pop(lane, None)
        for door in lane.need.indexed_by:
            del self._by_door[door][lane]
            if not self._by_door[door]:
                del self._by_door[door]
        for agent_id in self.members(lane.need.indexed_by):
            candidate = self._candidates[agent_id]
            if lane in candidate.lanes:
                candidate.lanes.remove(lane)


def _head(lane: Lane) -> str | None:
    """The first interaction of a lane in which somebody is idle."""
    return lane.waiting.first() if lane.idle else None
