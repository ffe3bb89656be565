"""Listening: the application on an address, for as long as the context lasts."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import cast

from aiohttp import web

from cti.errors import Unusable
from cti.web.crowd import CROWD, IDLE_S, Crowd

HANDSHAKE_S = 10.0


@asynccontextmanager
async def listening(
    app: web.Application, host: str, port: int, tls: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """Yields the address that browsers open. `port` 0 takes a free one. Raises Unusable when the port is taken.

    With `tls` nothing else is spoken there.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2, keepalive_timeout=IDLE_S)
    await runner.setup()
    try:
        door = app.get(CROWD, Crowd()).door(cast("web.Server", runner.server))
        listener = await _listener(door, host, port, tls)
        shown = f"[{host}]" if ":" in host else host
        try:
            yield f"{'http' if tls is None else 'https'}://{shown}:{listener.sockets[0].getsockname()[1]}"
        finally:
            listener.close()
    finally:
        await runner.cleanup()


async def _listener(
    door: Callable[[], asyncio.Protocol], host: str, port: int, tls: ssl.SSLContext | None
) -> asyncio.Server:
    try:
        return await asyncio.get_running_loop().create_server(
            door, host, port, backlog=1024, ssl=tls, ssl_handshake_timeout=None if tls is None else HANDSHAKE_S
        )
    except OSError as error:
        raise Unusable(f"the web server cannot listen on {host}:{port}: {error.strerror or error}") from None
