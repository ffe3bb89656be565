"""An agent runs into the limits of dialling: a word for the page, a fact, an alarm; and a restart forgets nothing."""

from pathlib import Path

import pytest

from cti.daemon.running import running
from cti.desk import commands as ask
from cti.events import AlarmRaised, CallFailed, CommandAudited, DialEnded, DialPermitted, DialRefused
from tests.harness.desk import Desk, Refused, log_in
from tests.harness.house import House, add_people, configured, open_asterisk

NUMBER = "+8613900000001"
OUTBOUND = {
    "limits": {"per_user": {"per_hour": 3, "spend_per_hour": 0.5}},
    "prices": {"+86": 0.1, "+8613900000002": 0.6},
    "wrap_up_s": 1,
}


async def called_and_given_up(house: House, desk: Desk, count: int) -> None:
    result = await desk.ask(ask.DialOut, kind="number", target=NUMBER)
    assert result is not None
    await house.wait(DialPermitted, count=count)
    await desk.ask(ask.HangUp, interaction_id=result["interaction_id"])
    await house.wait(CallFailed, count=count)
    await house.wait(DialEnded, count=count)
    await desk.wait("me", state="ready")


async def refused(desk: Desk, number: str = NUMBER) -> str:
    with pytest.raises(Refused) as caught:
        await desk.ask(ask.DialOut, kind="number", target=number)
    assert caught.value.code == "forbidden"
    return f"{caught.value.state}: {caught.value}"


async def test_limits_hold_are_told_and_outlive_the_daemon(tmp_path: Path) -> None:
    async with open_asterisk(tmp_path) as asterisk:
        settings = configured(tmp_path, asterisk, outbound=OUTBOUND)
        await add_people(settings)
        async with running(settings) as daemon:
            house = House(asterisk, daemon)
            daemon.bus.subscribe(house.hear)
            async with (
                house.agent("1001"),
                log_in(daemon.url, "1001") as desk,
                log_in(daemon.url, "2001") as board,
            ):
                await house.ready("1001")
                await called_and_given_up(house, desk, 1)
                await called_and_given_up(house, desk, 2)
                assert "dial_spend" in await refused(desk, "+8613900000002")
                await called_and_given_up(house, desk, 3)
                assert "dial_rate: " in (text := await refused(desk))
                assert "3 calls in one hour for each user" in text
                assert "dial_not_allowed" in await refused(desk, "+4930123456")
                raised = await house.wait(AlarmRaised, queue="")
                await board.wait("alarms", raised.alarm_id, kind="toll", queue="")
            assert [fact.reason for fact in house.of(DialRefused)] == ["spend", "rate", "not_allowed"]
            assert [one.allowed for one in house.of(CommandAudited, command="call.dial")] == [False] * 3
            assert all(fact.cost == 0 for fact in house.of(DialEnded))
        async with running(settings) as daemon:
            house = House(asterisk, daemon)
            async with house.agent("1001"), log_in(daemon.url, "1001") as desk:
                await house.ready("1001")
                assert "dial_rate" in await refused(desk)
