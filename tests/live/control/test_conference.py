"""Three in a conference, by tones: all hear both others, and who stays hears who stays."""

from contextlib import AsyncExitStack

import pytest

from cti.desk import commands as ask
from cti.errors import Conflict, NotFound
from cti.events import (
    AgentStateChanged,
    InteractionConnected,
    InteractionEnded,
    InteractionTransferred,
    PartyChanged,
    PartyInvited,
    PartyLeft,
    RecordingPublished,
    SegmentEnded,
)
from cti.simulated.phone import Phone
from tests.harness.house import House
from tests.harness.sound import channels, heard_s, windows

CUSTOMER, FIRST, SECOND = 440, 1000, 1600


class Three:
    """Agent 1001, the customer, and a party, each with a tone, in a conference."""

    def __init__(self, house: House, first: Phone, second: Phone, caller: Phone) -> None:
        self.house, self.first, self.second, self.caller = house, first, second, caller
        self.interaction = ""

    async def confer(self, kind: str, target: str) -> None:
        house = self.house
        for phone, tone in ((self.caller, CUSTOMER), (self.first, FIRST), (self.second, SECOND)):
            await phone.play(tone)
        await self.second.answer_all(after=0.1)
        talk = await house.talk(self.caller, self.first)
        self.interaction = talk.interaction_id
        await self.caller.wait_hears({FIRST})
        await self.ask(ask.Consult, kind=kind, target=target)
        await house.wait(PartyChanged, state="consulting")
        await self.first.wait_hears({SECOND}, steady_s=1.5)
        await self.ask(ask.Conference)
        await house.wait(PartyChanged, state="joined")
        await self.all_hear_both()

    async def all_hear_both(self) -> None:
        await self.caller.wait_hears({FIRST, SECOND}, steady_s=1.0)
        await self.first.wait_hears({CUSTOMER, SECOND})
        await self.second.wait_hears({CUSTOMER, FIRST})

    async def ask(self, command: type[ask.Command], **more: str) -> None:
        await self.house.ask("1001", command, interaction_id=self.interaction, **more)


async def enter(stack: AsyncExitStack, house: House, second: Phone) -> Three:
    first, caller = (
        await stack.enter_async_context(house.agent("1001")),
        await stack.enter_async_context(house.caller()),
    )
    return Three(house, first, await stack.enter_async_context(second), caller)


async def test_a_party_is_dropped_and_the_two_talk_on(house: House) -> None:
    async with AsyncExitStack() as stack:
        three = await enter(stack, house, house.agent("1002"))
        await house.ready("1002")
        await three.confer("agent", "1002")
        with pytest.raises(Conflict, match="brought"):
            await three.ask(ask.Hold)
        with pytest.raises(NotFound):
            await three.ask(ask.DropParty, party_id="nobody")
        (party,) = house.of(PartyInvited)
        await three.ask(ask.DropParty, party_id=party.party_id)
        await three.second.wait_closed()
        await three.caller.wait_hears({FIRST}, steady_s=1.0)
        await three.first.wait_hears({CUSTOMER})
        await house.wait(AgentStateChanged, agent_id="1002", state="ready", previous="busy")
        assert house.daemon.floor.call_of("1002") is None
        await three.ask(ask.Hold)
        await three.first.wait_hears(())
        await three.ask(ask.Resume)
        await three.caller.wait_hears({FIRST})
        await three.caller.hang_up()
        recording = await house.wait(RecordingPublished)
    assert [one.reason for one in house.of(PartyLeft)] == ["dropped"]
    assert len(house.of(InteractionConnected)) == 1
    left, right = channels(house.daemon.settings.path(house.daemon.settings.recordings) / recording.path)
    assert heard_s(windows(left, (CUSTOMER,)), CUSTOMER) > recording.duration_s - 2
    found = windows(right, (FIRST, SECOND))
    assert heard_s(found, FIRST, SECOND) > 0.5  # the customer heard both
    assert heard_s(found, FIRST) > 1.0  # and the agent alone, before and after
    assert heard_s(found, SECOND) < 0.8  # the talk between the two is not in it: 1.5 s and more


@pytest.mark.parametrize("how", ["leaves", "hangs up"])
async def test_the_agent_leaves_and_the_others_talk_on(house: House, how: str) -> None:
    async with AsyncExitStack() as stack:
        three = await enter(stack, house, house.agent("1002"))
        await house.ready("1002")
        await three.confer("agent", "1002")
        if how == "leaves":
            await three.ask(ask.LeaveConference)
        else:
            await three.first.hang_up()
        again = await house.wait(InteractionConnected, agent_id="1002")
        await three.first.wait_closed()
        await three.caller.wait_hears({SECOND}, steady_s=1.0)
        await three.second.wait_hears({CUSTOMER})
        await house.wait(AgentStateChanged, agent_id="1001", state="wrap_up")
        await three.caller.hang_up()
        ended = await house.wait(InteractionEnded)
        await three.second.wait_closed()
        await house.wait(AgentStateChanged, agent_id="1002", state="wrap_up")
    assert (again.segment, again.how) == (2, "transfer")
    assert [(s.agent_id, s.ended_by) for s in house.of(SegmentEnded)] == [("1001", "transfer"), ("1002", "customer")]
    assert (ended.outcome, ended.ended_by) == ("handled", "customer")


async def test_with_an_outside_number_the_party_goes_first_and_then_the_agent(house: House) -> None:
    async with AsyncExitStack() as stack:
        three = await enter(stack, house, house.outside())
        await three.confer("number", "138 1111 2222")
        await three.second.hang_up()
        await house.wait(PartyLeft, reason="hung_up")
        await three.caller.wait_hears({FIRST}, steady_s=1.0)
        await three.first.wait_hears({CUSTOMER})
        call = house.daemon.floor.call_of("1001")
        assert call is not None
        assert call.party_gone is not None
        assert (call.phase, call.parties, call.party_gone.name) == ("connected", (), "+8613811112222")
        await three.first.hang_up()
        ended = await house.wait(InteractionEnded)
        await three.caller.wait_closed()
    assert (ended.outcome, ended.ended_by) == ("handled", "agent")


async def test_the_agent_leaves_the_customer_with_an_outside_number(house: House) -> None:
    async with AsyncExitStack() as stack:
        three = await enter(stack, house, house.outside())
        await three.confer("number", "138 1111 2222")
        await three.ask(ask.LeaveConference)
        moved = await house.wait(InteractionTransferred)
        await three.first.wait_closed()
        await three.caller.wait_hears({SECOND}, steady_s=1.0)
        await three.second.wait_hears({CUSTOMER})
        await house.wait(AgentStateChanged, agent_id="1001", state="wrap_up")
        await three.second.hang_up()
        ended = await house.wait(InteractionEnded)
        await three.caller.wait_closed()
    assert (moved.kind, moved.target) == ("number", "+8613811112222")
    assert ended.outcome == "handled"


async def test_when_the_customer_hangs_up_it_is_over_for_all(house: House) -> None:
    async with AsyncExitStack() as stack:
        three = await enter(stack, house, house.agent("1002"))
        await house.ready("1002")
        await three.confer("agent", "1002")
        await three.caller.hang_up()
        ended = await house.wait(InteractionEnded)
        await three.first.wait_closed()
        await three.second.wait_closed()
        await house.wait(AgentStateChanged, agent_id="1001", state="wrap_up")
        await house.wait(AgentStateChanged, agent_id="1002", state="ready", previous="busy")
    assert ended.ended_by == "customer"
    assert [one.reason for one in house.of(PartyLeft)] == ["over"]
