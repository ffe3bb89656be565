"""After a start: a customer whom an agent was calling is not called again.

Whose phone rings, rings on if the agent is there to talk; everything else is called off, and the call has failed.
"""

import structlog

from cti.acd.interaction import InteractionState
from cti.calls.mirror import Mirror
from cti.events import InteractionEnded
from cti.floor.company import agents_legs, listening
from cti.floor.conversation import Conversation, Leg, Outgoing
from cti.floor.dialling import OVERDUE_S
from cti.floor.floor import Floor
from cti.floor.open import Open
from cti.floor.outbound import Outbound

log = structlog.get_logger(__name__)


def take_up_outgoing(floor: Floor, tracker: Mirror, open_: Open) -> bool:
    """Whether the call goes on. The two are not together yet when this is called."""
    called = tracker.channel(open_.channel)
    legs = agents_legs(tracker, open_.interaction_id)
    leg = listening(floor, legs)
    if called is not None and leg is not None:
        _go_on(floor, open_, leg, answered=called.answered_at is not None)
        log.info("a customer is still being called", interaction=open_.interaction_id)
        return True
    for view in (*legs, *filter(None, (called,))):
        floor.legs.release(view.channel)
    floor.bus.publish(
        InteractionEnded(
            at=floor.clock(),
            interaction_id=open_.interaction_id,
            outcome="failed",
            ended_by="unknown",
            cause=0,
            certain=False,
        )
    )
    return False


def _go_on(floor: Floor, open_: Open, leg: Leg, *, answered: bool) -> None:
    ring_s = floor.rules.outbound.ring_s
    conversation = Conversation(
        interaction_id=open_.interaction_id,
        channel=open_.channel,
        linkedid=open_.channel,
        number=open_.number,
        caller_name="",
        dialled=open_.dialled,
        language=open_.language,
        started_at=open_.started_at,
        state=InteractionState.CONNECTED,
        direction="out",
        outgoing=Outgoing(ring_s, open_.channel, answered=answered),
        leg=leg,
    )
    floor.conversations.add(conversation)
    floor.conversations.by_leg[leg.channel] = conversation
    floor.places.engage(leg.agent_id, conversation)
    Outbound.tell(conversation, floor.desk.on_fact)
    floor.outbound.watch(conversation, open_.channel, ring_s + OVERDUE_S)
