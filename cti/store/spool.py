"""Facts on disk while the database is away: an append-only file of JSON lines `{"id": ..., "fact": {...}}`.

All calls block; the writer makes them in a thread, one at a time. A line that a crash cut off is set aside in
`facts-refused.jsonl`, as is a fact that the database will never take; neither is an obstacle to the others.
"""

import os
from pathlib import Path
from typing import NamedTuple

import msgspec
import structlog

from cti.events import Fact
from cti.store.projections import decode_fact

log = structlog.get_logger(__name__)


class Entry(NamedTuple):
    """`id` is unique and sortable in the order of publication, `body` the fact as JSON."""

    id: str
    body: bytes
    fact: Fact


class _Line(msgspec.Struct):
    id: str
    fact: msgspec.Raw


_decode_line = msgspec.json.Decoder(_Line).decode


class Spool:
    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / "facts.jsonl"
        self._refused = folder / "facts-refused.jsonl"
        self._offset = 0

    def empty(self) -> bool:
        return self.size() <= self._offset

    def size(self) -> int:
        try:
            return self._file.stat().st_size
        except FileNotFoundError:
            return 0

    def append(self, entries: list[Entry]) -> None:
        """On disk (fsync) when this returns; after an `OSError` the same entries may be appended again."""
        lines = b"".join(b'{"id":"%b","fact":%b}\n' % (entry.id.encode(), entry.body) for entry in entries)
        with self._file.open("a+b") as file:
            size = file.seek(0, os.SEEK_END)
            if size and os.pread(file.fileno(), 1, size - 1) != b"\n":
                lines = b"\n" + lines
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())

    def peek(self, limit: int) -> tuple[list[Entry], int]:
        """The oldest `limit` entries that were not taken yet, and the offset to `take` once they are stored."""
        entries: list[Entry] = []
        offset = self._offset
        if self.empty():
            return entries, offset
        with self._file.open("rb") as file:
            file.seek(offset)
            for line in file:
                offset += len(line)
                if entry := self._read(line):
                    entries.append(entry)
                if len(entries) >= limit:
                    break
        return entries, offset

    def _read(self, line: bytes) -> Entry | None:
        if not line.strip():
            return None
        try:
            decoded = _decode_line(line)
            body = bytes(decoded.fact)
            return Entry(decoded.id, body, decode_fact(body))
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            log.warning("a spooled line is no fact", error=str(error))
            self._set_aside(line.strip())
            return None

    def take(self, offset: int) -> None:
        """Everything before `offset` is in the database. A spool that is used up is removed."""
        self._offset = offset
        if self.empty():
            self._file.unlink(missing_ok=True)
            self._offset = 0

    def refuse(self, entry: Entry, reason: str) -> None:
        log.error("a fact cannot be stored", id=entry.id, fact=type(entry.fact).__name__, reason=reason)
        self._set_aside(b'{"id":"%b","fact":%b}' % (entry.id.encode(), entry.body))

    def _set_aside(self, line: bytes) -> None:
        with self._refused.open("ab") as file:
            file.write(line + b"\n")
