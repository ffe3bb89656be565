"""The races that have bitten, each told as a story: what people did, what must have come of it."""

import asyncio

import pytest

from cti.acd.events import AgentNotReady
from cti.desk import commands as ask
from cti.desk.views import MeView
from cti.errors import DeadlineExceeded
from cti.events import (
    InteractionConnected,
    InteractionEnded,
    InteractionQueued,
    InteractionTransferred,
    OfferEnded,
    OfferMade,
    RecordingFailed,
    RecordingPublished,
    SegmentEnded,
    SupervisionEnded,
    SupervisionStarted,
)
from tests.unit.floor import exchange
from tests.unit.floor.shop import Shop


def over(shop: Shop) -> None:
    """Everybody hangs up, and the books are right."""
    for channel in shop.exchange.of_kind("customer"):
        shop.loop.call_soon(shop.exchange.hang_up_phone, channel.uniqueid)
    shop.run(60)
    assert shop.complaints() == []


def supervise(shop: Shop, boss: str, mode: str, agent_id: str = "1001") -> None:
    shop.run(0.1)
    assert not shop.ask(boss, ask.Supervise, agent_id=agent_id, mode=mode)
    shop.run(0.1)
    shop.answer(boss, 1.5)


def test_a_plain_call(shop: Shop) -> None:
    customer, interaction = shop.talk()
    shop.hang_up(customer)
    over(shop)
    assert [s.ended_by for s in shop.of(SegmentEnded)] == ["customer"]
    (ended,) = shop.of(InteractionEnded)
    assert (ended.interaction_id, ended.outcome, ended.ended_by, ended.certain) == (
        interaction,
        "handled",
        "customer",
        True,
    )
    assert len(shop.of(RecordingPublished)) == 1


def test_the_agent_hangs_up_first(shop: Shop) -> None:
    shop.talk()
    shop.hang_up(shop.leg("1001").uniqueid)
    over(shop)
    assert [s.ended_by for s in shop.of(SegmentEnded)] == ["agent"]
    assert [(e.outcome, e.ended_by) for e in shop.of(InteractionEnded)] == [("handled", "agent")]


def test_a_phone_that_is_answered_just_after_its_offer_ended_does_not_cost_the_caller_the_place(shop: Shop) -> None:
    shop.sign_in("1001")
    customer = shop.call(0.5)
    leg = shop.leg("1001").uniqueid

    async def at_once() -> None:
        shop.exchange.channels[leg].due = shop.loop.time() + 0.05  # we hear of it later
        shop.exchange.answer(leg)
        while not shop.exchange.channels[leg].bridge:  # noqa: ASYNC110  # unasked, the dialplan fetches the customer
            await asyncio.sleep(0.0001)
        shop.floor.feed(AgentNotReady(agent_id="1001", reason="lunch"))

    shop.loop.run_until_complete(at_once())
    shop.run(10)
    assert customer in shop.exchange.channels
    assert shop.floor.conversations.by_channel[customer].waiting
    assert not shop.stranded()
    shop.sign_in("1002")
    shop.run(1)
    shop.answer("1002")
    assert [c.agent_id for c in shop.of(InteractionConnected)] == ["1002"]
    over(shop)


