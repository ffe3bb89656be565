"""Callers whom a queue does not serve: where they end up, and what is written down about them."""

import random
from collections.abc import Iterator

import pytest

from cti.acd.limits import Limit
from cti.acd.queue import QueueRules
from cti.calendars.calendar import Calendar
from cti.desk import commands as ask
from cti.events import (
    InteractionConnected,
    InteractionEnded,
    InteractionOverflowed,
    InteractionQueued,
    InteractionTransferred,
    OfferMade,
    RecordingFailed,
    RecordingPublished,
)
from cti.floor.rules import QueueCare
from tests.unit.floor.shop import CARES, FLOW, Shop

NEVER_OPEN = Calendar(time_zone="UTC", weekly=((),) * 7)


@pytest.fixture(params=range(4))
def seed(request: pytest.FixtureRequest) -> int:
    chosen: int = request.param
    return chosen


@pytest.fixture
def shops() -> Iterator[list[Shop]]:
    made: list[Shop] = []
    yield made
    for shop in made:
        shop.close()


class House:
    """Queue "sales" as given; nobody is signed in; the caller is in it (or was) after `call`."""

    def __init__(self, shops: list[Shop], seed: int) -> None:
        self._shops, self._seed = shops, seed

    def open(self, *others: QueueRules, care: QueueCare | None = None, flow: str = FLOW, **sales: object) -> Shop:
        rules = QueueRules(name="sales", ring_s=5, wrap_up_s=3, **sales)  # type: ignore[arg-type]
        cares = {**CARES, "sales": care} if care else CARES
        others = others or (QueueRules(name="care", ring_s=5, wrap_up_s=0),)
        shop = Shop(self._seed, queues=(rules, *others), cares=cares, flow=flow)
        self._shops.append(shop)
        return shop


@pytest.fixture
def house(shops: list[Shop], seed: int) -> House:
    return House(shops, seed)


def over(shop: Shop) -> None:
    for channel in shop.exchange.of_kind("customer"):
        shop.loop.call_soon(shop.exchange.hang_up_phone, channel.uniqueid)
    shop.run(60)
    assert shop.complaints() == []


def test_the_longest_wait_leads_to_another_queue_with_the_old_waiting_time(house: House) -> None:
    shop = house.open(max_wait_s=10, way_out="queue:care")
    shop.sign_in("1003")
    shop.call(9)
    assert not shop.of(InteractionOverflowed)
    shop.run(4)
    shop.answer("1003")
    first, second = shop.of(InteractionQueued)
    (gone,) = shop.of(InteractionOverflowed)
    assert (gone.queue, gone.why, gone.way_out) == ("sales", "longest_wait", "queue:care")
    assert (second.queue, second.queued_at) == ("care", first.queued_at)
    (talk,) = shop.of(InteractionConnected)
    assert talk.agent_id == "1003"
    assert talk.waited_s > 10
    over(shop)
    assert [ended.outcome for ended in shop.of(InteractionEnded)] == ["handled"]


def test_the_other_queue_gives_its_own_time_to_wait(house: House) -> None:
    care = QueueRules(name="care", max_wait_s=20, way_out="announcement:closed")
    shop = house.open(care, max_wait_s=10, way_out="queue:care")
    channel = shop.call(25)
    assert [fact.queue for fact in shop.of(InteractionOverflowed)] == ["sales"]
    shop.run(10)
    assert [fact.queue for fact in shop.of(InteractionOverflowed)] == ["sales", "care"]
    assert shop.exchange.heard[channel][-2:] == ["closed", "goodbye"]
    over(shop)
    assert [(ended.outcome, ended.ended_by) for ended in shop.of(InteractionEnded)] == [("overflowed", "system")]


def test_two_queues_that_let_nobody_in_do_not_send_a_caller_to_and_fro(house: House) -> None:
    nobody = (Limit(when="nobody", way_out="queue:sales"),)
    shop = house.open(QueueRules(name="care", limits=nobody), limits=(Limit(when="nobody", way_out="queue:care"),))
    channel = shop.call(20)
    assert [fact.queue for fact in shop.of(InteractionOverflowed)] == ["sales", "care"]
    assert shop.exchange.heard[channel][-3:] == ["nobody_free", "call_again_later", "goodbye"]
    over(shop)


