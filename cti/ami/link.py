"""One connection to a manager: replies find their actions, events their listener. Reconnecting is for client.py."""

import asyncio
import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog

from cti.ami.age import EventAge
from cti.ami.codec import Decoder, Fields, encode_action
from cti.ami.messages import Banner, Event, Response
from cti.errors import ActionFailed, CtiError, DeadlineExceeded, NotConnected, RemoteProtocolError

log = structlog.get_logger(__name__)

OnEvent = Callable[[Event], None]
FULLY_BOOTED = "FullyBooted"


class LoginRefused(CtiError):
    """Asterisk does not know this manager, or not with this secret."""


@dataclass(slots=True)
class _Pending:
    """An action that waits for its answer."""

    action: str
    future: "asyncio.Future[Any]"
    timer: asyncio.TimerHandle
    wants_list: bool
    items: list[Event] = field(default_factory=list)


class Link(asyncio.Protocol):
    """The connection, from its banner to its loss.

    `on_event` is called from the socket's read, in the order of the stream, once for each event whose name is in
    `wanted` - items of list replies included, in their place, so that a mirror built from a status snapshot cannot be
    overtaken by the events behind it. What `on_event` raises is logged and harms nobody else.
    """

    def __init__(self, wanted: frozenset[str], on_event: OnEvent, age: EventAge) -> None:
        self._wanted = wanted
        self._on_event = on_event
        self._age = age
        self._decoder = Decoder(wanted | {FULLY_BOOTED})
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        # Other managers see our ActionID in broadcast events and we see theirs: the prefix keeps them apart.
        self._prefix = secrets.token_hex(4)
        self._count = 0
        self._pending: dict[str, _Pending] = {}
        self._reason = "Asterisk closed the connection"
        self.banner: asyncio.Future[Banner] = self._loop.create_future()
        self.booted = asyncio.Event()
        self.booted_at: float | None = None
        """Unix seconds by our clock, to a second: when this Asterisk was started; None until it has said so."""
        self.heard_at = 0.0
        """Unix seconds: when the last bytes came."""
        self.lost: asyncio.Future[str] = self._loop.create_future()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a stream transport, by contract of asyncio.Protocol

    def data_received(self, data: bytes) -> None:
        strange = self._decoder.strange
        self.heard_at = time.time()
        try:
            received = self._decoder.feed(data)
        except RemoteProtocolError as error:
            self.abort(str(error))
            return
        if self._decoder.strange != strange:
            log.warning("AMI messages are passed over, perhaps forged by a caller", data=data[:2000])
        aged = False
        for message in received:
            if isinstance(message, Event):
                if not aged:  # the first of a read is the oldest
                    self._age.observe(message, time.time())
                    aged = True
                self._event(message)
            elif isinstance(message, Response):
                self._response(message)
            elif not self.banner.done():
                self.banner.set_result(message)

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            self._reason = f"the connection to Asterisk broke: {exc}"
        self._transport = None
        if not self.lost.done():
            self.lost.set_result(self._reason)
        if not self.banner.done():
            self.banner.cancel()
        for action_id in list(self._pending):
            pending = self._pending[action_id]
            self._settle(action_id, NotConnected(f"{pending.action}: {self._reason}"))

    # What the client calls

    def abort(self, reason: str) -> None:
        """Drop the connection now; `reason` is what everybody who waits is told."""
        if self._transport is not None:
            self._reason = reason
            self._transport.abort()

    def send(
        self, action: str, fields: Fields, *, deadline_s: float, wants_list: bool = False
    ) -> "asyncio.Future[Any]":
        """Send one action; the future yields a Response, or with `wants_list` the list of events that followed it.

        It fails with ActionFailed (Asterisk said no), NotConnected (the link was lost before the answer: whether
        Asterisk acted is unknown, and nothing is sent again) or DeadlineExceeded.
        Raises NotConnected at once when there is no link, and LocalProtocolError for a value that must not be sent.
        """
        if self._transport is None or self._transport.is_closing():
            raise NotConnected(f"{action}: there is no connection to Asterisk")
        self._count += 1
        action_id = f"{self._prefix}-{self._count}"
        data = encode_action(action, fields, action_id)
        timer = self._loop.call_later(deadline_s, self._too_late, action_id, deadline_s)
        pending = _Pending(action, self._loop.create_future(), timer, wants_list)
        self._pending[action_id] = pending
        if wants_list:
            self._decoder.lists_open = True
        self._transport.write(data)
        return pending.future

    # Inside

    def _event(self, event: Event) -> None:
        name = event["Event"]
        if "ActionID" in event:
            self._list_item(event)
        if name in self._wanted:
            try:
                self._on_event(event)
            except Exception:
                log.exception("an event's listener failed", ami_event=name)
        if name == FULLY_BOOTED:
            self._booted(event)

    def _booted(self, event: Event) -> None:
        """`Uptime` (Asterisk: main/manager.c) is in whole seconds, and no reload resets it."""
        uptime = event.get("Uptime", "")
        if uptime.isdecimal():
            self.booted_at = time.time() - int(uptime)
        self.booted.set()

    def _list_item(self, event: Event) -> None:
        pending = self._pending.get(event.action_id)
        if pending is None or not pending.wants_list:
            return
        if event.get("EventList", "").lower() in {"complete", "cancelled"}:
            self._settle(event.action_id, pending.items)
        else:
            pending.items.append(event)

    def _response(self, response: Response) -> None:
        pending = self._pending.get(response.action_id)
        if pending is None:
            log.debug("an answer came after its deadline", action_id=response.action_id)
        elif pending.wants_list and response.finds_nothing:
            self._settle(response.action_id, [])
        elif not response.ok:
            self._settle(response.action_id, ActionFailed(pending.action, response.message or "refused"))
        elif not pending.wants_list:
            self._settle(response.action_id, response)
        elif not response.opens_list:
            self._settle(response.action_id, [])

    def _too_late(self, action_id: str, deadline_s: float) -> None:
        action = self._pending[action_id].action
        self._settle(action_id, DeadlineExceeded(f"{action}: Asterisk did not answer within {deadline_s:g} s"))

    def _settle(self, action_id: str, outcome: object) -> None:
        pending = self._pending.pop(action_id)
        pending.timer.cancel()
        if pending.wants_list:
            self._decoder.lists_open = any(other.wants_list for other in self._pending.values())
        if pending.future.done():  # whoever waited has gone
            return
        if isinstance(outcome, CtiError):
            pending.future.set_exception(outcome)
        else:
            pending.future.set_result(outcome)


