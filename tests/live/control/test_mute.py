"""Mute, and keys for the other end: on the agent's leg, so that any phone can; judged by what everybody hears."""

import asyncio

import pytest

from cti.desk import commands as ask
from cti.errors import Conflict
from cti.events import AgentMuted, InteractionHeld, InteractionResumed, RecordingPublished, SupervisionStarted
from cti.simulated.phone import Phone
from tests.harness.house import House, until
from tests.harness.sound import channels, heard_s, windows

CUSTOMER, AGENT = 440, 1000


def heard_after(phone: Phone, at: float) -> bool:
    """Whether anything of the agent came since then."""
    return any(AGENT in window.tones for window in phone.call.heard if window.at > at)


async def test_a_muted_agent_hears_everybody_and_nobody_hears_the_agent(house: House) -> None:
    async with house.agent("1001") as agent, house.agent("2001") as supervisor, house.caller() as caller:
        await caller.play(CUSTOMER)
        await agent.play(AGENT)
        await supervisor.answer_all(after=0.1)
        await until(lambda: "d2001" in house.daemon.roster.reachable, "the supervisor's phone is registered")
        await house.ask("2001", ask.SignIn, phone="desk")
        talk = await house.talk(caller, agent)
        await caller.wait_hears({AGENT})
        await house.ask("2001", ask.Supervise, agent_id="1001", mode="listen")
        await house.wait(SupervisionStarted)
        await supervisor.wait_hears({CUSTOMER, AGENT})

        call = {"interaction_id": talk.interaction_id}
        await house.ask("1001", ask.Mute, **call, on=True)
        muted = await house.wait(AgentMuted)
        await asyncio.sleep(2.5)
        assert not heard_after(caller, muted.at + 1)
        await agent.wait_hears({CUSTOMER})
        await supervisor.wait_hears({CUSTOMER})
        shown = house.daemon.desk.call("1001")
        assert shown is not None
        assert shown.muted

        await house.ask("1001", ask.Hold, **call)
        await house.wait(InteractionHeld)
        await house.ask("1001", ask.Resume, **call)
        await house.wait(InteractionResumed)
        await agent.wait_hears({CUSTOMER})
        assert not heard_after(caller, muted.at + 1)  # still muted; the music has no such tone

        await house.ask("1001", ask.Mute, **call, on=False)
        spoken = await house.wait(AgentMuted, muted=False)
        await caller.wait_hears({AGENT}, steady_s=1.0)
        await caller.hang_up()
        recording = await house.wait(RecordingPublished)
    left, right = channels(house.daemon.settings.path(house.daemon.settings.recordings) / recording.path)
    began, ended = muted.at - recording.started_at + 0.3, spoken.at - recording.started_at - 0.3
    while_muted = [window for window in windows(right, (AGENT,)) if began < window.at < ended]
    assert len(while_muted) > 10, (began, ended, recording)
    assert not any(AGENT in window.tones for window in while_muted)
    assert heard_s(windows(left, (CUSTOMER,)), CUSTOMER) > recording.duration_s - 1.5


async def test_a_mute_does_not_go_on_with_the_next_agent(house: House) -> None:
    async with house.agent("1001") as first, house.agent("1002") as second, house.caller() as caller:
        await second.play(AGENT)
        await second.answer_all(after=0.1)
        await house.ready("1002")
        talk = await house.talk(caller, first)
        await house.ask("1001", ask.Mute, interaction_id=talk.interaction_id, on=True)
        await house.ask("1001", ask.Transfer, interaction_id=talk.interaction_id, kind="agent", target="1002")
        await caller.wait_hears({AGENT})
        shown = house.daemon.desk.call("1002")
        assert shown is not None
        assert not shown.muted


async def test_keys_reach_the_far_end_in_order_and_are_written_down_nowhere(house: House) -> None:
    async with house.agent("1001") as agent, house.caller() as caller:
        talk = await house.talk(caller, agent)
        call = {"interaction_id": talk.interaction_id}
        await house.ask("1001", ask.Mute, **call, on=True)  # a phone that nobody hears presses keys all the same
        await house.ask("1001", ask.SendDigits, **call, digits="9071")
        await house.ask("1001", ask.SendDigits, **call, digits="3")
        await house.ask("1001", ask.SendDigits, **call, digits="5#")
        await caller.wait_until(lambda: caller.call.digits == "907135#", 5, "the keys have come")
        assert agent.call.digits == ""
        await house.ask("1001", ask.Hold, **call)
        with pytest.raises(Conflict, match="nobody"):
            await house.ask("1001", ask.SendDigits, **call, digits="1")
    assert not [fact for fact in house.facts if "907135" in repr(fact) or "9071" in repr(getattr(fact, "digits", ""))]
