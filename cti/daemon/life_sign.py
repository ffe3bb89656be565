"""The daemon's signs of life: a file touched every second, so that the next start knows how long nobody watched.

Its time of modification is the last sign; what stands in it is "planned" when the daemon went in order.
"""

import asyncio
from pathlib import Path
from typing import NamedTuple

import structlog

log = structlog.get_logger(__name__)

BEAT_S = 1.0
PLANNED = "planned"


class Sign(NamedTuple):
    """Of the daemon before us: when it was last alive (unix seconds), and whether it went in order."""

    at: float
    planned: bool


class LifeSign:
    def __init__(self, file: Path) -> None:
        self._file = file

    def last(self) -> Sign | None:
        """None when no daemon ever ran here."""
        try:
            return Sign(self._file.stat().st_mtime, self._file.read_text().strip() == PLANNED)
        except OSError:
            return None

    def _write(self, text: str) -> None:
        """A full disk takes an empty file, too; whatever else is wrong, calls are not to suffer for it."""
        try:
            self._file.write_text(text)
        except OSError as error:
            log.warning("the sign of life cannot be written", file=str(self._file), reason=error.strerror)

    async def beat(self) -> None:
        """Until cancelled, which is the end in order."""
        try:
            while True:
                self._write("")
                await asyncio.sleep(BEAT_S)
        finally:
            self._write(PLANNED)
