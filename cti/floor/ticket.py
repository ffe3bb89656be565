"""The ticket of a waiting caller: what gives the old place back, kept in Asterisk, where our end does not reach."""

import msgspec

from cti.floor.conversation import Conversation, Place


class Ticket(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a waiting caller's channel carries (LD_PLACE), so that a daemon that starts anew gives the place back.

    Who the customer is stands in it too: the database may be slower than the caller.
    """

    interaction_id: str
    queue: str
    priority: int
    queued_at: float
    started_at: float
    language: str
    number: str
    offers: int
    entered_at: float | None = None
    skills: dict[str, int] = {}
    only_agent: str = ""
    vip: int = 0
    branch: str = ""
    preferred_agent: str = ""
    only_group: str = ""

    def place(self) -> Place:
        return Place(
            self.queue,
            self.priority,
            self.queued_at,
            dict(self.skills),
            self.queued_at if self.entered_at is None else self.entered_at,
            self.only_agent,
            self.vip,
            self.branch,
            self.preferred_agent,
            self.only_group,
        )


def ticket_text(conversation: Conversation, place: Place, now: float) -> str:
    ticket = Ticket(
        interaction_id=conversation.interaction_id,
        queue=place.queue,
        priority=place.priority,
        queued_at=place.queued_at or 0,
        started_at=conversation.started_at,
        language=conversation.language,
        number=conversation.number,
        offers=conversation.offers,
        entered_at=now if place.entered_at is None else place.entered_at,
        skills=place.skills,
        only_agent=place.only_agent,
        vip=place.vip,
        branch=place.branch,
        preferred_agent=place.preferred_agent,
        only_group=place.only_group,
    )
    return msgspec.json.encode(ticket).hex()  # hexadecimal: nothing in it means anything to the dialplan


def read_ticket(text: str | None) -> Ticket | None:
    """None for no ticket, or for a text that is none of ours."""
    if not text:
        return None
    try:
        return msgspec.json.decode(bytes.fromhex(text), type=Ticket)
    except (ValueError, msgspec.MsgspecError):
        return None
