"""The interaction state table."""

import itertools

import pytest

from cti.acd.interaction import TRANSITIONS, InteractionState, InteractionTrigger, transition
from cti.agents.diagram import mermaid
from cti.errors import IllegalTransition


@pytest.mark.parametrize(("state", "trigger"), list(itertools.product(InteractionState, InteractionTrigger)))
def test_what_the_table_does_not_have_is_refused(state: InteractionState, trigger: InteractionTrigger) -> None:
    if (state, trigger) in TRANSITIONS:
        assert transition(state, trigger) is TRANSITIONS[state, trigger]
        return
    with pytest.raises(IllegalTransition, match="interaction"):
        transition(state, trigger)


def test_pain_21_every_state_can_end_and_the_end_is_final() -> None:
    for state in InteractionState:
        assert ((state, InteractionTrigger.END) in TRANSITIONS) == (state is not InteractionState.ENDED)


def test_the_diagram_has_a_start_and_an_end() -> None:
    diagram = mermaid(TRANSITIONS, start=InteractionState.NEW)
    assert diagram.startswith("stateDiagram-v2\n    [*] --> NEW\n")
    assert diagram.endswith("    ENDED --> [*]\n")
    assert "    OFFERED --> QUEUED: return\n" in diagram
