"""Listening: the application on an address, for as long as the context lasts."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import cast

from aiohttp import web

from cti.errors import Unusable
from cti.web.crowd import CROWD, IDLE_S, Crowd


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    """Yields the address that browsers open. `port` 0 takes a free one. Raises Unusable when the port is taken."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2, keepalive_timeout=IDLE_S)
    await runner.setup()
    try:
        listener = await _listener(app.get(CROWD, Crowd()).door(cast("web.Server", runner.server)), host, port)
        shown = f"[{host}]" if ":" in host else host
        try:
            yield f"http://{shown}:{listener.sockets[0].getsockname()[1]}"
        finally:
            listener.close()
    finally:
        await runner.cleanup()


async def _listener(door: Callable[[], asyncio.Protocol], host: str, port: int) -> asyncio.Server:
    try:
        return await asyncio.get_running_loop().create_server(door, host, port, backlog=1024)
    except OSError as error:
        raise Unusable(f"the web server cannot listen on {host}:{port}: {error.strerror or error}") from None
