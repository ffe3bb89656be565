"""Whatever comes to the AGI port: logged, closed, and the caller who waits is served all the same."""

import asyncio
import contextlib
import socket
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from cti.events import InteractionConnected, InteractionEnded
from tests.harness.apart import Apart, open_apart
from tests.harness.listening import sound_share

AGENT = 1000
NOTHING_MORE_S = 6.0
"""The daemon gives up on headers that do not come after 5 s."""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Apart]:
    async with open_apart(tmp_path) as opened:
        yield opened


def headers(script: bytes, uniqueid: bytes) -> bytes:
    address = b"agi_network: yes\nagi_network_script: %s\nagi_request: agi://x/%s\n" % (script, script)
    return address + b"agi_channel: Nobody/1\nagi_uniqueid: %s\n\n" % uniqueid


async def sends(port: int, data: bytes, within: float = 3.0) -> None:
    """Sends it, and is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    async with asyncio.timeout(within):
        with contextlib.suppress(ConnectionError):
            await reader.read()
    writer.close()


async def garbage(port: int) -> None:
    await sends(port, bytes(range(256)) * 40 + b"\n\n")


async def http(port: int) -> None:
    await sends(port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")


async def oversized(port: int) -> None:
    await sends(port, b"agi_network: yes\n" + b"agi_callerid: " + b"9" * 1_000_000)


async def endless_headers(port: int) -> None:
    await sends(port, b"agi_network: yes\n" + b"".join(b"agi_arg_%d: x\n" % i for i in range(50_000)))


async def unknown_script(port: int) -> None:
    await sends(port, headers(b"nobody", b"1.1"))


async def answers_out_of_turn(port: int) -> None:
    await sends(port, headers(b"hotline", b"1.2") + b"200 result=0\n" * 50)


async def lies_about_a_caller(port: int) -> None:
    """A hotline session that never answers a command, closed from its side."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(headers(b"hotline", b"1.3"))
    await asyncio.sleep(0.3)
    writer.close()


async def half_open(port: int) -> None:
    """Connects and says nothing; the daemon hangs up."""
    await sends(port, b"", within=NOTHING_MORE_S + 2)


async def half_headers(port: int) -> None:
    await sends(port, b"agi_network: yes\nagi_requ", within=NOTHING_MORE_S + 2)


async def connect_and_close(port: int) -> None:
    for _ in range(100):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()


async def connect_and_reset(port: int) -> None:
    for _ in range(100):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


NUISANCES: tuple[Callable[[int], Awaitable[None]], ...] = (
    garbage,
    http,
    oversized,
    endless_headers,
    unknown_script,
    answers_out_of_turn,
    lies_about_a_caller,
    half_open,
    half_headers,
    connect_and_close,
    connect_and_reset,
)


async def test_a_caller_waits_through_all_of_it(house: Apart) -> None:
    async with house.agent("1001") as agent, house.caller() as caller:
        await agent.play(AGENT)
        await agent.answer_all(after=0.1)
        place = await house.enter_queue(caller)
        since = time.time()
        await asyncio.gather(*(nuisance(house.daemon.agi_port) for nuisance in NUISANCES))
        used = house.daemon.cpu_s()
        await asyncio.sleep(1.0)
        assert house.daemon.cpu_s() - used < 0.2
        assert sound_share(caller.call, since, time.time()) > 0.8
        await house.ready("1001")
        await house.books.wait(InteractionConnected, interaction_id=place.interaction_id)
        await caller.wait_hears({AGENT})
        await caller.hang_up()
        ended = await house.books.wait(InteractionEnded, interaction_id=place.interaction_id)
        assert not house.books.rows("SELECT id FROM interactions WHERE ended_at IS NULL")
        log = house.daemon.log
        assert await house.daemon.stop() == 0
    assert ended.outcome == "handled"
    assert "Traceback" not in log, log[log.index("Traceback") - 600 : log.index("Traceback") + 3000]
    closed = [line for line in log.splitlines() if "an AGI connection is closed" in line]
    for reason in ("there is no AGI script 'nobody'", "its AGI headers do not come"):
        assert any(reason in line for line in closed), log
    assert len(closed) >= 7
    assert sum(map(len, closed)) < 10_000  # what strangers send does not fill the log
