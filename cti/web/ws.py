"""`/ws/v1`: a thin shell around the hub (outwards) and the commands (inwards)."""

import asyncio
import random
from contextlib import suppress
from typing import Final

import msgspec
import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from cti.desk.hub import Subscription, SubscriptionClosed
from cti.errors import Forbidden, NotConnected
from cti.rights import LIVE
from cti.web.commands import answer
from cti.web.crowd import CROWD
from cti.web.errors import BadInput, Unauthorised
from cti.web.known import MUST, LoggedIn
from cti.web.presence import ANSWER, TAB, Page, present
from cti.web.site import Site
from cti.web.way import Way

log = structlog.get_logger(__name__)

PATH: Final = "/ws/v1"
HEARTBEAT_S: Final = 15.0
WRITE_DEADLINE_S: Final = 10.0
MAX_MESSAGE: Final = 64 * 1024
MAX_PENDING: Final = 32
"""Commands of one browser that may wait; a page that sends more is broken."""

WATCH_S: Final = 30.0
"""How soon an open page notices that its session was ended elsewhere, at the latest: pages that came together, after a
restart, do not all ask together.
"""

SESSION_ENDED: Final = 4401
"""Close code: go to the log-in page."""

RECONNECT: Final = 4408
"""Close code: connect again at once, a new snapshot will come."""

ENDED: Final = "the session has ended"


class Sockets:
    def __init__(self, site: Site) -> None:
        self._site = site

    async def close(self, _: web.Application) -> None:
        self._site.hub.close()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Refused before the upgrade without a session (401) or from another origin (403)."""
        known = await self._site.gate.who(request)
        try:
            _admit(known, self._site, request)
        except Forbidden as refusal:
            actor = known.actor if known else None
            self._site.audited(actor, f"GET {PATH}", "", allowed=False, detail=str(refusal))
            raise
        if known is None:
            raise Unauthorised("nobody is logged in, or the session has ended")
        request.app[CROWD].recognise(request)
        tab = request.query.get("tab", "")
        if tab and TAB.fullmatch(tab) is None:
            raise BadInput("a tab is named by 8 to 64 hexadecimal digits and hyphens", "tab")
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=MAX_MESSAGE, compress=False)
        await socket.prepare(request)
        with present(self._site, known.actor.agent_id, tab) as page:
            await self._converse(request, socket, known, page)
        return socket

    async def _converse(
        self, request: web.Request, socket: web.WebSocketResponse, known: LoggedIn, page: Page | None
    ) -> None:
        """Tasks until one of them ends: the writer, the reader, who executes the commands in their order, who listens
        whether the page is still there.
        """
        commands: asyncio.Queue[str] = asyncio.Queue(MAX_PENDING)
        way = None if request.transport is None else Way(request.transport)
        with self._site.hub.subscribe(known.actor, way) as subscription:
            watch = asyncio.create_task(self._watch(subscription, known), name=f"ws session {known.actor.agent_id}")
            name = known.actor.agent_id
            tasks = [
                asyncio.create_task(self._write(socket, subscription), name=f"ws write {name}"),
                asyncio.create_task(self._read(socket, commands, page), name=f"ws read {name}"),
                asyncio.create_task(self._execute(socket, known, commands), name=f"ws commands {name}"),
            ]
            if page is not None:
                tasks.append(asyncio.create_task(self._beat(socket, page), name=f"ws beat {name}"))
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                await _ended([*tasks, watch])

    async def _write(self, socket: web.WebSocketResponse, subscription: Subscription) -> None:
        """Ends with a close code that tells the page what to do."""
        try:
            while True:
                for message in await self._site.hub.next(subscription):
                    async with asyncio.timeout(WRITE_DEADLINE_S):
                        await socket.send_frame(message, WSMsgType.TEXT)
                subscription.written()
        except SubscriptionClosed as end:
            await _close(socket, SESSION_ENDED if str(end) == ENDED else RECONNECT, str(end))
        except TimeoutError:
            await _close(socket, RECONNECT, "the browser could not keep up")
        except ConnectionError:
            return

    async def _watch(self, subscription: Subscription, known: LoggedIn) -> None:
        """Until the session ends: by time, by a log-out elsewhere, by another password or role. An open page is in use,
        so that the session does not end of being idle.
        """
        loop = asyncio.get_running_loop()
        over_at = loop.time() + known.expires_at - self._site.clock()
        while (left_s := over_at - loop.time()) > 0:
            await asyncio.sleep(min(left_s, WATCH_S * random.uniform(0.5, 1)))  # noqa: S311 - jitter, no secret
            with suppress(NotConnected):
                if await self._site.gate.again(known) is None:
                    break
        subscription.close(ENDED)

    async def _beat(self, socket: web.WebSocketResponse, page: Page) -> None:
        """Ends when the page does not answer: it hangs, sleeps, or is gone without a word."""
        with suppress(ConnectionError):
            while await page.answers(socket):
                pass
            page.leave()  # at once: closing a dead connection takes its time
            await _close(socket, RECONNECT, "the page did not answer")

    async def _read(self, socket: web.WebSocketResponse, commands: asyncio.Queue[str], page: Page | None) -> None:
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                await _close(socket, WSCloseCode.UNSUPPORTED_DATA, "commands are text")
                return
            if page is not None:
                page.heard()
                if message.data == ANSWER:
                    continue
            try:
                commands.put_nowait(message.data)
            except asyncio.QueueFull:
                await _close(socket, WSCloseCode.POLICY_VIOLATION, "too many commands at once")
                return

    async def _execute(self, socket: web.WebSocketResponse, known: LoggedIn, commands: asyncio.Queue[str]) -> None:
        with suppress(ConnectionError):
            while True:
                reply = await answer(await commands.get(), known, self._site)
                await socket.send_frame(msgspec.json.encode(reply), WSMsgType.TEXT)


def _admit(known: LoggedIn | None, site: Site, request: web.Request) -> None:
    """Raises Forbidden. A browser names its page's origin; a program has a token, which no page can send."""
    if known is None or known.scopes is None:
        site.gate.check_origin(request, required=True)
    elif LIVE not in known.scopes:
        raise Forbidden(f"this token has not the scope {LIVE}")
    if known is not None and known.must:
        raise Forbidden(MUST[known.must])


async def _close(socket: web.WebSocketResponse, code: int, reason: str) -> None:
    with suppress(ConnectionError, TimeoutError):
        async with asyncio.timeout(2):
            await socket.close(code=code, message=reason.encode()[:120])


async def _ended(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception):
            log.error("websocket task failed", exc_info=outcome)
