"""A manager connection that keeps every byte it received, and orders Asterisk about for tests that have no daemon."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from cti.ami.codec import Decoder, Fields, encode_action
from cti.ami.messages import Event, Response

ACTION_S = 20.0


class AmiTap:
    """`raw` is what came over the wire since the log-in's answer, `events` the same decoded, unwanted ones included."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._decoder = Decoder()
        self._decoder.lists_open = True
        self._responses: dict[str, Response] = {}
        self._changed = asyncio.Event()
        self._last_id = 0
        self.raw = bytearray()
        self.events: list[Event] = []

    async def read(self) -> None:
        while data := await self._reader.read(65536):
            self.raw += data
            for message in self._decoder.feed(data):
                if isinstance(message, Event):
                    self.events.append(message)
                elif isinstance(message, Response):
                    self._responses[message.action_id] = message
            self._changed.set()

    async def action(self, name: str, **fields: str) -> Response:
        """Raises AssertionError with Asterisk's words when it refuses."""
        return await self.act(name, fields)

    async def act(self, name: str, fields: Fields) -> Response:
        self._last_id += 1
        action_id = f"t{self._last_id}"
        self._writer.write(encode_action(name, fields, action_id))
        await self.wait_until(lambda: action_id in self._responses, ACTION_S, f"an answer to {name}")
        response = self._responses.pop(action_id)
        assert response.ok, f"{name}: {response.message}"
        return response

    async def list_action(self, name: str) -> list[Event]:
        seen = len(self.events)
        action_id = (await self.action(name)).action_id

        def items() -> list[Event]:
            return [event for event in self.events[seen:] if event.action_id == action_id]

        complete = "Complete"
        await self.wait_until(lambda: any(item.get("EventList") == complete for item in items()), ACTION_S, name)
        return [item for item in items() if item.get("EventList") != complete]

    async def wait_event(self, name: str, within: float = 20.0, **headers: str) -> Event:
        """The first event of this name that has these headers, from the beginning of the tap."""

        def found() -> Event | None:
            matching = (event for event in self.events if event.name == name)
            return next((event for event in matching if headers.items() <= event.items()), None)

        await self.wait_until(lambda: found() is not None, within, f"{name} with {headers}")
        event = found()
        assert event is not None
        return event

    async def wait_until(self, true: Callable[[], bool], within: float, what: str) -> None:
        try:
            async with asyncio.timeout(within):
                while not true():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError as error:
            raise AssertionError(f"{what} did not come in {within:g} s") from error


@contextlib.asynccontextmanager
async def ami_tap(port: int, user: str, secret: str) -> AsyncIterator[AmiTap]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    tap = AmiTap(reader, writer)
    reading = asyncio.create_task(tap.read(), name="ami-tap")
    try:
        await tap.action("Login", Username=user, Secret=secret, Events="on")
        yield tap
    finally:
        writer.close()
        reading.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await reading
