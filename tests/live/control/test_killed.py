"""`kill -9` while more than two people are in a call: who talks talks on, and the call is on the agent's desk again."""

import asyncio
import time
from contextlib import AsyncExitStack

from cti.desk import commands as ask
from cti.events import (
    InteractionConnected,
    InteractionEnded,
    InteractionQueued,
    PartyLeft,
    RecordingPublished,
    SegmentEnded,
)
from cti.simulated.phone import Phone
from tests.harness.apart import Apart
from tests.harness.desk import Desk
from tests.harness.listening import CUT_S, longest_without, sound_share
from tests.harness.sound import channels, heard_s, windows

CUSTOMER, FIRST, SECOND = 440, 1000, 1600


class Three:
    def __init__(self, house: Apart, first: Phone, second: Phone, caller: Phone) -> None:
        self.house, self.first, self.second, self.caller = house, first, second, caller
        self.call: dict[str, str] = {}

    async def consult(self, desk: Desk, *, answered: bool = True) -> None:
        if answered:
            await self.second.answer_all(after=0.1)
        await desk.ask(ask.Consult, **self.call, kind="agent", target="1002")
        if answered:
            await self.first.wait_hears({SECOND})
            await self.second.wait_hears({FIRST})


async def talk(stack: AsyncExitStack, house: Apart) -> Three:
    first, second, caller = [
        await stack.enter_async_context(one) for one in (house.agent("1001"), house.agent("1002"), house.caller())
    ]
    for phone, tone in ((caller, CUSTOMER), (first, FIRST), (second, SECOND)):
        await phone.play(tone)
    await house.ready("1002")
    three = Three(house, first, second, caller)
    talk = await house.talk(caller, first)
    three.call = {"interaction_id": talk.interaction_id}
    await caller.wait_hears({FIRST})
    return three


async def test_during_a_consultation_and_again_during_the_conference(apart: Apart) -> None:
    async with AsyncExitStack() as stack:
        three = await talk(stack, apart)
        async with apart.desk("1001") as desk:
            await three.consult(desk)
        await apart.daemon.kill()
        killed = time.time()
        await asyncio.sleep(1.5)
        await apart.start()
        async with apart.desk("1001") as desk, apart.desk("1002") as other:
            own = await desk.wait("call", phase="held")
            (party,) = own["parties"]
            assert (party["state"], party["target"], party["name"], party["by"]) == (
                "consulting",
                "1002",
                "王强",
                "1001",
            )
            assert (await other.wait("call", asked_by="1001"))["interaction_id"] == three.call["interaction_id"]
            await other.wait("me", state="busy")
            assert sound_share(three.caller.call, killed, time.time()) > 0.9  # music
            for phone, tone in ((three.first, SECOND), (three.second, FIRST)):
                assert longest_without(phone.call, tone, killed - 0.5, time.time()) < CUT_S
            await desk.ask(ask.Conference, **three.call)
            await three.caller.wait_hears({FIRST, SECOND}, steady_s=1.0)
        await apart.daemon.kill()
        killed = time.time()
        await asyncio.sleep(1.5)
        await apart.start()
        async with apart.desk("1001") as desk, apart.desk("1002") as other:
            own = await desk.wait("call", phase="connected")
            assert [party["state"] for party in own["parties"]] == ["joined"]
            for phone, tones in (
                (three.caller, (FIRST, SECOND)),
                (three.first, (CUSTOMER, SECOND)),
                (three.second, (CUSTOMER, FIRST)),
            ):
                for tone in tones:
                    assert longest_without(phone.call, tone, killed - 0.5, time.time()) < CUT_S
            await desk.ask(ask.LeaveConference, **three.call)
            await three.caller.wait_hears({SECOND}, steady_s=1.0)
            await three.second.wait_hears({CUSTOMER})
            await three.first.wait_closed()
            await desk.wait("me", state="wrap_up")
            await other.wait("call", phase="connected", asked_by="")
            await three.caller.hang_up()
            await other.wait("me", state="wrap_up")
        await apart.books.wait(InteractionEnded, outcome="handled")
        recording = await apart.books.wait(RecordingPublished)
    assert [(s.agent_id, s.ended_by) for s in apart.books.of(SegmentEnded)] == [
        ("1001", "transfer"),
        ("1002", "customer"),
    ]
    _, right = channels(apart.settings.path(apart.settings.recordings) / recording.path)
    found = windows(right, (FIRST, SECOND))
    assert heard_s(found, FIRST, SECOND) > 2
    assert heard_s(found, SECOND) > 0.8


async def test_the_party_answers_while_nobody_is_there_to_bring_the_two_together(apart: Apart) -> None:
    async with AsyncExitStack() as stack:
        three = await talk(stack, apart)
        async with apart.desk("1001") as desk:
            await three.consult(desk, answered=False)
            await three.second.wait_call()
        await apart.daemon.kill()
        await three.second.answer()
        await three.second.wait_sound(0.5)  # music
        await apart.start()
        await three.second.wait_hears({FIRST})
        await three.first.wait_hears({SECOND})
        async with apart.desk("1001") as desk:
            await desk.ask(ask.CancelConsult, **three.call)
            await three.caller.wait_hears({FIRST})
            await three.first.wait_hears({CUSTOMER})
            await three.second.wait_closed()
        async with apart.desk("1002") as other:
            await other.wait("me", state="ready")
    assert [one.reason for one in apart.books.of(PartyLeft)] == ["dropped"]


async def test_a_customer_who_was_given_away_meanwhile(apart: Apart) -> None:
    """To a colleague whose phone rings when the daemon dies, and is answered before the next one runs."""
    async with AsyncExitStack() as stack:
        three = await talk(stack, apart)
        async with apart.desk("1001") as desk:
            await three.consult(desk, answered=False)
            await three.second.wait_call()
            await desk.ask(ask.CompleteTransfer, **three.call)
            await three.first.wait_closed()
        await apart.books.wait(SegmentEnded)
        await apart.daemon.kill()
        await three.second.answer()
        await three.caller.wait_sound(0.5)  # music
        await apart.start()
        again = await apart.books.wait(InteractionConnected, agent_id="1002")
        await three.caller.wait_hears({SECOND}, steady_s=1.0)
        await three.second.wait_hears({CUSTOMER})
    assert (again.segment, again.how) == (2, "transfer")


async def test_without_a_daemon_nobody_is_left_alone_in_a_conference(apart: Apart) -> None:
    """Agent and party hang up while it is away: the call ends, as it does when the agent of two hangs up."""
    async with AsyncExitStack() as stack:
        three = await talk(stack, apart)
        async with apart.desk("1001") as desk:
            await three.consult(desk)
            await desk.ask(ask.Conference, **three.call)
            await three.caller.wait_hears({FIRST, SECOND})
        await apart.daemon.kill()
        await three.first.hang_up()
        await three.caller.wait_hears({SECOND})  # and the two talk on
        await three.second.hang_up()
        await three.caller.wait_closed()


async def test_the_agent_hangs_up_the_consultation_while_the_daemon_is_away(apart: Apart) -> None:
    """The customer on hold is asked about, and gets the place at the head of the queue; the party is let go."""
    async with AsyncExitStack() as stack:
        three = await talk(stack, apart)
        async with apart.desk("1001") as desk:
            await three.consult(desk)
        await apart.daemon.kill()
        await three.first.hang_up()
        await apart.start()
        await three.second.wait_closed()
        again = await apart.books.wait(InteractionQueued, count=2)
        await three.caller.wait_sound(0.5)
    assert again.interaction_id == three.call["interaction_id"]
