"""How many connections the web server holds: a crowd at the door must not take the files that callers need.

Every connection is an open file, and so is every caller's: a stranger who opens thousands would shut everybody out. So
there are at most `most` connections, newcomers always get in, and who makes room is the oldest on whom nobody has
logged in. Connections that send no whole request are closed after `IDLE_S` by aiohttp itself.
"""

import asyncio
import resource
from collections.abc import Callable
from typing import Final

import structlog
from aiohttp import web
from aiohttp.web_protocol import RequestHandler

log = structlog.get_logger(__name__)

IDLE_S: Final = 30.0
"""A page that has nothing to ask holds its websocket, which is no idle connection."""

SHARE: Final = 0.4
"""Of the files that the process may open, what the web server may take; callers and the store need the rest."""

MOST: Final = 10_000


class Crowd:
    """The connections of one server. `known` are those on which somebody who is logged in has asked for something."""

    def __init__(self, most: int = 0) -> None:
        self._most = most or most_connections()
        self._known: set[RequestHandler] = set()
        self._leaving: set[RequestHandler] = set()
        self.sent_away = 0

    def recognise(self, request: web.Request) -> None:
        self._known.add(request.protocol)

    def door(self, server: web.Server) -> Callable[[], asyncio.Protocol]:
        """What makes the protocol of each connection that comes."""

        def enter() -> asyncio.Protocol:
            self._make_room(server.connections)
            return server()

        return enter

    def _make_room(self, connections: list[RequestHandler]) -> None:
        if len(self._known) > 2 * len(connections) + 64:
            self._known.intersection_update(connections)
        if len(connections) < self._most:
            return
        self._leaving.intersection_update(connections)
        if len(connections) - len(self._leaving) < self._most:
            return
        staying = [one for one in connections if one not in self._leaving]
        oldest = next((one for one in staying if one not in self._known), staying[0])
        self._leaving.add(oldest)
        oldest.force_close()
        self.sent_away += 1
        if self.sent_away.bit_count() == 1:  # the 1st, 2nd, 4th, 8th ...: not a line for each
            log.warning("too many web connections: the oldest makes room", most=self._most, sent_away=self.sent_away)


def most_connections() -> int:
    """The process may open as many files as the system lets it, from now on."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return MOST if hard == resource.RLIM_INFINITY else min(MOST, int(hard * SHARE))


CROWD: Final = web.AppKey("crowd", Crowd)
