"""Whose call it is: an agent acts on the own live call, and on no other."""

from cti.desk.audience import Actor
from cti.errors import Conflict, Forbidden, NotFound
from cti.floor.conversation import Conversation, Leg
from cti.floor.floor import Floor


def own_call(floor: Floor, interaction_id: str, actor: Actor) -> tuple[Conversation, Leg]:
    """The actor's own live call: Conflict when it is over, Forbidden when it is somebody else's, NotFound for none."""
    conversation = floor.conversations.by_id.get(interaction_id)
    if conversation is None:
        if interaction_id in floor.conversations.over:
            raise Conflict("this call is over", "ended")
        raise NotFound("call", interaction_id)
    leg = conversation.leg_of(actor.agent_id)
    if leg is None:
        raise Forbidden("this is not your call")
    return conversation, leg


def own_talk(floor: Floor, interaction_id: str, actor: Actor) -> tuple[Conversation, Leg]:
    """The own call in which the two are together, or the customer is on hold; Conflict in any other state."""
    conversation, leg = own_call(floor, interaction_id, actor)
    if not conversation.talking or not leg.bridged:
        raise Conflict("you are not connected to this caller", conversation.state)
    if (party := conversation.party) is not None and conversation.taking is not None:
        raise Conflict(f"{party.name} is about to have this caller", conversation.state)
    if conversation.taking is not None:
        raise Conflict("a supervisor is taking this call over", conversation.state)
    return conversation, leg


def still_on(floor: Floor, conversation: Conversation, leg: Leg) -> None:
    """While Asterisk answered, either of the two may have hung up: Conflict then."""
    if conversation.leg is not leg or conversation.interaction_id not in floor.conversations.by_id:
        raise Conflict("this call is over", "ended")
