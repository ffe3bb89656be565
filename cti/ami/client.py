"""The AMI client of the daemon: it logs in, stays logged in, measures, and says what is wrong.

Every connection is a session of its own: `on_up` after log-in, events, `on_down` once when it ends. Actions that were
pending when a session ended fail with NotConnected; nothing is ever sent twice (a second `Originate` rings a customer
twice).
"""

import asyncio
import enum
import os
import random
import ssl
import time
from collections.abc import Awaitable, Callable

import msgspec
import structlog

from cti.ami.age import EventAge
from cti.ami.codec import Fields
from cti.ami.link import Link, LoginRefused, OnEvent, log_in
from cti.ami.messages import Event, Response
from cti.errors import ActionFailed, CtiError, DeadlineExceeded, NotConnected
from cti.tls import refusal

log = structlog.get_logger(__name__)


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Where a manager listens and as whom to log in; with `tls`, over TLS."""

    host: str = "127.0.0.1"
    port: int = 5038
    username: str
    secret: str
    tls: ssl.SSLContext | None = None
    server_name: str | None = None
    """The name in its certificate, when it is not `host`."""


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """Deadlines and intervals in seconds."""

    connect_s: float = 5.0
    action_s: float = 5.0
    list_s: float = 15.0
    boot_s: float = 30.0
    ping_every_s: float = 1.0
    ping_deadline_s: float = 1.5
    reconnect_first_s: float = 0.2
    reconnect_most_s: float = 2.0
    late_after_s: float = 2.0


class AlarmKind(enum.StrEnum):
    LINK_LOST = "link_lost"
    LOGIN_REFUSED = "login_refused"
    EVENTS_LATE = "events_late"


class Alarm(msgspec.Struct, frozen=True):
    """Something an operator should know; the same kind comes again with `active` false when it is over."""

    kind: AlarmKind
    active: bool
    text: str


class AmiClient:
    """The daemon's link to one Asterisk. `run()` keeps it up until it is cancelled.

    `on_event(event)` is called synchronously for events named in `wanted`, also for the items of list replies.
    `on_up(client)` is awaited after each log-in, with events already flowing: take the status snapshot there; what it
    raises ends the session, and the next attempt follows. `on_down(reason)` is called once for each session that had
    logged in, before any event of the next: start a fresh mirror there. `on_alarm(alarm)` on every change.
    """

    def __init__(
        self,
        account: Account,
        *,
        wanted: frozenset[str],
        on_event: OnEvent,
        on_up: Callable[["AmiClient"], Awaitable[None]] | None = None,
        on_down: Callable[[str], None] | None = None,
        on_alarm: Callable[[Alarm], None] | None = None,
        timing: Timing | None = None,
        rng: random.Random | None = None,
    ) -> None:
        self._account = account
        self._wanted = wanted
        self._on_event = on_event
        self._on_up = on_up
        self._on_down = on_down
        self._on_alarm = on_alarm
        self._timing = timing or Timing()
        self._rng = rng or random.Random()  # noqa: S311  # jitter is no secret
        self._link: Link | None = None
        self._alarms: set[AlarmKind] = set()
        self.age = EventAge()
        self.asterisk_version = ""
        self.sessions = 0

    @property
    def connected(self) -> bool:
        """Logged in, as far as is known: a dead peer is noticed within `ping_every_s + ping_deadline_s`."""
        return self._link is not None

    @property
    def booted_at(self) -> float | None:
        """When the Asterisk of this session was started, to a second; None while nobody knows."""
        return self._link.booted_at if self._link is not None else None

    def send_nowait(
        self, name: str, fields: Fields | None = None, *, deadline_s: float | None = None
    ) -> "asyncio.Future[Response]":
        """Send and go on; errors as for `action()`, in the future. One that nobody awaits is logged, not lost."""
        future: asyncio.Future[Response]
        try:
            future = self._live().send(name, fields or {}, deadline_s=deadline_s or self._timing.action_s)
        except NotConnected as error:
            future = asyncio.get_running_loop().create_future()
            future.set_exception(error)
        future.add_done_callback(_log_failure)
        return future

    async def action(self, name: str, fields: Fields | None = None, *, deadline_s: float | None = None) -> Response:
        """Send one action and wait for its answer.

        Raises ActionFailed with what Asterisk said, NotConnected (unknown whether Asterisk acted, if the link was lost
        in between), DeadlineExceeded, or LocalProtocolError for a value with a line break.
        """
        response: Response = await self._live().send(name, fields or {}, deadline_s=deadline_s or self._timing.action_s)
        return response

    async def list_action(
        self, name: str, fields: Fields | None = None, *, deadline_s: float | None = None
    ) -> list[Event]:
        """Send an action whose answer is a list of events, and wait for all of them; raises as `action()` does."""
        items: list[Event] = await self._live().send(
            name, fields or {}, deadline_s=deadline_s or self._timing.list_s, wants_list=True
        )
        return items

    async def command(self, line: str, *, deadline_s: float | None = None) -> str:
        """Run one line of Asterisk's CLI and return what it printed; raises as `action()` does."""
        return (await self.action("Command", {"Command": line}, deadline_s=deadline_s)).output

    async def run(self) -> None:
        """Connect, and connect again after every loss, with growing and jittered pauses. Runs until cancelled."""
        failures = 0
        while True:
            sessions = self.sessions
            reason = await self._session()
            failures = 0 if self.sessions > sessions else failures + 1
            pause = backoff_s(failures, self._timing, self._rng)
            log.warning("the link to Asterisk is down", reason=reason, retry_in_s=round(pause, 2))
            self._alarm(AlarmKind.LINK_LOST, reason)
            await asyncio.sleep(pause)

    async def _session(self) -> str:
        """One connection from dialling to loss; returns why it ended."""
        try:
            link = await dial(self._account, self._wanted, self._on_event, self.age, self._timing)
        except CtiError as error:
            if isinstance(error, LoginRefused):
                self._alarm(AlarmKind.LOGIN_REFUSED, str(error))
            return str(error)
        self._link = link
        reason = "the daemon closed the connection"
        try:
            reason = await self._serve(link)
        finally:
            self._link = None
            link.abort(reason)
            if self._on_down is not None:
                self._on_down(reason)
        return reason

    async def _serve(self, link: Link) -> str:
        tasks = [
            asyncio.create_task(self._come_up(link), name="ami-up"),
            asyncio.create_task(self._keep_alive(link), name="ami-ping"),
        ]
        try:
            return await asyncio.shield(link.lost)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _come_up(self, link: Link) -> None:
        """What stands between log-in and a usable session; a failure ends the session, and the next is tried."""
        try:
            self.asterisk_version = await version_of(link, self._timing.action_s)
            await _wait_booted(link, self._timing.boot_s)
            if self._on_up is not None:
                await self._on_up(self)
        except CtiError as error:
            link.abort(f"the session did not come up: {error}")
        except Exception as error:
            log.exception("the listener of a new AMI session failed")
            link.abort(f"the session did not come up: {error}")
        else:
            self.sessions += 1
            self._clear(AlarmKind.LINK_LOST)
            self._clear(AlarmKind.LOGIN_REFUSED)

    async def _keep_alive(self, link: Link) -> None:
        """Notice a peer that is gone without a word (half-open TCP, stopped), and events that come late.

        Whatever comes after a ping was sent is a sign of life: a busy Asterisk may be late with the answer alone.
        """
        timing = self._timing
        while True:
            sent = time.time()
            try:
                answer: Response = await link.send("Ping", {}, deadline_s=timing.ping_deadline_s)
            except DeadlineExceeded as error:
                if link.heard_at < sent:
                    link.abort(str(error))
                    return
                log.warning("Asterisk is late with its answer to a ping", deadline_s=timing.ping_deadline_s)
            except CtiError as error:
                log.warning("a ping failed", reason=str(error))
            else:
                self.age.set_clock(answer, sent, time.time())
            self._judge_age()
            await asyncio.sleep(timing.ping_every_s)

    def _judge_age(self) -> None:
        worst = self.age.take_worst()
        if worst > self._timing.late_after_s:
            self._alarm(AlarmKind.EVENTS_LATE, f"events from Asterisk come {worst:.1f} s late")
        elif worst < self._timing.late_after_s / 2:
            self._clear(AlarmKind.EVENTS_LATE)

    def _live(self) -> Link:
        if self._link is None:
            raise NotConnected("there is no connection to Asterisk")
        return self._link

    def _alarm(self, kind: AlarmKind, text: str) -> None:
        if kind not in self._alarms:
            self._alarms.add(kind)
            if self._on_alarm is not None:
                self._on_alarm(Alarm(kind, active=True, text=text))

    def _clear(self, kind: AlarmKind) -> None:
        if kind in self._alarms:
            self._alarms.discard(kind)
            if self._on_alarm is not None:
                self._on_alarm(Alarm(kind, active=False, text=""))


