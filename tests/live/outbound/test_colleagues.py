"""Colleagues call each other: from the desk, by their phones alone, and with a daemon that dies meanwhile."""

from pathlib import Path

import pytest

from cti.desk import commands as ask
from cti.events import InternalCallConnected, InternalCallEnded, OfferMade, RecordingStarted
from tests.harness.apart import open_apart
from tests.harness.desk import Refused, log_in
from tests.harness.house import House, until

FIRST, SECOND = 1000, 1600


async def test_a_colleague_is_called_by_extension_from_the_desk(house: House) -> None:
    """1001 works; 1002 is not signed in, and has a phone."""
    async with (
        house.agent("1001") as mine,
        house.agent("1002") as theirs,
        house.caller() as caller,
        log_in(house.daemon.url, "1001") as desk,
        log_in(house.daemon.url, "1002") as other,
    ):
        await mine.play(FIRST)
        await theirs.play(SECOND)
        await mine.answer_all(after=0.1)
        await house.ready("1001")
        seen = await desk.wait("agents", "1002", reachable=True, state="logged_out", on_phone=False)
        assert (seen["name"], seen["extension"]) == ("王强", "1002")
        result = await desk.ask(ask.DialOut, kind="agent", target="1002")
        assert result is not None
        await desk.wait("call", phase="dialling", direction="internal", caller_name="王强", number="1002")
        shown = await other.wait("call", phase="offered", direction="internal", caller_name="李娜")
        ringing = await theirs.wait_call()
        assert shown["offered_at"] <= ringing.invite_at
        assert "1001" in ringing.peer
        with pytest.raises(Refused, match="are in a call"):
            await desk.ask(ask.DialOut, kind="agent", target="1002")
        await theirs.answer()
        await mine.wait_hears({SECOND}, steady_s=1.0)
        await theirs.wait_hears({FIRST})
        await desk.wait("call", phase="connected")
        await other.wait("agents", "1001", state="busy")
        await desk.wait("agents", "1002", on_phone=True)
        await house.enter_queue(caller)
        assert not house.of(OfferMade)
        await mine.answer_none()
        await other.ask(ask.HangUp, interaction_id=result["interaction_id"])
        await house.wait(InternalCallEnded, reason="hung_up")
        await other.wait_gone("call")
        await house.wait(OfferMade, agent_id="1001")
    assert not house.of(RecordingStarted)


async def test_who_calls_with_the_phone_alone_is_offered_nothing(house: House) -> None:
    async with (
        house.agent("1001") as mine,
        house.agent("1002") as theirs,
        house.caller() as caller,
        log_in(house.daemon.url, "1003") as desk,
    ):
        await theirs.answer_all(after=0.1)
        await house.ready("1001")
        await mine.dial("1002")
        await mine.wait_established()
        await until(lambda: house.daemon.engine.agent("1001").state == "busy", "1001 is on the phone")
        await desk.wait("agents", "1002", on_phone=True)
        await house.enter_queue(caller)
        assert not house.of(OfferMade)
        await mine.hang_up()
        await house.wait(OfferMade, agent_id="1001")
        await desk.wait("agents", "1002", on_phone=False)


async def test_a_daemon_that_dies_while_colleagues_talk(tmp_path: Path) -> None:
    async with (
        open_apart(tmp_path) as house,
        house.agent("1001") as mine,
        house.agent("1002") as theirs,
    ):
        await mine.play(FIRST)
        await theirs.play(SECOND)
        await mine.answer_all(after=0.1)
        await house.ready("1001")
        async with house.desk("1001") as desk:
            await desk.wait("agents", "1002", reachable=True)
            await desk.ask(ask.DialOut, kind="agent", target="1002")
            await theirs.wait_call()
            await house.daemon.kill()  # while it rings: nobody is left ringing
        await house.start()
        await theirs.wait_closed()
        await mine.wait_closed()
        async with house.desk("1001") as desk:
            await desk.wait("agents", "1002", reachable=True)
            await theirs.answer_all(after=0.1)
            await desk.ask(ask.Ready)
            await desk.ask(ask.DialOut, kind="agent", target="1002")
            await house.books.wait(InternalCallConnected)
            await house.daemon.kill()  # while they talk: they talk on
        await house.start()
        await mine.wait_hears({SECOND}, steady_s=1.0)
        async with house.desk("1001") as desk:
            await desk.wait("call", phase="connected", direction="internal", number="1002")
            await desk.wait("me", state="busy")
            await theirs.hang_up()
            await desk.wait_gone("call")
        await house.books.wait(InternalCallEnded, reason="hung_up")
        assert len(theirs.calls) == 2
