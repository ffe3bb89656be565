"""Callers whom a queue does not serve, on the telephone: where they end up, and what they hear on the way."""

import asyncio
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from cti.desk import commands as ask
from cti.events import (
    InteractionConnected,
    InteractionEnded,
    InteractionOverflowed,
    InteractionQueued,
    InteractionTransferred,
    RecordingPublished,
)
from tests.harness.desk import log_in
from tests.harness.sound import channels, heard_s, windows
from tests.live.waiting.conftest import OpenHouse, busy_day, calling

CUSTOMER, SECOND, BEEP = 440, 1600, 1000
ZONE = "Asia/Shanghai"


async def test_the_longest_wait_leads_to_another_queue_and_an_agent_there(
    open_queues: OpenHouse, tmp_path: Path
) -> None:
    rules = {"max_wait_s": 3, "way_out": "queue:complaints"}
    async with (
        open_queues(after_sales=rules) as house,
        house.agent("1002") as agent,
        calling(house, tmp_path) as ears,
    ):
        await agent.play(SECOND)
        await agent.answer_all(after=0.1)
        await house.ready("1002")
        first = await house.enter_queue(ears.phone)
        gone = await house.wait(InteractionOverflowed)
        again = await house.wait(InteractionQueued, queue="complaints")
        talk = await house.wait(InteractionConnected, agent_id="1002")
        await ears.phone.wait_hears({SECOND})
    assert (gone.queue, gone.why) == ("after_sales", "longest_wait")
    assert again.queued_at == first.queued_at
    assert talk.waited_s > 3
    assert ears.when("another_team")


async def test_a_full_queue(open_queues: OpenHouse, tmp_path: Path) -> None:
    rules = {"limits": [{"when": "length", "above": 1, "way_out": "announcement:error_apology"}]}
    async with open_queues(after_sales=rules) as house, house.caller("13900000002") as first:
        await house.enter_queue(first)
        async with calling(house, tmp_path) as ears:
            queued = await house.enter_queue(ears.phone, count=2)
            await ears.hear("error_apology")
            ended = await house.wait(InteractionEnded)
            await ears.hear("goodbye")
        assert len(house.daemon.engine.waiting("after_sales")) == 1
    assert (ended.interaction_id, ended.outcome, ended.ended_by) == (queued.interaction_id, "overflowed", "system")


async def test_nobody_is_signed_in(open_queues: OpenHouse, tmp_path: Path) -> None:
    """Whoever comes is not let in; whoever waits when the last agent signs out leaves."""
    rules = {"limits": [{"when": "nobody", "way_out": "announcement:order_not_found"}]}
    async with (
        open_queues(complaints=rules) as house,
        house.agent("1002"),
        calling(house, tmp_path) as first,
        calling(house, tmp_path, "13900000002") as second,
    ):
        await house.ready("1002")
        await house.ask("1002", ask.NotReady, reason="break")
        await house.enter_queue(first.phone, "3")
        await first.phone.wait_sound(2.0)
        assert not house.of(InteractionOverflowed)
        await house.ask("1002", ask.SignOut)
        await first.hear("order_not_found")
        await house.wait(InteractionEnded, outcome="overflowed")
        await house.enter_queue(second.phone, "3", count=2)
        await second.hear("order_not_found")
        await house.wait(InteractionEnded, outcome="overflowed", count=2)
    assert [fact.why for fact in house.of(InteractionOverflowed)] == ["nobody", "nobody"]


async def test_too_long_a_wait_is_expected(open_queues: OpenHouse, tmp_path: Path) -> None:
    rules = {"limits": [{"when": "wait_estimate", "above": 120, "way_out": "announcement:error_apology"}]}
    async with open_queues(after_sales=rules) as house, calling(house, tmp_path) as ears:
        busy_day(house, "after_sales", 300)
        await house.enter_queue(ears.phone)
        await ears.hear("error_apology")
        await house.wait(InteractionEnded)
    assert [fact.why for fact in house.of(InteractionOverflowed)] == ["wait_estimate"]


async def test_an_outside_number_answers(open_queues: OpenHouse, tmp_path: Path) -> None:
    rules = {"max_wait_s": 2, "way_out": "number:13811112222"}
    async with (
        open_queues(after_sales=rules) as house,
        house.outside() as outside,
        calling(house, tmp_path) as ears,
    ):
        await ears.phone.play(CUSTOMER)
        await outside.play(SECOND)
        await outside.answer_all(after=0.2)
        await house.enter_queue(ears.phone)
        moved = await house.wait(InteractionTransferred)
        await outside.wait_hears({CUSTOMER})
        await ears.phone.wait_hears({SECOND})
        await outside.hang_up()
        ended = await house.wait(InteractionEnded)
    assert moved.target == "13811112222"
    assert ended.outcome == "overflowed"
    assert ears.when("transferring")