def test_without_a_way_out_the_caller_is_told_so(house: House) -> None:
    shop = house.open(max_wait_s=10)
    channel = shop.call(20)
    assert shop.exchange.heard[channel][-3:] == ["nobody_free", "call_again_later", "goodbye"]
    over(shop)
    assert [ended.outcome for ended in shop.of(InteractionEnded)] == ["overflowed"]


def test_a_full_queue_lets_nobody_in(house: House) -> None:
    shop = house.open(limits=(Limit(when="length", above=1, way_out="announcement:full"),))
    shop.call()
    second = shop.call(10)
    assert [fact.why for fact in shop.of(InteractionOverflowed)] == ["length"]
    assert shop.exchange.heard[second] == ["full", "goodbye"]
    assert len(shop.engine.waiting("sales")) == 1
    over(shop)


def test_an_outside_number_is_dialled(house: House) -> None:
    shop = house.open(limits=(Limit(when="nobody", way_out="number:13800000000"),))
    channel = shop.call(5)
    assert shop.exchange.channels[channel].variables["LD_NUMBER"] == "13800000000"
    assert shop.exchange.channels[channel].bridge
    assert [(fact.kind, fact.target) for fact in shop.of(InteractionTransferred)] == [("number", "13800000000")]
    over(shop)
    assert [ended.outcome for ended in shop.of(InteractionEnded)] == ["overflowed"]


def test_an_outside_number_that_does_not_answer_costs_nobody_the_call_who_was_not_let_in(house: House) -> None:
    shop = house.open(limits=(Limit(when="length", above=0, way_out="number:13800000000"),), max_wait_s=100)
    shop.exchange.refuse_outside = True
    channel = shop.call(10)
    assert shop.exchange.heard[channel][:2] == ["transferring", "please_hold"]
    assert shop.floor.conversations.by_channel[channel].waiting
    shop.sign_in("1001")
    shop.run(0.5)
    shop.answer("1001")
    assert [talk.agent_id for talk in shop.of(InteractionConnected)] == ["1001"]
    over(shop)


def test_an_outside_number_that_does_not_answer_after_the_longest_wait_ends_with_a_sentence(house: House) -> None:
    shop = house.open(max_wait_s=5, way_out="number:13800000000")
    shop.exchange.refuse_outside = True
    channel = shop.call(30)
    assert shop.exchange.heard[channel][-4:] == ["transferring", "nobody_free", "call_again_later", "goodbye"]
    assert channel not in shop.exchange.channels
    over(shop)
    assert [(e.outcome, e.ended_by) for e in shop.of(InteractionEnded)] == [("overflowed", "system")]


def test_a_message_is_recorded_until_the_caller_is_done(house: House) -> None:
    shop = house.open(limits=(Limit(when="nobody", way_out="voicemail"),))
    channel = shop.call(15)
    assert shop.exchange.heard[channel] == ["nobody_free", "voicemail_invitation", "beep"]
    shop.loop.call_soon(shop.exchange.press, channel, "5")
    shop.run(1)
    shop.loop.call_soon(shop.exchange.press, channel, "#")
    shop.run(10)
    assert shop.exchange.heard[channel][-2:] == ["voicemail_thanks", "goodbye"]
    over(shop)
    assert [(e.outcome, e.ended_by) for e in shop.of(InteractionEnded)] == [("voicemail", "system")]
    assert len(shop.of(RecordingPublished)) == 1


def test_a_message_ends_with_the_call_or_after_two_minutes(house: House) -> None:
    shop = house.open(limits=(Limit(when="nobody", way_out="voicemail"),))
    channel = shop.call(15)
    shop.hang_up(channel)
    shop.call(140)
    over(shop)
    assert [e.outcome for e in shop.of(InteractionEnded)] == ["voicemail", "voicemail"]
    assert [e.ended_by for e in shop.of(InteractionEnded)] == ["customer", "system"]
    assert len(shop.of(RecordingPublished)) == 2


