"""Callback in queue, each case told as a story on the model of Asterisk."""

from itertools import pairwise

import pytest

from cti.acd.events import AgentSignedOut, QueueRulesChanged
from cti.acd.queue import QueueRules
from cti.calendars.calendar import Calendar
from cti.desk import commands as ask
from cti.events import (
    CallbackDialled,
    CallbackEnded,
    CallbackPaused,
    CallbackRequested,
    InteractionConnected,
    InteractionEnded,
    OfferEnded,
    OfferMade,
    SegmentEnded,
)
from cti.floor.callback_dialogue import PROMPTS
from cti.private_asterisk.model import REPOSITORY
from cti.prompts import catalog
from tests.unit.floor.shop import ALWAYS, EPOCH, QUEUES, Shop

NUMBER, OTHER = "+8613900000001", "+8613900000002"
NOTICED_S = 12.0
"""After this long the one who dialled has pressed the keys and hung up, or waits again."""


def promised(shop: Shop, number: str = NUMBER, keys: str = "11") -> str:
    """A caller presses 1, confirms, and is gone; the interaction."""
    before = len(shop.of(CallbackRequested))
    channel = shop.call(NOTICED_S + len(keys), keys, number)
    assert channel not in shop.exchange.channels
    requests = shop.of(CallbackRequested)
    assert len(requests) == before + 1
    return requests[-1].interaction_id


def called(shop: Shop) -> str:
    """The customer's leg that rings now."""
    (leg,) = shop.exchange.of_kind("called")
    return leg.uniqueid


def agent_answers(shop: Shop, agent_id: str = "1001") -> str:
    shop.sign_in(agent_id)
    shop.run(1)
    shop.answer(agent_id)
    return called(shop)


def until_rung(shop: Shop, agent_id: str) -> None:
    for _ in range(200):
        if shop.legs(agent_id):
            return
        shop.run(1)
    pytest.fail(f"{agent_id} is not rung")


def customer_answers(shop: Shop, channel: str) -> None:
    shop.loop.call_soon(shop.exchange.answer, channel)
    shop.run(1)


def over(shop: Shop) -> None:
    for channel in shop.exchange.of_kind("customer"):
        shop.loop.call_soon(shop.exchange.hang_up_phone, channel.uniqueid)
    shop.run(2)
    for conversation in shop.floor.callbacks.pending():
        shop.inside(shop.floor.callbacks.cancel, conversation.interaction_id)
    shop.run(60)
    assert shop.complaints() == []


@pytest.fixture
def shop(shop: Shop) -> Shop:
    shop.call_back()
    return shop


def test_the_whole_way(shop: Shop) -> None:
    interaction = promised(shop)
    request = shop.of(CallbackRequested)[0]
    assert (request.number, request.queue) == (NUMBER, "sales")
    assert not shop.of(InteractionEnded)
    assert not shop.stranded()
    channel = agent_answers(shop)
    assert channel == f"ldc-{interaction}-1"
    (dial,) = shop.exchange.dials
    assert (dial.number, dial.ring_s, dial.caller.number) == (NUMBER, 20, "4000")
    customer_answers(shop, channel)
    (connected,) = shop.of(InteractionConnected)
    assert (connected.interaction_id, connected.agent_id) == (interaction, "1001")
    assert connected.waited_s == pytest.approx(connected.at - request.queued_at, abs=4)
    assert [ended.end for ended in shop.of(CallbackEnded)] == ["connected"]
    assert not shop.stranded()
    shop.hang_up(channel)
    (ended,) = shop.of(InteractionEnded)
    assert (ended.outcome, ended.ended_by, ended.certain) == ("handled", "customer", True)
    assert shop.state("1001") == "wrap_up"
    over(shop)


def test_the_place_is_kept_against_a_later_caller(shop: Shop) -> None:
    first = promised(shop)
    shop.call(number=OTHER)
    shop.sign_in("1001")
    shop.run(1)
    assert [offer.interaction_id for offer in shop.of(OfferMade)] == [first]
    over(shop)


def test_the_books_have_the_attempt_before_the_order_goes_out(shop: Shop) -> None:
    promised(shop)
    shop.sign_in("1001")
    shop.run(1)
    shop.loop.call_soon(shop.exchange.answer, shop.leg("1001").uniqueid)
    while not shop.of(CallbackDialled):
        shop.run(0.001)
    assert shop.exchange.dials == []
    shop.run(1)
    assert len(shop.exchange.dials) == 1
    over(shop)


