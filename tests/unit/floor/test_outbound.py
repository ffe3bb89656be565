"""An agent calls a customer, each case told as a story on the model of Asterisk."""

import pytest

from cti.desk import commands as ask
from cti.events import (
    CallFailed,
    CallPlaced,
    InteractionConnected,
    InteractionEnded,
    InteractionQueued,
    InteractionStarted,
    OfferMade,
    RecordingPublished,
    SegmentEnded,
)
from cti.floor.rules import OutboundRules
from cti.floor.toll import may_call
from tests.unit.floor.shop import Shop

NUMBER = "+8613900000001"


def dial(shop: Shop, agent_id: str = "1001", number: str = "139 0000 0001") -> str:
    """The interaction; the agent's own phone rings."""
    assert not shop.ask(agent_id, ask.DialOut, kind="number", target=number)
    shop.run(1)
    return shop.of(CallPlaced)[-1].interaction_id


def dialled(shop: Shop, agent_id: str = "1001") -> str:
    """The customer's leg that rings, once the agent has answered."""
    dial(shop, agent_id)
    shop.answer(agent_id)
    (called,) = shop.exchange.of_kind("called")
    return called.uniqueid


def over(shop: Shop) -> None:
    for channel in shop.exchange.of_kind("customer"):
        shop.loop.call_soon(shop.exchange.hang_up_phone, channel.uniqueid)
    shop.run(60)
    assert shop.complaints() == []


def test_the_whole_way(shop: Shop) -> None:
    shop.sign_in("1001")
    interaction = dial(shop)
    assert shop.state("1001") == "busy"
    (ring,) = shop.exchange.rings
    assert (ring.endpoint, ring.caller.number, ring.auto_answer) == ("d1001", NUMBER, True)
    assert not shop.exchange.dials
    call = shop.desk.call("1001")
    assert call is not None
    assert (call.phase, call.direction, call.number) == ("dialling", "out", NUMBER)
    shop.answer("1001")
    (order,) = shop.exchange.dials
    assert (order.number, order.ring_s, order.caller.number) == (NUMBER, 20, "4000")
    shop.loop.call_soon(shop.exchange.answer, order.channel)
    shop.run(2)
    (connected,) = shop.of(InteractionConnected)
    assert (connected.interaction_id, connected.how, connected.queue) == (interaction, "dialled", "")
    assert not shop.stranded()
    shop.hang_up(order.channel)
    assert shop.state("1001") == "wrap_up"
    shop.run(4)
    assert shop.state("1001") == "ready"
    (ended,) = shop.of(InteractionEnded)
    assert (ended.outcome, ended.ended_by) == ("handled", "customer")
    assert len(shop.of(RecordingPublished)) == 1
    assert not shop.of(InteractionQueued)
    over(shop)


@pytest.mark.parametrize("before", ["ready", "not_ready:lunch"])
@pytest.mark.parametrize(
    ("cause", "reason"), [(17, "busy"), (19, "no_answer"), (0, "no_answer"), (21, "declined"), (1, "unreachable")]
)
def test_a_customer_who_is_not_reached_is_not_dialled_again(shop: Shop, cause: int, reason: str, before: str) -> None:
    shop.sign_in("1001")
    if before != "ready":
        shop.ask("1001", ask.NotReady, reason="lunch")
    channel = dialled(shop)
    shop.hang_up(channel, 3, cause)
    assert [(failed.reason, failed.number) for failed in shop.of(CallFailed)] == [(reason, NUMBER)]
    assert [(ended.outcome, ended.cause) for ended in shop.of(InteractionEnded)] == [("failed", cause)]
    assert shop.state("1001") == before
    assert shop.desk.call("1001") is None
    over(shop)
    assert len(shop.exchange.dials) == 1
    assert not shop.of(SegmentEnded)


def test_nobody_answers_at_all(shop: Shop) -> None:
    shop.sign_in("1001")
    dialled(shop)
    shop.run(25)
    assert [failed.reason for failed in shop.of(CallFailed)] == ["no_answer"]
    over(shop)


def test_the_trunk_refuses(shop: Shop) -> None:
    shop.sign_in("1001")
    shop.exchange.refuse_outside = True
    dial(shop)
    shop.answer("1001", 3)
    assert [failed.reason for failed in shop.of(CallFailed)] == ["unreachable"]
    assert shop.state("1001") == "ready"
    over(shop)


