"""Waveforms of published recordings: computed beside the event loop, one at a time, and kept for a while."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cti.recording.stitch import HEADER
from cti.recording.waveform import Waveform, waveform

KEPT: Final = 64
_PIECE: Final = 256 * 1024


class Waveforms:
    """Keeps the last `kept` that were asked for, each of some 20 kB. A file that was replaced is read again."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._known: OrderedDict[tuple[str, int, int], Waveform] = OrderedDict()
        self._one = asyncio.Lock()

    async def of(self, file: Path) -> Waveform:
        """Raises OSError when the file is gone."""
        key = _version(file)
        async with self._one:
            if key not in self._known:
                self._known[key] = await asyncio.to_thread(_read, file)
            self._known.move_to_end(key)
            while len(self._known) > self._kept:
                self._known.popitem(last=False)
            return self._known[key]


def _version(file: Path) -> tuple[str, int, int]:
    status = file.stat()
    return str(file), status.st_size, status.st_mtime_ns


def _read(file: Path) -> Waveform:
    with file.open("rb") as source:
        source.seek(0, 2)
        size = max(0, source.tell() - HEADER)
        source.seek(HEADER)

        def pieces() -> Iterator[bytes]:
            while piece := source.read(_PIECE):
                yield piece

        return waveform(pieces(), size)
