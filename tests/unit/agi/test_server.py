import asyncio
import socket
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

import pytest
import structlog

from cti.agi.codec import Environment, Result
from cti.agi.server import Connection, FastAgiServer, Limits, Route
from cti.agi.session import AgiSession
from cti.errors import ActionFailed, DeadlineExceeded, HungUp, LocalProtocolError, Unusable

Peer = tuple[asyncio.StreamReader, asyncio.StreamWriter]
LIMITS = Limits(header_s=0.2, max_header_bytes=2000, max_sessions=3, stop_s=1, gone_s=0.2)


@asynccontextmanager
async def serving(routes: Mapping[str, Route], **options: object) -> AsyncIterator[FastAgiServer]:
    async with FastAgiServer(routes, port=0, **{"limits": LIMITS, **options}) as server:  # type: ignore[arg-type]
        yield server


async def call(server: FastAgiServer, script: str = "hotline", uniqueid: str = "1.1") -> Peer:
    """Connect as Asterisk does."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(f"agi_network: yes\nagi_network_script: {script}\nagi_uniqueid: {uniqueid}\n\n".encode())
    return reader, writer


async def expect(peer: Peer, command: str, answer: str = "200 result=0") -> None:
    reader, writer = peer
    assert (await asyncio.wait_for(reader.readline(), 2)).decode() == command + "\n"
    writer.write((answer + "\n").encode())


async def closed(peer: Peer, seconds: float = 2) -> None:
    with suppress(ConnectionResetError):
        assert await asyncio.wait_for(peer[0].read(), seconds) == b""
    peer[1].close()


async def test_a_call_through_its_route() -> None:
    seen: list[object] = []

    async def hotline(session: AgiSession) -> None:
        seen.append(session.env.script)
        await session.answer()
        seen.append(await session.stream_file("welcome", "12"))
        seen.append(await session.wait_for_digit(3000))
        seen.append(await session.wait_for_digit(3000))
        seen.append(await session.get_data("enter", timeout_ms=3000, max_digits=4))
        seen.append(await session.get_variable("A"))
        seen.append(await session.get_variable("B"))
        seen.append(await session.say_digits("12", "#"))
        seen.append(await session.say_number(12))
        seen.append(await session.exec("Playback", "a", "b"))
        seen.append(await session.record_file("/tmp/x", most_ms=5000, silence_s=3))
        await session.set_music(on=True, class_="queue")
        await session.set_variable("LD_DONE", "1")
        await session.hangup()

    async with serving({"/hotline": hotline}) as server:
        peer = await call(server, "hotline?x=1")
        await expect(peer, "ANSWER")
        await expect(peer, 'STREAM FILE "welcome" "12" "0"', "200 result=49 endpos=1600")
        await expect(peer, 'WAIT FOR DIGIT "3000"', "200 result=42")
        await expect(peer, 'WAIT FOR DIGIT "3000"', "200 result=0")
        await expect(peer, 'GET DATA "enter" "3000" "4"', "200 result=12 (timeout)")
        await expect(peer, 'GET VARIABLE "A"', "200 result=1 (x (y))")
        await expect(peer, 'GET VARIABLE "B"', "200 result=0")
        await expect(peer, 'SAY DIGITS "12" "#"', "200 result=35")
        await expect(peer, 'SAY NUMBER "12" ""', "200 result=0")
        await expect(peer, 'EXEC "Playback" "a,b"', "200 result=0")
        await expect(peer, 'RECORD FILE "/tmp/x" "wav" "#" "5000" "BEEP" "s=3"', "200 result=0 (timeout) endpos=40000")
        await expect(peer, 'SET MUSIC "ON" "queue"')
        await expect(peer, 'SET VARIABLE "LD_DONE" "1"', "200 result=1")
        await expect(peer, "HANGUP", "200 result=1")
        await closed(peer)
    assert seen == [
        "hotline",
        ("1", 1600),
        "*",
        None,
        ("12", True),
        "x (y)",
        None,
        "#",
        None,
        "0",
        ("", 40000),
    ]


async def outcome_of(answers: list[str], *, close: bool = False, then: str = "") -> tuple[str, float]:
    """What WAIT FOR DIGIT, and a command `then` after it, end with when the peer says `answers`."""
    ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def hotline(session: AgiSession) -> None:
        try:
            try:
                await session.wait_for_digit(60_000)
            except HungUp:
                if not then:
                    raise
            if then:
                await session.set_variable(then, "1")
            ended.set_result("fine")
        except (HungUp, ActionFailed, DeadlineExceeded) as error:
            ended.set_result(type(error).__name__)
            raise

    began = time.monotonic()
    async with serving({"hotline": hotline}) as server:
        peer = await call(server)
        await peer[0].readline()
        for answer in answers:
            peer[1].write((answer + "\n").encode())
        if close:
            peer[1].transport.abort()
        result = await asyncio.wait_for(ended, 3)
        if not close:
            await closed(peer)
    return result, time.monotonic() - began


async def test_a_hang_up_is_an_exception_in_all_its_forms() -> None:
    for answers, close in (
        (["HANGUP"], False),
        (["200 result=-1", "HANGUP"], False),  # pulled away by Bridge()
        (["HANGUP", "200 result=-1"], False),
        (["200 result=-1"], True),
        ([], True),
        (["511 Command Not Permitted on a dead channel"], False),
    ):
        outcome, took_s = await outcome_of(answers, close=close)
        assert outcome == "HungUp", answers
        assert took_s < 1


@pytest.mark.parametrize("result", ["1114112", "9" * 5000, "-7", "x", ""])
async def test_a_key_that_is_none_counts_as_no_key(result: str) -> None:
    outcome, _ = await outcome_of([f"200 result={result}"])
    assert outcome == "fine"


async def test_a_failure_is_told_from_a_hang_up() -> None:
    assert (await outcome_of(["200 result=-1"]))[0] == "ActionFailed"
    assert (await outcome_of(["510 Invalid or unknown command"]))[0] == "ActionFailed"
    assert (await outcome_of(["520-Invalid", "usage", "520 End"]))[0] == "ActionFailed"


async def test_commands_after_a_hang_up_are_not_sent() -> None:
    assert (await outcome_of(["HANGUP"], then="LD_DONE"))[0] == "HungUp"


async def test_no_answer_ends_the_session_at_its_deadline() -> None:
    ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def hotline(session: AgiSession) -> None:
        try:
            await session.stream_file("welcome", deadline_s=0.1)
        except DeadlineExceeded as error:
            ended.set_result(str(error))
            raise

    async with serving({"hotline": hotline}) as server:
        peer = await call(server)
        assert await asyncio.wait_for(ended, 1) == "STREAM FILE: Asterisk did not answer within 0.1 s"
        await peer[0].readline()
        await closed(peer)
        assert server.sessions == 0


async def test_a_cancelled_command_does_not_shift_the_answers() -> None:
    seen: list[object] = []

    async def hotline(session: AgiSession) -> None:
        try:
            async with asyncio.timeout(0.05):
                await session.stream_file("long")
        except TimeoutError:
            seen.append("cancelled")
        seen.append(await session.get_variable("A"))

    async with serving({"hotline": hotline}) as server:
        peer = await call(server)
        await peer[0].readline()
        with pytest.raises(TimeoutError):  # the second command waits for the first one's answer
            await asyncio.wait_for(peer[0].readline(), 0.15)
        peer[1].write(b"200 result=0 endpos=1\n")
        await expect(peer, 'GET VARIABLE "A"', "200 result=1 (yes)")
        await closed(peer)
    assert seen == ["cancelled", "yes"]


async def test_a_wait_for_somebody_else_ends_with_the_call() -> None:
    ended = asyncio.Event()

    async def hotline(session: AgiSession) -> None:
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(0.01, done.set_result, 7)
        assert await session.unless_hung_up(done) == 7
        never: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        try:
            await session.unless_hung_up(never)
        except HungUp:
            assert never.cancelled()
            ended.set()
            raise

    async with serving({"hotline": hotline}) as server:
        peer = await call(server)
        await asyncio.sleep(0.05)
        peer[1].write(b"HANGUP\n")
        await asyncio.wait_for(ended.wait(), 1)
        await closed(peer)


async def test_a_route_that_does_not_notice_is_cancelled() -> None:
    cancelled = asyncio.Event()

    async def deaf(_session: AgiSession) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            cancelled.set()

    async with serving({"hotline": deaf}) as server:
        peer = await call(server)
        await asyncio.sleep(0.05)
        peer[1].transport.abort()
        await asyncio.wait_for(cancelled.wait(), 1)


async def test_an_error_in_a_route_ends_only_its_session() -> None:
    async def broken(_session: AgiSession) -> None:
        raise ValueError("oops")

    async def fine(session: AgiSession) -> None:
        await session.noop("here")

    async with serving({"broken": broken, "fine": fine}) as server:
        good = await call(server, "fine", "1.1")
        with structlog.testing.capture_logs() as logs:
            bad = await call(server, "broken", "1.2")
            await closed(bad)
        await expect(good, 'NOOP "here"')
        await closed(good)
    (entry,) = [entry for entry in logs if entry["log_level"] == "error"]
    assert entry["uniqueid"] == "1.2"


async def test_injection_is_refused_and_nothing_is_sent() -> None:
    async def hotline(session: AgiSession) -> None:
        with pytest.raises(LocalProtocolError):
            await session.set_variable("X", "1\nHANGUP")
        with pytest.raises(ActionFailed, match="longer"):
            await session.set_variable("X", "y" * 3000)
        await session.noop()

    async with serving({"hotline": hotline}) as server:
        peer = await call(server)
        await expect(peer, 'NOOP ""')
        await closed(peer)


@pytest.mark.parametrize(
    "data",
    [
        b"",  # half-open: connects and says nothing
        b"agi_network: yes\nagi_",  # stops in the middle
        b"GET / HTTP/1.1\r\n\r\n",
        b"agi_x: " + b"y" * 5000 + b"\n",
        b"\x00\xff\n\n",
        b"agi_network_script: nowhere\nagi_uniqueid: 1\n\n",
        b"agi_network_script: hotline\nagi_uniqueid: 1\n\n200 result=0\n200 result=0\n",  # an answer nobody asked for
    ],
)
async def test_bad_peers_are_closed_and_harm_nobody(data: bytes) -> None:
    async def hotline(session: AgiSession) -> None:
        await session.noop("first")
        await asyncio.sleep(0.3)
        await session.noop("second")

    async with serving({"hotline": hotline}) as server:
        good = await call(server)
        await expect(good, 'NOOP "first"')
        bad = await asyncio.open_connection("127.0.0.1", server.port)
        bad[1].write(data)
        await asyncio.wait_for(bad[0].read(), 2) if b"hotline" not in data else await asyncio.sleep(0.05)
        bad[1].close()
        await expect(good, 'NOOP "second"')
        await closed(good)
        await asyncio.sleep(0.05)
        assert server.sessions == 0
        assert server.refused == 1


async def test_connecting_and_closing_costs_nothing() -> None:
    async with serving({}) as server:
        for _ in range(50):
            _, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.close()
        await asyncio.sleep(0.05)
        assert server.sessions == 0
        before = time.process_time()
        await asyncio.sleep(0.3)
        assert time.process_time() - before < 0.1


class Reset(asyncio.Transport):
    """What some event loops hand over when the peer reset the connection before it was accepted."""

    def __init__(self) -> None:
        super().__init__({"peername": None, "socket": None})
        self.closed = False

    def close(self) -> None:
        self.closed = True


async def test_a_connection_that_is_gone_before_it_is_accepted_is_dropped_without_a_word() -> None:
    async with serving({}) as server:
        transport = Reset()
        with structlog.testing.capture_logs() as logged:
            Connection(server).connection_made(transport)
        assert (transport.closed, server.sessions, server.refused, logged) == (True, 0, 0, [])


async def test_a_peer_off_the_list_and_one_too_many_are_closed() -> None:
    async def wait(session: AgiSession) -> None:
        await session.wait_for_digit(1000)

    async with serving({"hotline": wait}, peers=["10.0.0.0/8"]) as server:
        await closed(await call(server))
    async with serving({"hotline": wait}) as server:
        peers = [await call(server) for _ in range(3)]
        for peer in peers:
            await peer[0].readline()
        await closed(await call(server))
        assert server.sessions == 3
        for peer in peers:
            peer[1].close()


async def test_stopping_ends_sessions_and_frees_the_port() -> None:
    ended: list[str] = []

    async def hotline(session: AgiSession) -> None:
        try:
            await session.wait_for_digit(60_000)
        finally:
            ended.append(session.env.uniqueid)

    async with serving({"hotline": hotline}) as server:
        peers = [await call(server, uniqueid=f"1.{n}") for n in range(3)]
        for peer in peers:
            await peer[0].readline()
        silent = await asyncio.open_connection("127.0.0.1", server.port)
        port = server.port
    assert sorted(ended) == ["1.0", "1.1", "1.2"]
    for peer in [*peers, silent]:
        await closed(peer)
    async with FastAgiServer({}, port=port):
        pass


async def test_a_port_in_use_is_one_clear_sentence() -> None:
    async with serving({}) as server:
        with pytest.raises(Unusable, match=f"cannot listen on 127.0.0.1:{server.port}"):
            async with FastAgiServer({}, port=server.port):
                pass


async def test_the_kernel_looks_after_every_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told of the socket that listens, once, and what is accepted inherits it."""
    seen: list[int] = []
    made = Connection.connection_made

    def look(connection: Connection, transport: asyncio.BaseTransport) -> None:
        own = transport.get_extra_info("socket")
        seen.append(own.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))
        seen.append(own.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE))
        made(connection, transport)

    monkeypatch.setattr(Connection, "connection_made", look)
    async with serving({"hotline": AgiSession.noop}) as server:
        peer = await call(server)
        await expect(peer, 'NOOP ""')
        await closed(peer)
    assert seen == [1, 30]


async def test_an_answer_that_comes_with_the_hang_up_ends_the_command_at_once() -> None:
    """Pulled away by Bridge(): nothing is waited for, and no timer begins."""
    session = AgiSession(Environment({}), lambda _line: None, lambda _reason: None)
    waiting = asyncio.create_task(session.wait_for_digit(1000))
    await asyncio.sleep(0)
    assert session.receive(Result("-1"))
    session.set_gone("the channel hung up")
    with pytest.raises(HungUp, match="WAIT FOR DIGIT: the channel hung up"):
        await waiting