@pytest.mark.parametrize("when", ["own phone rings", "customer's phone rings", "agent hangs up", "supervisor"])
def test_a_call_that_is_cancelled(shop: Shop, when: str) -> None:
    shop.sign_in("1001")
    interaction = dial(shop)
    if when != "own phone rings":
        shop.answer("1001")
    if when == "agent hangs up":
        shop.hang_up(shop.leg("1001").uniqueid)
    elif when == "supervisor":
        assert not shop.ask("2001", ask.ForceHangUp, agent_id="1001")
    else:
        assert not shop.ask("1001", ask.HangUp, interaction_id=interaction)
    shop.run(3)
    assert [failed.reason for failed in shop.of(CallFailed)] == ["cancelled"]
    by = "supervisor" if when == "supervisor" else "agent"
    assert [(ended.outcome, ended.ended_by) for ended in shop.of(InteractionEnded)] == [("failed", by)]
    assert not shop.exchange.channels
    assert shop.state("1001") == "ready"
    over(shop)


def test_the_own_phone_does_not_answer(shop: Shop) -> None:
    shop.sign_in("1001")
    dial(shop)
    shop.run(40)
    assert [failed.reason for failed in shop.of(CallFailed)] == ["own_phone"]
    assert not shop.exchange.dials
    assert shop.state("1001") == "ready"
    over(shop)


def test_nobody_is_offered_to_who_calls(shop: Shop) -> None:
    shop.sign_in("1001")
    dial(shop)
    waiting = shop.call()
    assert not shop.of(OfferMade)
    shop.answer("1001")
    shop.hang_up(shop.exchange.dials[0].channel, 3, cause=17)
    assert [offer.agent_id for offer in shop.of(OfferMade)] == ["1001"]
    shop.hang_up(waiting)
    over(shop)


def test_who_may_not_call(shop: Shop) -> None:
    assert "sign in first" in shop.ask("1001", ask.DialOut, kind="number", target=NUMBER)
    shop.sign_in("1001")
    for number in ("+85223456789", "110", "1002", "95588", "4000"):
        assert f"calls to {number} are not allowed" in shop.ask("1001", ask.DialOut, kind="number", target=number)
    assert "there is no number" in shop.ask("1001", ask.DialOut, kind="number", target="alice")
    shop.register("1001", reachable=False)
    assert "not registered" in shop.ask("1001", ask.DialOut, kind="number", target=NUMBER)
    shop.register("1001")
    dial(shop)
    assert "finish the call" in shop.ask("1001", ask.DialOut, kind="number", target=NUMBER)
    shop.ask("1001", ask.HangUp, interaction_id=shop.of(CallPlaced)[0].interaction_id)
    shop.run(2)
    customer, _ = shop.talk()
    assert "finish the call" in shop.ask("1001", ask.DialOut, kind="number", target=NUMBER)
    shop.hang_up(customer)
    assert "finish the wrap-up" in shop.ask("1001", ask.DialOut, kind="number", target=NUMBER)
    assert len(shop.of(InteractionStarted, direction="out")) == 1
    over(shop)


def test_the_link_is_lost_while_the_customers_phone_rings(shop: Shop) -> None:
    shop.sign_in("1001")
    channel = dialled(shop)
    shop.inside(shop.exchange.lose_link)
    shop.hang_up(channel, 60, cause=17)
    assert not shop.of(CallFailed)
    shop.inside(shop.exchange.restore_link)
    shop.run(20)
    assert len(shop.of(CallFailed)) == 1
    assert shop.state("1001") == "ready"
    over(shop)


def test_an_agent_who_vanishes_leaves_the_customer_on_hold_to_the_colleagues(shop: Shop) -> None:
    shop.sign_in("1001")
    channel = dialled(shop)
    shop.loop.call_soon(shop.exchange.answer, channel)
    shop.run(2)
    (talk,) = shop.of(InteractionConnected)
    assert not shop.ask("1001", ask.Hold, interaction_id=talk.interaction_id)
    shop.run(1)
    shop.hang_up(shop.leg("1001").uniqueid, 3)
    assert [queued.queue for queued in shop.of(InteractionQueued)] == ["sales"]
    shop.sign_in("1002")
    shop.run(1)
    shop.answer("1002")
    assert [one.agent_id for one in shop.of(InteractionConnected)] == ["1001", "1002"]
    over(shop)


RULES = OutboundRules(allow=("+86", "95588"))


@pytest.mark.parametrize(
    ("rules", "number", "allowed"),
    [
        (RULES, NUMBER, True),
        (RULES, "95588", True),
        (RULES, "955881", False),
        (RULES, "110", False),
        (OutboundRules(allow=("+86",), emergency=True), "110", True),
        (OutboundRules(allow=("+44",)), "+449098790000", False),
        (OutboundRules(allow=("+44",), premium=True), "+449098790000", True),
        (OutboundRules(allow=("1",)), "1002", False),
        (OutboundRules(), NUMBER, False),
    ],
)
def test_which_numbers_may_be_called(rules: OutboundRules, number: str, *, allowed: bool) -> None:
    assert may_call(rules, number, "CN", rules.allow) is allowed
