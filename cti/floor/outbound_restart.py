"""After a start: a customer whom an agent was calling is not called again.

Whose phone rings, rings on if the agent is there to talk; everything else is called off, and the call has failed.
"""

from collections.abc import Iterable
from typing import Protocol

import structlog

from cti.acd.interaction import InteractionState
from cti.calls.channel import ChannelView
from cti.calls.mirror import Mirror
from cti.events import InteractionEnded
from cti.floor.conversation import Conversation, Leg, Outgoing
from cti.floor.dialling import OVERDUE_S
from cti.floor.floor import Floor
from cti.floor.ids import agent_channel, interaction_of
from cti.floor.outbound import Outbound

log = structlog.get_logger(__name__)


class Callee(Protocol):
    """`cti.floor.reconcile.Open`"""

    @property
    def interaction_id(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def number(self) -> str: ...
    @property
    def dialled(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def started_at(self) -> float: ...


def take_up_outgoing(floor: Floor, tracker: Mirror, callee: Callee) -> bool:
    """Whether the call goes on. The two are not together yet when this is called."""
    called = tracker.channel(callee.channel)
    legs = [view for view in tracker.channels() if _rung_for(callee.interaction_id, view)]
    leg = _waiting(floor, legs)
    if called is not None and leg is not None:
        _go_on(floor, callee, leg, answered=called.answered_at is not None)
        log.info("a customer is still being called", interaction=callee.interaction_id)
        return True
    for view in (*legs, *filter(None, (called,))):
        floor.legs.release(view.channel)
    floor.bus.publish(
        InteractionEnded(
            at=floor.clock(),
            interaction_id=callee.interaction_id,
            outcome="failed",
            ended_by="unknown",
            cause=0,
            certain=False,
        )
    )
    return False


def _rung_for(interaction: str, view: ChannelView) -> bool:
    return view.channel.startswith(agent_channel("")) and interaction_of(view.channel) == interaction


def _waiting(floor: Floor, legs: Iterable[ChannelView]) -> Leg | None:
    """The leg of the agent who has answered and listens to the customer's phone ring."""
    for view in legs:
        agent_id = floor.roster.by_endpoint(view.endpoint)
        if view.answered_at is not None and not view.bridge and agent_id is not None:
            return Leg(view.channel, agent_id, answered=True)
    return None


def _go_on(floor: Floor, callee: Callee, leg: Leg, *, answered: bool) -> None:
    ring_s = floor.rules.outbound.ring_s
    conversation = Conversation(
        interaction_id=callee.interaction_id,
        channel=callee.channel,
        linkedid=callee.channel,
        number=callee.number,
        caller_name="",
        dialled=callee.dialled,
        language=callee.language,
        started_at=callee.started_at,
        state=InteractionState.CONNECTED,
        direction="out",
        outgoing=Outgoing(ring_s, callee.channel, answered=answered),
        leg=leg,
    )
    floor.conversations.add(conversation)
    floor.conversations.by_leg[leg.channel] = conversation
    floor.places.engage(leg.agent_id, conversation)
    Outbound.tell(conversation, floor.desk.on_fact)
    floor.outbound.watch(conversation, callee.channel, ring_s + OVERDUE_S)
