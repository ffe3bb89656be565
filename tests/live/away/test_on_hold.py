"""A customer is on hold when the daemon dies: whoever put them there can take them back afterwards."""

import asyncio
import time

from cti.desk import commands as ask
from cti.events import InteractionEnded, RecordingPublished, SegmentEnded
from tests.harness.apart import Apart
from tests.harness.listening import sound_share

CUSTOMER, AGENT = 440, 1000


async def test_a_hold_outlives_the_daemon(house: Apart) -> None:
    async with house.agent("1001") as agent, house.caller() as caller:
        await caller.play(CUSTOMER)
        await agent.play(AGENT)
        talk = await house.talk(caller, agent)
        await caller.wait_hears({AGENT})
        async with house.desk("1001") as desk:
            await desk.ask(ask.Hold, interaction_id=talk.interaction_id)
            await desk.wait("call", phase="held")
        await agent.wait_hears(())
        await house.daemon.kill()
        killed = time.time()
        await asyncio.sleep(1.5)
        await house.start()
        async with house.desk("1001") as desk:
            await desk.wait("me", state="busy")
            assert (await desk.wait("call", phase="held"))["interaction_id"] == talk.interaction_id
            assert sound_share(caller.call, killed, time.time()) > 0.9  # music
            await desk.ask(ask.Resume, interaction_id=talk.interaction_id)
            await desk.wait("call", phase="connected")
            await caller.wait_hears({AGENT})
            await agent.wait_hears({CUSTOMER})
            await agent.hang_up()
            await desk.wait("me", state="wrap_up")
        ended = await house.books.wait(InteractionEnded, interaction_id=talk.interaction_id)
        (segment,) = house.books.of(SegmentEnded)
        recording = await house.books.wait(RecordingPublished)
    assert (ended.outcome, ended.ended_by) == ("handled", "agent")
    assert abs(recording.duration_s - segment.talk_s) < 0.8  # the hold is in it


async def test_a_customer_on_hold_who_hangs_up_afterwards(house: Apart) -> None:
    async with house.agent("1001") as agent, house.caller() as caller:
        talk = await house.talk(caller, agent)
        async with house.desk("1001") as desk:
            await desk.ask(ask.Hold, interaction_id=talk.interaction_id)
            await desk.wait("call", phase="held")
        await house.daemon.kill()
        await house.start()
        await caller.hang_up()
        ended = await house.books.wait(InteractionEnded, interaction_id=talk.interaction_id)
        await agent.wait_closed()
        async with house.desk("1001") as desk:
            await desk.wait("me", state="wrap_up")
    assert (ended.outcome, ended.ended_by, ended.certain) == ("handled", "customer", True)