async def dial(account: Account, wanted: frozenset[str], on_event: OnEvent, age: EventAge, timing: Timing) -> Link:
    """Connect and log in. Raises NotConnected (nobody there), LoginRefused, RemoteProtocolError, DeadlineExceeded."""
    loop = asyncio.get_running_loop()
    where = f"{account.host}:{account.port}"
    name = (account.server_name or account.host) if account.tls is not None else None
    try:
        async with asyncio.timeout(timing.connect_s):
            _, link = await loop.create_connection(
                lambda: Link(wanted, on_event, age), account.host, account.port, ssl=account.tls, server_hostname=name
            )
    except TimeoutError:
        raise NotConnected(f"nobody answers at {where} within {timing.connect_s:g} s") from None
    except OSError as error:
        plain = not error.errno or error.errno < 0
        reason = refusal(error, name or "") or (str(error) if plain else os.strerror(error.errno or 0))
        raise NotConnected(f"no connection to {where}: {reason}") from None
    try:
        await log_in(link, account.username, account.secret, deadline_s=timing.action_s)
    except BaseException:
        link.abort("log-in failed")
        raise
    return link


async def version_of(link: Link, deadline_s: float) -> str:
    """Asterisk's version ("22.10.0"), or "" when this manager may not ask for it."""
    try:
        settings: Response = await link.send("CoreSettings", {}, deadline_s=deadline_s)
    except ActionFailed:
        return ""
    return settings.get("AsteriskVersion", "")


async def _wait_booted(link: Link, boot_s: float) -> None:
    """Asterisk says FullyBooted at log-in, or later while it starts; a manager without `system` never hears it."""
    try:
        async with asyncio.timeout(boot_s):
            await link.booted.wait()
    except TimeoutError:
        log.warning("Asterisk did not say that it has booted; going on", waited_s=boot_s)


def backoff_s(failures: int, timing: Timing, rng: random.Random) -> float:
    """The pause before the next attempt: doubled per failure, capped, and between half and all of that by chance, so
    that many clients of one Asterisk do not come back in the same moment.
    """
    most = min(timing.reconnect_most_s, timing.reconnect_first_s * 2.0 ** min(failures, 30))
    return most * rng.uniform(0.5, 1.0)


def _log_failure(future: "asyncio.Future[Response]") -> None:
    if not future.cancelled() and (error := future.exception()) is not None:
        log.warning("an AMI action failed", reason=str(error))
