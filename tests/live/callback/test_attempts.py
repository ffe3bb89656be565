"""How often a customer is dialled, and when: with spacing, up to the limit, in the hours, at the number agreed on."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from cti.desk import commands as ask
from cti.events import (
    CallbackDialled,
    CallbackEnded,
    CallbackPaused,
    CommandAudited,
    InteractionConnected,
    InteractionEnded,
    OfferMade,
    SegmentEnded,
)
from tests.harness.house import House, open_house, until
from tests.live.callback.conftest import DAYS, RETRY_S, RING_S, asks_for_a_call, calling_back


async def test_pain_20_a_customer_who_does_not_answer_is_dialled_with_spacing_and_a_limit(house: House) -> None:
    async with house.agent("1001") as agent, house.outside() as home, house.caller() as caller:
        await agent.answer_all(after=0.1)
        request = await asks_for_a_call(house, caller)
        await house.ready("1001")
        first = await home.wait_call()
        await house.wait(CallbackPaused, within=RING_S + 5)
        assert house.daemon.engine.agent("1001").state == "ready"
        await agent.wait_closed()
        second = await home.wait_call(within=RETRY_S + 10, number=2)
        ended = await house.wait(InteractionEnded, within=RING_S + 10)
        await asyncio.sleep(RETRY_S + 2)
        rung = len(home.calls)
    assert rung == 2
    assert second.invite_at - first.invite_at >= RETRY_S + RING_S - 0.5
    assert [paused.reason for paused in house.of(CallbackPaused)] == ["no_answer"]
    assert [(end.end, end.attempts) for end in house.of(CallbackEnded)] == [("gave_up", 2)]
    assert (ended.interaction_id, ended.outcome) == (request.interaction_id, "callback_requested")
    assert not house.of(SegmentEnded)
    assert house.daemon.engine.agent("1001").state == "ready"


async def test_a_busy_customer_and_an_agent_who_hangs_up(house: House) -> None:
    async with house.agent("1001") as agent, house.outside() as home, house.caller() as caller:
        await agent.answer_all(after=0.1)
        await asks_for_a_call(house, caller)
        await house.ready("1001")
        await home.wait_call()
        await home.decline()
        paused = await house.wait(CallbackPaused)
        assert paused.reason == "busy"
        await home.wait_call(within=RETRY_S + 10, number=2)
        await agent.hang_up()
        await home.wait_closed()
        ended = await house.wait(CallbackEnded)
        await until(lambda: house.daemon.engine.agent("1001").state == "not_ready", "the agent is taken out")
    assert (ended.end, ended.attempts) == ("gave_up", 2)


async def test_a_typed_number_and_a_supervisor_who_cancels(house: House) -> None:
    async with house.agent("1001") as agent, house.outside() as home, house.caller() as caller:
        await agent.answer_all(after=0.1)
        request = await asks_for_a_call(house, caller, keys="213900000007#1")
        assert request.number == "+8613900000007"
        await house.ready("1001")
        ringing = await home.wait_call()
        await house.ask("2001", ask.CancelCallback, interaction_id=request.interaction_id)
        await home.wait_closed()
        await agent.wait_closed()
        ended = await house.wait(InteractionEnded)
        await until(lambda: house.daemon.engine.agent("1001").state == "ready", "the agent is free")
    assert ringing.reason != "" or ringing.closed_at is not None
    assert (ended.outcome, ended.ended_by) == ("callback_requested", "supervisor")
    assert [audited.command for audited in house.of(CommandAudited)] == ["cancel_callback"]
    assert not house.of(InteractionConnected)


async def test_nobody_is_dialled_outside_the_permitted_hours(tmp_path: Path) -> None:
    here = datetime.now(ZoneInfo("Asia/Shanghai"))
    later = here + timedelta(hours=2) if here.hour < 21 else here - timedelta(hours=4)
    hours = {DAYS: [f"{later:%H}:00-{later:%H}:30"]}
    async with open_house(tmp_path, queues=calling_back(hours=hours)) as house:
        async with house.agent("1001") as agent, house.outside() as home, house.caller() as caller:
            await agent.answer_all(after=0.1)
            await asks_for_a_call(house, caller)
            await house.ready("1001")
            paused = await house.wait(CallbackPaused)
            await asyncio.sleep(4)
            assert not home.calls
            assert not agent.calls
        opening = datetime.fromtimestamp(paused.until, ZoneInfo("Asia/Shanghai"))
        assert (paused.reason, opening.hour, opening.minute) == ("hours", later.hour, 0)
        assert not house.of(OfferMade)
        assert not house.of(CallbackDialled)
