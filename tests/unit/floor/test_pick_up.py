"""An agent takes a waiting caller out of turn, told as stories on the model of Asterisk."""

import pytest

from cti.desk import commands as ask
from cti.events import InteractionConnected, InteractionEnded, OfferEnded, OfferMade
from tests.unit.floor.shop import Shop


def waiting(shop: Shop, channel: str) -> str:
    return shop.floor.conversations.by_channel[channel].interaction_id


def over(shop: Shop) -> None:
    for channel in shop.exchange.of_kind("customer"):
        shop.loop.call_soon(shop.exchange.hang_up_phone, channel.uniqueid)
    shop.run(60)
    assert shop.complaints() == []


def test_the_second_in_line_is_picked_up_during_a_break(shop: Shop) -> None:
    shop.sign_in("1001")
    shop.ask("1001", ask.NotReady, reason="lunch")
    first, second = shop.call(), shop.call()
    picked = waiting(shop, second)
    assert not shop.ask("1001", ask.PickUp, interaction_id=picked)
    shop.run(1)
    assert shop.state("1001") == "offered"
    shop.answer("1001")
    (connected,) = shop.of(InteractionConnected)
    assert (connected.interaction_id, connected.how) == (picked, "offer")
    (offer,) = shop.of(OfferMade)
    assert offer.why is not None
    assert offer.why["chosen_by"] == "picked_up"
    shop.hang_up(second)
    shop.run(4)
    assert shop.state("1001") == "not_ready:lunch"
    assert waiting(shop, first)
    over(shop)


def test_it_stops_ringing_elsewhere_and_that_agent_is_free(shop: Shop) -> None:
    shop.sign_in("1002")
    caller = shop.call()
    assert shop.state("1002") == "offered"
    shop.ask("1001", ask.SignIn, phone="desk")
    assert not shop.ask("1001", ask.PickUp, interaction_id=waiting(shop, caller))
    shop.run(1)
    assert [(end.agent_id, end.reason) for end in shop.of(OfferEnded)] == [("1002", "revoked")]
    assert (shop.state("1001"), shop.state("1002")) == ("offered", "ready")
    assert len(shop.exchange.of_kind("leg")) == 1
    shop.answer("1001")
    assert [one.agent_id for one in shop.of(InteractionConnected)] == ["1001"]
    over(shop)


def test_who_does_not_answer_gives_the_old_place_back(shop: Shop) -> None:
    shop.sign_in("1001")
    shop.ask("1001", ask.NotReady, reason="lunch")
    first, second = shop.call(), shop.call()
    shop.ask("1001", ask.PickUp, interaction_id=waiting(shop, first))
    shop.run(10)
    assert [end.reason for end in shop.of(OfferEnded)] == ["rona"]
    assert shop.state("1001") == "not_ready:lunch"
    line = [one.interaction_id for one in shop.engine.waiting("sales")]
    assert line == [waiting(shop, first), waiting(shop, second)]
    over(shop)


def test_who_may_not_pick_up(shop: Shop) -> None:
    caller = shop.call()
    interaction = waiting(shop, caller)
    assert "sign in first" in shop.ask("1001", ask.PickUp, interaction_id=interaction)
    shop.sign_in("1003")
    assert "sales is not yours" in shop.ask("1003", ask.PickUp, interaction_id=interaction)
    assert not shop.ask("2002", ask.SignIn, phone="desk")  # a supervisor of no queue
    shop.register("2002", reachable=False)
    assert "cannot be rung" in shop.ask("2002", ask.PickUp, interaction_id=interaction)
    shop.register("2002")
    assert not shop.ask("2002", ask.PickUp, interaction_id=interaction)
    shop.run(1)
    shop.answer("2002")
    assert "waits no more" in shop.ask("1001", ask.PickUp, interaction_id=interaction)
    other = waiting(shop, shop.call())
    assert "what you have in hand" in shop.ask("2002", ask.PickUp, interaction_id=other)
    over(shop)


@pytest.mark.parametrize("gone", ["just now", "long ago"])
def test_a_caller_who_has_hung_up(shop: Shop, gone: str) -> None:
    shop.sign_in("1001")
    shop.ask("1001", ask.NotReady, reason="lunch")
    caller = shop.call()
    interaction = waiting(shop, caller)
    if gone == "just now":  # and the mirror has not heard of it yet, or has it
        shop.loop.call_soon(shop.exchange.hang_up_phone, caller)
        shop.ask("1001", ask.PickUp, interaction_id=interaction)
        shop.run(10)
        assert not shop.of(InteractionConnected)
    else:
        shop.hang_up(caller)
        assert "waits no more" in shop.ask("1001", ask.PickUp, interaction_id=interaction)
    assert len(shop.of(InteractionEnded)) == 1
    assert shop.state("1001") == "not_ready:lunch"
    over(shop)
