"""What can befall an Asterisk, and how it comes back."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator

from cti.private_asterisk import PrivateAsterisk, private_asterisk


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