def test_a_customer_who_does_not_answer_is_dialled_again_with_spacing_up_to_the_limit(shop: Shop) -> None:
    """PAINS 20: the same customer is not dialled again and again."""
    interaction = promised(shop)
    shop.sign_in("1001")
    idle_since = shop.engine.agent("1001").idle_since
    for attempt in (1, 2, 3):
        shop.run(1)
        shop.answer("1001")
        assert called(shop) == f"ldc-{interaction}-{attempt}"
        shop.run(22)
        assert shop.exchange.of_kind("called") == []
        assert shop.state("1001") == "ready"
        assert shop.engine.agent("1001").idle_since == idle_since
        assert shop.legs("1001") == []
        assert not shop.stranded()
        if attempt < 3:
            shop.run(55)
            assert len(shop.exchange.dials) == attempt
            shop.run(5)
    times = [dialled.at for dialled in shop.of(CallbackDialled)]
    assert all(later - earlier >= 80 for earlier, later in pairwise(times))
    assert [paused.reason for paused in shop.of(CallbackPaused)] == ["no_answer", "no_answer"]
    assert [(ended.end, ended.attempts) for ended in shop.of(CallbackEnded)] == [("gave_up", 3)]
    (ended,) = shop.of(InteractionEnded)
    assert (ended.outcome, ended.ended_by) == ("callback_requested", "system")
    shop.run(300)
    assert len(shop.exchange.dials) == 3
    assert not shop.of(SegmentEnded)
    over(shop)


@pytest.mark.parametrize(("cause", "reason"), [(17, "busy"), (21, "declined"), (1, "unreachable")])
def test_why_the_customer_was_not_reached(shop: Shop, cause: int, reason: str) -> None:
    promised(shop)
    shop.hang_up(agent_answers(shop), 1, cause)
    assert [paused.reason for paused in shop.of(CallbackPaused)] == [reason]
    assert shop.state("1001") == "ready"
    over(shop)


def test_an_outside_line_that_cannot_be_had(shop: Shop) -> None:
    promised(shop)
    shop.exchange.refuse_outside = True
    shop.sign_in("1001")
    shop.run(1)
    shop.answer("1001")
    assert [paused.reason for paused in shop.of(CallbackPaused)] == ["unreachable"]
    assert shop.state("1001") == "ready"
    over(shop)


@pytest.mark.parametrize("fault", ["refused", "lost", "late"])
def test_an_order_that_fails_is_an_attempt_and_is_never_repeated(shop: Shop, fault: str) -> None:
    promised(shop)
    shop.sign_in("1001")
    shop.run(1)
    shop.exchange.faults.append(fault)
    shop.answer("1001", 30)
    assert len(shop.exchange.dials) == (1 if fault == "late" else 0)
    assert shop.exchange.of_kind("called") == []
    assert [d.attempts for d in shop.of(CallbackDialled)] == [1]
    assert not shop.stranded()
    until_rung(shop, "1001")
    shop.answer("1001")
    assert [d.attempts for d in shop.of(CallbackDialled)] == [1, 2]
    over(shop)


def test_the_agent_hangs_up_while_the_customer_is_rung(shop: Shop) -> None:
    promised(shop)
    agent_answers(shop)
    shop.hang_up(shop.leg("1001").uniqueid)
    assert shop.exchange.of_kind("called") == []
    assert shop.state("1001") == "not_ready:declined"
    assert [paused.reason for paused in shop.of(CallbackPaused)] == ["agent_gone"]
    shop.sign_in("1002")
    shop.run(30)
    assert len(shop.exchange.dials) == 1
    until_rung(shop, "1002")
    shop.answer("1002")
    customer_answers(shop, called(shop))
    assert [c.agent_id for c in shop.of(InteractionConnected)] == ["1002"]
    over(shop)


def test_an_agent_who_does_not_answer_costs_no_attempt(shop: Shop) -> None:
    promised(shop)
    shop.sign_in("1001")
    shop.run(8)
    assert shop.state("1001") == "not_ready:rona"
    assert shop.exchange.dials == []
    agent_answers(shop, "1002")
    assert [d.attempts for d in shop.of(CallbackDialled)] == [1]
    over(shop)


