"""The agent state machine: the one table that says which change is possible.

`python -m cti.agents.state` prints the table as a mermaid diagram, which is how the documentation gets it.
"""

import sys
from collections.abc import Mapping
from enum import StrEnum

from cti.agents.diagram import mermaid
from cti.errors import IllegalTransition


class AgentState(StrEnum):
    LOGGED_OUT = "logged_out"
    READY = "ready"
    OFFERED = "offered"
    BUSY = "busy"
    WRAP_UP = "wrap_up"
    NOT_READY = "not_ready"


class Trigger(StrEnum):
    """Why a state changes.

    MISS: the agent let an offer pass (rona, declined, unreachable) and is taken out. WITHDRAW: an offer ended and the
    agent stays in. ENGAGE: the agent has a conversation that no offer brought (take-over, direct transfer, restart).
    """

    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    READY = "ready"
    NOT_READY = "not_ready"
    OFFER = "offer"
    ANSWER = "answer"
    MISS = "miss"
    WITHDRAW = "withdraw"
    ENGAGE = "engage"
    END_TALK = "end_talk"
    EXTEND = "extend"
    FINISH = "finish"


TRANSITIONS: Mapping[tuple[AgentState, Trigger], AgentState] = {
    (AgentState.LOGGED_OUT, Trigger.SIGN_IN): AgentState.NOT_READY,
    (AgentState.NOT_READY, Trigger.READY): AgentState.READY,
    (AgentState.NOT_READY, Trigger.NOT_READY): AgentState.NOT_READY,  # another reason
    (AgentState.NOT_READY, Trigger.ENGAGE): AgentState.BUSY,
    (AgentState.NOT_READY, Trigger.SIGN_OUT): AgentState.LOGGED_OUT,
    (AgentState.READY, Trigger.OFFER): AgentState.OFFERED,
    (AgentState.READY, Trigger.ENGAGE): AgentState.BUSY,
    (AgentState.READY, Trigger.NOT_READY): AgentState.NOT_READY,
    (AgentState.READY, Trigger.SIGN_OUT): AgentState.LOGGED_OUT,
    (AgentState.OFFERED, Trigger.ANSWER): AgentState.BUSY,
    (AgentState.OFFERED, Trigger.MISS): AgentState.NOT_READY,
    (AgentState.OFFERED, Trigger.WITHDRAW): AgentState.READY,
    (AgentState.BUSY, Trigger.END_TALK): AgentState.WRAP_UP,
    (AgentState.BUSY, Trigger.MISS): AgentState.NOT_READY,  # answered, but the leg was lost before anybody was heard
    (AgentState.BUSY, Trigger.WITHDRAW): AgentState.READY,  # likewise, where the queue lets the agent stay in
    (AgentState.WRAP_UP, Trigger.EXTEND): AgentState.WRAP_UP,
    (AgentState.WRAP_UP, Trigger.FINISH): AgentState.READY,
    (AgentState.WRAP_UP, Trigger.NOT_READY): AgentState.NOT_READY,
    (AgentState.WRAP_UP, Trigger.ENGAGE): AgentState.BUSY,
    (AgentState.WRAP_UP, Trigger.SIGN_OUT): AgentState.LOGGED_OUT,
}


def transition(state: AgentState, trigger: Trigger) -> AgentState:
    """The state that follows; `IllegalTransition` for whatever the table does not have."""
    try:
        return TRANSITIONS[state, trigger]
    except KeyError:
        raise IllegalTransition("agent", state, trigger) from None


if __name__ == "__main__":
    sys.stdout.write(mermaid(TRANSITIONS, start=AgentState.LOGGED_OUT))
