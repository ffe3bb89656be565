"""Every way to an outside number passes the guard: what it refuses is not dialled, is told, and loses nobody."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from msgspec.structs import replace

from cti.acd.limits import Limit
from cti.desk import commands as ask
from cti.errors import Forbidden
from cti.events import (
    AlarmCleared,
    AlarmRaised,
    CallbackPaused,
    CallbackRequested,
    CallPlaced,
    DialEnded,
    DialPermitted,
    DialRefused,
    InteractionQueued,
    InteractionTransferred,
    PartyInvited,
)
from cti.floor.rules import OutboundRules, TollBounds
from tests.unit.floor.shop import FLOW, QUEUES, Shop

NUMBER, ABROAD = "+8613900000001", "+4930123456"
NONE_AT_ONCE: dict[str, Any] = {"in_all": TollBounds(at_once=0)}
SENTENCE = "too many calls are under way: 0 calls at once"


def limits(shop: Shop, **rules: Any) -> OutboundRules:
    outbound = shop.rules.outbound = replace(shop.rules.outbound, **rules)
    return outbound


@contextmanager
def over(shop: Shop) -> Iterator[None]:
    yield
    for kind in ("customer", "called", "outside", "party", "leg"):
        for channel in shop.exchange.of_kind(kind):
            shop.loop.call_soon(shop.exchange.hang_up_phone, channel.uniqueid)
    shop.run(120)
    assert not shop.floor.permits._toll.live()
    assert len(shop.of(DialPermitted)) == len(shop.of(DialEnded))


def talk_ended(shop: Shop, talked: float) -> DialEnded:
    fact = shop.of(DialEnded)[-1]
    assert fact.talked_s == pytest.approx(talked, abs=1)
    return fact


def test_a_call_that_an_agent_makes(shop: Shop) -> None:
    limits(shop, prices={"+86": 0.2})
    shop.sign_in("1001")
    with over(shop):
        assert not shop.ask("1001", ask.DialOut, kind="number", target=NUMBER)
        shop.run(1)
        shop.answer("1001")
        (leg,) = shop.exchange.of_kind("called")
        shop.loop.call_soon(shop.exchange.answer, leg.uniqueid)
        shop.run(70)
        shop.hang_up(leg.uniqueid)
        shop.run(30)
        (permitted,) = shop.of(DialPermitted)
        assert (permitted.user, permitted.purpose, permitted.channel) == ("1001", "call", leg.uniqueid)
        assert talk_ended(shop, 70).cost == pytest.approx(0.4)
        limits(shop, **NONE_AT_ONCE)
        assert shop.ask("1001", ask.DialOut, kind="number", target=NUMBER) == SENTENCE
        (refused,) = shop.of(DialRefused)
        assert (refused.user, refused.number, refused.reason, refused.limit) == (
            "1001",
            NUMBER,
            "at_once",
            "0 calls at once",
        )
        assert shop.state("1001") == "ready"
        assert len(shop.of(CallPlaced)) == 1


def test_one_whose_own_phone_does_not_answer_takes_nobodys_place(shop: Shop) -> None:
    limits(shop, in_all=TollBounds(at_once=1))
    shop.sign_in("1001")
    with over(shop):
        assert not shop.ask("1001", ask.DialOut, kind="number", target=NUMBER)
        shop.run(1)
        shop.hang_up(shop.leg("1001").uniqueid, 1)
        assert talk_ended(shop, 0).cost == 0
        assert not shop.ask("1001", ask.DialOut, kind="number", target=NUMBER)


def test_somebody_outside_who_is_asked_or_given_a_customer(shop: Shop) -> None:
    _, interaction = shop.talk()
    limits(shop, **NONE_AT_ONCE)
    call: dict[str, Any] = {"interaction_id": interaction, "kind": "number"}
    before = [(c.uniqueid, c.bridge) for c in shop.exchange.channels.values()]
    with over(shop):
        for command in (ask.Consult, ask.Transfer):
            assert shop.ask("1001", command, **call, target="13811112222") == SENTENCE
            assert "are not allowed" in shop.ask("1001", command, **call, target=ABROAD)
        shop.run(1)
        assert [(c.uniqueid, c.bridge) for c in shop.exchange.channels.values()] == before
        assert not shop.of(PartyInvited)
        assert not shop.of(InteractionTransferred)
        assert [fact.purpose for fact in shop.of(DialRefused)] == ["party", "party", "transfer", "transfer"]
        limits(shop, in_all=TollBounds())
        assert not shop.ask("1001", ask.Transfer, **call, target="13811112222")
        shop.run(40)
    fact = talk_ended(shop, 40)
    assert (fact.user, fact.purpose, fact.number) == ("1001", "transfer", "+8613811112222")


def test_a_callback_comes_later_and_loses_no_attempt(shop: Shop) -> None:
    shop.call_back(attempts=1, retry_s=30)
    limits(shop, **NONE_AT_ONCE)
    shop.call(14, "11")
    (request,) = shop.of(CallbackRequested)
    shop.sign_in("1001")
    shop.run(1)
    shop.answer("1001")
    assert not shop.exchange.dials
    assert [(fact.reason, fact.attempts) for fact in shop.of(CallbackPaused)] == [("limit", 0)]
    limits(shop, in_all=TollBounds())
    shop.run(31)
    shop.answer("1001")
    assert [order.number for order in shop.exchange.dials] == [request.number]
    with over(shop):
        pass


def test_the_numbers_of_the_configuration_are_limited_and_the_caller_waits_on(shop: Shop) -> None:
    shop.close()
    limit = Limit(when="length", above=0, way_out="number:13800000000")
    shop = Shop(queues=(replace(QUEUES[0], limits=(limit,)), *QUEUES[1:]))
    limits(shop, **NONE_AT_ONCE)
    channel = shop.call(10)
    assert shop.floor.conversations.by_channel[channel].waiting
    assert shop.exchange.heard[channel][:1] == ["please_hold"]
    assert not shop.of(InteractionTransferred)
    limits(shop, in_all=TollBounds(), allow=("+1",))  # who wrote it there has allowed it
    second = shop.call(10)
    assert shop.exchange.channels[second].variables["LD_NUMBER"] == "13800000000"
    assert [fact.number for fact in shop.of(DialPermitted)] == ["+8613800000000"]
    with over(shop):
        pass
    shop.close()


def test_a_flow_that_may_not_dial_leads_to_the_fallback_queue(shop: Shop) -> None:
    shop.close()
    shop = Shop(flow=FLOW.replace("{type: queue, queue: sales}", "{type: transfer, number: '13800000000'}"))
    limits(shop, **NONE_AT_ONCE)
    channel = shop.call(5)
    assert shop.exchange.channels[channel].context == "ld-fallback"
    shop.close()


def test_who_is_not_reached_outside_is_ours_again_and_counts_no_more(shop: Shop) -> None:
    _, interaction = shop.talk()
    shop.exchange.refuse_outside = True
    with over(shop):
        assert not shop.ask("1001", ask.Transfer, interaction_id=interaction, kind="number", target="13811112222")
        shop.run(5)
        assert len(shop.of(InteractionQueued, interaction_id=interaction)) == 2
        assert talk_ended(shop, 0).cost == 0


def test_supervisors_are_told_once_that_limits_are_reached(shop: Shop) -> None:
    shop.sign_in("1001")
    limits(shop, **NONE_AT_ONCE)

    def look(for_s: int) -> None:
        for _ in range(for_s):
            shop.inside(shop.floor.alarms.look)
            shop.run(1)

    look(2)
    assert not shop.of(AlarmRaised)
    for _ in range(3):
        shop.ask("1001", ask.DialOut, kind="number", target=NUMBER)
        look(2)
    (alarm,) = shop.of(AlarmRaised)
    assert (alarm.queue, alarm.kind, alarm.level) == ("", "toll", "warn")
    assert set(shop.hub.entities("alarms")) == {alarm.alarm_id}
    assert not shop.ask("2001", ask.AcknowledgeAlarm, alarm_id=alarm.alarm_id)
    look(640)
    assert [fact.alarm_id for fact in shop.of(AlarmCleared)] == [alarm.alarm_id]


def test_who_mistypes_is_no_thief_and_who_goes_on_is(shop: Shop) -> None:
    shop.sign_in("1001")
    figures = []
    for _ in range(5):
        assert "not allowed" in shop.ask("1001", ask.DialOut, kind="number", target=ABROAD)
        figures.append(shop.floor.permits.refused_lately())
    assert figures == [0, 0, 0, 0, 1]


def test_the_refusal_has_a_word_for_the_page(shop: Shop) -> None:
    ways: dict[str, Any] = {"user": "1001", "channel": "c1", "interaction_id": ""}
    with pytest.raises(Forbidden) as caught:
        shop.floor.permits.ask(ABROAD, purpose="call", **ways)
    assert caught.value.state == "dial_not_allowed"
