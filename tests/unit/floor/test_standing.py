"""Who the customer is counts wherever they wait, whenever we come to know it."""

import pytest

from cti.desk import commands as ask
from cti.desk.views import ContactView, CustomerView
from cti.events import OfferMade
from cti.floor.conversation import Place
from cti.floor.rules import QueueCare
from cti.floor.standing import preferred_agent, take_standing
from cti.floor.ticket import read_ticket, ticket_text
from tests.unit.floor.shop import Shop


def contact(agent_id: str, talked_s: float) -> ContactView:
    return ContactView(
        interaction_id="1",
        at=0,
        medium="voice",
        queue="sales",
        agent_name=agent_id,
        talked_s=talked_s,
        outcome="handled",
        disposition="",
        note="",
        has_recording=False,
        agent_id=agent_id,
    )


def card(*contacts: ContactView, agent_id: str = "", vip: int = 0, branch: str = "") -> CustomerView:
    return CustomerView(
        customer_id=1,
        name="王小明",
        vip=vip,
        numbers=(),
        city="",
        company="",
        new=False,
        orders=(),
        contacts=contacts,
        notes=(),
        branch=branch,
        agent_id=agent_id,
    )


NAMED, LAST, BOTH = (QueueCare(preferred=who) for who in (("named",), ("last",), ("named", "last")))


@pytest.mark.parametrize(
    ("care", "of", "agent"),
    [
        (NAMED, card(contact("1001", 60), agent_id="1002"), "1002"),
        (NAMED, card(contact("1001", 60)), ""),
        (LAST, card(contact("1001", 60), contact("1003", 60), agent_id="1002"), "1001"),
        (LAST, card(contact("", 0), contact("1003", 0), contact("1001", 5)), "1001"),
        (BOTH, card(contact("1001", 60), agent_id="1002"), "1002"),
        (BOTH, card(contact("1001", 60)), "1001"),
        (QueueCare(preferred=()), card(contact("1001", 60), agent_id="1002"), ""),
    ],
)
def test_who_is_preferred(care: QueueCare, of: CustomerView, agent: str) -> None:
    assert preferred_agent(of, care) == agent


def test_an_unknown_customer_leaves_the_place_as_it_was() -> None:
    place = Place("sales", vip=2, branch="north", preferred_agent="1001")
    assert not take_standing(place, None, NAMED)
    assert take_standing(place, card(vip=1), NAMED)
    assert (place.vip, place.branch, place.preferred_agent) == (1, "", "")


def test_a_card_that_comes_late_counts_at_once_and_wherever_the_customer_waits_next(shop: Shop) -> None:
    customer, interaction = shop.talk()
    conversation = shop.floor.conversations.by_channel[customer]
    conversation.card = None  # the database is slow
    assert not shop.ask("1001", ask.Transfer, interaction_id=interaction, kind="queue", target="care")
    shop.ask("1001", ask.NotReady, reason="lunch")
    shop.run(6)
    conversation.card = card(vip=3, agent_id="1003", branch="north")
    shop.inside(shop.floor.places.customer_known, conversation)
    assert conversation.place is not None
    assert (conversation.place.vip, conversation.place.preferred_agent) == (3, "1003")
    shop.sign_in("1003")
    shop.run(1)
    shop.answer("1003")
    assert not shop.ask("1003", ask.Transfer, interaction_id=interaction, kind="queue", target="sales")
    shop.run(6)
    assert (conversation.place.queue, conversation.place.vip, conversation.place.branch) == ("sales", 3, "north")


def test_the_customer_whom_we_know_to_be_a_vip_goes_first(shop: Shop) -> None:
    first, second = (shop.call(dialled="4001") for _ in range(2))
    of = shop.floor.conversations.by_channel
    of[second].card = card(vip=5)
    shop.inside(shop.floor.places.customer_known, of[second])
    shop.sign_in("1001")
    shop.run(1)
    assert shop.of(OfferMade)[0].interaction_id == of[second].interaction_id
    assert of[first].waiting


def test_the_ticket_gives_back_all_of_a_place(shop: Shop) -> None:
    conversation = shop.floor.conversations.by_channel[shop.call()]
    place = Place("sales", 2, 5.0, {"english": 3}, 7.0, "1002", 1, "north", "1001")
    ticket = read_ticket(ticket_text(conversation, place, shop.now()))
    assert ticket is not None
    assert ticket.place() == place
