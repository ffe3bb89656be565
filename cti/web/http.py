"""Listening: the application on an address, for as long as the context lasts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from cti.errors import Unusable


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    """Yields the address that browsers open. `port` 0 takes a free one. Raises Unusable when the port is taken."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise Unusable(f"the web server cannot listen on {host}:{port}: {error.strerror or error}") from None
        bound = runner.addresses[0][1]
        shown = f"[{host}]" if ":" in host else host
        yield f"http://{shown}:{bound}"
    finally:
        await runner.cleanup()
