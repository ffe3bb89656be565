"""A person at a desk without a browser: logs in over REST, keeps the screen's state, and sends commands.

async with log_in(url, "1001") as desk:
    await desk.ask(ask.SignIn, phone="desk")
    await desk.ask(ask.Ready)
    call = await desk.wait("call", phase="connected")
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec
from argon2 import PasswordHasher

from cti.desk.commands import Command
from cti.web.headers import CSRF_HEADER

Entity = dict[str, Any]
"""A view of `cti/desk/views.py` as it stands in the JSON."""

_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def password_of(login: str) -> str:
    return f"secret-{login}"


def cheap_hash(login: str) -> str:
    """Of `password_of(login)`, at costs that only a test may have."""
    return _CHEAP.hash(password_of(login))


class Refused(Exception):
    """A command was answered with an error; `code`, `state` and the text are the reply's."""

    def __init__(self, code: str, message: str, state: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.state = state


class Desk:
    """`topics` is the screen's state, topic -> key -> entity; `notices` are the toasts, oldest first.

    With a `tab` it is a page that may own the agent's phone in the browser: `asleep`, it answers the server no more.
    """

    def __init__(self, login: str, http: aiohttp.ClientSession, url: str, csrf: str, tab: str = "") -> None:
        self.tab = tab
        self.asleep = False
        self.login = login
        self.topics: dict[str, dict[str, Entity]] = {}
        self.notices: list[Entity] = []
        self._http = http
        self._url = url
        self._csrf = csrf
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reading: asyncio.Task[None] | None = None
        self._seq = 0
        self._last_id = 0
        self._replies: dict[int, asyncio.Future[Entity]] = {}
        self._changed = asyncio.Event()

    # --- the line --------------------------------------------------------------------------------------------------

    async def connect(self) -> None:
        """Returns when the snapshot is there."""
        self._socket = await self._http.ws_connect(f"{self._url}/ws/v1?tab={self.tab}", headers={"Origin": self._url})
        self._reading = asyncio.create_task(self._read(self._socket), name=f"desk {self.login}")
        await self._until(lambda: bool(self.topics), "a snapshot", 30)

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait({self._reading})

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            entity = message.json()
            if entity["t"] == "beat":
                if not self.asleep:
                    await socket.send_str("beat")
                continue
            self._take(entity)
            self._changed.set()
        for waiting in self._replies.values():
            if not waiting.done():
                waiting.set_exception(ConnectionError(f"the websocket of {self.login} was closed: {socket.close_code}"))
        self._changed.set()

    def _take(self, message: Entity) -> None:
        match message["t"]:
            case "snapshot":
                self.topics, self._seq = message["topics"], message["seq"]
            case "changes":
                assert message["seq"] == self._seq + 1, f"a gap after message {self._seq}: {message['seq']}"
                self._seq = message["seq"]
                for change in message["changes"]:
                    self._change(change)
            case "reply":
                self._replies.pop(message["id"]).set_result(message)
            case "notice":
                self.notices.append(message)

    def _change(self, change: Entity) -> None:
        topic = self.topics.setdefault(change["topic"], {})
        if change["t"] == "put":
            topic[change["key"]] = change["entity"]
        else:
            topic.pop(change["key"], None)

    async def _until(self, true: Any, what: str, within: float) -> None:
        assert self._reading is not None
        try:
            async with asyncio.timeout(within):
                while not true():
                    assert not self._reading.done(), f"the websocket of {self.login} is closed; {what} cannot come"
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"{self.login}: not within {within:g} s: {what}; the state: {self.topics}") from None

    # --- what a person does and sees -------------------------------------------------------------------------------

    async def ask(self, command: type[Command], /, **arguments: Any) -> Entity | None:
        """The result in the reply. Raises Refused when the reply is an error."""
        assert self._socket is not None
        self._last_id += 1
        waiting = self._replies[self._last_id] = asyncio.get_running_loop().create_future()
        await self._socket.send_str(msgspec.json.encode(command(id=self._last_id, **arguments)).decode())
        async with asyncio.timeout(30):
            reply = await waiting
        if not reply["ok"]:
            raise Refused(reply["error"]["code"], reply["error"]["message"], reply["error"]["state"])
        result: Entity | None = reply.get("result")
        return result

    def see(self, topic: str, key: str = "") -> Entity | None:
        """An entity as it is shown now; `key` is this person unless given."""
        return self.topics.get(topic, {}).get(key or self.login)

    async def wait(self, topic: str, key: str = "", *, within: float = 30, **having: object) -> Entity:
        """The entity, as soon as it is there and its fields have these values."""

        def fits() -> bool:
            entity = self.see(topic, key)
            return entity is not None and all(entity.get(name) == value for name, value in having.items())

        await self._until(fits, f"{topic} {key or self.login} with {having}", within)
        entity = self.see(topic, key)
        assert entity is not None
        return entity

    async def wait_gone(self, topic: str, key: str = "", *, within: float = 30) -> None:
        await self._until(lambda: self.see(topic, key) is None, f"{topic} {key or self.login} gone", within)

    async def get(self, path: str) -> Any:
        """A REST resource, decoded; AssertionError unless the answer is 200."""
        async with self._http.get(self._url + path) as response:
            assert response.status == 200, f"GET {path}: {response.status} {await response.text()}"
            return await response.json()

    async def send(self, method: str, path: str, body: Entity) -> tuple[int, Any]:
        """(status, answer) of a REST request that changes something."""
        headers = {CSRF_HEADER: self._csrf, "Origin": self._url}
        async with self._http.request(method, self._url + path, json=body, headers=headers) as response:
            return response.status, await response.json() if response.content_type == "application/json" else None


@contextlib.asynccontextmanager
async def log_in(url: str, login: str, tab: str = "") -> AsyncIterator[Desk]:
    """`url` is what a browser opens ("http://127.0.0.1:8080"). The password is `password_of(login)`."""
    # The cookie belongs to an address, not to a name, which aiohttp keeps only when told.
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        credentials = {"login": login, "password": password_of(login)}
        async with http.post(f"{url}/api/v1/session", json=credentials, headers={"Origin": url}) as response:
            assert response.status == 201, f"log-in of {login}: {response.status} {await response.text()}"
            session = await response.json()
        desk = Desk(login, http, url, session["csrf"], tab)
        try:
            await desk.connect()
            yield desk
        finally:
            await desk.close()