def test_who_knocks_while_an_agent_who_has_answered_fetches_them_is_not_put_in_line_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their session had broken; the phone was answered when they came to the door again."""
    monkeypatch.setattr(exchange, "DIALPLAN_LAGS_S", (0.2,))
    shop.sign_in("1001")
    customer = shop.call(0.5)
    leg = shop.leg("1001").uniqueid

    async def at_once() -> None:
        shop.exchange.answer(leg)
        while not shop.floor.conversations.by_channel[customer].fetching:  # noqa: ASYNC110  # until we hear of it
            await asyncio.sleep(0.0001)
        channel = shop.exchange.channels[customer]
        assert not channel.bridge
        assert channel.session is not None
        channel.session.closed.set()
        shop.exchange._run(channel, shop.exchange._agi(channel, "resume"))

    shop.loop.run_until_complete(at_once())
    shop.run(5)
    assert len(shop.of(InteractionQueued)) == 1
    assert [(one.agent_id, one.segment) for one in shop.of(InteractionConnected)] == [("1001", 1)]
    assert [one.reason for one in shop.of(OfferEnded)] == ["answered"]
    assert shop.state("1001") == "busy"
    over(shop)


def test_a_leg_that_comes_to_be_after_the_caller_has_gone_does_not_go_on_ringing(shop: Shop) -> None:
    shop.sign_in("1001")
    customer = shop.call(0.0)
    while not shop.exchange.rings:
        shop.run(0.001)
    shop.hang_up(customer, 3)
    assert shop.legs("1001") == []
    assert shop.state("1001") == "ready"
    over(shop)


def test_the_customer_hangs_up_while_a_transfer_is_ordered(shop: Shop) -> None:
    customer, interaction = shop.talk()
    shop.loop.call_soon(shop.exchange.hang_up_phone, customer)
    answer = shop.ask("1001", ask.Transfer, interaction_id=interaction, kind="queue", target="care")
    assert "this call is over" in answer or "No such channel" in answer
    over(shop)
    assert not shop.of(InteractionTransferred)


@pytest.mark.parametrize("kind", ["queue", "number"])
def test_a_transfer_that_was_done_although_asterisk_did_not_say_so(shop: Shop, kind: str) -> None:
    customer, interaction = shop.talk()
    shop.exchange.refuse_outside = True
    shop.exchange.faults.extend(["late"] if kind == "queue" else ["", "late"])
    target = {"queue": "care", "number": "13811112222"}[kind]
    shop.ask("1001", ask.Transfer, interaction_id=interaction, kind=kind, target=target)
    shop.run(10)
    assert customer in shop.exchange.channels
    assert shop.floor.conversations.by_channel[customer].waiting or shop.legs("1001")
    assert len(shop.of(SegmentEnded)) == 1
    over(shop)


def test_a_transfer_to_a_colleague_in_vain_ends_in_the_queue_and_not_in_goodbye(shop: Shop) -> None:
    customer, interaction = shop.talk()
    shop.sign_in("1002")
    assert not shop.ask("1002", ask.NotReady, reason="lunch")
    assert not shop.ask("1001", ask.Transfer, interaction_id=interaction, kind="agent", target="1002")
    shop.ask("1001", ask.NotReady, reason="lunch")
    shop.run(90)
    assert customer in shop.exchange.channels
    shop.sign_in("1001")
    shop.run(1)
    shop.answer("1001")
    assert [c.agent_id for c in shop.of(InteractionConnected)] == ["1001", "1001"]
    over(shop)


def test_a_hold_of_which_only_half_is_done_leaves_the_two_together(shop: Shop) -> None:
    customer, interaction = shop.talk()
    shop.exchange.faults.extend(["", "", "refused"])
    assert shop.ask("1001", ask.Hold, interaction_id=interaction)
    assert shop.exchange.channels[customer].bridge == shop.leg("1001").bridge != ""
    assert not shop.ask("1001", ask.Transfer, interaction_id=interaction, kind="queue", target="care")
    shop.run(2)  # not as long as the wrap-up: then the next call rings
    assert shop.legs("1001") == []  # LD_HOLD was left set: the leg would wait for nobody
    over(shop)


def test_an_agent_who_hangs_up_while_a_resume_is_under_way(shop: Shop) -> None:
    customer, interaction = shop.talk()
    assert not shop.ask("1001", ask.Hold, interaction_id=interaction)
    shop.run(0.2)
    leg = shop.leg("1001").uniqueid
    shop.exchange.faults.append("late")
    shop.start("1001", ask.Resume, interaction_id=interaction)
    shop.loop.call_soon(shop.exchange.hang_up_phone, leg)
    shop.run(20)
    assert not shop.stranded()
    over(shop)
    assert len(shop.of(SegmentEnded)) == len(shop.of(InteractionConnected)) <= 2
    assert customer in shop.exchange.ended_by


def test_the_customer_hangs_up_on_hold_just_before_the_resume(shop: Shop) -> None:
    customer, interaction = shop.talk()
    assert not shop.ask("1001", ask.Hold, interaction_id=interaction)
    shop.loop.call_soon(shop.exchange.hang_up_phone, customer)
    shop.ask("1001", ask.Resume, interaction_id=interaction)
    over(shop)
    assert [s.ended_by for s in shop.of(SegmentEnded)] == ["customer"]


def test_an_agent_who_vanishes_during_a_hold_gives_the_place_back(shop: Shop) -> None:
    customer, interaction = shop.talk()
    assert not shop.ask("1001", ask.Hold, interaction_id=interaction)
    shop.run(0.2)
    shop.hang_up(shop.leg("1001").uniqueid, 3)
    assert shop.floor.conversations.by_channel[customer].waiting
    assert [s.ended_by for s in shop.of(SegmentEnded)] == ["lost"]
    over(shop)


def test_a_take_over_credits_each_with_the_own_segment(shop: Shop) -> None:
    shop.talk()
    supervise(shop, "2002", "take_over")
    assert [(c.agent_id, c.how) for c in shop.of(InteractionConnected)] == [("1001", "offer"), ("2002", "take_over")]
    assert [(s.agent_id, s.ended_by) for s in shop.of(SegmentEnded)] == [("1001", "take_over")]
    assert shop.legs("1001") == []
    assert len(shop.of(SupervisionEnded)) == 1
    over(shop)
    assert [s.agent_id for s in shop.of(SegmentEnded)] == ["1001", "2002"]
    assert "2002" not in shop.hub.entities("call")


def test_a_supervisor_who_hangs_up_while_taking_over_strands_nobody(shop: Shop) -> None:
    customer, _ = shop.talk()
    supervise(shop, "2002", "listen")
    leg = shop.leg("2002").uniqueid
    shop.start("2002", ask.Supervise, agent_id="1001", mode="take_over")
    shop.run(0.005)
    shop.hang_up(leg, 12)
    assert customer in shop.exchange.channels
    assert not shop.stranded()
    over(shop)


def test_an_agent_who_hangs_up_while_being_taken_over_does_not_end_the_call(shop: Shop) -> None:
    shop.talk()
    supervise(shop, "2002", "listen")
    leg = shop.leg("1001").uniqueid
    shop.start("2002", ask.Supervise, agent_id="1001", mode="take_over")
    shop.loop.call_soon(shop.exchange.hang_up_phone, leg)
    shop.run(12)
    assert not shop.stranded()
    over(shop)


def test_a_supervisors_phone_that_cannot_be_rung_can_be_rung_again(shop: Shop) -> None:
    shop.talk()
    shop.exchange.registered.discard("d2002")
    shop.ask("2002", ask.Supervise, agent_id="1001", mode="listen")
    shop.run(1)
    shop.register("2002")
    supervise(shop, "2002", "listen")
    assert len(shop.of(SupervisionStarted)) == 1
    over(shop)


def test_a_supervisor_who_answers_after_the_agent_has_gone_is_not_left_in_silence(shop: Shop) -> None:
    customer, _ = shop.talk()
    assert not shop.ask("2002", ask.Supervise, agent_id="1001", mode="listen")
    shop.run(0.1)
    leg = shop.leg("2002").uniqueid
    shop.loop.call_soon(shop.exchange.hang_up_phone, customer)
    shop.loop.call_soon(shop.exchange.answer, leg)
    shop.run(5)
    assert shop.legs("2002") == []
    over(shop)


def test_two_supervisors_on_one_agent_who_transfers_the_customer(shop: Shop) -> None:
    _, interaction = shop.talk()
    supervise(shop, "2001", "whisper")
    supervise(shop, "2002", "barge")
    assert not shop.ask("1001", ask.Transfer, interaction_id=interaction, kind="queue", target="care")
    shop.run(2)
    assert shop.legs("2001") == shop.legs("2002") == []
    over(shop)
    assert len(shop.of(SupervisionEnded)) == 2


def test_a_supervisor_in_a_call_does_not_get_a_second_one(shop: Shop) -> None:
    shop.talk("2001")
    shop.talk("1001")
    assert "own call" in shop.ask("2001", ask.Supervise, agent_id="1001", mode="take_over")
    over(shop)


def test_a_supervisor_who_signs_in_on_somebody_elses_call_is_offered_none_and_takes_it_over(shop: Shop) -> None:
    shop.talk()
    supervise(shop, "2001", "listen")
    assert not shop.ask("2001", ask.SignIn, phone="desk")
    assert shop.ask("2001", ask.Ready) == "on a call as a supervisor: you can be ready when that is over"
    other = shop.call(0.5)
    assert not shop.of(OfferMade, agent_id="2001")
    assert not shop.ask("2001", ask.Supervise, agent_id="1001", mode="take_over")
    shop.run(2)
    assert other in shop.exchange.channels
    over(shop)


def test_without_a_link_nobody_is_offered_anything_and_everybody_is_again_afterwards(shop: Shop) -> None:
    shop.sign_in("1001", "1002")
    shop.inside(shop.exchange.lose_link)
    customer = shop.call(30)
    assert not shop.of(OfferMade)
    shop.inside(shop.exchange.restore_link)
    shop.run(1)
    assert len(shop.of(OfferMade)) == 1
    assert customer in shop.exchange.channels
    over(shop)


def test_who_answers_while_the_link_is_down_has_the_call(shop: Shop) -> None:
    shop.sign_in("1001")
    shop.call(1.0)
    shop.inside(shop.exchange.lose_link)
    shop.answer("1001", 20)  # longer than the ring time
    shop.inside(shop.exchange.restore_link)
    shop.run(1)
    assert len(shop.of(InteractionConnected)) == 1
    assert [e.reason for e in shop.of(OfferEnded)] == ["answered"]
    over(shop)


def test_an_end_found_out_afterwards_is_not_certain(shop: Shop) -> None:
    customer, _ = shop.talk()
    shop.inside(shop.exchange.lose_link)
    shop.hang_up(customer)
    shop.inside(shop.exchange.restore_link)
    shop.run(5)
    assert [e.certain for e in shop.of(InteractionEnded)] == [False]
    over(shop)


def test_a_ring_order_that_fails_goes_to_the_next_agent(shop: Shop) -> None:
    shop.sign_in("1001", "1002")
    shop.exchange.faults.append("lost")
    shop.call(2)
    assert [o.agent_id for o in shop.of(OfferMade)] == ["1001", "1002"]
    assert shop.state("1001") == "not_ready:unreachable"
    over(shop)


def test_a_session_that_breaks_in_the_queue_keeps_the_place(shop: Shop) -> None:
    customer = shop.call(2)
    shop.exchange.agi_faults.append(DeadlineExceeded("Asterisk did not answer"))
    shop.run(20)
    assert shop.floor.conversations.by_channel[customer].waiting
    assert len(shop.of(InteractionQueued)) == 1
    assert not shop.stranded()
    over(shop)


def test_a_defect_of_ours_sends_the_caller_to_asterisks_own_queue(shop: Shop) -> None:
    shop.sign_in("1001")
    shop.exchange.agi_faults.append(ZeroDivisionError())
    customer = shop.call(2)
    assert shop.exchange.channels[customer].context == "ld-fallback"
    assert not shop.of(OfferMade)
    shop.logged.entries.clear()  # it complained, rightly
    over(shop)
    assert [e.outcome for e in shop.of(InteractionEnded)] == ["failed"]


def test_a_recording_that_cannot_be_started_is_told_once(shop: Shop) -> None:
    shop.sign_in("1001")
    shop.call(1)
    shop.exchange.faults.append("refused")
    shop.answer("1001")
    over(shop)
    assert len(shop.of(RecordingFailed)) + len(shop.of(RecordingPublished)) == 1


def test_what_an_agent_asked_for_during_a_call_is_shown_and_comes(shop: Shop) -> None:
    def pending() -> str:
        me = shop.hub.entities("me")["1001"]
        assert isinstance(me, MeView)
        return me.pending

    customer, _ = shop.talk()
    assert pending() == ""
    shop.ask("1001", ask.NotReady, reason="lunch")
    assert pending() == "not_ready:lunch"
    shop.ask("1001", ask.SignOut)
    assert pending() == "logged_out"
    shop.ask("1001", ask.Ready)
    assert pending() == ""
    shop.ask("1001", ask.NotReady, reason="lunch")
    shop.hang_up(customer, 10)
    assert (shop.state("1001"), pending()) == ("not_ready:lunch", "")
    over(shop)


def test_taken_over_by_somebody_who_is_signed_out_meanwhile(shop: Shop) -> None:
    shop.talk()
    shop.sign_in("2001")
    supervise(shop, "2001", "take_over")
    assert shop.state("2001") == "busy"
    assert not shop.ask("2002", ask.ForceState, agent_id="2001", state="logged_out")
    assert shop.state("2001") == "busy"
    over(shop)
    assert shop.state("2001") == "logged_out"
