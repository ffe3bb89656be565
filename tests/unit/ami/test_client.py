import asyncio
import random
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cti.ami.client import Account, Alarm, AlarmKind, AmiClient, Timing, backoff_s
from cti.ami.messages import Event
from cti.ami.probe import major_version, probe
from cti.errors import ActionFailed, DeadlineExceeded, LocalProtocolError, NotConnected, Unusable
from cti.settings import AmiSettings

if TYPE_CHECKING:
    from tests.unit.ami.conftest import Action, FakeManager

CERTIFICATE = Path(__file__).parent / "localhost.pem"
QUICK = Timing(
    connect_s=1,
    action_s=0.5,
    list_s=0.5,
    boot_s=0.1,
    ping_every_s=0.05,
    ping_deadline_s=0.15,
    reconnect_first_s=0.02,
    reconnect_most_s=0.05,
)
CALM = Timing(action_s=2, list_s=2, reconnect_first_s=0.02, reconnect_most_s=0.05)


def silence(_action: "Action", _manager: "FakeManager") -> None:
    return None


class Seen:
    """What a client told its listeners, in order."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.alarms: list[Alarm] = []

    def event(self, event: Event) -> None:
        self.log.append(event.get("Channel", event.name))

    def down(self, _reason: str) -> None:
        self.log.append("down")

    async def up(self, _client: AmiClient) -> None:
        self.log.append("up")


async def until(condition: Callable[[], bool], seconds: float = 3.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  # what is waited for is anything a test can look at
            await asyncio.sleep(0.005)


@asynccontextmanager
async def connected(
    manager: "FakeManager", timing: Timing = CALM, wanted: frozenset[str] = frozenset({"Newchannel"}), **listeners: Any
) -> AsyncIterator[tuple[AmiClient, Seen]]:
    seen = Seen()
    client = AmiClient(
        account(manager),
        wanted=wanted,
        on_event=listeners.get("on_event", seen.event),
        on_up=listeners.get("on_up", seen.up),
        on_down=seen.down,
        on_alarm=seen.alarms.append,
        timing=timing,
    )
    run = asyncio.create_task(client.run(), name="ami-client")
    try:
        await until(lambda: client.sessions > 0)
        yield client, seen
    finally:
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)


def account(manager: "FakeManager", **changes: Any) -> Account:
    return Account(**{"port": manager.port, "username": "laidian", "secret": manager.secret, **changes})


def ok(action: "Action", extra: str = "") -> str:
    return f"Response: Success\nActionID: {action['ActionID'][0]}\n{extra}\n"


async def test_the_secret_does_not_cross_the_wire(manager: "FakeManager") -> None:
    async with connected(manager) as (client, seen):
        assert client.connected
        assert client.asterisk_version == "22.10.0"
        assert seen.log == ["up"]
    (login,) = [action for action in manager.actions if action["Action"] == ["Login"]]
    assert login["AuthType"] == ["MD5"]
    assert manager.secret not in str(manager.actions)


async def test_answers_find_their_actions_in_any_order(manager: "FakeManager") -> None:
    waiting: list[Action] = []

    def late(action: "Action", manager: "FakeManager") -> None:
        waiting.append(action)
        if len(waiting) == 3:
            for one in (waiting[2], waiting[0], waiting[1]):
                manager.say(ok(one, f"Value: {one['Variable'][0]}\n"))

    manager.answers["Getvar"] = late
    async with connected(manager) as (client, _):
        answers = await asyncio.gather(*(client.action("Getvar", {"Variable": name}) for name in "abc"))
    assert [answer["Value"] for answer in answers] == ["a", "b", "c"]


async def test_an_error_tells_what_asterisk_said(manager: "FakeManager") -> None:
    async with connected(manager) as (client, _):
        with pytest.raises(ActionFailed, match="Invalid/unknown command") as failed:
            await client.action("Nonsense")
    assert failed.value.action == "Nonsense"


async def test_a_command_returns_what_it_printed(manager: "FakeManager") -> None:
    manager.answers["Command"] = lambda action, _: ok(
        action, "Message: Command output follows\nOutput: Asterisk 22\nOutput: \nOutput: by 张\n"
    )
    async with connected(manager) as (client, _):
        assert await client.command("core show version") == "Asterisk 22\n\nby 张"


async def test_a_list_is_collected_and_its_wanted_items_are_events_too(manager: "FakeManager") -> None:
    def channels(action: "Action", _manager: "FakeManager") -> str:
        head = f"ActionID: {action['ActionID'][0]}\n"
        return (
            ok(action, "EventList: start\n")
            + f"Event: CoreShowChannel\n{head}Channel: one\n\n"
            + "Event: Newchannel\nChannel: two\n\n"
            + "Event: CoreShowChannel\nActionID: somebody-else\nChannel: alien\n\n"
            + f"Event: CoreShowChannel\n{head}Channel: three\n\n"
            + f"Event: CoreShowChannelsComplete\n{head}EventList: Complete\nListItems: 2\n\n"
            + "Event: Newchannel\nChannel: four\n\n"
        )

    manager.answers["CoreShowChannels"] = channels
    wanted = frozenset({"Newchannel", "CoreShowChannel"})
    async with connected(manager, wanted=wanted) as (client, seen):
        items = await client.list_action("CoreShowChannels")
        assert [item["Channel"] for item in items] == ["one", "three"]
        await until(lambda: "four" in seen.log)
        assert seen.log == ["up", "one", "two", "alien", "three", "four"]
        items = await client.list_action("CoreShowChannels")
        assert len(items) == 2


async def test_an_empty_list_without_list_frame(manager: "FakeManager") -> None:
    manager.answers["Parkinglots"] = lambda action, _: ok(action, "Message: none\n")
    async with connected(manager) as (client, _):
        assert await client.list_action("Parkinglots") == []


async def test_an_empty_list_that_asterisk_calls_an_error(manager: "FakeManager") -> None:
    def nothing(action: "Action", _manager: "FakeManager") -> str:
        return f"Response: Error\nActionID: {action['ActionID'][0]}\nMessage: No Contacts found\n\n"

    manager.answers["PJSIPShowContacts"] = nothing
    async with connected(manager) as (client, _):
        assert await client.list_action("PJSIPShowContacts") == []
        with pytest.raises(ActionFailed, match="No Contacts found"):
            await client.action("PJSIPShowContacts")


async def test_a_value_with_a_line_break_is_not_sent(manager: "FakeManager") -> None:
    async with connected(manager) as (client, _):
        with pytest.raises(LocalProtocolError):
            await client.action("Setvar", {"Variable": "X", "Value": "a\r\nAction: Originate"})
        await client.action("Ping")
    assert "Setvar" not in manager.names()
    assert "Originate" not in manager.names()


async def test_a_listener_that_fails_harms_no_other_event(manager: "FakeManager") -> None:
    seen: list[str] = []

    def fragile(event: Event) -> None:
        seen.append(event["Channel"])
        if event["Channel"] == "bad":
            raise ValueError("cannot bear it")

    async with connected(manager, on_event=fragile) as (client, _):
        manager.say("Event: Newchannel\nChannel: bad\n\nEvent: Newchannel\nChannel: good\n\n")
        await until(lambda: seen == ["bad", "good"])
        assert client.connected


async def test_an_up_listener_that_fails_is_tried_again(manager: "FakeManager") -> None:
    tries: list[int] = []

    async def up(_: AmiClient) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise ActionFailed("CoreShowChannels", "not yet")

    async with connected(manager, on_up=up) as (client, seen):
        assert len(tries) == 3
        assert seen.log == ["down", "down"]
        assert client.sessions == 1


async def test_what_is_sent_without_waiting_fails_in_the_future(manager: "FakeManager") -> None:
    idle = AmiClient(account(manager), wanted=frozenset(), on_event=lambda _: None)
    with pytest.raises(NotConnected):
        await idle.send_nowait("Ping")
    with pytest.raises(NotConnected):
        await idle.action("Ping")
    async with connected(manager) as (client, _):
        assert (await client.send_nowait("Ping"))["Ping"] == "Pong"


async def test_a_waiter_that_is_cancelled_leaves_nothing_behind(manager: "FakeManager") -> None:
    manager.answers["Slow"] = silence
    async with connected(manager) as (client, _):
        task = asyncio.create_task(client.action("Slow"))
        await until(lambda: "Slow" in manager.names())
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        slow = next(action for action in manager.actions if action["Action"] == ["Slow"])
        manager.say(ok(slow))
        assert (await client.action("Ping")).ok


async def test_pain_01_late_events_are_measured_and_told(manager: "FakeManager") -> None:
    # Asterisk's clock, learnt from the ping, stands at 1700000000.5: it is years behind ours, which is no lateness.
    async with connected(manager, QUICK) as (client, seen):
        await until(lambda: manager.names().count("Ping") >= 2)
        manager.say("Event: Newchannel\nTimestamp: 1700000000.400000\nChannel: a\n\n")
        await until(lambda: "a" in seen.log)
        assert client.age.last_s == pytest.approx(0.1, abs=0.3)
        manager.say("Event: Newchannel\nTimestamp: 1699999940.5\nChannel: b\n\n")
        await until(lambda: bool(seen.alarms))
        assert client.age.last_s == pytest.approx(60, abs=0.5)
        assert seen.alarms[0].kind is AlarmKind.EVENTS_LATE
        assert "60" in seen.alarms[0].text
        await until(lambda: len(seen.alarms) == 2)
        assert not seen.alarms[1].active


async def test_whatever_comes_is_a_sign_of_life(manager: "FakeManager") -> None:
    async with connected(manager, QUICK) as (_, seen):
        manager.answers["Ping"] = silence
        until_s = time.monotonic() + 0.6
        while time.monotonic() < until_s:  # events go on coming: it is slow, not gone
            manager.say("Event: Newchannel\nChannel: a\n\n")
            await asyncio.sleep(0.01)
        assert "down" not in seen.log
        await until(lambda: "down" in seen.log)  # and now nothing comes any more


def test_by_default_a_dead_peer_is_noticed_within_three_seconds() -> None:
    timing, settings = Timing(), AmiSettings()
    assert timing.ping_every_s + timing.ping_deadline_s < 3
    assert settings.ping_every_s + settings.ping_deadline_s < 3


async def test_pain_02_a_lost_answer_hangs_nobody(manager: "FakeManager") -> None:
    manager.answers["QueueAdd"] = silence
    async with connected(manager) as (client, _):
        began = time.monotonic()
        with pytest.raises(DeadlineExceeded, match=r"QueueAdd: Asterisk did not answer within 0\.1 s"):
            await client.action("QueueAdd", deadline_s=0.1)
        assert time.monotonic() - began < 0.5
        # the late answer finds nobody, and the next action gets its own
        manager.say(ok(manager.actions[-1], "Message: late\n"))
        assert (await client.action("Ping"))["Ping"] == "Pong"


async def test_pain_03_a_list_cut_off_by_a_lost_link_fails_and_the_next_works(manager: "FakeManager") -> None:
    def half(action: "Action", _manager: "FakeManager") -> str:
        return ok(action, "EventList: start\n") + f"Event: QueueMember\nActionID: {action['ActionID'][0]}\n\n"

    def whole(action: "Action", _manager: "FakeManager") -> str:
        done = f"Event: QueueStatusComplete\nActionID: {action['ActionID'][0]}\nEventList: Complete\n\n"
        return half(action, _manager) + done

    manager.answers["QueueStatus"] = half
    async with connected(manager) as (client, _):
        first = asyncio.create_task(client.list_action("QueueStatus"))
        await until(lambda: "QueueStatus" in manager.names())
        manager.drop()
        with pytest.raises(NotConnected, match="QueueStatus"):
            await first
        await until(lambda: client.sessions == 2)
        manager.answers["QueueStatus"] = whole
        assert len(await client.list_action("QueueStatus")) == 1


async def test_pain_04_a_peer_that_falls_silent_is_noticed(manager: "FakeManager") -> None:
    async with connected(manager, QUICK) as (client, seen):
        manager.answers["Ping"] = silence  # the connection stays open, nothing comes back: half-open TCP
        manager.answers["Originate"] = silence
        call = asyncio.create_task(client.action("Originate", deadline_s=30))
        with pytest.raises(NotConnected, match="Ping: Asterisk did not answer"):
            await asyncio.wait_for(call, 2)
        del manager.answers["Ping"]
        await until(lambda: client.sessions == 2)
        assert [(alarm.kind, alarm.active) for alarm in seen.alarms] == [
            (AlarmKind.LINK_LOST, True),
            (AlarmKind.LINK_LOST, False),
        ]
        assert manager.names().count("Originate") == 1  # never sent again


async def test_pain_05_each_session_begins_fresh_and_nothing_is_sent_twice(manager: "FakeManager") -> None:
    manager.answers["Originate"] = silence
    async with connected(manager) as (client, seen):
        manager.say("Event: Newchannel\nChannel: old\n\n")
        await until(lambda: "old" in seen.log)
        calls = [client.send_nowait("Originate", {"Channel": "PJSIP/1001"}) for _ in range(3)]
        await until(lambda: manager.names().count("Originate") == 3)
        await manager.stop()
        for call in calls:
            with pytest.raises(NotConnected):
                await call
        with pytest.raises(NotConnected):
            await client.action("Originate")
        await manager.start()
        await until(lambda: client.sessions == 2)
        manager.say("Event: Newchannel\nChannel: new\n\n")
        await until(lambda: "new" in seen.log)
        assert seen.log == ["up", "old", "down", "up", "new"]
        assert manager.names().count("Originate") == 3


async def test_garbage_from_the_manager_ends_the_session_only(manager: "FakeManager") -> None:
    async with connected(manager) as (client, _):
        manager.say(b"x" * (5 << 20))
        await until(lambda: client.sessions == 2)
        assert (await client.action("Ping")).ok


def test_pauses_grow_are_capped_and_differ() -> None:
    timing = Timing(reconnect_first_s=0.2, reconnect_most_s=5)
    pauses = [backoff_s(failures, timing, random.Random(1)) for failures in range(40)]
    assert 0.1 <= pauses[0] <= 0.2
    assert pauses[3] > pauses[1]
    assert max(pauses) <= 5
    assert min(pauses[10:]) >= 2.5
    assert len({backoff_s(9, timing, random.Random(seed)) for seed in range(20)}) == 20


async def test_probe_returns_the_version(manager: "FakeManager") -> None:
    manager.answers["ModuleCheck"] = lambda action, _: ok(action)
    assert await probe(account(manager), modules=["chan_pjsip"]) == "22.10.0"


async def test_probe_says_in_one_sentence_what_is_wrong(manager: "FakeManager") -> None:
    async def says(**changes: Any) -> str:
        with pytest.raises(Unusable) as unusable:
            await probe(account(manager, **changes), modules=["chan_pjsip"], timing=QUICK)
        assert "\n" not in str(unusable.value)
        return str(unusable.value)

    assert "refuses the manager 'laidian' (Authentication failed)" in await says(secret="wrong")
    assert "module chan_pjsip is needed" in await says()
    manager.version = "18.26.4"
    assert "Asterisk 18.26.4 is too old: version 20 or newer is needed" in await says()
    manager.greeting = b"220 mail.example ESMTP\r\n"
    assert "no Asterisk manager: it says '220 mail" in await says()
    manager.greeting = b""
    assert "greeting did not come within 0.5 s" in await says()
    await manager.stop()
    assert "Connection refused" in await says()


async def test_tls_is_checked(manager: "FakeManager") -> None:
    """`localhost.pem` is a self-signed certificate for localhost with its key, of use nowhere else."""
    await manager.stop()
    manager.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    manager.tls.load_cert_chain(CERTIFICATE)
    manager.port = 0
    await manager.start()
    trusting = ssl.create_default_context(cafile=CERTIFICATE)
    assert await probe(account(manager, tls=trusting)) == "22.10.0"
    with pytest.raises(Unusable, match="comes from no CA that we trust"):
        await probe(account(manager, tls=ssl.create_default_context()))
    with pytest.raises(Unusable, match="cannot be used"):
        await probe(account(manager), timing=QUICK)


@pytest.mark.parametrize(
    ("version", "major"), [("22.10.0~dfsg+~cs6", 22), ("certified/20.7-cert1", 20), ("GIT-22-1a2b", 22), ("", None)]
)
def test_major_version(version: str, major: int | None) -> None:
    assert major_version(version) == major
