"""The agent state table."""

import itertools

import pytest

from cti.agents.agent import AgentProfile
from cti.agents.diagram import mermaid
from cti.agents.state import TRANSITIONS, AgentState, Trigger, transition
from cti.errors import IllegalTransition


@pytest.mark.parametrize(("state", "trigger"), list(itertools.product(AgentState, Trigger)))
def test_pain_25_one_table_decides_every_change(state: AgentState, trigger: Trigger) -> None:
    if (state, trigger) in TRANSITIONS:
        assert transition(state, trigger) is TRANSITIONS[state, trigger]
        return
    with pytest.raises(IllegalTransition) as refused:
        transition(state, trigger)
    assert (refused.value.state, refused.value.trigger) == (state, trigger)


def test_pain_21_every_state_is_reached_and_left() -> None:
    reached = {AgentState.LOGGED_OUT}
    for _ in AgentState:
        reached |= {target for (state, _), target in TRANSITIONS.items() if state in reached}
    assert reached == set(AgentState)
    can_leave = {AgentState.LOGGED_OUT}
    for _ in AgentState:
        can_leave |= {state for (state, _), target in TRANSITIONS.items() if target in can_leave}
    assert can_leave == set(AgentState)


def test_pain_25_a_conversation_begins_from_no_wrap_up_by_an_offer() -> None:
    offered_from = {state for state, trigger in TRANSITIONS if trigger is Trigger.OFFER}
    assert offered_from == {AgentState.READY}


def test_the_diagram_shows_every_transition() -> None:
    diagram = mermaid(TRANSITIONS, start=AgentState.LOGGED_OUT)
    arrows = {}
    for line in diagram.splitlines()[2:]:
        ends, _, triggers = line.strip().partition(": ")
        state, _, target = ends.partition(" --> ")
        arrows.update({(AgentState[state], Trigger(name)): AgentState[target] for name in triggers.split(", ")})
    assert arrows == TRANSITIONS


def test_a_skill_is_enough_at_its_level_or_above() -> None:
    agent = AgentProfile(agent_id="1001", skills={"english": 5})
    assert agent.has({})
    assert agent.has({"english": 5})
    assert not agent.has({"english": 6})
    assert not agent.has({"english": 1, "repairs": 1})
