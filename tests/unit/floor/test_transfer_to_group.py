"""A transfer to a skill group: the customer waits at the head for anybody of it, whatever queue they work in."""

import pytest

from cti.desk import commands as ask
from cti.events import InteractionConnected, InteractionQueued, InteractionTransferred
from tests.unit.floor.shop import Shop


@pytest.fixture
def of_experts(shop: Shop) -> Shop:
    """1003, who works in the queue care alone, is the only expert."""
    shop.floor.roster.assign("1003", None, None, ("experts",), None)
    return shop


def test_a_group_that_there_is_not_and_one_of_which_nobody_is_there(of_experts: Shop) -> None:
    shop = of_experts
    customer, interaction = shop.talk()
    call = {"interaction_id": interaction, "kind": "group"}
    assert "there is no group" in shop.ask("1001", ask.Transfer, **call, target="cooks")
    assert "nobody of the group experts is signed in" in shop.ask("1001", ask.Transfer, **call, target="experts")
    assert shop.exchange.channels[customer].bridge == shop.leg("1001").bridge != ""


def test_whoever_of_the_group_is_free_first_has_the_customer(of_experts: Shop) -> None:
    shop = of_experts
    customer, interaction = shop.talk()
    began = shop.of(InteractionQueued)[0].queued_at
    shop.sign_in("1002", "1003")
    assert not shop.ask("1003", ask.NotReady, reason="lunch")
    assert not shop.ask("1001", ask.Transfer, interaction_id=interaction, kind="group", target="experts")
    shop.run(5)
    assert shop.legs("1002") == []  # who works in this queue, and is no expert
    assert not shop.ask("1003", ask.Ready)
    shop.run(1)
    shop.answer("1003")
    assert shop.of(InteractionConnected)[-1].agent_id == "1003"
    assert shop.exchange.channels[customer].bridge == shop.leg("1003").bridge != ""
    assert shop.of(InteractionQueued)[-1].queued_at <= began
    assert [(fact.kind, fact.target) for fact in shop.of(InteractionTransferred)] == [("group", "experts")]


def test_in_vain_the_customer_waits_for_anybody(of_experts: Shop) -> None:
    shop = of_experts
    _, interaction = shop.talk()
    shop.sign_in("1003")
    assert not shop.ask("1003", ask.NotReady, reason="lunch")
    assert not shop.ask("1001", ask.Transfer, interaction_id=interaction, kind="group", target="experts")
    shop.run(1)
    shop.run(320)
    assert shop.engine.interaction(interaction).only_group == ""
