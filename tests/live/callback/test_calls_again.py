"""A customer who is to be called back calls again: one interaction is served, at the old place."""

from pathlib import Path

from cti.events import CallbackEnded, CallbackRequested, InteractionConnected, InteractionEnded, InteractionQueued
from tests.harness.house import House, open_house
from tests.live.callback.conftest import asks_for_a_call, calling_back

CUSTOMER, AGENT = 440, 1000


async def test_pain_20_a_customer_who_calls_again_is_merged_not_doubled(house: House) -> None:
    async with (
        house.agent("1001") as agent,
        house.outside() as home,
        house.caller("13900000001") as caller,
        house.caller("13900000002") as later,
    ):
        await caller.play(CUSTOMER)
        await agent.play(AGENT)
        await agent.answer_all(after=0.1)
        request = await asks_for_a_call(house, caller)
        await house.enter_queue(later, count=len(house.of(InteractionQueued)) + 1)
        again = await house.enter_queue(caller, count=len(house.of(InteractionQueued)) + 1)
        await house.ready("1001")
        talk = await house.wait(InteractionConnected)
        await agent.wait_hears({CUSTOMER})
        await caller.hang_up()
        await house.wait(InteractionEnded, interaction_id=again.interaction_id)
        await later.hang_up()
        assert not home.calls
    assert again.queued_at == request.queued_at
    assert talk.interaction_id == again.interaction_id != request.interaction_id
    assert [(end.interaction_id, end.end) for end in house.of(CallbackEnded)] == [(request.interaction_id, "merged")]
    (merged,) = house.of(InteractionEnded, interaction_id=request.interaction_id)
    assert merged.outcome == "callback_requested"


async def test_a_customer_who_calls_again_while_their_phone_is_rung(tmp_path: Path) -> None:
    """One attempt, which rings long enough for the customer to find the way through the menu."""
    async with (
        open_house(tmp_path, queues=calling_back(ring_s=60)) as house,
        house.agent("1001") as agent,
        house.outside() as home,
        house.caller() as caller,
    ):
        await agent.play(AGENT)
        await agent.answer_all(after=0.1)
        await asks_for_a_call(house, caller)
        await house.ready("1001")
        await home.wait_call()
        await house.enter_queue(caller, count=len(house.of(InteractionQueued)) + 1)
        await home.wait_closed()
        await house.wait(InteractionConnected)
        await caller.wait_hears({AGENT})
        await caller.hang_up()
        await house.wait(InteractionEnded, count=2)
        assert len(home.calls) == 1
        assert len(house.of(CallbackRequested)) == len(house.of(CallbackEnded)) == 1
