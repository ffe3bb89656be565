"""How much room the disks have for recordings."""

import asyncio
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

AGAIN: Final = 1.1
"""So many times the least is free before there is room again: or else it would swing with each call."""
SCARCE: Final = 0.25
"""With less than this share of the least, recordings that go on are ended too."""


def free_bytes(folder: Path) -> int:
    """Of the file system that the folder is on, or will be: for who is not root."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


class Room:
    """`look` now and then. Until then there is room. `least` is in bytes, 0 for no limit."""

    def __init__(self, folders: Iterable[Path], *, least: int, probe: Callable[[Path], int] = free_bytes) -> None:
        self.least = least
        self.free: int | None = None
        self.tight = False
        self._folders, self._probe = tuple(folders), probe

    @property
    def scarce(self) -> bool:
        return self.tight and self.free is not None and self.free < self.least * SCARCE

    async def look(self) -> None:
        """A file system that hangs keeps only this waiting. OSError when one cannot be asked."""
        self.free = await asyncio.to_thread(lambda: min(map(self._probe, self._folders)))
        self.tight = self.free < self.least * (AGAIN if self.tight else 1)
