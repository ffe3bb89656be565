"""Whether the page at the other end of a websocket is alive: it is asked every other second and must answer.

Asked by a message, not by a ping of the protocol: a browser answers pings for a page that hangs. And asked by us: a
page in the background gets messages at once, while its own timers may run once a minute.
"""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import msgspec
from aiohttp import WSMsgType, web

from cti.web.messages import Beat
from cti.web.site import Site

EVERY_S: Final = 1.5
PATIENCE_S: Final = 3.0
"""Together below five seconds: that is how soon a page that is gone has to be noticed."""

TAB: Final = re.compile(r"[0-9a-f-]{8,64}")
ANSWER: Final = "beat"
_BEAT: Final = msgspec.json.encode(Beat())


class Page:
    """The page in `tab` of this agent, from the moment it is connected until `leave`."""

    def __init__(self, site: Site, agent_id: str, tab: str) -> None:
        self._site, self._agent_id, self._tab = site, agent_id, tab
        self._heard = asyncio.Event()
        self._here = True
        site.stations.came(agent_id, tab)

    def heard(self) -> None:
        self._heard.set()

    async def answers(self, socket: web.WebSocketResponse) -> bool:
        """Ask now; whether anything came in time. Returns when the next question is due."""
        self._heard.clear()
        await socket.send_frame(_BEAT, WSMsgType.TEXT)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._heard.wait()
        except TimeoutError:
            return False
        await asyncio.sleep(EVERY_S)
        return True

    def leave(self) -> None:
        if self._here:
            self._here = False
            self._site.stations.went(self._agent_id, self._tab)


@contextmanager
def present(site: Site, agent_id: str, tab: str) -> Iterator[Page | None]:
    """None for a client that gives no tab: it is no page, has no phone, and is asked nothing."""
    page = Page(site, agent_id, tab) if tab else None
    try:
        yield page
    finally:
        if page is not None:
            page.leave()
