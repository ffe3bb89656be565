"""A queue that rings all: whatever several phones do at once, one agent has the caller and the others are free."""

from cti.desk import commands as ask
from cti.events import InteractionConnected, OfferEnded, OfferMade, SegmentEnded
from tests.unit.floor.shop import Shop

EVERYBODY = ("1001", "1002", "1003")
RUSH = "4001"


def all_ring(shop: Shop) -> str:
    """The customer's channel."""
    shop.sign_in(*EVERYBODY)
    customer = shop.call(2, dialled=RUSH)
    assert {offer.agent_id for offer in shop.of(OfferMade)} == set(EVERYBODY)
    assert all(shop.state(agent) == "offered" and len(shop.legs(agent)) == 1 for agent in EVERYBODY)
    return customer


def answer(shop: Shop, *agents: str) -> None:
    """In the same instant."""
    for agent in agents:
        shop.loop.call_soon(shop.exchange.answer, shop.leg(agent).uniqueid)
    shop.run(2)


def reasons(shop: Shop) -> dict[str, str]:
    return {ended.agent_id: ended.reason for ended in shop.of(OfferEnded)}


def over(shop: Shop) -> None:
    for channel in shop.exchange.of_kind("customer"):
        shop.loop.call_soon(shop.exchange.hang_up_phone, channel.uniqueid)
    shop.run(60)
    assert shop.complaints() == []


def one_has(shop: Shop, customer: str) -> str:
    """The agent who talks with the customer, after a look at everybody else."""
    (connected,) = shop.of(InteractionConnected)
    winner = connected.agent_id
    assert shop.exchange.channels[customer].bridge == shop.leg(winner).bridge != ""
    assert shop.state(winner) == "busy"
    for agent in set(EVERYBODY) - {winner}:
        assert shop.legs(agent) == []
        assert agent not in shop.hub.entities("call")
    return winner


def test_who_answers_has_the_caller_and_the_others_stop_ringing(shop: Shop) -> None:
    customer = all_ring(shop)
    assert set(shop.hub.entities("call")) == set(EVERYBODY)
    answer(shop, "1002")
    assert one_has(shop, customer) == "1002"
    assert reasons(shop) == {"1001": "revoked", "1002": "answered", "1003": "revoked"}
    assert shop.state("1001") == shop.state("1003") == "ready"
    over(shop)


def test_pain_08_all_answer_in_the_same_instant_and_one_has_the_caller(shop: Shop) -> None:
    customer = all_ring(shop)
    answer(shop, *EVERYBODY)
    winner = one_has(shop, customer)
    assert sorted(reasons(shop).values()) == ["answered", "revoked", "revoked"]
    assert all(shop.state(agent) == "ready" for agent in set(EVERYBODY) - {winner})
    over(shop)


def test_one_who_declines_leaves_the_others_ringing(shop: Shop) -> None:
    customer = all_ring(shop)
    interaction = shop.floor.conversations.by_channel[customer].interaction_id
    assert not shop.ask("1001", ask.Decline, interaction_id=interaction)
    shop.run(1)
    assert reasons(shop) == {"1001": "declined"}
    assert shop.state("1001") == "not_ready:declined"
    assert shop.legs("1001") == []
    answer(shop, "1003")
    assert one_has(shop, customer) == "1003"
    over(shop)


def test_when_nobody_answers_the_caller_keeps_the_place(shop: Shop) -> None:
    customer = all_ring(shop)
    shop.run(6)
    assert reasons(shop) == dict.fromkeys(EVERYBODY, "rona")
    conversation = shop.floor.conversations.by_channel[customer]
    assert shop.engine.position(conversation.interaction_id) == 1
    assert not shop.stranded()
    assert not shop.ask("1002", ask.Ready)
    shop.run(1)
    answer(shop, "1002")
    assert one_has(shop, customer) == "1002"
    over(shop)


def test_pain_09_the_caller_goes_while_all_ring(shop: Shop) -> None:
    customer = all_ring(shop)
    shop.hang_up(customer, 2)
    assert reasons(shop) == dict.fromkeys(EVERYBODY, "caller_gone")
    assert not shop.exchange.channels
    assert all(shop.state(agent) == "ready" for agent in EVERYBODY)
    over(shop)


def test_the_caller_goes_in_the_instant_in_which_two_answer(shop: Shop) -> None:
    customer = all_ring(shop)
    shop.loop.call_soon(shop.exchange.hang_up_phone, customer)
    answer(shop, "1001", "1002")
    assert not shop.exchange.channels
    assert "not_ready" not in "".join(shop.state(agent) for agent in EVERYBODY)
    over(shop)


def test_one_who_signs_out_while_ringing_rings_no_more(shop: Shop) -> None:
    customer = all_ring(shop)
    assert not shop.ask("1001", ask.SignOut)
    shop.run(1)
    assert (shop.state("1001"), reasons(shop)) == ("logged_out", {"1001": "revoked"})
    answer(shop, "1002")
    assert one_has(shop, customer) == "1002"
    over(shop)


def test_of_two_who_answer_the_second_has_the_caller_when_the_first_drops_the_phone(shop: Shop) -> None:
    customer = all_ring(shop)
    first = shop.leg("1001").uniqueid
    shop.loop.call_soon(shop.exchange.answer, first)
    shop.loop.call_soon(shop.exchange.hang_up_phone, first)
    answer(shop, "1002")
    assert one_has(shop, customer) == "1002"
    assert not shop.of(SegmentEnded)
    over(shop)


def test_a_phone_that_cannot_be_rung_leaves_the_others_ringing(shop: Shop) -> None:
    shop.exchange.faults.append("refused")
    shop.sign_in(*EVERYBODY)
    customer = shop.call(2, dialled=RUSH)
    assert list(reasons(shop).values()) == ["unreachable"]
    left = [agent for agent in EVERYBODY if shop.state(agent) == "offered"]
    assert len(left) == 2
    answer(shop, *left)
    assert one_has(shop, customer) in left
    over(shop)


def test_two_answer_while_the_link_is_down(shop: Shop) -> None:
    customer = all_ring(shop)
    shop.inside(shop.exchange.lose_link)
    answer(shop, "1001", "1002")
    shop.run(10)
    shop.inside(shop.exchange.restore_link)
    shop.run(2)
    one_has(shop, customer)
    over(shop)
