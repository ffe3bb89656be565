"""Pauses of the recording, judged by the WAV that is published: silent exactly then, and in time afterwards."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from cti.desk import commands as ask
from cti.errors import Conflict
from cti.events import (
    AgentStateChanged,
    CommandAudited,
    InteractionConnected,
    InteractionEnded,
    RecordingPaused,
    RecordingPublished,
    RecordingResumed,
    RecordingStarted,
    SegmentEnded,
    SupervisionChanged,
)
from cti.simulated.phone import Phone
from cti.simulated.tones import Window
from tests.harness.house import QUEUES, House, open_house, until
from tests.harness.sound import channels, heard_s, windows

CUSTOMER, AGENT, SUPERVISOR = 440, 1000, 2000
EDGE_S = 0.3


@contextlib.asynccontextmanager
async def house_where(root: Path, **after_sales: Any) -> AsyncIterator[House]:
    """The queue after_sales has these settings."""
    async with open_house(root, queues={**QUEUES, "after_sales": {**QUEUES["after_sales"], **after_sales}}) as house:
        yield house


def both_sides(house: House, published: RecordingPublished) -> tuple[list[Window], list[Window]]:
    path = house.daemon.settings.path(house.daemon.settings.recordings) / published.path
    left, right = (windows(side, (CUSTOMER, AGENT, SUPERVISOR)) for side in channels(path))
    return left, right


def within(sound: list[Window], published: RecordingPublished, since: float, until_: float) -> list[Window]:
    """The part between two times of the clock, without its edges."""
    began = published.started_at
    found = [window for window in sound if since - began + EDGE_S < window.at < until_ - began - 2 * EDGE_S]
    assert found
    return found


async def goes_on(phone: Phone, tones: set[int], for_s: float) -> None:
    """From now on, and so long."""
    await asyncio.sleep(for_s)
    await phone.wait_hears(tones, steady_s=0.7 * for_s)


async def test_a_pause_is_silent_just_then_also_what_a_supervisor_says(house: House) -> None:
    async with house.agent("1001") as agent, house.agent("2001") as supervisor, house.caller() as caller:
        for phone, tone in ((caller, CUSTOMER), (agent, AGENT), (supervisor, SUPERVISOR)):
            await phone.play(tone)
        await supervisor.answer_all(after=0.1)
        await until(lambda: "d2001" in house.daemon.roster.reachable, "the supervisor's phone is registered")
        await house.ask("2001", ask.SignIn, phone="desk")
        talk = await house.talk(caller, agent)
        call = {"interaction_id": talk.interaction_id}
        await house.ask("2001", ask.Supervise, agent_id="1001", mode="barge")
        await house.wait(SupervisionChanged, mode="barge")
        await goes_on(caller, {AGENT, SUPERVISOR}, 1.0)

        await house.ask("1001", ask.PauseRecording, **call)
        paused = await house.wait(RecordingPaused)
        shown = house.daemon.desk.call("1001")
        assert shown is not None
        assert (shown.recording, shown.recording_paused, shown.recording_paused_until) == (True, True, paused.until)
        await goes_on(caller, {AGENT, SUPERVISOR}, 2.0)  # nobody else notices
        await house.ask("1001", ask.ResumeRecording, **call)
        resumed = await house.wait(RecordingResumed)
        await goes_on(caller, {AGENT, SUPERVISOR}, 1.5)
        with pytest.raises(Conflict, match="not paused"):
            await house.ask("1001", ask.ResumeRecording, **call)
        await caller.hang_up()
        published = await house.wait(RecordingPublished)
        segment = await house.wait(SegmentEnded)
    assert paused.until is not None
    assert 119 < paused.until - paused.at < 121
    assert (resumed.agent_id, resumed.since) == ("1001", paused.at)
    assert abs(published.duration_s - segment.talk_s) < 0.8
    said, heard = both_sides(house, published)
    for side in (said, heard):
        assert not any(window.sound for window in within(side, published, paused.at, resumed.at))
    after = within(heard, published, resumed.at, published.started_at + published.duration_s)
    assert heard_s(after, AGENT, SUPERVISOR) > 0.3
    assert heard_s(said, CUSTOMER) > published.duration_s - (resumed.at - paused.at) - 1
    assert [(a.actor, a.command, a.interaction_id) for a in house.of(CommandAudited) if "recording" in a.command] == [
        ("1001", "recording.pause", talk.interaction_id),
        ("1001", "recording.resume", talk.interaction_id),
    ]


async def test_it_goes_on_by_itself_and_another_pause_moves_its_end(tmp_path: Path) -> None:
    async with house_where(tmp_path, recording_pause_limit_s=2) as house:
        async with house.agent("1001") as agent, house.caller() as caller:
            await caller.play(CUSTOMER)
            talk = await house.talk(caller, agent)
            call = {"interaction_id": talk.interaction_id}
            await house.ask("1001", ask.PauseRecording, **call, seconds=1)
            await house.ask("1001", ask.PauseRecording, **call, seconds=600)  # not beyond the limit
            first, second = house.of(RecordingPaused)
            resumed = await house.wait(RecordingResumed)
            shown = house.daemon.desk.call("1001")
            assert shown is not None
            assert not shown.recording_paused
            await caller.hang_up()
            published = await house.wait(RecordingPublished)
        assert first.at == second.at == resumed.since
        assert second.until is not None
        assert first.until is not None
        assert second.until > first.until
        assert 0 <= resumed.at - second.until < 1
        assert resumed.agent_id == ""
        said, _ = both_sides(house, published)
        assert not any(window.sound for window in within(said, published, first.at, resumed.at))


async def test_a_pause_does_not_outlive_the_agents_part(house: House) -> None:
    async with house.agent("1001") as first, house.agent("1002") as second, house.caller() as caller:
        await caller.play(CUSTOMER)
        await second.play(AGENT)
        await second.answer_all(after=0.1)
        await house.ready("1002")
        talk = await house.talk(caller, first)
        await house.ask("1001", ask.PauseRecording, interaction_id=talk.interaction_id)
        await house.ask("1001", ask.Transfer, interaction_id=talk.interaction_id, kind="agent", target="1002")
        await house.wait(RecordingResumed)
        again = await house.wait(InteractionConnected, agent_id="1002")
        await goes_on(caller, {AGENT}, 2.0)
        await caller.hang_up()
        published = await house.wait(RecordingPublished)
    _, heard = both_sides(house, published)
    assert heard_s(within(heard, published, again.at, published.started_at + published.duration_s), AGENT) > 0.3


async def test_on_demand_nothing_is_recorded_before_the_agent_asks_for_it(tmp_path: Path) -> None:
    async with house_where(tmp_path, recording="on_demand") as house:
        async with house.agent("1001") as agent, house.caller() as caller:
            await caller.play(CUSTOMER)
            await agent.play(AGENT)
            talk = await house.talk(caller, agent)
            call = {"interaction_id": talk.interaction_id}
            await goes_on(caller, {AGENT}, 1.0)
            shown = house.daemon.desk.call("1001")
            assert shown is not None
            assert (shown.recording, shown.may_record) == (False, True)
            with pytest.raises(Conflict, match="not being recorded"):
                await house.ask("1001", ask.PauseRecording, **call)
            await house.ask("1001", ask.StartRecording, **call)
            started = await house.wait(RecordingStarted)
            shown = house.daemon.desk.call("1001")
            assert shown is not None
            assert (shown.recording, shown.may_record) == (True, False)
            with pytest.raises(Conflict, match="already"):
                await house.ask("1001", ask.StartRecording, **call)
            await goes_on(caller, {AGENT}, 1.0)
            await caller.hang_up()
            published = await house.wait(RecordingPublished)
        assert started.at - talk.at > 1
        assert published.duration_s < published.at - started.at + 0.5
        assert house.of(CommandAudited)[-1].command == "recording.start"


async def test_where_nothing_is_recorded_there_is_no_file_and_another_queue_records(tmp_path: Path) -> None:
    async with house_where(tmp_path, recording="never") as house:
        async with house.agent("1001") as first, house.agent("1002") as second, house.caller() as caller:
            await caller.play(CUSTOMER)
            await first.play(AGENT)
            await second.play(SUPERVISOR)
            await second.answer_all(after=0.1)
            await house.ready("1002")
            talk = await house.talk(caller, first)
            call = {"interaction_id": talk.interaction_id}
            await goes_on(caller, {AGENT}, 1.0)
            with pytest.raises(Conflict, match="not recorded"):
                await house.ask("1001", ask.StartRecording, **call)
            assert not house.of(RecordingStarted)
            await house.ask("1001", ask.Transfer, **call, kind="queue", target="complaints")
            await house.wait(RecordingStarted)
            await goes_on(caller, {SUPERVISOR}, 1.0)
            # and back: what is recorded goes on in silence
            await house.wait(AgentStateChanged, agent_id="1001", state="wrap_up")
            await house.ask("1001", ask.Ready)
            await house.ask("1002", ask.Transfer, **call, kind="queue", target="after_sales")
            back = await house.wait(InteractionConnected, segment=3)
            paused = await house.wait(RecordingPaused, why="queue")
            await goes_on(caller, {AGENT}, 1.0)
            await caller.hang_up()
            ended = await house.wait(InteractionEnded)
            published = await house.wait(RecordingPublished)
        assert paused.at - back.at < 0.5
        said, heard = both_sides(house, published)
        assert heard_s(heard, SUPERVISOR) > 0.5
        assert heard_s(heard, AGENT) < 0.3
        for side in (said, heard):
            assert not any(window.sound for window in within(side, published, paused.at, ended.at))
