"""Calls of agents that reach nobody: the right word on the desk, no wrap-up, and nobody rung twice."""

import asyncio

import pytest

from cti.desk import commands as ask
from cti.events import CallFailed, CommandAudited, InteractionEnded, RecordingStarted, SegmentEnded
from tests.harness.desk import Desk, Refused, log_in
from tests.harness.house import House
from tests.live.outbound.conftest import RING_S

NUMBER = "+8613900000001"


async def dial(desk: Desk, number: str = NUMBER) -> str:
    result = await desk.ask(ask.DialOut, kind="number", target=number)
    assert result is not None
    interaction: str = result["interaction_id"]
    return interaction


async def free_again(desk: Desk, code: str, count: int) -> None:
    await desk.wait("me", state="ready")
    await desk.wait_gone("call")
    assert [notice["code"] for notice in desk.notices][-1] == code
    assert len(desk.notices) == count


async def test_busy_no_answer_cancelled_and_not_allowed(house: House) -> None:
    async with house.agent("1001") as agent, house.outside() as home, log_in(house.daemon.url, "1001") as desk:
        await agent.answer_all(after=0.1)
        await house.ready("1001")

        busy = await dial(desk)
        await home.wait_call()
        await home.decline()
        await house.wait(CallFailed, interaction_id=busy, reason="busy")
        await free_again(desk, "dial.busy", 1)
        await agent.wait_closed()

        nobody = await dial(desk)
        await home.wait_call(number=2)
        await house.wait(CallFailed, interaction_id=nobody, reason="no_answer", within=RING_S + 10)
        await free_again(desk, "dial.no_answer", 2)
        await home.wait_closed()
        await agent.wait_closed()

        cancelled = await dial(desk)
        await home.wait_call(number=3)
        await desk.ask(ask.HangUp, interaction_id=cancelled)
        await house.wait(CallFailed, interaction_id=cancelled, reason="cancelled")
        await home.wait_closed()
        await agent.wait_closed()
        await desk.wait("me", state="ready")

        for number in ("+85223456789", "110", "1002"):
            with pytest.raises(Refused, match=f"calls to .*{number[1:]} are not allowed") as refused:
                await dial(desk, number)
            assert refused.value.code == "forbidden"
        await asyncio.sleep(1)
    assert len(home.calls) == len(agent.calls) == 3
    ends = house.of(InteractionEnded)
    assert [(end.interaction_id, end.outcome) for end in ends] == [(one, "failed") for one in (busy, nobody, cancelled)]
    assert ends[0].cause == 17
    assert not house.of(SegmentEnded)
    assert not house.of(RecordingStarted)
    assert [one.allowed for one in house.of(CommandAudited, command="call.dial")] == [False] * 3


async def test_the_own_phone_does_not_answer(house: House) -> None:
    async with house.agent("1001") as agent, house.outside() as home, log_in(house.daemon.url, "1001") as desk:
        await house.ready("1001")
        interaction = await dial(desk)
        ringing = await agent.wait_call()
        assert NUMBER in ringing.peer
        await agent.decline()
        await house.wait(CallFailed, interaction_id=interaction)
        await desk.wait("me", state="ready")
        assert not home.calls
