"""An agent asks a colleague while the customer hears music - judged by what everybody hears."""

import pytest

from cti.desk import commands as ask
from cti.errors import Conflict, Forbidden
from cti.events import (
    AgentStateChanged,
    InteractionConnected,
    InteractionEnded,
    InteractionHeld,
    InteractionTransferred,
    PartyChanged,
    PartyInvited,
    PartyLeft,
    RecordingPublished,
    SegmentEnded,
)
from tests.harness.house import House
from tests.harness.sound import channels, heard_s, windows

CUSTOMER, FIRST, SECOND = 440, 1000, 1600


async def test_a_completed_attended_transfer(house: House) -> None:  # noqa: PLR0915  # one story
    """Consult, swap there and back, complete: the right two hear each other, every time."""
    async with house.agent("1001") as first, house.agent("1002") as second, house.caller() as caller:
        for phone, tone in ((caller, CUSTOMER), (first, FIRST), (second, SECOND)):
            await phone.play(tone)
        await house.ready("1002")
        talk = await house.talk(caller, first)
        call = {"interaction_id": talk.interaction_id}
        await caller.wait_hears({FIRST})

        await house.ask("1001", ask.Consult, **call, kind="agent", target="1002")
        invited = await house.wait(PartyInvited)
        await house.wait(AgentStateChanged, agent_id="1002", state="busy")
        await second.wait_call()
        await caller.wait_until(lambda: FIRST not in caller.hears(), 15, "the agent's tone is gone")
        await caller.wait_sound(0.5)  # music
        await first.wait_sound(0.3)  # ringing
        asked = house.daemon.floor.call_of("1002")
        assert asked is not None
        assert (asked.asked_by, asked.phase, asked.number) == ("1001", "offered", "+8613900000001")
        await second.answer()
        await house.wait(PartyChanged, state="consulting")
        await first.wait_hears({SECOND})
        await second.wait_hears({FIRST})
        assert not caller.hears() & {FIRST, SECOND}

        with pytest.raises(Conflict, match="brought"):
            await house.ask("1001", ask.Resume, **call)
        with pytest.raises(Forbidden):
            await house.ask("1002", ask.CompleteTransfer, **call)

        await house.ask("1001", ask.Swap, **call)
        await first.wait_hears({CUSTOMER})
        await caller.wait_hears({FIRST})
        await second.wait_sound(0.3)
        assert FIRST not in second.hears()

        await house.ask("1001", ask.Swap, **call)
        await first.wait_hears({SECOND})
        await second.wait_hears({FIRST})
        assert not caller.hears() & {FIRST, SECOND}

        await house.ask("1001", ask.CompleteTransfer, **call)
        moved = await house.wait(InteractionTransferred)
        again = await house.wait(InteractionConnected, agent_id="1002")
        await caller.wait_hears({SECOND}, steady_s=1.0)
        await second.wait_hears({CUSTOMER})
        await first.wait_closed()
        await house.wait(AgentStateChanged, agent_id="1001", state="wrap_up")
        own = house.daemon.floor.call_of("1002")
        assert own is not None
        assert (own.asked_by, own.phase, own.parties) == ("", "connected", ())

        await house.ask("1002", ask.Hold, **call)  # it is a conversation like any other
        await caller.wait_until(lambda: SECOND not in caller.hears(), 15, "the agent's tone is gone")
        await second.wait_hears(())
        await house.ask("1002", ask.Resume, **call)
        await caller.wait_hears({SECOND}, steady_s=1.0)
        await second.hang_up()
        ended = await house.wait(InteractionEnded)
        await house.wait(AgentStateChanged, agent_id="1002", state="wrap_up")
        recording = await house.wait(RecordingPublished)
    assert (invited.agent_id, invited.kind, invited.target) == ("1001", "agent", "1002")
    assert [one.state for one in house.of(PartyChanged)] == ["consulting", "aside", "consulting"]
    assert [one.reason for one in house.of(PartyLeft)] == ["transferred"]
    assert (moved.from_agent, moved.kind, moved.target) == ("1001", "agent", "1002")
    assert (again.segment, again.how) == (2, "transfer")
    segments = [(s.agent_id, s.segment, s.ended_by) for s in house.of(SegmentEnded)]
    assert segments == [("1001", 1, "transfer"), ("1002", 2, "agent")]
    assert (ended.outcome, ended.ended_by) == ("handled", "agent")
    assert len(house.of(InteractionHeld)) == 3
    left, right = channels(house.daemon.settings.path(house.daemon.settings.recordings) / recording.path)
    assert heard_s(windows(left, (CUSTOMER,)), CUSTOMER) > recording.duration_s - 1.5
    found = windows(right, (FIRST, SECOND))
    assert heard_s(found, FIRST) > 0.5
    assert heard_s(found, SECOND) > 1.5
