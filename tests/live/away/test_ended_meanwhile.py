"""What ends while the daemon is away is closed afterwards, and says that it is not certain."""

import shutil
import time
from pathlib import Path

import pytest

from cti.desk import commands as ask
from cti.events import (
    InteractionConnected,
    InteractionEnded,
    InteractionQueued,
    OfferEnded,
    OfferMade,
    RecordingPublished,
    SegmentEnded,
)
from cti.private_asterisk.model import REPOSITORY
from cti.simulated.phone import Phone
from tests.harness.apart import Apart, open_apart
from tests.harness.sound import channels, heard_s, windows

CUSTOMER, AGENT = 440, 1000


async def test_a_conversation_that_ended_while_nobody_watched(house: Apart) -> None:
    async with house.agent("1001") as agent, house.caller() as caller, house.caller("13900000002") as next_caller:
        await caller.play(CUSTOMER)
        await agent.play(AGENT)
        talk = await house.talk(caller, agent)
        await caller.wait_hears({AGENT}, steady_s=1.0)
        await house.daemon.kill()
        hangs_up = time.time()
        await caller.hang_up()
        await agent.wait_closed()
        hung_up = time.time()
        await house.start()
        ended = await house.books.wait(InteractionEnded, interaction_id=talk.interaction_id)
        recording = await house.books.wait(RecordingPublished, interaction_id=talk.interaction_id)
        segment = await house.books.wait(SegmentEnded, interaction_id=talk.interaction_id)
        async with house.desk("1001") as desk:
            await desk.wait("me", state="wrap_up")
            await desk.ask(ask.Ready)
            await desk.wait("me", state="ready")
            await house.enter_queue(next_caller)
            await next_caller.wait_hears({AGENT})
            await desk.wait("call", phase="connected")
            await next_caller.hang_up()
    assert (ended.outcome, ended.ended_by, ended.certain) == ("handled", "unknown", False)
    assert house.books.interaction(talk.interaction_id)["outcome"] == "handled"
    assert hangs_up - 0.5 < ended.at < hung_up + 0.5  # by what Asterisk wrote down, not when somebody was there again
    assert (segment.agent_id, segment.ended_by) == ("1001", "lost")
    assert abs(segment.talk_s - recording.duration_s) < 1.0
    assert 1.0 < recording.duration_s < 60
    left, right = channels(house.settings.path(house.settings.recordings) / recording.path)
    assert heard_s(windows(left, (CUSTOMER, AGENT)), CUSTOMER) > recording.duration_s - 1
    assert heard_s(windows(right, (CUSTOMER, AGENT)), AGENT) > recording.duration_s - 1
    assert not list(house.settings.path(house.settings.spool).glob(f"{talk.interaction_id}*"))


async def answered_without_a_daemon(house: Apart, agent: Phone, caller: Phone) -> tuple[InteractionQueued, float]:
    """The phone rings when the daemon dies; its agent answers all the same, and they talk. (place, when that was)"""
    await agent.play(AGENT)
    await house.ready("1001")
    place = await house.enter_queue(caller)
    await agent.wait_call()
    await house.books.wait(OfferMade)
    await house.daemon.kill()
    answers = time.time()
    await agent.answer()
    await caller.wait_hears({AGENT}, steady_s=1.0)
    return place, answers


async def test_a_conversation_that_began_and_ended_while_nobody_watched(house: Apart) -> None:
    """The phone rang when the daemon died: the agent answered all the same, and they talked."""
    async with house.agent("1001") as agent, house.caller() as caller:
        await caller.play(CUSTOMER)
        place, answers = await answered_without_a_daemon(house, agent, caller)
        answered = time.time() - 1.0
        hangs_up = time.time()
        await caller.hang_up()
        await agent.wait_closed()
        hung_up = time.time()
        await house.start()
        ended = await house.books.wait(InteractionEnded, interaction_id=place.interaction_id)
        segment = await house.books.wait(SegmentEnded, interaction_id=place.interaction_id)
        connected = await house.books.wait(InteractionConnected, interaction_id=place.interaction_id)
    assert (ended.outcome, ended.certain, segment.agent_id, connected.agent_id) == ("handled", False, "1001", "1001")
    assert answers - 0.5 < connected.at < answered + 0.5
    assert abs(connected.waited_s - (connected.at - place.queued_at)) < 0.1
    assert hangs_up - 0.5 < ended.at < hung_up + 0.5
    assert segment.talk_s == pytest.approx(ended.at - connected.at, abs=0.1)
    assert [end.reason for end in house.books.of(OfferEnded)] == ["answered"]


async def test_a_customer_whose_agent_has_just_hung_up(tmp_path: Path) -> None:
    """The agent answered, and hung up, without a daemon; the next one comes before the dialplan lets the customer go.

    The moment in which it may come (`[ld-after]`) is made a long one, which the customer does not wait for.
    """
    dialplan = shutil.copytree(REPOSITORY / "dialplan", tmp_path / "dialplan")
    customers = dialplan / "customer.conf"
    text = customers.read_text()
    assert text.count("Wait(0.5)") == 1
    customers.write_text(text.replace("Wait(0.5)", "Wait(120)"))
    async with open_apart(tmp_path / "house", dialplan=dialplan) as house:
        async with house.agent("1001") as agent, house.caller() as caller:
            place, _ = await answered_without_a_daemon(house, agent, caller)
            hangs_up = time.time()
            await agent.hang_up()
            await agent.wait_closed()
            hung_up = time.time()
            await house.start()
            segment = await house.books.wait(SegmentEnded, interaction_id=place.interaction_id)
            still_there = not house.books.of(InteractionEnded)
            await caller.hang_up()
            ended = await house.books.wait(InteractionEnded, interaction_id=place.interaction_id)
        assert still_there
        assert (ended.outcome, ended.certain) == ("handled", False)
        assert (segment.agent_id, segment.ended_by) == ("1001", "lost")
        assert hangs_up - 0.5 < segment.at < hung_up + 0.5
        connected = house.books.of(InteractionConnected)
        assert [one.agent_id for one in connected] == ["1001"]
        assert [end.reason for end in house.books.of(OfferEnded)] == ["answered"]


async def test_pain_06_callers_who_hung_up_while_nobody_watched_are_in_the_books(house: Apart) -> None:
    async with house.caller("13900000001") as chooser, house.caller("13900000002") as waiter:
        place = await house.enter_queue(waiter)
        await house.enter_menu(chooser)
        chosen = await house.interaction_of(chooser)
        await house.daemon.kill()
        await waiter.hang_up()
        await chooser.hang_up()
        await waiter.wait_closed()
        await chooser.wait_closed()
        await house.start()
        for interaction in (place.interaction_id, chosen):
            ended = await house.books.wait(InteractionEnded, interaction_id=interaction)
            assert (ended.outcome, ended.ended_by, ended.certain) == ("abandoned", "unknown", False)
