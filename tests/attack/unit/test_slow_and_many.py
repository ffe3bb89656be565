"""Strangers who are slow, silent, many or endless: whoever works here is served meanwhile."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import aiohttp
import pytest

from cti.web import encoding
from cti.web import http as listening_module
from cti.web.app import build
from cti.web.crowd import CROWD, Crowd, most_connections
from cti.web.http import listening
from tests.unit.web.conftest import PASSWORD, World

MOST = 40
SLOW_S = 0.4


@pytest.fixture
async def url(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    monkeypatch.setattr(listening_module, "IDLE_S", SLOW_S)
    monkeypatch.setattr(encoding, "BODY_S", SLOW_S)
    app = build(world.site)
    app[CROWD] = Crowd(MOST)
    async with listening(app, "127.0.0.1", 0) as address:
        yield address


def where(url: str) -> tuple[str, int]:
    host, _, port = url.removeprefix("http://").partition(":")
    return host, int(port)


async def works(url: str) -> None:
    """Somebody logs in and asks, each over a connection of its own."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        async with session.post(f"{url}/api/v1/session", json={"login": "anna", "password": PASSWORD}) as answer:
            assert answer.status == 201
        async with session.get(f"{url}/api/v1/customers") as answer:
            assert answer.status == 200


async def ends(reader: asyncio.StreamReader, within: float = 10) -> bytes:
    async with asyncio.timeout(within):
        with contextlib.suppress(ConnectionError):
            return await reader.read()
    return b""


@pytest.mark.parametrize("head", [b"", b"GET /api/v1/session HTTP/1.1\r\nHost: x\r\nX-Slow: "])
async def test_who_never_ends_the_headers_is_closed(url: str, head: bytes) -> None:
    reader, writer = await asyncio.open_connection(*where(url))
    writer.write(head)

    async def drip() -> None:
        with contextlib.suppress(ConnectionError):
            while head:
                writer.write(b"a")
                await asyncio.sleep(SLOW_S / 10)

    dripping = asyncio.create_task(drip())
    assert await ends(reader) == b""
    dripping.cancel()
    writer.close()
    await works(url)


async def test_who_never_ends_the_body_is_told_so(url: str) -> None:
    reader, writer = await asyncio.open_connection(*where(url))
    writer.write(
        b"POST /api/v1/session HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n{"
        % url.removeprefix("http://").encode()
    )
    async with asyncio.timeout(10):
        assert b"408" in await reader.readline()
    writer.close()
    await works(url)


async def test_a_crowd_of_strangers_makes_room_for_who_comes_and_nobody_who_is_known_leaves(
    url: str, world: World
) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        async with session.post(f"{url}/api/v1/session", json={"login": "ben", "password": PASSWORD}) as answer:
            assert answer.status == 201
        async with session.ws_connect(f"{url}/ws/v1", origin=url) as socket:
            await socket.receive()
            strangers = [await asyncio.open_connection(*where(url)) for _ in range(5 * MOST)]
            await works(url)
            closed = [reader for reader, _ in strangers[: 3 * MOST]]
            await asyncio.gather(*map(ends, closed))
            await socket.send_str('{"id":7,"cmd":"agent.ready"}')
            assert (await socket.receive_json(timeout=10))["id"] == 7
            assert world.floor.executed
    for _, writer in strangers:
        writer.close()


async def test_what_is_too_long_is_refused_before_it_is_read(url: str) -> None:
    async def refused(head: bytes, more: bytes = b"", times: int = 1) -> bytes:
        reader, writer = await asyncio.open_connection(*where(url))
        writer.write(head)
        with contextlib.suppress(ConnectionError):
            for _ in range(times):
                writer.write(more)
                await writer.drain()
        async with asyncio.timeout(10):
            try:
                line = await reader.readline()
            except ConnectionError:
                line = b""
        writer.close()
        return line

    host = b"Host: %s\r\n" % url.removeprefix("http://").encode()
    start = b"POST /api/v1/session HTTP/1.1\r\n" + host + b"Content-Type: application/json\r\n"
    megabyte = b"x" * (1 << 20)
    assert b"413" in await refused(start + b"Content-Length: 100000000\r\n\r\n", megabyte, 2)
    chunk = b"100000\r\n" + megabyte + b"\r\n"
    assert b" 20" not in await refused(start + b"Transfer-Encoding: chunked\r\n\r\n", chunk, 100)
    assert b" 20" not in await refused(b"GET / HTTP/1.1\r\n" + host + b"X-A: 1\r\n" * 50_000 + b"\r\n")
    assert b" 400 " in await refused(b"GET / HTTP/1.1\r\n" + host + b"X-A: " + b"a" * 20_000 + b"\r\n\r\n")
    assert b" 400 " in await refused(b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n" + host + b"\r\n")
    await works(url)


@pytest.mark.parametrize(
    "text",
    [
        '{"id":1,"cmd":"agent.ready","x":' + "[" * 60_000,
        '{"id":1,"cmd":"nobody","x":' + "[" * 60_000,
        '{"a":' * 10_000,
        "[" * 60_000,
    ],
)
async def test_json_as_deep_as_a_well_gets_an_answer(url: str, text: str) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        body = {"login": "anna", "password": PASSWORD}
        async with session.post(f"{url}/api/v1/session", json=body) as answer:
            assert answer.status == 201
        async with session.post(
            f"{url}/api/v1/session", data=text, headers={"Content-Type": "application/json"}
        ) as answer:
            assert answer.status in {400, 422}
        async with session.ws_connect(f"{url}/ws/v1", origin=url) as socket:
            await socket.receive()
            await socket.send_str(text)
            reply = await socket.receive_json(timeout=10)
            assert (reply["ok"], reply["error"]["code"]) == (False, "bad_request")
            await socket.send_str('{"id":2,"cmd":"agent.ready"}')
            assert (await socket.receive_json(timeout=10))["ok"] is True


async def test_a_frame_of_ten_megabytes_ends_its_connection_only(url: str) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        body = {"login": "anna", "password": PASSWORD}
        async with session.post(f"{url}/api/v1/session", json=body) as answer:
            assert answer.status == 201
        async with session.ws_connect(f"{url}/ws/v1", origin=url) as socket:
            await socket.receive()
            with contextlib.suppress(ConnectionError):
                await socket.send_str("x" * (10 << 20))
            message = await socket.receive(timeout=10)
            assert message.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}
    await works(url)


def test_the_crowd_leaves_files_for_the_callers() -> None:
    assert 0 < most_connections() <= 10_000
