"""A waiting caller is taken on purpose: past who came before, and away from the phone that rings."""

from pathlib import Path

import pytest

from cti.desk import commands as ask
from cti.events import InteractionConnected, OfferEnded, OfferMade, RecordingPublished
from tests.harness.desk import Refused, log_in
from tests.harness.house import QUEUES, open_house

CUSTOMER, AGENT = 440, 1000
BOTH = {"1002": {"queues": ("after_sales", "complaints")}}
SLOW = {**QUEUES, "after_sales": {**QUEUES["after_sales"], "ring_s": 30, "wrap_up_s": 1}}


async def test_a_caller_is_picked_up_out_of_turn_and_away_from_a_colleague(tmp_path: Path) -> None:
    async with (
        open_house(tmp_path, queues=SLOW, people=BOTH) as house,
        house.agent("1001") as agent,
        house.agent("1002") as colleague,
        house.caller("13900000001") as first,
        house.caller("13900000002") as second,
        log_in(house.daemon.url, "1001") as desk,
    ):
        await second.play(CUSTOMER)
        await agent.play(AGENT)
        await agent.answer_all(after=0.1)
        await house.ready("1002")
        ringing = await house.enter_queue(first)
        await colleague.wait_call()
        later = await house.enter_queue(second, count=2)
        await house.ready("1001")
        await house.wait(InteractionConnected, interaction_id=later.interaction_id)  # for 1001 is free
        await second.wait_hears({AGENT})
        await second.hang_up()
        await desk.wait("me", state="ready")
        await desk.ask(ask.NotReady, reason="lunch")
        seen = await desk.wait("waiting", ringing.interaction_id, offered_to="1002")
        assert seen["number"] == "+86…0001"
        await desk.ask(ask.PickUp, interaction_id=ringing.interaction_id)
        taken = await house.wait(InteractionConnected, interaction_id=ringing.interaction_id)
        await first.wait_hears({AGENT})
        await colleague.wait_closed()
        assert house.daemon.engine.agent("1002").state == "ready"
        with pytest.raises(Refused, match="waits no more") as refused:
            await desk.ask(ask.PickUp, interaction_id=later.interaction_id)
        assert refused.value.code == "conflict"
        await first.hang_up()
        await house.wait(RecordingPublished, interaction_id=ringing.interaction_id)
        await desk.wait("me", state="not_ready", reason="lunch")
    assert taken.agent_id == "1001"
    assert [(end.agent_id, end.reason) for end in house.of(OfferEnded, interaction_id=ringing.interaction_id)] == [
        ("1002", "revoked"),
        ("1001", "answered"),
    ]
    offer = house.of(OfferMade, agent_id="1001", interaction_id=ringing.interaction_id)[-1]
    assert offer.why is not None
    assert offer.why["chosen_by"] == "picked_up"
