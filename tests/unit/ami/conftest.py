"""A manager that does what a test tells it to, on a real socket."""

import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterator, Callable

import pytest

CHALLENGE = "840415273"
Action = dict[str, list[str]]
Answer = Callable[[Action, "FakeManager"], str | None]


class FakeManager:
    """Answers log-in, Ping and CoreSettings like Asterisk 22; `answers` adds or replaces; all actions are kept."""

    def __init__(self) -> None:
        self.actions: list[Action] = []
        self.connections = 0
        self.secret = "s3cret"
        self.version = "22.10.0"
        self.greeting = b"Asterisk Call Manager/9.0.0\r\n"
        self.answers: dict[str, Answer] = {}
        self.booted = True
        self.uptime_s: int | None = None
        self._writers: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server | None = None
        self.port = 0
        self.tls: ssl.SSLContext | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        self.drop()

    def drop(self) -> None:
        """Break every connection, as a crash of Asterisk does."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def say(self, text: str | bytes) -> None:
        """Write to every connection; line feeds become CR LF."""
        data = text if isinstance(text, bytes) else text.replace("\n", "\r\n").encode()
        for writer in self._writers:
            writer.write(data)

    def names(self) -> list[str]:
        return [action["Action"][0] for action in self.actions]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        writer.write(self.greeting)
        try:
            while True:
                block = (await reader.readuntil(b"\r\n\r\n")).decode()
                action: Action = {}
                for line in block.strip().split("\r\n"):
                    name, _, value = line.partition(": ")
                    action.setdefault(name, []).append(value)
                self.actions.append(action)
                reply = self._answer(action)
                if reply:
                    writer.write(reply.replace("\n", "\r\n").encode())
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(self, action: Action) -> str | None:
        name = action["Action"][0]
        if name in self.answers:
            return self.answers[name](action, self)
        head = f"ActionID: {action['ActionID'][0]}\n"
        ready = {
            "Challenge": f"Challenge: {CHALLENGE}\n",
            "CoreSettings": f"AsteriskVersion: {self.version}\n",
            "Ping": "Ping: Pong\nTimestamp: 1700000000.5\n",
        }
        if name in ready:
            return f"Response: Success\n{head}{ready[name]}\n"
        if name == "Login" and action.get("Key") == [hashlib.md5((CHALLENGE + self.secret).encode()).hexdigest()]:
            uptime = "" if self.uptime_s is None else f"Uptime: {self.uptime_s}\n"
            booted = (
                f"Event: FullyBooted\nPrivilege: system,all\n{uptime}Status: Fully Booted\n\n" if self.booted else ""
            )
            return f"Response: Success\n{head}Message: Authentication accepted\n\n{booted}"
        reason = "Authentication failed" if name == "Login" else "Invalid/unknown command"
        return f"Response: Error\n{head}Message: {reason}\n\n"


@pytest.fixture
async def manager() -> AsyncIterator[FakeManager]:
    fake = FakeManager()
    await fake.start()
    yield fake
    await fake.stop()
