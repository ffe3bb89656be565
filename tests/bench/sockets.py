"""Many browsers at once, as the wire sees them: websockets that are logged in, and what comes over them when.

`python -m tests.bench.sockets URL FOLDER` runs as a process of its own, so that the daemon does not wait for it. It
reads FOLDER/sessions.json (login -> token), connects all of them and then does what it is told, a line on stdin each,
answering with a line of JSON: `echo N S` (the seconds of N round trips over sockets taken by chance, one after another,
with S seconds between them on average),
`watch` (from now on), `watched` (the seconds from fact to socket since then), `stall N` (N further browsers that read
nothing any more).
"""

import asyncio
import contextlib
import gc
import json
import os
import random
import socket
import struct
import sys
import time
from pathlib import Path

import msgspec

CONNECT_AT_ONCE = 20
READ = 1 << 20
STAMPED, TIME = 35, struct.Struct("@qq")
"""SO_TIMESTAMPNS of Linux, which the socket module does not name, and its timespec."""
ECHO_S = 5.0
TEXT, PING = 1, 9
"""Opcodes."""
_ECHO = b'{"id":7,"cmd":"echo"}'
ECHO_FRAME = bytes((0x81, 0x80 | len(_ECHO))) + bytes(4) + _ECHO
"""Masked with zeros."""
OWN = ("me", "call")
"""Topics that belong to the agent whose browser it is."""
STAMPS = {"me": "since", "agents": "since", "call": "offered_at"}
"""Which field of an entity says when the fact behind it was."""
SAMPLE = 25
"""Of so many agents' browsers one looks at what it is told of the colleagues: all in one process, they would measure
themselves."""


class Since(msgspec.Struct):
    since: float


class Offered(msgspec.Struct):
    offered_at: float


class Change(msgspec.Struct):
    topic: str
    key: str
    entity: msgspec.Raw = msgspec.Raw()


class Message(msgspec.Struct):
    t: str
    id: int = 0
    changes: list[Change] = []


_decode = msgspec.json.Decoder(Message).decode
_since = msgspec.json.Decoder(Since).decode
_offered = msgspec.json.Decoder(Offered).decode


def stamp_of(change: Change) -> float | None:
    """When the fact was behind it; None for what is dropped or has no stamp."""
    if change.topic not in STAMPS or not bytes(change.entity):
        return None
    return _offered(change.entity).offered_at if change.topic == "call" else _since(change.entity).since


