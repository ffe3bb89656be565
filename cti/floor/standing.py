"""What the distributor is told of a customer: the VIP level, the branch, and the agent who is preferred. Pure."""

from cti.desk.views import CustomerView
from cti.floor.conversation import Place
from cti.floor.rules import QueueCare


def preferred_agent(card: CustomerView, care: QueueCare) -> str:
    """The first that there is of those whom the queue prefers: the customer's named agent, or the last who talked."""
    last = (contact.agent_id for contact in card.contacts if contact.agent_id and contact.talked_s > 0)
    agents = {"named": card.agent_id, "last": next(last, "")}
    return next((agents[who] for who in care.preferred if agents[who]), "")


def take_standing(place: Place, card: CustomerView | None, care: QueueCare) -> bool:
    """Into the place what the card says, in whatever queue that is; whether it changed anything."""
    if card is None:
        return False
    before = (place.vip, place.branch, place.preferred_agent)
    place.vip, place.branch, place.preferred_agent = card.vip, card.branch, preferred_agent(card, care)
    return before != (place.vip, place.branch, place.preferred_agent)
