"""The customer hangs up, keeps the place, and is dialled when an agent is there."""

from cti.desk import commands as ask
from cti.desk.views import WaitingView
from cti.events import (
    CallbackDialled,
    CallbackEnded,
    InteractionConnected,
    InteractionEnded,
    OfferMade,
    RecordingPublished,
)
from tests.harness.house import House
from tests.harness.sound import channels, heard_s, windows
from tests.live.callback.conftest import asks_for_a_call

CUSTOMER, AGENT, LATER = 440, 1000, 1600
NUMBER = "+8613900000001"


async def test_callback_in_queue_the_whole_way(house: House) -> None:
    """Promise, place, pop, agent, customer, talk, recording; a caller who came later is served later."""
    async with (
        house.agent("1001") as agent,
        house.outside() as home,
        house.caller("13900000001") as caller,
        house.caller("13900000002") as later,
    ):
        await home.play(CUSTOMER)
        await agent.play(AGENT)
        await later.play(LATER)
        request = await asks_for_a_call(house, caller)
        assert not house.of(InteractionEnded)
        waiting = house.daemon.hub.entities("waiting")[request.interaction_id]
        assert isinstance(waiting, WaitingView)
        assert waiting.medium == "callback"
        second = await house.enter_queue(later, count=3)
        assert second.queued_at > request.queued_at

        await agent.answer_all(after=0.3)
        await house.ready("1001")
        rung = await agent.wait_call()
        offer = await house.wait(OfferMade)
        assert offer.interaction_id == request.interaction_id
        assert offer.at < rung.invite_at
        dialled = await house.wait(CallbackDialled)
        ringing = await home.wait_call()
        assert dialled.at <= ringing.invite_at
        pop = house.daemon.desk.call("1001")
        assert pop is not None
        assert (pop.phase, pop.medium, pop.number) == ("dialling", "callback", NUMBER)
        await home.answer()
        talk = await house.wait(InteractionConnected)
        await agent.wait_hears({CUSTOMER}, steady_s=1.0)
        await home.wait_hears({AGENT})
        await home.hang_up()
        ended = await house.wait(InteractionEnded)
        recording = await house.wait(RecordingPublished)
        after = await house.wait(InteractionConnected, count=2)
        await later.wait_hears({AGENT})
        await later.hang_up()
    assert (request.number, request.queue) == (NUMBER, "after_sales")
    assert (talk.interaction_id, talk.agent_id) == (request.interaction_id, "1001")
    assert abs(talk.waited_s - (offer.at - request.queued_at)) < 0.1
    assert (ended.interaction_id, ended.outcome, ended.ended_by) == (request.interaction_id, "handled", "customer")
    assert [(end.end, end.attempts) for end in house.of(CallbackEnded)] == [("connected", 1)]
    assert len(home.calls) == 1
    assert after.interaction_id == second.interaction_id
    left, right = channels(house.daemon.settings.path(house.daemon.settings.recordings) / recording.path)
    assert heard_s(windows(left, (CUSTOMER, AGENT)), CUSTOMER) > 0.8
    assert heard_s(windows(right, (CUSTOMER, AGENT)), AGENT) > 0.8


async def test_a_customer_who_was_called_back_is_one_like_any_other(house: House) -> None:
    """On hold and back, and on to a colleague."""
    async with (
        house.agent("1001") as agent,
        house.agent("1002") as colleague,
        house.outside() as home,
        house.caller("13900000001") as caller,
    ):
        await home.play(CUSTOMER)
        await agent.play(AGENT)
        await colleague.play(LATER)
        await agent.answer_all(after=0.1)
        await colleague.answer_all(after=0.1)
        await home.answer_all(after=0.3)
        request = await asks_for_a_call(house, caller)
        interaction = request.interaction_id
        await house.ready("1001")
        await house.wait(InteractionConnected)
        await home.wait_hears({AGENT})
        await house.ask("1001", ask.Hold, interaction_id=interaction)
        await agent.wait_hears(())
        await house.ask("1001", ask.Resume, interaction_id=interaction)
        await agent.wait_hears({CUSTOMER})
        await house.ready("1002")
        await house.ask("1001", ask.Transfer, interaction_id=interaction, kind="queue", target="complaints")
        second = await house.wait(InteractionConnected, count=2)
        await home.wait_hears({LATER}, within=6)
        await colleague.wait_hears({CUSTOMER}, within=6)
        await home.hang_up()
        ended = await house.wait(InteractionEnded)
        await house.wait(RecordingPublished)
    assert (second.interaction_id, second.agent_id, second.segment) == (interaction, "1002", 2)
    assert (ended.outcome, ended.ended_by) == ("handled", "customer")
    assert len(home.calls) == 1
