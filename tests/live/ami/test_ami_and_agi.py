"""Our AMI client and FastAGI server against a real Asterisk with real calls."""

import asyncio
import wave
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from cti.agi.server import FastAgiServer
from cti.agi.session import AgiSession, Played, Typed
from cti.ami.client import Account, AmiClient, Timing
from cti.ami.codec import variable
from cti.ami.messages import Event
from cti.ami.probe import probe
from cti.errors import ActionFailed, HungUp, NotConnected, Unusable
from cti.private_asterisk import AsteriskSettings, private_asterisk

if TYPE_CHECKING:
    from tests.live.ami.conftest import Lab

pytestmark = pytest.mark.asyncio(loop_scope="module")
NAME = "张小龙 <img src=x onerror=alert(1)>"
QUICK = Timing(reconnect_first_s=0.1, reconnect_most_s=0.3)
NOTE = 'a, "b" = 张 \\ (c [d,LD_CUSTOMER=y'


def silent_prompt(path: Path, samples: int) -> str:
    """An 8 kHz prompt; returns its path as STREAM FILE wants it, without suffix."""
    with wave.open(f"{path}.wav", "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(2 * samples))
    return str(path)


async def test_logging_in_by_challenge_and_the_version(lab: "Lab") -> None:
    assert (await probe(lab.account(), modules=["chan_pjsip", "app_queue"])).startswith("22.")


async def test_what_is_wrong_is_said_in_one_sentence(lab: "Lab") -> None:
    with pytest.raises(Unusable, match="refuses the manager 'laidian'"):
        await probe(lab.account(secret="wrong"))
    with pytest.raises(Unusable, match="module chan_dahdi is needed"):
        await probe(lab.account(), modules=["chan_dahdi"])


async def test_a_command_prints_and_an_unfit_account_is_told(lab: "Lab") -> None:
    async with lab.client("operator") as operator:
        printed = await operator.command("core show version")
        assert printed.startswith("Asterisk 22.")
        assert len((await operator.command("core show applications")).splitlines()) > 50
    async with lab.client() as daemon:
        with pytest.raises(ActionFailed, match="Permission denied"):
            await daemon.command("core show version")


async def test_lists_that_are_empty(lab: "Lab") -> None:
    async with lab.client() as client:
        assert await client.list_action("CoreShowChannels") == []
        assert await client.list_action("PJSIPShowContacts") == []
        assert await client.list_action("BridgeList") == []


async def test_a_local_call_a_list_and_a_chinese_caller(lab: "Lab") -> None:
    events: list[Event] = []
    wanted = frozenset({"Newchannel", "Hangup", "OriginateResponse", "CoreShowChannel"})
    async with lab.client(wanted=wanted, on_event=events.append) as client:
        fields = {
            "Channel": "Local/4900@ld-site",
            "Application": "Wait",
            "Data": "5",
            "CallerID": '"张小龙" <13800138000>',
            "ChannelId": "ld-test-1",
            "OtherChannelId": "ld-test-1b",
            "Variable": [variable("LD_CUSTOMER", "x"), variable("LD_NOTE", NOTE)],
            "Async": "true",
        }
        await client.action("Originate", fields)
        note = await _variable_when_up(client, events)
        assert note == NOTE
        channels = await client.list_action("CoreShowChannels")
        assert {"ld-test-1", "ld-test-1b"} <= {channel["Uniqueid"] for channel in channels}
        assert {event["Uniqueid"] for event in events if event.name == "CoreShowChannel"} == {
            channel["Uniqueid"] for channel in channels
        }
        assert "张小龙" in {event["CallerIDName"] for event in events if event.name == "Newchannel"} | {
            channel["CallerIDName"] for channel in channels
        }
        await client.action("Hangup", {"Channel": "ld-test-1"})
        with pytest.raises(ActionFailed, match="No such channel"):
            await client.action("Hangup", {"Channel": "nobody"})
        assert 0 <= client.age.last_s < 1


async def _variable_when_up(client: AmiClient, events: list[Event]) -> str:
    await until(lambda: any(event.name == "OriginateResponse" for event in events))
    for channel in await client.list_action("CoreShowChannels"):
        try:
            answer = await client.action("Getvar", {"Channel": channel["Channel"], "Variable": "LD_NOTE"})
        except ActionFailed:
            continue
        if answer["Value"]:
            return answer["Value"]
    return ""


def agent_leg(channel_id: str, customer: str) -> dict[str, str | list[str]]:
    return {
        "Channel": "PJSIP/d1001",
        "Context": "ld-agent",
        "Exten": "s",
        "Priority": "1",
        "ChannelId": channel_id,
        "CallerID": f'"{NAME}" <13900001>',
        "Variable": [variable("LD_CUSTOMER", customer)],
        "Async": "true",
    }


async def test_a_real_call_through_fastagi(lab: "Lab", tmp_path: Path) -> None:
    """The commands of an IVR, a key, a Bridge() that pulls the caller away, and the script after it."""
    prompt = silent_prompt(tmp_path / "提示", samples=1600)
    seen: dict[str, object] = {}
    waiting, over = asyncio.Event(), asyncio.Event()

    async def hotline(session: AgiSession) -> None:
        seen["name"], seen["number"] = session.env.caller_name, session.env.dialled_number
        await session.answer()
        seen["prompt"] = await session.stream_file(prompt, "#")
        with pytest.raises(ActionFailed, match="STREAM FILE"):
            await session.stream_file("there/is/no/such/prompt")
        await session.set_variable("LD_NOTE", 'say "张" \\ back')
        seen["note"] = await session.get_variable("LD_NOTE")
        seen["unset"] = await session.get_variable("LD_NOTHING")
        seen["function"] = await session.get_variable("CALLERID(name)")
        seen["silence"] = await session.wait_for_digit(50)
        with pytest.raises(ActionFailed):
            await session.exec("NoSuchApplication")
        with pytest.raises(ActionFailed, match="Invalid"):
            await session.command("STREAM FILE")
        await session.set_music(on=True)
        waiting.set()
        seen["key"] = await session.wait_for_digit(5000)
        seen["uniqueid"] = session.env.uniqueid
        waiting.set()
        try:
            await session.wait_for_digit(20_000)
        except HungUp:
            seen["pulled"] = True
            raise

    async def after(session: AgiSession) -> None:
        await session.noop("the agent has hung up")
        await session.set_variable("LD_DONE", "1")
        over.set()

    async with (
        FastAgiServer({"hotline": hotline, "after": after}, port=lab.asterisk.agi_port) as server,
        lab.client() as client,
        lab.agent(),
        lab.caller("4000", name=NAME) as caller,
        asyncio.timeout(15),
    ):
        await waiting.wait()
        waiting.clear()
        (customer,) = await client.list_action("CoreShowChannels")
        assert customer["CallerIDName"] == NAME
        digit = {"Channel": customer["Channel"], "Digit": "5", "Duration": "100", "Receive": "true"}
        await client.action("PlayDTMF", digit)
        await waiting.wait()
        await client.action("Originate", agent_leg("ld-test-agent-1", str(seen["uniqueid"])))
        await until(lambda: "pulled" in seen)
        await asyncio.sleep(0.2)
        await client.action("Hangup", {"Channel": "ld-test-agent-1"})
        await over.wait()
        assert await caller.wait() == 0
        await until(lambda: not server.sessions)
    assert seen == {
        "name": NAME,
        "number": "4000",
        "prompt": ("", 1600),
        "note": 'say "张" \\ back',
        "unset": None,
        "function": NAME,
        "silence": None,
        "key": "5",
        "uniqueid": seen["uniqueid"],
        "pulled": True,
    }


async def test_digits_are_collected_and_a_message_is_recorded(lab: "Lab", tmp_path: Path) -> None:
    prompt = silent_prompt(tmp_path / "prompt", samples=800)
    listening = asyncio.Event()
    result: asyncio.Future[tuple[Typed, Typed, Played]] = asyncio.get_running_loop().create_future()
    channel: list[str] = []

    async def hotline(session: AgiSession) -> None:
        channel.append(session.env.channel)
        await session.answer()
        listening.set()
        typed = await session.get_data(prompt, timeout_ms=3000, max_digits=3)
        nothing = await session.get_data(prompt, timeout_ms=100, max_digits=3)
        recorded = await session.record_file(str(tmp_path / "message"), most_ms=300, beep=False)
        await session.set_variable("LD_DONE", "1")
        result.set_result((typed, nothing, recorded))

    async with (
        FastAgiServer({"hotline": hotline}, port=lab.asterisk.agi_port),
        lab.client() as client,
        lab.caller("4000"),
        asyncio.timeout(10),
    ):
        await listening.wait()
        for digit in "123":
            await client.action("PlayDTMF", {"Channel": channel[0], "Digit": digit, "Receive": "true"})
            await asyncio.sleep(0.2)
        typed, nothing, recorded = await result
    assert typed == ("123", False)
    assert nothing == ("", True)
    assert recorded == ("", recorded.endpos)
    assert (tmp_path / "message.wav").exists()


SMUGGLED = "\r\n\r\nEvent: Hangup\r\nUniqueid: 1.1\r\nagi_dnid: 666\r\n\r\n"


@pytest.mark.parametrize("smuggled", [SMUGGLED, "\nagi_dnid: 666", "\r\nUniqueid: 1.1"], ids=["event", "agi", "header"])
async def test_a_number_smuggles_nothing_in(lab: "Lab", smuggled: str) -> None:
    """A SIP user may be written with %0D%0A; Asterisk unescapes it and writes it into AMI and AGI as it is."""
    seen: list[AgiSession] = []
    events: list[Event] = []

    async def hotline(session: AgiSession) -> None:
        seen.append(session)
        await session.set_variable("LD_DONE", "1")

    wanted = frozenset({"Newchannel", "Newstate", "Hangup"})
    async with (
        FastAgiServer({"hotline": hotline}, port=lab.asterisk.agi_port) as server,
        lab.client("guarded", wanted=wanted, on_event=events.append) as client,
        lab.caller("4000", user="139" + quote(smuggled)),
    ):
        await until(lambda: bool(seen or server.refused))
        await client.action("Hangup", {"Channel": "/^PJSIP/trunk-/"})
        await until(lambda: not server.sessions)
    assert [session.env.dialled_number for session in seen] in ([], ["4000"])
    assert "1.1" not in {event.get("Uniqueid") for event in events}


async def test_a_caller_who_hangs_up_in_the_menu(lab: "Lab") -> None:
    ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    late: list[str] = []
    waiting = asyncio.Event()

    async def hotline(session: AgiSession) -> None:
        await session.answer()
        waiting.set()
        try:
            await session.wait_for_digit(20_000)
        except HungUp as error:
            try:
                await session.set_variable("X", "1")
            except HungUp:
                late.append("refused")
            ended.set_result(str(error))

    async with (
        FastAgiServer({"hotline": hotline}, port=lab.asterisk.agi_port),
        lab.client() as client,
        lab.caller("4000"),
        asyncio.timeout(10),
    ):
        await waiting.wait()
        (customer,) = await client.list_action("CoreShowChannels")
        await client.action("Hangup", {"Channel": customer["Channel"]})
        assert "hung up" in await ended
        assert late == ["refused"]


async def test_a_cancelled_prompt_does_not_shift_the_answers(lab: "Lab", tmp_path: Path) -> None:
    prompt = silent_prompt(tmp_path / "prompt", samples=4000)
    result: asyncio.Future[object] = asyncio.get_running_loop().create_future()

    async def hotline(session: AgiSession) -> None:
        await session.answer()
        with suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                await session.stream_file(prompt)
        result.set_result(await session.get_variable("CHANNEL(uniqueid)") == session.env.uniqueid)
        await session.set_variable("LD_DONE", "1")

    async with (
        FastAgiServer({"hotline": hotline}, port=lab.asterisk.agi_port),
        lab.caller("4000") as caller,
        asyncio.timeout(15),
    ):
        assert await result is True
        assert await caller.wait() == 0


async def test_pain_05_a_restart_of_asterisk_is_a_new_session(tmp_path: Path) -> None:
    told: list[str] = []
    downs: list[str] = []

    async def up(client: AmiClient) -> None:
        told.append(f"{len(await client.list_action('CoreShowChannels'))} channels")

    settings = AsteriskSettings(run_dir=tmp_path / "first")
    async with private_asterisk(settings) as first:
        port, secret = first.ami_port, first.ami_secret
        account = Account(port=port, username=first.ami_user, secret=secret)
        client = AmiClient(
            account, wanted=frozenset(), on_event=lambda _: None, on_up=up, on_down=downs.append, timing=QUICK
        )
        run = asyncio.create_task(client.run(), name="ami-client")
        await sessions(client, 1)
    with pytest.raises(NotConnected):
        await client.action("Originate", {"Channel": "Local/1@ld-site", "Application": "Wait"})
    async with private_asterisk(replace(settings, run_dir=tmp_path / "second", ami_port=port, ami_secret=secret)):
        await sessions(client, 2)
        assert (await client.action("Ping")).ok
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
    assert told == ["0 channels", "0 channels"]
    assert len(downs) == 2


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  # what is waited for is anything a test can look at
            await asyncio.sleep(0.01)


async def sessions(client: AmiClient, number: int) -> None:
    await until(lambda: client.sessions >= number)
