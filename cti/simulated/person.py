"""Somebody who is logged in at a running daemon without a browser: reads over REST, commands over the websocket."""

import contextlib
from collections.abc import AsyncIterator
from typing import TypeVar

import aiohttp
import msgspec

from cti.desk.commands import Command
from cti.errors import ActionFailed, NotConnected, NotFound, Unusable
from cti.web.headers import CSRF_HEADER, DEMO_HEADER
from cti.web.messages import Problem, Reply
from cti.web.resources import Health, SessionView

S = TypeVar("S", bound=msgspec.Struct)

ANSWER_S = 10.0
NOT_FOUND = 404


class _Tagged(msgspec.Struct, frozen=True):
    t: str


async def demo_daemon_at(url: str) -> bool:
    """Whether a Laidian with demo data answers at `url`; False when nobody does.

    Raises Unusable when it is another program, or a Laidian without demo data.
    """
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_S)) as http,
            http.get(f"{url}/healthz") as response,
        ):
            health, demo = await response.read(), DEMO_HEADER in response.headers
    except aiohttp.ClientConnectorError:
        return False
    except (aiohttp.ClientError, TimeoutError) as error:
        raise Unusable(f"something listens at {url} but does not speak HTTP: {error}") from error
    try:
        msgspec.json.decode(health, type=Health)
    except msgspec.DecodeError:
        raise Unusable(
            f"the program that listens at {url} is not Laidian; set web.port in config/laidian.yaml"
        ) from None
    if not demo:
        raise Unusable(f"the Laidian at {url} has no demo users, and a simulated call needs them")
    return True


class Person:
    """Made by `log_in`. Requests raise NotConnected when the daemon is gone, ActionFailed when it refuses."""

    def __init__(self, http: aiohttp.ClientSession, url: str, session: SessionView) -> None:
        self._http = http
        self._url = url
        self._session = session

    @property
    def login(self) -> str:
        return self._session.login

    async def get(self, path: str, kind: type[S]) -> S:
        """A REST resource below /api/v1. Raises NotFound for 404."""
        return msgspec.json.decode(await self.read(path), type=kind)

    async def read(self, path: str) -> bytes:
        try:
            async with self._http.get(f"{self._url}/api/v1{path}") as response:
                body = await response.read()
                if response.status == NOT_FOUND:
                    raise NotFound("resource", path)
                if not response.ok:
                    raise ActionFailed(f"GET {path}", _said(body))
                return body
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NotConnected(f"the daemon at {self._url} does not answer: {error}") from error

    async def ask(self, *commands: type[Command] | Command) -> None:
        """What the page does with its buttons, over a websocket of its own; `id` is set here."""
        try:
            async with self._http.ws_connect(f"{self._url}/ws/v1", headers={"Origin": self._url}) as socket:
                for number, command in enumerate(commands, 1):
                    await self._ask(socket, number, command(id=number) if isinstance(command, type) else command)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NotConnected(f"the daemon at {self._url} does not answer: {error}") from error

    async def _ask(self, socket: aiohttp.ClientWebSocketResponse, number: int, command: Command) -> None:
        await socket.send_str(msgspec.json.encode(msgspec.structs.replace(command, id=number)).decode())
        while True:
            message = await socket.receive(timeout=ANSWER_S)
            if message.type is not aiohttp.WSMsgType.TEXT:
                raise NotConnected(f"the daemon closed the websocket of {self.login}")
            if msgspec.json.decode(message.data, type=_Tagged).t == "reply":
                reply = msgspec.json.decode(message.data, type=Reply)
                if reply.error is not None:
                    raise ActionFailed(type(command).__name__, reply.error.message)
                return

    async def log_out(self) -> None:
        headers = {CSRF_HEADER: self._session.csrf, "Origin": self._url}
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            await self._http.delete(f"{self._url}/api/v1/session", headers=headers)


@contextlib.asynccontextmanager
async def log_in(url: str, login: str, password: str) -> AsyncIterator[Person]:
    """Raises ActionFailed when the log-in is refused."""
    # aiohttp keeps cookies of a bare address only when told to.
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar, timeout=aiohttp.ClientTimeout(total=ANSWER_S)) as http:
        credentials = {"login": login, "password": password}
        async with http.post(f"{url}/api/v1/session", json=credentials, headers={"Origin": url}) as response:
            body = await response.read()
            if not response.ok:
                raise ActionFailed(f"the log-in of {login}", _said(body))
        person = Person(http, url, msgspec.json.decode(body, type=SessionView))
        try:
            yield person
        finally:
            await person.log_out()


def _said(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=Problem).message
    except msgspec.DecodeError:
        return body[:200].decode("utf-8", "replace")
