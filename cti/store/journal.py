"""Every fact on disk before anything acts on it: append-only files of lines (`cti/store/lines.py`).

A file ("segment") that has grown to `segment_bytes` is followed by a new one; it is removed when all of it is in the
database, never before. A process never writes into a file of another: what a crash left is only read. There is one
owner of a folder at a time.

`Journal` belongs to the event loop and never waits: of the disk it does no more than write(2) without a sync, and one
open(2) for each segment. What may take long are the functions below it, for a thread, and one at a time.
"""

import errno
import fcntl
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import structlog

from cti.errors import Unusable
from cti.events import Fact
from cti.store.lines import Entry, Position, entry_of

log = structlog.get_logger(__name__)

_OLD = "facts.jsonl"
"""The spool of older versions: the oldest segment."""
_DRAFT = ".draft"


@dataclass(slots=True)
class Segment:
    number: int
    path: Path
    size: int
    thinned: bool = False


class Span(NamedTuple):
    """What is left to read of a segment."""

    number: int
    path: Path
    start: int
    end: int


class Journal:
    def __init__(self, folder: Path, *, segment_bytes: int = 1 << 20, synced: bool = True) -> None:
        """`synced`: somebody calls `syncing` now and then."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._segment_bytes, self._synced = segment_bytes, synced
        self._segments = _found(folder)
        self._held = sum(one.size for one in self._segments)
        self._taken = Position(0, 0)
        self._reading = 0
        self._lock = self._fd = -1
        self._named = True
        self._retired: list[int] = []

    @property
    def size(self) -> int:
        """Bytes that are not in the database yet."""
        return self._held - self._taken.offset

    def own(self) -> None:
        """`Unusable` when another process keeps its facts here. Before that nothing was written or removed."""
        if self._lock >= 0:
            return
        lock = os.open(self.folder / "lock", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            raise Unusable(f"another daemon keeps its facts in {self.folder}") from None
        self._lock = lock
        remove(self.folder.glob(f"*{_DRAFT}"))

    def append(self, line: bytes) -> Position:
        """Where it ends. After an `OSError` nothing of it is in the journal, and later lines may be."""
        if self._fd < 0:
            self._roll()
        elif self._segments[-1].size >= self._segment_bytes:
            with suppress(OSError):  # better a long segment than none
                self._roll()
        segment = self._segments[-1]
        written = os.write(self._fd, line)
        if written != len(line):
            self._undo(segment)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        segment.size += written
        self._held += written
        return Position(segment.number, segment.size)

    def _roll(self) -> None:
        number = self._segments[-1].number + 1 if self._segments else self._taken.segment + 1
        path = self.folder / f"facts-{number:08d}.journal"
        self.own()
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._retire()
        self._fd, self._named = fd, False
        self._segments.append(Segment(number, path, 0))

    def _retire(self) -> None:
        if self._fd >= 0 and self._synced:
            self._retired.append(self._fd)
        elif self._fd >= 0:
            os.close(self._fd)
        self._fd = -1

    def _undo(self, segment: Segment) -> None:
        """Half a line was written: away with it, or no more lines behind it."""
        try:
            os.ftruncate(self._fd, segment.size)
        except OSError:
            self._retire()

    def syncing(self) -> Callable[[], None]:
        """For a thread: after it what was appended before this call survives a power cut. It raises `OSError`."""
        fds, self._retired = self._retired, []
        if self._fd >= 0:
            fds.append(os.dup(self._fd))
        folder, self._named = None if self._named else self.folder, True
        return lambda: _sync(fds, folder)

    def ahead(self) -> Span | None:
        """What comes next of what was not taken yet; None when there is nothing."""
        for segment in self._segments:
            start = self._taken.offset if segment.number == self._taken.segment else 0
            if start < segment.size:
                self._reading = segment.number
                return Span(segment.number, segment.path, start, segment.size)
        return None

    def take(self, position: Position) -> list[Path]:
        """All before `position` is in the database. Returns the files that are used up, for `remove`."""
        self._taken = max(self._taken, position)
        used_up = []
        while len(self._segments) > (self._fd >= 0) and self._is_taken(self._segments[0]):
            segment = self._segments.pop(0)
            self._held -= segment.size
            used_up.append(segment.path)
        if used_up and not (self._segments and self._segments[0].number == self._taken.segment):
            self._taken = Position(self._taken.segment + 1, 0)
        return used_up

    def turn(self) -> list[Path]:
        """The next line begins a new file; `OSError` when it cannot. As `take`: the one before may be used up."""
        if self._fd >= 0 and self._segments[-1].size:
            self._roll()
        return self.take(self._taken)

    def _is_taken(self, segment: Segment) -> bool:
        return (segment.number, segment.size) <= self._taken

    def thinnable(self) -> Segment | None:
        """The newest segment that is neither written nor read, and not thinned yet."""
        closed = self._segments[:-1] if self._fd >= 0 else self._segments
        behind = max(self._taken.segment, self._reading)
        return next((one for one in reversed(closed) if not one.thinned and one.number > behind), None)

    def thinned(self, segment: Segment, size: int) -> None:
        """What `thin` made of it. It may have been read meanwhile."""
        segment.thinned = True
        self._held -= segment.size - size
        segment.size = size

    def close(self) -> None:
        """Away with what is all in the database; what is not stays for the next start. Afterwards others may own it."""
        for fd in (*self._retired, self._fd):
            if fd >= 0:
                os.close(fd)
        self._fd, self._retired = -1, []
        if self._lock >= 0:
            if not self.size:
                remove(one.path for one in self._segments)
            os.close(self._lock)
            self._lock = -1


def _found(folder: Path) -> list[Segment]:
    """What an earlier process left, the oldest first."""
    old = [Segment(0, path, path.stat().st_size) for path in folder.glob(_OLD)]
    paths = sorted(folder.glob("facts-????????.journal"))
    return [*old, *(Segment(int(path.stem.partition("-")[2]), path, path.stat().st_size) for path in paths)]


# --- for a thread --------------------------------------------------------------------------------------------------


def _sync(fds: Sequence[int], folder: Path | None) -> None:
    """`folder`: with its names too."""
    try:
        for fd in fds:
            os.fdatasync(fd)
    finally:
        for fd in fds:
            os.close(fd)
    if folder is not None:
        names = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(names)
        finally:
            os.close(names)


def read(span: Span, limit: int) -> tuple[list[Entry], list[bytes], Position]:
    """The first `limit` facts, the lines among them that are none, and where what was read ends."""
    entries: list[Entry] = []
    bad: list[bytes] = []
    offset = span.start
    with span.path.open("rb") as file:
        file.seek(offset)
        while offset < span.end and len(entries) < limit and (line := file.readline(span.end - offset)):
            offset += len(line)
            try:
                entries.append(entry_of(line))
            except ValueError as error:
                log.warning("a line of the journal is no fact", file=span.path.name, ends_at=offset, reason=str(error))
                bad.append(line)
    return entries, bad, Position(span.number, offset)


def remove(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def thin(segment: Segment, gone: Callable[[Fact], bool]) -> tuple[int, int]:
    """Write the segment anew without the facts that are to be gone: its size now, and how many those were."""
    kept: list[bytes] = []
    dropped = 0
    with segment.path.open("rb") as file:
        for line in file:
            if _is_gone(line, gone):
                dropped += 1
            else:
                kept.append(line)
    draft = segment.path.with_suffix(_DRAFT)
    try:
        with open(draft, "wb", opener=_for_us) as file:
            file.writelines(kept)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(segment.path)
    finally:
        draft.unlink(missing_ok=True)
    return sum(map(len, kept)), dropped


def _is_gone(line: bytes, gone: Callable[[Fact], bool]) -> bool:
    with suppress(ValueError):
        return gone(entry_of(line).fact)
    return False


def _for_us(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def set_aside(folder: Path, lines: Iterable[bytes]) -> None:
    """What can never be stored, for people to look at: no obstacle to the others."""
    with open(folder / "facts-refused.jsonl", "ab", opener=_for_us) as file:
        file.writelines(line.rstrip(b"\n") + b"\n" for line in lines)
