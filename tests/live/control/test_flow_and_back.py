"""The customer types a card number in a flow and comes back: nobody hears it, nothing holds it."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from cti.desk import commands as ask
from cti.errors import Conflict
from cti.events import (
    FlowEntered,
    FlowLeft,
    InteractionQueued,
    InteractionResumed,
    IvrStepped,
    RecordingPaused,
    RecordingPublished,
    RecordingResumed,
    SegmentEnded,
)
from tests.harness.house import House, open_house
from tests.harness.sound import channels, heard_s, windows

CUSTOMER, AGENT = 440, 1000
CARD = "4539578763621486"


def holding(root: Path, text: str) -> Iterable[Path]:
    """The files below in which it stands as text; sound may hold anything."""
    needle = text.encode()
    return [
        path
        for path in root.rglob("*")
        if path.is_file() and not path.is_symlink() and path.suffix not in {".wav", ".raw", ".sln16"}
        if needle in path.read_bytes()
    ]


async def test_a_card_number_is_typed_and_reaches_nobody(tmp_path: Path) -> None:
    async with open_house(tmp_path, witness=True) as house:
        async with house.agent("1001") as agent, house.caller() as caller:
            await caller.play(CUSTOMER)
            await agent.play(AGENT)
            talk = await house.talk(caller, agent)
            call = {"interaction_id": talk.interaction_id}
            await caller.wait_hears({AGENT})
            await house.ask("1001", ask.SendToFlow, **call, flow="card_number")
            entered = await house.wait(FlowEntered)
            shown = house.daemon.desk.call("1001")
            assert shown is not None
            assert (shown.flow, shown.recording_paused) == ("card_number", True)
            for command in (ask.PauseRecording, ask.ResumeRecording, ask.StartRecording, ask.Resume, ask.Hold):
                with pytest.raises(Conflict, match="in a flow"):
                    await house.ask("1001", command, **call)
            await agent.wait_hears(())  # the customer's own tone goes on, which stands for tones of keys as well
            await caller.send_digits(f"{CARD}#")
            left = await house.wait(FlowLeft, within=30)
            await agent.wait_hears({CUSTOMER}, within=15)
            await caller.wait_hears({AGENT})
            await house.wait(RecordingResumed)
            shown = house.daemon.desk.call("1001")
            assert shown is not None
            assert (shown.flow, shown.phase, shown.recording_paused) == ("", "connected", False)
            assert shown.flow_result["en"] == "The card number is valid"
            assert agent.call.digits == ""
            await caller.hang_up()
            published = await house.wait(RecordingPublished)
            await house.wait(SegmentEnded)
        assert (left.result, left.flow) == ("verified", "card_number")
        (paused,), (resumed,) = house.of(RecordingPaused), house.of(RecordingResumed)
        assert paused.why == "flow"
        assert paused.at <= entered.at
        assert left.at <= resumed.at
        typed = house.of(IvrStepped, flow="card_number", step="ask")
        assert [step.digits for step in typed] == ["*" * len(CARD)]
        assert not [fact for fact in house.facts if CARD in repr(fact)]
        path = house.daemon.settings.path(house.daemon.settings.recordings) / published.path
        since, until = paused.at - published.started_at + 0.3, resumed.at - published.started_at - 0.6
        for side in channels(path):
            part = [window for window in windows(side, (CUSTOMER, AGENT)) if since < window.at < until]
            assert len(part) > 20
            assert not any(window.sound for window in part)
        assert heard_s(windows(channels(path)[0], (CUSTOMER,)), CUSTOMER) > 0.5
    assert holding(tmp_path, CARD) == []
    assert holding(tmp_path, CARD[:8]) == []


async def test_fetched_early_and_lost_by_the_agent(house: House) -> None:
    async with house.agent("1001") as agent, house.caller() as caller:
        await caller.play(CUSTOMER)
        await agent.play(AGENT)
        talk = await house.talk(caller, agent)
        call = {"interaction_id": talk.interaction_id}
        await house.ask("1001", ask.SendToFlow, **call, flow="card_number")
        await house.wait(FlowEntered)
        await caller.wait_sound(1.0)
        await house.ask("1001", ask.FetchFromFlow, **call)
        left = await house.wait(FlowLeft)
        await house.wait(InteractionResumed)
        await caller.wait_hears({AGENT})
        await agent.wait_hears({CUSTOMER})
        await house.wait(RecordingResumed)
        assert left.result == ""

        await house.ask("1001", ask.SendToFlow, **call, flow="card_number")
        await house.wait(FlowEntered, count=2)
        await agent.hang_up()
        again = await house.wait(InteractionQueued, count=2)
        await house.wait(FlowLeft, count=2)
        await house.wait(RecordingResumed, count=2)
        assert again.interaction_id == talk.interaction_id
        await caller.hang_up()
        await house.wait(RecordingPublished)
