"""Whether the daemon can serve calls now, for `/readyz`: the names of its parts, and of each one word."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, Literal

import structlog

from cti.errors import CtiError

log = structlog.get_logger(__name__)

Word = Literal["ok", "away", "failed"]
"""What is "away" is done without for now; with one that has "failed" no call can be served."""
KEPT_S: Final = 1.0
"""Anybody may ask: the parts are looked at once a second at most."""
DATABASE_DEADLINE_S: Final = 2.0
LEAST_FREE: Final = 16 * 2**20


class Readiness:
    """`asterisk`: the link is up and Asterisk has booted. `agi`: it is listened for callers.

    `database` raises a CtiError when it is away; then `journal`, the folder that takes the facts, must be writable.
    """

    def __init__(
        self,
        *,
        asterisk: Callable[[], bool],
        agi: Callable[[], bool],
        database: Callable[[], Awaitable[object]],
        journal: Path,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._asterisk, self._agi, self._database, self._journal = asterisk, agi, database, journal
        self._clock = clock
        self._seen: tuple[float, Word] | None = None
        self._one_at_a_time = asyncio.Lock()

    async def __call__(self) -> dict[str, str]:
        return {
            "asterisk": "ok" if self._asterisk() else "failed",
            "agi": "ok" if self._agi() else "failed",
            "database": await self._books(),
        }

    async def _books(self) -> Word:
        async with self._one_at_a_time:
            if self._seen is None or self._clock() - self._seen[0] >= KEPT_S:
                word = await self._look()
                self._seen = self._clock(), word
            return self._seen[1]

    async def _look(self) -> Word:
        try:
            async with asyncio.timeout(DATABASE_DEADLINE_S):
                await self._database()
        except (CtiError, TimeoutError) as error:
            log.warning("the database is not ready", reason=str(error) or "it does not answer")
        else:
            return "ok"
        return "away" if await asyncio.to_thread(takes_more, self._journal) else "failed"


def takes_more(folder: Path) -> bool:
    """Whether we may write there and the disk has room."""
    try:
        stat = os.statvfs(folder)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK) and stat.f_bavail * stat.f_frsize > LEAST_FREE