async def test_an_outside_number_that_does_not_answer_keeps_the_caller(open_queues: OpenHouse, tmp_path: Path) -> None:
    rules = {"limits": [{"when": "nobody", "way_out": "number:13811112222"}]}
    full = {"limits": [{"when": "length", "above": 0, "way_out": "number:13811112222"}]}
    async with (
        open_queues(after_sales=full, complaints=rules) as house,
        house.outside() as outside,
        house.agent("1001") as agent,
        calling(house, tmp_path) as ears,
    ):
        await agent.play(SECOND)
        await agent.answer_all(after=0.1)
        await house.enter_queue(ears.phone)
        await outside.wait_call(within=15)
        await outside.decline()
        await house.wait(InteractionQueued, count=2)
        await ears.hear("please_hold")
        await ears.phone.wait_sound(1.0)  # music
        await house.ready("1001")
        await house.wait(InteractionConnected, agent_id="1001")
        await ears.phone.wait_hears({SECOND})
        await ears.phone.hang_up()
        async with calling(house, tmp_path, "13900000003") as other:
            await house.enter_queue(other.phone, "3", count=3)
            await outside.wait_call(within=15, number=2)
            await outside.decline()
            await other.hear("call_again_later")
            ended = await house.wait(InteractionEnded, count=2)
    assert (ended.outcome, ended.ended_by) == ("overflowed", "system")


async def test_a_message_is_recorded_and_stands_with_the_interaction(open_queues: OpenHouse, tmp_path: Path) -> None:
    rules = {"max_wait_s": 2, "way_out": "voicemail"}
    async with open_queues(after_sales=rules) as house, calling(house, tmp_path) as ears:
        queued = await house.enter_queue(ears.phone)
        await ears.phone.wait_hears({BEEP}, within=30, steady_s=0.2)
        await ears.phone.play(CUSTOMER)
        await asyncio.sleep(4)
        await ears.phone.play(0)
        await ears.phone.send_digits("#")
        await ears.hear("voicemail_thanks")
        ended = await house.wait(InteractionEnded)
        recording = await house.wait(RecordingPublished)
        await house.daemon.store.writer.kept()
        async with log_in(house.daemon.url, "2001") as desk:
            shown = await desk.get(f"/api/v1/interactions/{queued.interaction_id}")
    assert (ended.outcome, ended.ended_by) == ("voicemail", "system")
    assert shown["interaction"]["has_recording"], shown
    left, right = channels(house.daemon.settings.path(house.daemon.settings.recordings) / recording.path)
    assert heard_s(windows(left, (CUSTOMER, BEEP)), CUSTOMER) > 2.5
    assert heard_s(windows(right, (CUSTOMER, BEEP)), BEEP) > 0.2


async def test_a_message_ends_when_the_caller_hangs_up(open_queues: OpenHouse, tmp_path: Path) -> None:
    rules = {"limits": [{"when": "nobody", "way_out": "voicemail"}]}
    async with open_queues(after_sales=rules) as house, calling(house, tmp_path) as ears:
        await ears.phone.play(CUSTOMER)
        await house.enter_queue(ears.phone)
        await ears.phone.wait_hears({BEEP}, within=30, steady_s=0.2)
        await asyncio.sleep(3)
        await ears.phone.hang_up()
        ended = await house.wait(InteractionEnded)
        recording = await house.wait(RecordingPublished)
    assert (ended.outcome, ended.ended_by) == ("voicemail", "customer")
    left, _ = channels(house.daemon.settings.path(house.daemon.settings.recordings) / recording.path)
    assert heard_s(windows(left, (CUSTOMER,)), CUSTOMER) > 1.5


async def test_a_closed_queue_says_when_it_opens(open_queues: OpenHouse, tmp_path: Path) -> None:
    soon = (datetime.now(ZoneInfo(ZONE)).hour + 3) % 24
    hours = {"after_sales": {"time_zone": ZONE, "weekly": {"mon-sun": [f"{soon:02}:00-{soon:02}:30"]}}}
    async with (
        open_queues(opening_hours=hours) as house,
        house.agent("1001"),
        calling(house, tmp_path) as ears,
    ):
        await house.ready("1001")
        await ears.phone.dial("4000")
        await ears.phone.wait_established()
        await ears.phone.wait_sound(0.3)
        await ears.phone.send_digits("2")
        ended = await house.wait(InteractionEnded, within=40)
        said = [await ears.hear(prompt) for prompt in ("closed", "opening_before", "opening_after", "goodbye")]
    assert said == sorted(said)
    assert (ended.outcome, ended.ended_by) == ("overflowed", "system")
    assert not house.of(InteractionQueued)
