"""Many browsers at once, as the wire sees them: websockets that are logged in, and what comes over them when.

`python -m tests.bench.sockets URL FOLDER` runs as a process of its own, so that the daemon does not wait for it. It
reads FOLDER/sessions.json (login -> token), connects all of them and then does what it is told, a line on stdin each,
answering with a line of JSON: `echo N` (the seconds of N round trips over sockets taken by chance, one after another),
`watch` (from now on), `watched` (the seconds from fact to socket since then), `stall N` (N further browsers that read
nothing any more).
"""

import asyncio
import contextlib
import gc
import json
import random
import sys
import time
from pathlib import Path

import aiohttp
import msgspec

CONNECT_AT_ONCE = 20
ECHO_S = 5.0
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
    """One websocket. Every stamp is counted once: an entity comes again when something else in it has changed."""

    def __init__(self, login: str, socket: aiohttp.ClientWebSocketResponse, delays: "Delays") -> None:
        self._board = not login.isdecimal()
        self._watches = self._board or int(login) % SAMPLE == 0
        self._socket = socket
        self._delays = delays
        self._seen: dict[tuple[str, str], float] = {}
        self._echo: asyncio.Future[None] | None = None

    async def read(self) -> None:
        async for frame in self._socket:
            now = time.time()
            message = _decode(frame.data)
            if message.t == "reply" and self._echo is not None:
                self._echo.set_result(None)
                self._echo = None
            for change in message.changes:
                self._note(change, now)

    def _note(self, change: Change, now: float) -> None:
        if change.topic == "agents" and not self._watches:
            return
        stamp = stamp_of(change)
        place = change.topic, change.key
        if stamp is not None and stamp >= self._delays.since and self._seen.get(place) != stamp:
            self._seen[place] = stamp
            self._delays.by_topic["boards" if self._board else change.topic].append(now - stamp)

    async def echo(self) -> float:
        """The seconds until an order that nobody knows is refused."""
        self._echo = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        await self._socket.send_str('{"id":7,"cmd":"echo"}')
        async with asyncio.timeout(ECHO_S):
            await self._echo
        return time.perf_counter() - began


class Delays:
    """Seconds from fact to socket, by topic; of facts from `since` on."""

    def __init__(self) -> None:
        self.since = float("inf")
        self.by_topic: dict[str, list[float]] = {}
        self.watch(self.since)

    def watch(self, since: float) -> None:
        self.since, self.by_topic = since, {topic: [] for topic in (*STAMPS, "boards")}


async def _connected(session: aiohttp.ClientSession, url: str, token: str) -> aiohttp.ClientWebSocketResponse:
    return await session.ws_connect(
        f"{url}/ws/v1", headers={"Cookie": f"laidian={token}", "Origin": url}, max_msg_size=0, compress=0
    )


async def _stall(url: str, token: str) -> asyncio.StreamWriter:
    """A browser that shakes hands and then reads nothing: the system's buffers fill up, and it stays there."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
    writer.write(
        f"GET /ws/v1 HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: {url}\r\nCookie: laidian={token}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
    )
    await reader.readuntil(b"\r\n\r\n")
    return writer


async def main(url: str, folder: Path) -> None:
    gc.disable()  # half a minute; a full collection would be measured as a delay
    tokens: dict[str, str] = json.loads((folder / "sessions.json").read_text())
    delays, gate = Delays(), asyncio.Semaphore(CONNECT_AT_ONCE)
    stalled: list[asyncio.StreamWriter] = []
    connector = aiohttp.TCPConnector(limit=0)
    async with contextlib.AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))

        async def open_one(login: str, token: str) -> Browser:
            async with gate:
                return Browser(login, await _connected(session, url, token), delays)

        browsers = await asyncio.gather(*(open_one(*one) for one in tokens.items()))
        readers = [asyncio.create_task(browser.read()) for browser in browsers]
        print(json.dumps(len(browsers)), flush=True)
        while line := (await asyncio.to_thread(sys.stdin.readline)).split():
            match line:
                case ["echo", count]:
                    answer: object = [await random.choice(browsers).echo() for _ in range(int(count))]
                case ["watch"]:
                    delays.watch(time.time())
                    answer = True
                case ["stall", count]:
                    logins = random.sample(list(tokens), int(count))
                    stalled += [await _stall(url, tokens[login]) for login in logins]
                    answer = len(stalled)
                case _:
                    answer = delays.by_topic | {"closed": sum(reader.done() for reader in readers)}
            print(json.dumps(answer), flush=True)
        for reader in readers:
            reader.cancel()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
