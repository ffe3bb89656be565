"""Too many callers: who is turned away, what they are offered, when the door opens, and who counts."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cti.events import (
    AlarmCleared,
    AlarmRaised,
    CallbackRequested,
    InteractionEnded,
    InteractionOverflowed,
    InteractionQueued,
)
from cti.floor.rules import AdmissionRules
from tests.unit.floor.shop import Shop

Limit = Callable[..., None]


@pytest.fixture
def limit(shop: Shop) -> Iterator[Limit]:
    def set_limit(**rules: Any) -> None:
        shop.rules.admission = AdmissionRules(**{"queue": "sales", **rules})

    yield set_limit
    for channel in list(shop.exchange.channels.values()):
        shop.loop.call_soon(shop.exchange.hang_up_phone, channel.uniqueid)
    shop.run(20)
    for conversation in shop.floor.callbacks.pending():
        shop.inside(shop.floor.callbacks.cancel, conversation.interaction_id)
    shop.run(20)
    assert shop.complaints() == []
    assert not shop.floor.admission.callers()


def test_the_fourth_of_three_hears_why_and_is_let_go(shop: Shop, limit: Limit) -> None:
    limit(callers=3)
    for _ in range(3):
        shop.call()
    fourth = shop.call(10)
    assert shop.exchange.heard[fourth] == ["nobody_free", "call_again_later", "goodbye"]
    assert len(shop.of(InteractionQueued)) == 3
    (overflowed,) = shop.of(InteractionOverflowed)
    assert (overflowed.why, overflowed.queue, overflowed.way_out) == ("overload", "sales", "")
    assert [(ended.outcome, ended.ended_by) for ended in shop.of(InteractionEnded)] == [("overflowed", "system")]
    assert len(shop.engine.waiting("sales")) == 3


def test_the_door_opens_when_somebody_has_gone(shop: Shop, limit: Limit) -> None:
    limit(callers=3)
    first, *_ = [shop.call() for _ in range(3)]
    for _ in range(2):
        shop.call(10)
    shop.hang_up(first)
    shop.call(3)
    assert len(shop.of(InteractionQueued)) == 4
    assert len(shop.of(InteractionOverflowed)) == 2


def test_a_large_door_opens_late_enough_not_to_swing(shop: Shop, limit: Limit) -> None:
    limit(callers=20)
    channels = [shop.call(0.5) for _ in range(20)]
    shop.call(10)
    assert shop.floor.admission.shut
    for channel in channels[:2]:
        shop.hang_up(channel, 0.5)
    shop.call(10)
    assert len(shop.of(InteractionOverflowed)) == 2  # 18 are nine tenths
    shop.hang_up(channels[2], 0.5)
    shop.call(3)
    assert len(shop.of(InteractionOverflowed)) == 2


def test_a_callback_is_offered_and_its_customer_is_on_the_line_no_more(shop: Shop, limit: Limit) -> None:
    shop.call_back()
    limit(callers=1, way_out="callback")
    shop.call()
    second = shop.call(15, "1", number="+8613900000009")
    assert shop.exchange.heard[second][:2] == ["nobody_free", "callback_your_number"]
    assert shop.exchange.heard[second][-2:] == ["callback_promised", "goodbye"]
    assert [fact.number for fact in shop.of(CallbackRequested)] == ["+8613900000009"]
    assert shop.floor.admission.callers() == 1


def test_a_message_may_be_left(shop: Shop, limit: Limit) -> None:
    limit(callers=1, way_out="voicemail")
    shop.call()
    second = shop.call(15)
    assert shop.exchange.heard[second][:2] == ["nobody_free", "voicemail_invitation"]


def test_who_is_turned_away_and_still_on_the_line_holds_no_door_shut(shop: Shop, limit: Limit) -> None:
    limit(callers=2, way_out="voicemail")
    first, _ = shop.call(), shop.call()
    shop.call(5)
    assert shop.floor.admission.callers() == 2
    shop.hang_up(first)
    shop.call(3)
    assert len(shop.of(InteractionQueued)) == 3


def test_a_vip_is_let_in(shop: Shop, limit: Limit) -> None:
    """The fake directory says that everybody whom it finds at all has grade 1."""
    limit(callers=1, vip=1)
    for _ in range(12):
        shop.call(3)
    (refused, queued) = len(shop.of(InteractionOverflowed)), len(shop.of(InteractionQueued))
    assert queued >= 2  # the first, and whoever was looked up in time
    assert refused + queued == 12
    limit(callers=1, vip=2)
    before = len(shop.of(InteractionQueued))
    shop.call(3)
    assert len(shop.of(InteractionQueued)) == before


@pytest.mark.parametrize("sign", ["event_age_s", "loop_lag_s"])
def test_signs_of_a_limit_that_nobody_thought_of(shop: Shop, limit: Limit, sign: str) -> None:
    limit(**{sign: 1.0})
    admission = shop.floor.admission

    def set_to(seconds: float) -> None:
        admission.event_age = lambda: seconds if sign == "event_age_s" else 0.0
        admission._lags.clear()
        admission._lags.append(seconds if sign == "loop_lag_s" else 0.0)

    for seconds, let_in in ((0.5, True), (1.2, False), (0.95, False), (0.5, True)):
        set_to(seconds)
        before = len(shop.of(InteractionQueued))
        shop.call(12)
        assert (len(shop.of(InteractionQueued)) > before) is let_in, seconds


def test_supervisors_are_told_as_long_as_it_is_shut(shop: Shop, limit: Limit) -> None:
    limit(callers=1)
    first = shop.call()

    def look(for_s: int) -> None:
        for _ in range(for_s):
            shop.inside(shop.floor.alarms.look)
            shop.run(1)

    look(2)
    assert not shop.of(AlarmRaised, queue="")
    shop.call(8)
    look(20)
    (alarm,) = shop.of(AlarmRaised, queue="")
    assert (alarm.kind, alarm.level, alarm.value) == ("overload", "alarm", 1)
    assert not shop.of(AlarmCleared, queue="")
    shop.hang_up(first)
    look(20)
    assert [fact.alarm_id for fact in shop.of(AlarmCleared, queue="")] == [alarm.alarm_id]


def test_without_limits_nobody_is_asked(shop: Shop, limit: Limit) -> None:
    limit()
    for _ in range(6):
        shop.call()
    assert len(shop.of(InteractionQueued)) == 6
