"""After a start: who of an interaction's people is where in Asterisk - the agent's leg, and the party if there is one.

Nothing but Asterisk's list of channels is asked: our legs tell by their names which call they belong to, a party's also
the number that was dialled (`ids.py`), and whose phone it is follows from the endpoint.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from cti.calls.channel import ChannelView
from cti.calls.mirror import Mirror
from cti.events import PartyState
from cti.floor.conversation import Conversation, Leg, Party
from cti.floor.floor import Floor
from cti.floor.ids import agent_channel, interaction_of, party_of
from cti.floor.open import Open


class Found(NamedTuple):
    """The agent's leg of a conversation that goes on; `held`: the customer is not with it, and hears music."""

    channel: str
    held: bool


class Company(NamedTuple):
    """`leg` None: no agent has the customer. `given`: the party is to have the customer, whom the agent gave away."""

    leg: Found | None
    party: Party | None = None
    given: bool = False
    others: tuple[str, ...] = ()
    """Legs of this interaction that belong to nobody any more."""


def company(floor: Floor, tracker: Mirror, open_: Open) -> Company:
    customer = tracker.channel(open_.channel)
    ours = [view for view in tracker.channels() if interaction_of(view.channel) == open_.interaction_id]
    brought = [view for view in ours if party_of(view.channel)]
    if customer is None:
        return Company(None, others=tuple(view.channel for view in ours))
    own = _owner(floor)
    leg = _agents_leg(open_, customer, ours, own)
    rest = [view for view in brought if leg is None or view.channel != leg.channel]
    party = next((_party(view, leg, customer, open_.agent_id, own) for view in rest), None)
    given = leg is None and party is not None and not open_.agent_id and open_.queued_at is None and open_.segments > 0
    given = given and not (party is not None and party.state == "joined")
    found = Found(leg.channel, held=not leg.bridge or leg.bridge != customer.bridge) if leg is not None else None
    if found is None and not given:
        loose = [view for view in rest if not view.bridge or view.bridge != customer.bridge]
        return Company(None, others=tuple(view.channel for view in loose))
    left = [
        view for view in ours if view.answered_at is not None and view.channel.startswith("ld-") and view is not leg
    ]
    return Company(found, party, given, tuple(view.channel for view in (*rest[1:], *left)))


def _owner(floor: Floor) -> Callable[[ChannelView], str]:
    """Whose phone it is, "" for somebody outside."""

    def owner(view: ChannelView) -> str:
        outside = (party_of(view.channel) or (0, ""))[1]
        return "" if outside else floor.roster.by_endpoint(view.endpoint) or ""

    return owner


def _agents_leg(
    open_: Open, customer: ChannelView, ours: Iterable[ChannelView], owner: Callable[[ChannelView], str]
) -> ChannelView | None:
    """The agent's who had the customer last, if it is there; else any that is bridged with the customer.

    One that is not bridged with the customer waits for them (hold), or talks with the party. A supervisor who listens
    does neither.
    """
    up = [view for view in ours if view.answered_at is not None]
    with_customer = [view for view in up if customer.bridge and view.bridge == customer.bridge]
    for view in sorted(with_customer, key=lambda view: owner(view) != open_.agent_id):
        if owner(view) or not party_of(view.channel):
            return view
    mine = [view for view in up if owner(view) == open_.agent_id]
    waiting = [view for view in up if view.channel.startswith("ld-") and not view.bridge]
    return next(iter([*mine, *waiting]), None) if open_.agent_id else None


def _party(
    view: ChannelView, leg: ChannelView | None, customer: ChannelView, by: str, owner: Callable[[ChannelView], str]
) -> Party:
    count, number = party_of(view.channel) or (0, "")
    target = number or owner(view)
    return Party(
        party_id=str(count),
        channel=view.channel,
        kind="number" if number else "agent",
        target=target,
        name=target,
        by=by,
        state=_state(view, leg, customer),
    )


def _state(view: ChannelView, leg: ChannelView | None, customer: ChannelView) -> PartyState:
    if view.answered_at is None:
        return "ringing"
    if view.bridge and view.bridge == customer.bridge:
        return "joined"
    return "consulting" if leg is not None and view.bridge and view.bridge == leg.bridge else "aside"


def agents_legs(tracker: Mirror, interaction: str) -> list[ChannelView]:
    """Those of agents who were to have the customer: no party's, no supervisor's."""
    ours = (view for view in tracker.channels() if view.channel.startswith(agent_channel("")))
    return [view for view in ours if interaction_of(view.channel) == interaction]


def listening(floor: Floor, legs: Iterable[ChannelView]) -> Leg | None:
    """The leg of the agent who has answered and listens to the customer's phone ring."""
    for view in legs:
        agent_id = floor.roster.by_endpoint(view.endpoint)
        if view.answered_at is not None and not view.bridge and agent_id is not None:
            return Leg(view.channel, agent_id, answered=True)
    return None


def take_up_party(floor: Floor, conversation: Conversation, party: Party, *, given: bool) -> None:
    """`conversation` is known already. The phone may have been answered while nobody could bring the two together."""
    if party.kind == "agent":
        party.name = floor.roster.profile(party.target).name
        floor.places.engage(party.target, conversation)
    party.given = given
    conversation.party, conversation.parties = party, int(party.party_id)
    floor.conversations.by_leg[party.channel] = conversation
    floor.parties.tell_again(conversation, party, floor.desk.on_fact)
    floor.consulting.take_up(conversation, party)
