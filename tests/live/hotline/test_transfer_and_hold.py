"""What an agent does with a call: hold, resume, blind transfer - judged by what everybody hears."""

import pytest

from cti.desk import commands as ask
from cti.errors import Conflict, Forbidden
from cti.events import (
    AgentStateChanged,
    InteractionConnected,
    InteractionEnded,
    InteractionHeld,
    InteractionQueued,
    InteractionResumed,
    InteractionTransferred,
    RecordingPublished,
    SegmentEnded,
)
from tests.harness.house import House
from tests.harness.sound import channels, heard_s, windows

CUSTOMER, FIRST, SECOND = 440, 1000, 1600


async def test_hold_gives_the_customer_music_and_resume_brings_both_together(house: House) -> None:
    async with house.agent("1001") as agent, house.caller() as caller:
        await caller.play(CUSTOMER)
        await agent.play(FIRST)
        talk = await house.talk(caller, agent)
        await caller.wait_hears({FIRST})
        await agent.wait_hears({CUSTOMER})
        await house.ask("1001", ask.Hold, interaction_id=talk.interaction_id)
        await house.wait(InteractionHeld)
        await agent.wait_hears(())
        await caller.wait_until(lambda: FIRST not in caller.hears(), 15, "the agent's tone is gone")
        await caller.wait_sound(1.0)  # music
        await house.ask("1001", ask.Resume, interaction_id=talk.interaction_id)
        await house.wait(InteractionResumed)
        await caller.wait_hears({FIRST})
        await agent.wait_hears({CUSTOMER})
        await caller.hang_up()
        segment = await house.wait(SegmentEnded)
        recording = await house.wait(RecordingPublished)
    assert segment.hold_s > 1
    assert len(house.of(InteractionConnected)) == 1
    path = house.daemon.settings.path(house.daemon.settings.recordings) / recording.path
    left, right = channels(path)
    assert heard_s(windows(left, (CUSTOMER, FIRST)), CUSTOMER) > recording.duration_s - 1.5
    assert heard_s(windows(right, (CUSTOMER, FIRST)), FIRST) > 0.5
    assert abs(recording.duration_s - segment.talk_s) < 0.8  # the hold is in it


async def test_an_agent_who_vanishes_during_a_hold_gives_the_customer_the_place_back(house: House) -> None:
    async with house.agent("1001") as agent, house.caller() as caller:
        talk = await house.talk(caller, agent)
        await house.ask("1001", ask.Hold, interaction_id=talk.interaction_id)
        await house.wait(InteractionHeld)
        await agent.hang_up()
        lost = await house.wait(SegmentEnded)
        again = await house.wait(InteractionQueued, count=2)
        await caller.wait_sound(0.5)
    assert lost.ended_by == "lost"
    assert again.interaction_id == talk.interaction_id


async def test_pain_16_blind_transfer_to_an_agent(house: House) -> None:
    async with house.agent("1001") as first, house.agent("1002") as second, house.caller() as caller:
        await caller.play(CUSTOMER)
        await first.play(FIRST)
        await second.play(SECOND)
        await second.answer_all(after=0.1)
        await house.ready("1002")
        talk = await house.talk(caller, first)
        await caller.wait_hears({FIRST})
        await house.ask("1001", ask.Transfer, interaction_id=talk.interaction_id, kind="agent", target="1002")
        await house.wait(AgentStateChanged, agent_id="1001", state="wrap_up")
        again = await house.wait(InteractionConnected, agent_id="1002")
        await caller.wait_hears({SECOND})
        await second.wait_hears({CUSTOMER})
        await first.wait_closed()
        await caller.hang_up()
        recording = await house.wait(RecordingPublished)
    assert (again.segment, again.how) == (2, "transfer")
    segments = house.of(SegmentEnded)
    assert [(s.agent_id, s.segment, s.ended_by) for s in segments] == [("1001", 1, "transfer"), ("1002", 2, "customer")]
    path = house.daemon.settings.path(house.daemon.settings.recordings) / recording.path
    _, right = channels(path)
    found = windows(right, (FIRST, SECOND))
    assert heard_s(found, FIRST) > 0.3
    assert heard_s(found, SECOND) > 0.3


async def test_blind_transfer_to_a_queue(house: House) -> None:
    async with house.agent("1001") as first, house.agent("1002") as second, house.caller() as caller:
        await second.play(SECOND)
        await second.answer_all(after=0.1)
        await house.ready("1002")
        talk = await house.talk(caller, first)
        await house.ask("1001", ask.Transfer, interaction_id=talk.interaction_id, kind="queue", target="complaints")
        queued = await house.wait(InteractionQueued, queue="complaints")
        await house.wait(InteractionConnected, agent_id="1002")
        await caller.wait_hears({SECOND})
    assert queued.interaction_id == talk.interaction_id


async def test_blind_transfer_to_a_number(house: House) -> None:
    async with house.outside() as outside, house.agent("1001") as agent, house.caller() as caller:
        await caller.play(CUSTOMER)
        await outside.play(SECOND)
        await outside.answer_all(after=0.2)
        talk = await house.talk(caller, agent)
        await house.ask("1001", ask.Transfer, interaction_id=talk.interaction_id, kind="number", target="138 1111 2222")
        moved = await house.wait(InteractionTransferred)
        await outside.wait_hears({CUSTOMER})
        await caller.wait_hears({SECOND})
        await house.wait(AgentStateChanged, agent_id="1001", state="wrap_up")
        await outside.hang_up()
        ended = await house.wait(InteractionEnded)
    assert moved.target == "+8613811112222"
    assert ended.outcome == "handled"


async def test_a_number_that_does_not_answer_brings_the_customer_back(house: House) -> None:
    async with house.outside() as outside, house.agent("1001") as agent, house.caller() as caller:
        talk = await house.talk(caller, agent)
        await house.ask("1001", ask.Transfer, interaction_id=talk.interaction_id, kind="number", target="13811112222")
        await outside.wait_call()
        await outside.decline()
        again = await house.wait(InteractionQueued, count=2)
    assert again.interaction_id == talk.interaction_id


async def test_nobody_touches_somebody_elses_call(house: House) -> None:
    async with house.agent("1001") as agent, house.caller() as caller:
        talk = await house.talk(caller, agent)
        for command in (ask.HangUp, ask.Hold, ask.Resume, ask.Decline):
            with pytest.raises(Forbidden):
                await house.ask("1002", command, interaction_id=talk.interaction_id)
        with pytest.raises(Conflict, match="not signed in"):
            await house.ask("1001", ask.Transfer, interaction_id=talk.interaction_id, kind="agent", target="1003")
        await caller.hang_up()
        await house.wait(InteractionEnded)
        with pytest.raises(Conflict, match="this call is over"):
            await house.ask("1001", ask.Hold, interaction_id=talk.interaction_id)
