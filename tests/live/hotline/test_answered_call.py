"""The way of one call, from the first ring to the published recording."""

from cti.events import (
    InteractionConnected,
    InteractionEnded,
    IvrStepped,
    OfferMade,
    RecordingPublished,
    SegmentEnded,
)
from tests.harness.house import House


async def test_a_caller_presses_2_waits_and_talks_with_an_agent(house: House) -> None:
    async with house.agent("1001") as agent, house.caller("13900000001") as caller:
        await agent.play(1000)
        await caller.play(440)
        await agent.answer_all(after=0.2)
        await house.ready("1001")
        await caller.dial("4000")
        await caller.wait_established()
        await caller.wait_sound(0.5)
        await caller.send_digits("2")
        connected = await house.wait(InteractionConnected)
        await agent.wait_hears({440})
        await caller.wait_hears({1000})
        await caller.hang_up()
        ended = await house.wait(InteractionEnded)
        recording = await house.wait(RecordingPublished)
    assert ended.outcome == "handled"
    assert ended.ended_by == "customer"
    assert [step.digits for step in house.of(IvrStepped) if step.digits] == ["2"]
    assert house.of(OfferMade)[0].agent_id == connected.agent_id == "1001"
    segment = house.of(SegmentEnded)[0]
    assert 0.3 < segment.talk_s < 60
    assert abs(recording.duration_s - segment.talk_s) < 0.8