async def log_in(link: Link, username: str, secret: str, *, deadline_s: float) -> None:
    """Greet and log in by MD5 challenge, so that the secret does not cross the wire; events flow from then on.

    Raises LoginRefused, RemoteProtocolError (no manager there), NotConnected or DeadlineExceeded.
    """
    await wait(link.banner, link, "the manager's greeting", deadline_s)
    try:
        challenge: Response = await link.send("Challenge", {"AuthType": "MD5"}, deadline_s=deadline_s)
        digest = hashlib.md5((challenge.get("Challenge", "") + secret).encode(), usedforsecurity=False).hexdigest()
        login = {"AuthType": "MD5", "Username": username, "Key": digest, "Events": "on"}
        await link.send("Login", login, deadline_s=deadline_s)
    except ActionFailed as failure:
        raise LoginRefused(
            f"Asterisk refuses the manager {username!r} ({failure.message}): check its name, secret and permit list"
        ) from None


async def wait(what: "asyncio.Future[Any]", link: Link, name: str, deadline_s: float) -> None:
    """Wait for a future of the link; its loss and the deadline are told apart."""
    done, _ = await asyncio.wait({what, link.lost}, timeout=deadline_s, return_when=asyncio.FIRST_COMPLETED)
    if link.lost in done:
        raise NotConnected(link.lost.result())
    if not done:
        raise DeadlineExceeded(f"{name} did not come within {deadline_s:g} s")