class Browser:
    """One websocket, as bare as can be: what comes bears the stamp of the kernel, and is looked at when it is over.

    The browsers of a floor are as many machines. Here they are one process, in which each waits for those before it: so
    it is the kernel that stamps what comes, as it arrives. Every stamp is counted once: an entity comes again when
    something else in it has changed.
    """

    def __init__(self, login: str, connection: socket.socket) -> None:
        self.board = not login.isdecimal()
        self.watches = self.board or int(login) % SAMPLE == 0
        self.closed = False
        self.frames: list[tuple[float, bytes]] = []
        self._loop = asyncio.get_running_loop()
        self._connection = connection
        self._buffer = bytearray()
        self._ready = self._loop.create_future()
        self._echo: asyncio.Future[float] | None = None

    async def shake_hands(self, request: bytes) -> None:
        self._connection.setsockopt(socket.SOL_SOCKET, STAMPED, 1)
        self._loop.add_reader(self._connection, self._read)
        self._connection.send(request)
        await self._ready

    def _read(self) -> None:
        try:
            data, around, _, _ = self._connection.recvmsg(READ, socket.CMSG_SPACE(TIME.size))
        except ConnectionError:
            data, around = b"", []
        if not data:
            self.closed = True
            self._loop.remove_reader(self._connection)
            return
        (seconds, nanoseconds), *_ = (TIME.unpack(stamp) for _, kind, stamp in around if kind == STAMPED)
        self._buffer += data
        if self._ready.done() or self._shaken_hands():
            self._take(seconds + nanoseconds / 1e9)

    def _take(self, arrived: float) -> None:
        while (frame := self._frame()) is not None:
            opcode, payload = frame
            if opcode == PING:
                self._connection.send(bytes((0x8A, 0x80 | len(payload))) + bytes(4) + payload)  # masked with zeros
            elif opcode == TEXT:
                self.frames.append((arrived, payload))
                if self._echo is not None and b'"reply"' in payload:
                    self._echo.set_result(arrived)
                    self._echo = None

    def _shaken_hands(self) -> bool:
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if found:
            assert head.startswith(b"HTTP/1.1 101"), head
            self._buffer = rest
            self._ready.set_result(None)
        return bool(found)

    def _frame(self) -> tuple[int, bytes] | None:
        """The next whole frame, of a server: never masked, here never in parts (RFC 6455, 5.2)."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size, start = buffer[1], 2
        if size >= 126:
            start = 4 if size == 126 else 10
            size = int.from_bytes(buffer[2:start])
        if len(buffer) < start + size:
            return None
        opcode, payload = buffer[0] & 0x0F, bytes(buffer[start : start + size])
        del buffer[: start + size]
        return opcode, payload

    async def echo(self) -> float:
        """The seconds until the refusal of an order that nobody knows has arrived."""
        self._echo = self._loop.create_future()
        began = time.time()
        self._connection.send(ECHO_FRAME)
        async with asyncio.timeout(ECHO_S):
            return await self._echo - began


async def echoes(browsers: list[Browser], count: int, pause_s: float) -> list[float]:
    """The round trips; the pauses between them are as long as chance will have it, 0 for none at all."""
    seconds = []
    for _ in range(count):
        if pause_s:
            await asyncio.sleep(random.uniform(0, 2 * pause_s))
        seconds.append(await random.choice(browsers).echo())
    return seconds


def delays(browsers: list[Browser], since: float) -> dict[str, list[float]]:
    """Seconds from fact to socket, by topic; of facts from `since` on."""
    by_topic: dict[str, list[float]] = {topic: [] for topic in (*STAMPS, "boards")}
    for browser in browsers:
        seen: dict[tuple[str, str], float] = {}
        for now, payload in browser.frames:
            for change in _decode(payload).changes:
                stamp, place = stamp_of(change), (change.topic, change.key)
                if stamp is None or stamp < since or seen.get(place) == stamp:
                    continue
                if change.topic != "agents" or browser.watches:
                    seen[place] = stamp
                    by_topic["boards" if browser.board else change.topic].append(now - stamp)
    return by_topic


def _handshake(url: str, token: str) -> bytes:
    host = url.removeprefix("http://")
    return (
        f"GET /ws/v1 HTTP/1.1\r\nHost: {host}\r\nOrigin: {url}\r\nCookie: laidian={token}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    ).encode()


async def _stall(url: str, token: str) -> asyncio.StreamWriter:
    """A browser that shakes hands and then reads nothing: the system's buffers fill up, and it stays there."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
    writer.write(_handshake(url, token))
    await reader.readuntil(b"\r\n\r\n")
    return writer


async def main(url: str, folder: Path) -> None:
    gc.disable()  # half a minute; what comes during a full collection would wait to be read
    first_in_line()
    tokens: dict[str, str] = json.loads((folder / "sessions.json").read_text())
    gate, since = asyncio.Semaphore(CONNECT_AT_ONCE), 0.0
    stalled: list[asyncio.StreamWriter] = []
    host, port = url.removeprefix("http://").split(":")

    async def open_one(login: str, token: str) -> Browser:
        async with gate:
            connection = socket.socket()
            connection.setblocking(False)
            await asyncio.get_running_loop().sock_connect(connection, (host, int(port)))
            browser = Browser(login, connection)
            await browser.shake_hands(_handshake(url, token))
            return browser

    browsers = await asyncio.gather(*(open_one(*one) for one in tokens.items()))
    print(json.dumps(len(browsers)), flush=True)
    while line := (await asyncio.to_thread(sys.stdin.readline)).split():
        match line:
            case ["echo", count, pause_s]:
                answer: object = await echoes(browsers, int(count), float(pause_s))
            case ["watch"]:
                since, answer = time.time(), True
                for browser in browsers:
                    browser.frames.clear()
            case ["stall", count]:
                logins = random.sample(list(tokens), int(count))
                stalled += [await _stall(url, tokens[login]) for login in logins]
                answer = len(stalled)
            case _:
                answer = delays(browsers, since) | {"closed": sum(browser.closed for browser in browsers)}
        print(json.dumps(answer), flush=True)


def first_in_line() -> None:
    """Five hundred browsers are five hundred machines, each of which reads what comes at once. What waits to be read
    the kernel joins, and keeps the stamp of the last. Where it is not allowed, the figure is only worse.
    """
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
