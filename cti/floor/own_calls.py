"""Calls that people make or take with their phones by themselves: nobody is offered a call while on the phone.

They are none of ours: what they are about nobody knows, and all that counts is that the phone is in use.
"""

import asyncio

import structlog

from cti.acd import events as acd
from cti.agents.state import AgentState
from cti.calls.channel import endpoint_of
from cti.errors import CtiError
from cti.events import AgentStateChanged, ChannelAnswered, ChannelCreated, ChannelHungUp
from cti.floor.distributor import Distributor
from cti.floor.ids import is_ours
from cti.floor.means import Means

log = structlog.get_logger(__name__)


class OwnCalls:
    """`_on_phone`: channel -> whose phone it is. Somebody who is rung is on the phone only when they answer."""

    def __init__(self, means: Means, distributor: Distributor) -> None:
        self._means = means
        self._distributor = distributor
        self._on_phone: dict[str, str] = {}

    def has(self, agent_id: str) -> bool:
        return agent_id in self._on_phone.values()

    def on_created(self, fact: ChannelCreated) -> None:
        if fact.exten:  # dials something
            self._begins(fact)

    def on_answered(self, fact: ChannelAnswered) -> None:
        self._begins(fact)

    def _begins(self, fact: ChannelCreated | ChannelAnswered) -> None:
        if is_ours(fact.channel) or fact.channel in self._on_phone:
            return
        agent_id = self._means.roster.by_endpoint(endpoint_of(fact.name))
        if agent_id is not None:
            self._on_phone[fact.channel] = agent_id
            self._means.desk.on_phone(agent_id, on_phone=True)
            self._engage(agent_id)

    def on_hung_up(self, fact: ChannelHungUp) -> None:
        agent_id = self._on_phone.pop(fact.channel, None)
        if agent_id is None or self.has(agent_id):
            return
        self._means.desk.on_phone(agent_id, on_phone=False)
        call = _name(agent_id)
        self._distributor.feed(acd.ConversationEnded(agent_id=agent_id, interaction_id=call, wrap_up=False))
        self._distributor.feed(acd.CallerLeft(interaction_id=call))

    def on_state(self, fact: AgentStateChanged) -> None:
        """Who gets ready on the phone, or has just finished a form there, is not free for all that."""
        if fact.state == "ready" and self.has(fact.agent_id):
            asyncio.get_running_loop().call_soon(self._engage, fact.agent_id)

    def _engage(self, agent_id: str) -> None:
        """Unless the agent has something else in hand, which is not taken away for this."""
        try:
            state = self._means.engine.agent(agent_id).state
            if state in {AgentState.READY, AgentState.NOT_READY} and self.has(agent_id):
                self._distributor.feed(
                    acd.AgentEngaged(agent_id=agent_id, interaction_id=_name(agent_id), medium="voice")
                )
        except CtiError as error:
            log.info("on the phone without being signed in", agent=agent_id, reason=str(error))


def _name(agent_id: str) -> str:
    """What the distributor knows it by: one for all that somebody does on the phone at once."""
    return f"phone-{agent_id}"
