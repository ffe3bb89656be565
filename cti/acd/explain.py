"""The answer to "why does this caller wait?", worked out when somebody asks."""

from itertools import islice
from typing import Final

from cti.acd.agent import Agent
from cti.acd.choice import rank
from cti.acd.interaction import Interaction, InteractionState
from cti.acd.matching import Matching
from cti.acd.need import Need
from cti.acd.order import points_at
from cti.acd.reasons import Candidate, WaitReasons
from cti.acd.roster import Roster
from cti.agents.capacity import Interruption, may_join
from cti.agents.state import AgentState

CANDIDATES_SHOWN: Final = 50
LOOKED_AT: Final = 1000
"""At most so many agents are looked at, however large a group is."""


def wait_reasons(
    interaction: Interaction, position: int | None, roster: Roster, matching: Matching, now: float
) -> WaitReasons:
    """`position` is its place in the queue from 1, None if it is in none."""
    need = interaction.need
    members = matching.members(need.doors or need.indexed_by)
    waits = interaction.state is InteractionState.QUEUED
    seen = [agent for one in islice(members, LOOKED_AT) if (agent := roster.find(one))] if waits else []
    judged = sorted(
        (_judge(need, agent, roster.interruption) for agent in seen),
        key=lambda one: (one[0], one[1].rank, one[1].agent_id),
    )
    candidates = tuple(candidate for _, candidate in judged[:CANDIDATES_SHOWN])
    return WaitReasons(
        interaction_id=interaction.interaction_id,
        verdict=_verdict(interaction, fitting=sum(not misfits for misfits, _ in judged)),
        points=points_at(interaction.rank, need.ageing, now),
        ahead=0 if position is None else position - 1,
        doors=need.doors,
        skills=need.required,
        held_for=need.only_agent,
        next_change=interaction.relax_at,
        candidates=candidates,
        left_off=len(members) - len(candidates) if waits else 0,
        offers=interaction.why,
    )


def _judge(need: Need, agent: Agent, interruption: Interruption) -> tuple[bool, Candidate]:
    """Whether the agent could never have it, and what else there is to say."""
    ranked = rank(need, agent.profile, agent.standing())
    if misfit := need.misfit(agent.profile):
        return True, Candidate(agent.agent_id, (), misfit)
    return False, Candidate(agent.agent_id, ranked, _absence(agent, need.medium, interruption))


def _absence(agent: Agent, medium: str, interruption: Interruption) -> str:
    """Why an agent who fits gets nothing of this medium at this moment."""
    if agent.state is AgentState.READY or medium in agent.room:
        return agent.blocked
    in_hand, most = [one.medium for one in agent.handling], agent.profile.capacity_for(medium)
    if in_hand.count(medium) >= most > 1:
        return f"no room: {in_hand.count(medium)} of {most} {medium}"
    if in_the_way := next((one for one in in_hand if not may_join(medium, one, interruption)), ""):
        return f"{in_the_way} in progress: {medium} does not interrupt it"
    doing = agent.state.value + (f" ({agent.reason})" if agent.reason else "")
    if agent.pending and in_hand.count(medium) < most:
        then = agent.pending.value + (f" ({agent.pending_reason})" if agent.pending_reason else "")
        return f"asked for {then} after {agent.interaction_id}"
    return doing + (f" with {agent.interaction_id}" if agent.interaction_id else "")


def _verdict(interaction: Interaction, fitting: int) -> str:
    if interaction.state is not InteractionState.QUEUED:
        who = ", ".join(interaction.agents)
        return interaction.state.value + (f": {who}" if who else "")
    if interaction.need.only_agent:
        return f"waits for {interaction.need.only_agent}"
    if interaction.only_group and not fitting:
        return f"nobody of the group {interaction.only_group} is signed in"
    if not fitting:
        return "no agent who is signed in fits"
    return f"all {fitting} fitting agents are occupied"