@pytest.mark.parametrize("hang_up", [True, False])
def test_less_than_a_second_is_no_message(shops: list[Shop], hang_up: bool) -> None:
    shop = House(shops, 0).open(limits=(Limit(when="nobody", way_out="voicemail"),))
    channel = shop.call(0)
    while shop.exchange.heard.get(channel, [""])[-1:] != ["beep"]:
        shop.run(0.1)
    shop.run(0.9)
    if hang_up:
        shop.hang_up(channel)
    else:
        shop.loop.call_soon(shop.exchange.press, channel, "#")
        shop.run(5)
    over(shop)
    assert [e.outcome for e in shop.of(InteractionEnded)] == ["overflowed"]
    assert not shop.of(RecordingPublished)
    assert [failed.reason for failed in shop.of(RecordingFailed)] == ["no message was left"]


def test_a_message_that_cannot_be_recorded_is_not_asked_for(house: House) -> None:
    shop = house.open(limits=(Limit(when="nobody", way_out="voicemail"),))
    channel = shop.call(0.2)
    shop.exchange.faults.append("refused")
    shop.run(15)
    assert shop.exchange.heard[channel][-3:] == ["nobody_free", "call_again_later", "goodbye"]
    assert "beep" not in shop.exchange.heard[channel]
    over(shop)


def test_a_flow_may_end_with_a_message(house: House) -> None:
    shop = house.open(flow="entry: say\nsteps:\n  say: {type: voicemail}\n")
    shop.call(10)
    over(shop)
    assert [e.outcome for e in shop.of(InteractionEnded)] == ["voicemail"]
    assert not shop.of(InteractionOverflowed)


def test_a_closed_queue_lets_nobody_in(house: House) -> None:
    shop = house.open(care=QueueCare(opening=NEVER_OPEN))
    shop.sign_in("1001")
    channel = shop.call(10)
    assert shop.exchange.heard[channel] == ["closed", "goodbye"]
    assert not shop.of(InteractionQueued)
    assert [fact.why for fact in shop.of(InteractionOverflowed)] == ["closed"]
    over(shop)


def test_a_closed_queue_may_send_its_callers_to_another(house: House) -> None:
    shop = house.open(care=QueueCare(opening=NEVER_OPEN, when_closed="queue:care"))
    shop.sign_in("1003")
    shop.call(10)
    assert [queued.queue for queued in shop.of(InteractionQueued)] == ["care"]
    assert [offer.agent_id for offer in shop.of(OfferMade)][:1] == ["1003"]
    over(shop)


def test_an_agent_is_told_that_a_queue_is_closed_and_keeps_the_customer(house: House) -> None:
    shop = house.open(flow=FLOW.replace("sales", "care"), care=QueueCare(opening=NEVER_OPEN))
    _, interaction = shop.talk("1003")
    told = shop.ask("1003", ask.Transfer, interaction_id=interaction, kind="queue", target="sales")
    assert told == "the queue sales is closed now"
    assert shop.state("1003") == "busy"
    over(shop)
    assert [ended.outcome for ended in shop.of(InteractionEnded)] == ["handled"]


def test_a_callback_that_nobody_offers_is_no_way_out(house: House) -> None:
    shop = house.open(max_wait_s=5, way_out="callback")
    channel = shop.call(20)
    assert shop.exchange.heard[channel][-2:] == ["call_again_later", "goodbye"]
    over(shop)


def test_the_order_that_ends_the_wait_may_fail_and_the_caller_is_seen_out_all_the_same(house: House) -> None:
    shop = house.open(max_wait_s=10, way_out="announcement:full")
    channel = shop.call(9)
    shop.exchange.faults.append(random.Random(shop.rng.random()).choice(("refused", "lost", "late")))
    shop.run(60)
    assert shop.exchange.heard[channel][-2:] == ["full", "goodbye"]
    over(shop)


def test_no_wait_runs_out_while_the_link_is_down_and_nobody_is_signed_in(house: House) -> None:
    shop = house.open(max_wait_s=10, way_out="announcement:full")
    shop.call(5)
    shop.inside(shop.exchange.lose_link)
    shop.run(30)
    assert not shop.of(InteractionOverflowed)
    shop.inside(shop.exchange.restore_link)
    shop.run(5)
    assert shop.of(InteractionOverflowed)
    over(shop)
