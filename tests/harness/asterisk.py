"""A private Asterisk beside those of other tests, what can befall it, and how it comes back."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from cti.errors import Unusable
from cti.private_asterisk import AsteriskSettings, PrivateAsterisk, private_asterisk
from tests.harness.ports import tcp_port

PORT_TRIES = 3
TCP_PORTS = ("ws_port", "ami_port", "agi_port", "sip_tls_port", "wss_port", "ami_tls_port")


@contextlib.asynccontextmanager
async def open_private(settings: AsteriskSettings) -> AsyncIterator[PrivateAsterisk]:
    """It runs, on ports of its own where `settings` name none."""
    async with contextlib.AsyncExitStack() as stack:
        yield await _started(stack, settings)


async def _started(stack: contextlib.AsyncExitStack, settings: AsteriskSettings) -> PrivateAsterisk:
    """Somebody may take a UDP port between its choice and Asterisk: then with other ports."""
    for _ in range(PORT_TRIES):
        chosen: dict[str, Any] = {name: getattr(settings, name) or tcp_port() for name in TCP_PORTS}
        try:
            return await stack.enter_async_context(private_asterisk(replace(settings, **chosen)))
        except Unusable as error:
            if "already in use" not in str(error):
                raise
    return await stack.enter_async_context(private_asterisk(settings))


def kill(asterisk: PrivateAsterisk) -> float:
    """As when the machine loses power; returns when."""
    os.kill(asterisk.pid, signal.SIGKILL)
    return time.time()


@contextlib.asynccontextmanager
async def frozen(asterisk: PrivateAsterisk) -> AsyncIterator[float]:
    """Nothing moves in it while the body runs, and no connection ends; yields since when."""
    os.kill(asterisk.pid, signal.SIGSTOP)
    try:
        yield time.time()
    finally:
        os.kill(asterisk.pid, signal.SIGCONT)


@contextlib.asynccontextmanager
async def started_again(asterisk: PrivateAsterisk, pause_s: float = 0.5) -> AsyncIterator[PrivateAsterisk]:
    """The same one once more, with its ports and its files; to be used while the first one's context is open."""
    await asyncio.sleep(pause_s)
    async with private_asterisk(asterisk.settings, installation=asterisk.installation) as again:
        yield again
