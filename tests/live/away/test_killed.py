"""`kill -9` while one caller waits, one is in the menu, and two people talk and are recorded."""

import asyncio
import time

from cti.customers.numbers import canonical
from cti.desk import commands as ask
from cti.events import (
    InteractionConnected,
    InteractionEnded,
    InteractionQueued,
    InteractionStarted,
    IvrStepped,
    OfferMade,
    RecordingPublished,
    SegmentEnded,
)
from cti.simulated.phone import Phone
from tests.harness.apart import Apart
from tests.harness.books import wait_cdr
from tests.harness.listening import CUT_S, longest_without, sound_share
from tests.harness.sound import channels, heard_s, windows

CUSTOMER, AGENT = 440, 1000
AWAY_S = 2.5


async def test_nobody_is_lost_when_the_daemon_is_killed(house: Apart) -> None:
    async with (
        house.agent("1001") as agent,
        house.caller("13900000001") as talker,
        house.caller("13900000002") as waiter,
        house.caller("13900000003") as chooser,
        house.caller("13900000004") as newcomer,
    ):
        await talker.play(CUSTOMER)
        await agent.play(AGENT)
        talking = asyncio.create_task(house.talk(talker, agent))
        await house.interaction_of(talker)
        place, chosen = await asyncio.gather(house.enter_queue(waiter), until_in_menu(house, chooser))
        talk = await talking
        await talker.wait_hears({AGENT})
        await agent.wait_hears({CUSTOMER})
        talkers = ((talker.call, AGENT), (agent.call, CUSTOMER))

        await house.daemon.kill()
        killed = time.time()
        await asyncio.sleep(AWAY_S)
        for caller in (waiter, chooser):  # music, not silence, until the daemon is back
            assert sound_share(caller.call, killed + 0.5, time.time()) > 0.9
        await house.start()

        await newcomer.dial("4000")
        await comes_back(house, chooser, chosen, newcomer, place)
        for call, tone in talkers:
            assert longest_without(call, tone, killed - 0.5, time.time()) < CUT_S

        async with house.desk("1001") as desk:
            await desk.wait("me", state="busy")
            assert (await desk.wait("call", phase="connected"))["interaction_id"] == talk.interaction_id
            await talker.hang_up()
            await desk.wait("me", state="wrap_up")
            await desk.ask(ask.Ready)
            after = await house.books.wait(InteractionConnected, interaction_id=place.interaction_id)
            await waiter.wait_hears({AGENT})
        await house.books.wait(RecordingPublished, interaction_id=talk.interaction_id)
        for caller in (waiter, chooser, newcomer):
            await caller.hang_up()
        await house.books.wait(InteractionEnded, count=4)

    assert abs(after.waited_s - (after.at - place.queued_at)) < 0.5
    offered = [offer.interaction_id for offer in house.books.of(OfferMade)]
    assert offered[:2] == [talk.interaction_id, place.interaction_id]
    ends = {end.interaction_id: end for end in house.books.of(InteractionEnded)}
    assert [(end.outcome, end.ended_by, end.certain) for end in ends.values()] == [
        ("handled", "customer", True),
        *(("handled" if i == place.interaction_id else "abandoned", "customer", True) for i in list(ends)[1:]),
    ]
    conversation_is_recorded_whole(house, talk)
    await asterisks_own_record_agrees(house, talk.interaction_id)


async def until_in_menu(house: Apart, caller: Phone) -> str:
    """Its interaction, when the caller hears the main menu."""
    await house.enter_menu(caller)
    interaction = await house.interaction_of(caller)
    await house.books.wait(IvrStepped, interaction_id=interaction, step="opening_hours")
    return interaction


async def comes_back(house: Apart, chooser: Phone, chosen: str, newcomer: Phone, place: InteractionQueued) -> None:
    """The waiting caller has the old place, the one of the menu the menu, and whoever calls now stands behind both."""
    await house.books.wait(IvrStepped, interaction_id=chosen, step="welcome", count=2)
    await chooser.wait_sound(0.3)
    await chooser.send_digits("2")
    await newcomer.send_digits("2")
    for interaction in (chosen, await house.interaction_of(newcomer)):
        queued = await house.books.wait(InteractionQueued, interaction_id=interaction)
        assert queued.queued_at > place.queued_at
    for interaction in (chosen, place.interaction_id):  # what goes on has not begun again
        assert len(house.books.of(InteractionStarted, interaction_id=interaction)) == 1
        assert len(house.books.of(InteractionQueued, interaction_id=interaction)) == 1


def conversation_is_recorded_whole(house: Apart, talk: InteractionConnected) -> None:
    (segment,) = house.books.of(SegmentEnded, interaction_id=talk.interaction_id)
    (ended,) = house.books.of(InteractionEnded, interaction_id=talk.interaction_id)
    (recording,) = house.books.of(RecordingPublished, interaction_id=talk.interaction_id)
    assert segment.ended_by == "customer"
    assert abs(segment.talk_s - (ended.at - talk.at)) < 0.1
    assert abs(recording.duration_s - segment.talk_s) < 0.8
    left, right = channels(house.settings.path(house.settings.recordings) / recording.path)
    assert heard_s(windows(left, (CUSTOMER, AGENT)), CUSTOMER) > recording.duration_s - 1
    assert heard_s(windows(right, (CUSTOMER, AGENT)), AGENT) > recording.duration_s - 1
    assert not list(house.settings.path(house.settings.spool).glob(f"{talk.interaction_id}*"))


async def asterisks_own_record_agrees(house: Apart, interaction: str) -> None:
    stored = house.books.interaction(interaction)
    record = await wait_cdr(house.asterisk.cdr_file, stored["linkedid"])
    own = next(line for line in record if line.uniqueid == stored["channel"])
    assert abs(own.start - stored["started_at"]) < 1
    assert abs(own.end - stored["connected_at"]) < 1
    assert abs(max(line.end for line in record) - stored["ended_at"]) < 1
    assert canonical(own.src, "CN") == stored["number"]