def test_nobody_is_dialled_outside_the_permitted_hours(shop: Shop) -> None:
    minute = int(EPOCH % 86_400 // 60)
    opens = minute + 30
    shop.call_back(permitted=Calendar(time_zone="UTC", weekly=(((opens, opens + 2),),) * 7))
    promised(shop)
    shop.sign_in("1001")
    shop.run(60)
    assert not shop.of(OfferMade)
    (paused,) = shop.of(CallbackPaused)
    assert (paused.reason, paused.attempts) == ("hours", 0)
    assert paused.until % 86_400 == opens * 60
    shop.run(paused.until - shop.now() + 1)
    shop.answer("1001")
    shop.run(21)
    assert len(shop.exchange.dials) == 1
    shop.run(100)  # the retry would fall behind the end of the hours
    assert shop.of(CallbackPaused)[-1].until == pytest.approx(paused.until + 86_400)
    assert len(shop.exchange.dials) == 1
    over(shop)


def test_the_hours_end_while_the_agents_phone_rings(shop: Shop) -> None:
    minute = int(EPOCH % 86_400 // 60)
    shop.call_back(permitted=Calendar(time_zone="UTC", weekly=(((minute, minute + 2),),) * 7))
    promised(shop)
    shop.run(120 - shop.now() % 60 - 2 if shop.now() % 60 > 58 else 60 - shop.now() % 60 - 2)
    while shop.now() // 60 % 1440 < minute + 1:
        shop.run(1)
    shop.run(57 - shop.now() % 60)
    shop.sign_in("1001")
    shop.run(3.5)
    if shop.legs("1001"):
        shop.answer("1001")
    shop.run(1)
    assert shop.exchange.dials == []
    assert shop.of(CallbackPaused)[-1].reason == "hours"
    assert shop.state("1001") == "ready"
    over(shop)


def test_a_customer_who_calls_again_has_the_place_and_is_not_called_besides(shop: Shop) -> None:
    """PAINS 20: merged, not doubled."""
    shop.call()  # somebody else, before
    first = promised(shop, OTHER)
    request = shop.of(CallbackRequested)[0]
    shop.call(2, "", "+8613900000003")
    shop.call(5, "", OTHER)
    (merged,) = shop.of(CallbackEnded)
    assert (merged.interaction_id, merged.end) == (first, "merged")
    (ended,) = shop.of(InteractionEnded, interaction_id=first)
    assert ended.outcome == "callback_requested"
    waiting = [one.interaction_id for one in shop.engine.waiting("sales")]
    again = shop.floor.conversations.by_id[waiting[1]]
    assert (again.number, again.place and again.place.queued_at) == (OTHER, request.queued_at)
    assert len(waiting) == 3
    over(shop)


def test_a_customer_who_calls_again_while_being_dialled(shop: Shop) -> None:
    promised(shop)
    leg = agent_answers(shop)
    shop.call(3)
    assert leg not in shop.exchange.channels
    assert [ended.end for ended in shop.of(CallbackEnded)] == ["merged"]
    shop.answer("1001")
    assert len(shop.of(InteractionConnected)) == 1
    assert len(shop.exchange.dials) == 1
    over(shop)


def test_who_called_again_and_hung_up_while_waiting_is_called_back_all_the_same(shop: Shop) -> None:
    promised(shop)
    place = shop.of(CallbackRequested)[0].queued_at
    shop.hang_up(shop.call(5))
    (again,) = shop.floor.callbacks.pending()
    assert again.place is not None
    assert again.place.queued_at == place
    customer_answers(shop, agent_answers(shop))
    assert [c.interaction_id for c in shop.of(InteractionConnected)] == [again.interaction_id]
    over(shop)


def test_another_number_is_typed(shop: Shop) -> None:
    promised(shop, keys="12" + "13900000007#" + "1")
    assert shop.of(CallbackRequested)[0].number == "+8613900000007"
    over(shop)


def test_a_withheld_number_must_be_typed_and_a_costly_one_is_refused(shop: Shop) -> None:
    promised(shop, "", "1" + "0012125550123#" + "13900000007#" + "1")
    assert shop.of(CallbackRequested)[0].number == "+8613900000007"
    over(shop)


@pytest.mark.parametrize("keys", ["1---", "12" + "0012125550123#" * 3, "12" + "---", "12" + "123#" * 3])
def test_who_agrees_on_no_number_goes_on_waiting(shop: Shop, keys: str) -> None:
    customer = shop.call(60, keys)
    assert customer in shop.exchange.channels
    assert not shop.of(CallbackRequested)
    assert shop.floor.conversations.by_channel[customer].waiting
    over(shop)


def test_an_agent_gets_free_in_the_middle_of_the_question(shop: Shop) -> None:
    customer = shop.call(3, "1-")
    shop.sign_in("1001")
    shop.run(1)
    shop.answer("1001")
    assert len(shop.of(InteractionConnected)) == 1
    assert not shop.of(CallbackRequested)
    assert shop.floor.conversations.by_channel[customer].talking
    over(shop)


@pytest.mark.parametrize("pause", [0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0])
def test_an_agent_gets_free_around_the_promise(shop: Shop, pause: float) -> None:
    shop.call(1 + pause, "11")
    shop.sign_in("1001")
    shop.run(0.3)
    for leg in shop.legs("1001", up=False):
        shop.loop.call_soon(shop.exchange.answer, leg.uniqueid)
    shop.run(12)
    assert not shop.stranded()
    assert not shop.of(InteractionEnded)
    over(shop)


def test_who_hangs_up_before_the_promise_has_just_hung_up(shop: Shop) -> None:
    shop.hang_up(shop.call(3, "1-"))
    assert [ended.outcome for ended in shop.of(InteractionEnded)] == ["abandoned"]
    assert not shop.of(CallbackRequested)
    over(shop)


def test_two_callers_ask_for_the_same_number(shop: Shop) -> None:
    """One pending callback for a number: nobody makes us ring a stranger's phone many times."""
    promised(shop)
    shop.call(40, "12" + "13900000001#" + "1", OTHER)
    assert len(shop.of(CallbackRequested)) == 1
    assert [ended.outcome for ended in shop.of(InteractionEnded)] == ["callback_requested"]
    over(shop)


def test_a_supervisor_cancels_a_callback(shop: Shop) -> None:
    interaction = promised(shop)
    leg = agent_answers(shop)
    assert "supervisor" not in shop.ask("2001", ask.CancelCallback, interaction_id=interaction)
    shop.run(1)
    assert leg not in shop.exchange.channels
    assert shop.state("1001") == "ready"
    assert [ended.end for ended in shop.of(CallbackEnded)] == ["cancelled"]
    assert [(e.outcome, e.ended_by) for e in shop.of(InteractionEnded)] == [("callback_requested", "supervisor")]
    assert shop.ask("2001", ask.CancelCallback, interaction_id=interaction)
    over(shop)


def test_the_card_comes_while_nobody_may_be_dialled(shop: Shop) -> None:
    """As after a start, when everybody who is to be called back is looked up again."""
    minute = int(EPOCH % 86_400 // 60)
    shop.call_back(permitted=Calendar(time_zone="UTC", weekly=(((minute + 30, minute + 40),),) * 7))
    promised(shop)
    (conversation,) = shop.floor.callbacks.pending()
    assert conversation.place is not None
    for _ in range(10):  # the directory is away now and then
        conversation.place.vip = 0
        shop.inside(shop.hotline.recognise, conversation)
        shop.run(2)
        if conversation.place.vip:
            break
    assert conversation.place.vip == 1
    shop.inside(shop.exchange.lose_link)
    shop.run(2000)
    shop.inside(shop.exchange.restore_link)
    shop.run(5)
    assert [one.vip for one in shop.engine.waiting("sales")] == [1]
    over(shop)


def test_a_queue_that_is_gone_for_a_while(shop: Shop) -> None:
    shop.inside(shop.floor.feed, QueueRulesChanged(rules=QUEUES[1:]))
    shop.inside(shop.floor.feed, QueueRulesChanged(rules=QUEUES))
    promised(shop)
    shop.hang_up(agent_answers(shop), 1, 17)
    shop.inside(shop.floor.feed, QueueRulesChanged(rules=QUEUES[1:]))
    shop.run(200)
    assert shop.of(CallbackPaused)[-1].reason == "queue"
    shop.inside(shop.floor.feed, QueueRulesChanged(rules=QUEUES))
    until_rung(shop, "1001")
    shop.answer("1001")
    assert len(shop.exchange.dials) == 2
    over(shop)


def test_the_link_is_lost_while_the_customer_is_rung(shop: Shop) -> None:
    promised(shop)
    leg = agent_answers(shop)
    shop.inside(shop.exchange.lose_link)
    shop.loop.call_soon(shop.exchange.answer, leg)
    shop.run(5)
    shop.loop.call_soon(shop.exchange.restore_link)
    shop.run(2)
    assert len(shop.of(InteractionConnected)) == 1
    assert [ended.end for ended in shop.of(CallbackEnded)] == ["connected"]
    over(shop)


def test_a_leg_that_never_came_to_be_unheard_of_is_given_up(shop: Shop) -> None:
    promised(shop)
    leg = agent_answers(shop)
    shop.inside(shop.exchange.lose_link)
    shop.loop.call_soon(shop.exchange.hang_up_phone, leg, 17)
    shop.run(1)
    shop.loop.call_soon(shop.exchange.restore_link)
    shop.run(30)
    assert not shop.stranded()
    assert shop.state("1001") == "ready"
    over(shop)


def test_the_agent_asked_to_stop_while_the_customer_was_rung(shop: Shop) -> None:
    promised(shop)
    agent_answers(shop)
    shop.inside(shop.floor.feed, AgentSignedOut(agent_id="1001"))
    shop.run(22)
    assert shop.state("1001") == "logged_out"
    assert [ended.reason for ended in shop.of(OfferEnded)] == ["caller_gone"]
    over(shop)


def test_the_rules_are_gone_and_the_promise_is_kept(shop: Shop) -> None:
    promised(shop)
    shop.rules.cares = {}
    assert ALWAYS.weekly
    customer_answers(shop, agent_answers(shop))
    assert len(shop.of(InteractionConnected)) == 1
    over(shop)


def test_all_are_rung_for_a_callback_and_the_first_who_answers_has_it(shop: Shop) -> None:
    shop.call_back("rush")
    shop.loop.call_soon(lambda: shop.exchange.call("11", NUMBER, "4001"))
    shop.run(NOTICED_S)
    (request,) = shop.of(CallbackRequested)
    assert request.queue == "rush"
    shop.hang_up(agent_answers(shop), 1, 17)
    shop.sign_in("1002")
    until_rung(shop, "1002")
    for leg in (shop.leg("1001"), shop.leg("1002")):
        shop.loop.call_soon(shop.exchange.answer, leg.uniqueid)
    shop.run(1)
    assert len(shop.exchange.dials) == 2
    customer_answers(shop, called(shop))
    assert len(shop.of(InteractionConnected)) == 1
    assert not shop.stranded()
    over(shop)


@pytest.mark.parametrize("seed", range(4))
def test_whose_wait_is_over_may_be_called_back(seed: int) -> None:
    """The queue's way out "callback"; the place is kept, and this wait is never over."""
    shop = Shop(seed, queues=(QueueRules(name="sales", max_wait_s=10, way_out="callback", wrap_up_s=3), QUEUES[1]))
    try:
        shop.call_back()
        channel = shop.call(11)
        shop.exchange.keys[channel].append("1")
        shop.run(40)
        assert channel not in shop.exchange.channels
        (request,) = shop.of(CallbackRequested)
        shop.run(600)
        assert [one.queued_at for one in shop.engine.waiting("sales")] == [request.queued_at]
        customer_answers(shop, agent_answers(shop))
        assert len(shop.of(InteractionConnected)) == 1
        over(shop)
    finally:
        shop.close()


def test_all_that_is_said_stands_in_every_language() -> None:
    for language, known in catalog.read(REPOSITORY / "ivr_prompts").items():
        assert set(PROMPTS) <= set(known.prompts), language


def test_a_call_that_came_and_was_ended_while_the_link_was_lost_is_over(shop: Shop) -> None:
    """Two callers of one number ask for a callback: the second is let go, and AMI says nothing of it."""
    shop.call_back()
    shop.inside(shop.exchange.lose_link)
    shop.call(0.0, "----11", NUMBER)
    shop.call(30.0, "----11", NUMBER)
    assert shop.exchange.of_kind("customer") == []
    shop.inside(shop.exchange.restore_link)
    shop.run(10)
    (promise,) = shop.floor.callbacks.pending()
    assert list(shop.floor.conversations.by_id) == [promise.interaction_id]
