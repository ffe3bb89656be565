"""A customer who was transferred waits for the second agent when the daemon dies: nothing of the first talk is lost."""

from cti.desk import commands as ask
from cti.events import InteractionConnected, InteractionEnded, InteractionQueued, RecordingPublished, SegmentEnded
from tests.harness.apart import Apart
from tests.harness.sound import channels, heard_s, windows

CUSTOMER, FIRST, SECOND = 440, 1000, 1600


async def test_the_second_agent_goes_on_in_the_same_recording(house: Apart) -> None:
    async with house.agent("1001") as first, house.agent("1002") as second, house.caller() as caller:
        await caller.play(CUSTOMER)
        await first.play(FIRST)
        await second.play(SECOND)
        await second.answer_all(after=0.1)
        talk = await house.talk(caller, first)
        await caller.wait_hears({FIRST}, steady_s=1.0)
        async with house.desk("1001") as desk:
            await desk.ask(ask.Transfer, interaction_id=talk.interaction_id, kind="queue", target="complaints")
        place = await house.books.wait(InteractionQueued, interaction_id=talk.interaction_id, queue="complaints")
        await first.wait_closed()
        await house.daemon.kill()
        await house.start()
        await house.ready("1002")
        again = await house.books.wait(InteractionConnected, interaction_id=talk.interaction_id, agent_id="1002")
        await caller.wait_hears({SECOND}, steady_s=1.0)
        await second.wait_hears({CUSTOMER})
        await caller.hang_up()
        await house.books.wait(InteractionEnded, interaction_id=talk.interaction_id, outcome="handled")
        recording = await house.books.wait(RecordingPublished)
    assert abs(again.waited_s - (again.at - place.queued_at)) < 1.0
    assert len(house.books.of(InteractionQueued, queue="complaints")) == 1
    assert (again.segment, again.how) == (2, "transfer")
    assert [segment.segment for segment in house.books.of(SegmentEnded)] == [1, 2]
    assert len(house.books.of(RecordingPublished)) == 1
    _, heard = channels(house.settings.path(house.settings.recordings) / recording.path)
    found = windows(heard, (FIRST, SECOND))
    assert heard_s(found, FIRST) > 0.8
    assert heard_s(found, SECOND) > 0.8
