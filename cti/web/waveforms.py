"""Waveforms of published recordings: computed beside the event loop, one at a time, and kept for a while.

Only in memory: nothing that is made of a voice is on the disk beside its recording.
"""

import asyncio
from collections import OrderedDict
from pathlib import Path
from typing import Final

from cti.recording.keys import Keyring
from cti.recording.sealed import open_audio
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

    async def of(self, file: Path, keys: Keyring) -> Waveform:
        """Of `<interaction>.wav`. Raises OSError when it is gone, and what `open_audio` raises."""
        key = _version(file)
        async with self._one:
            if key not in self._known:
                self._known[key] = await asyncio.to_thread(_read, file, keys)
            self._known.move_to_end(key)
            while len(self._known) > self._kept:
                self._known.popitem(last=False)
            return self._known[key]


def _version(file: Path) -> tuple[str, int, int]:
    status = file.stat()
    return str(file), status.st_size, status.st_mtime_ns


def _read(file: Path, keys: Keyring) -> Waveform:
    with open_audio(file, file.stem, keys) as audio:
        pieces = (audio.read(offset, _PIECE) for offset in range(HEADER, audio.size, _PIECE))
        return waveform(pieces, max(0, audio.size - HEADER))
