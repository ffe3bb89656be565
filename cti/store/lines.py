"""A fact as one line of the journal: `<crc32, 8 hex digits> <id> <the fact as JSON>`. Pure.

The sum is over everything behind it, so that neither a line that a crash cut off nor one that the disk garbled is taken
for a fact. JSON of ours has no line break in it. Lines that begin with `{` are those of older versions, without a sum.
"""

from typing import NamedTuple
from zlib import crc32

import msgspec

from cti.events import Fact
from cti.store.projections import decode_fact


class Position(NamedTuple):
    """Where a line ends: in which file of the journal, and at which byte of it."""

    segment: int
    offset: int


class Entry(NamedTuple):
    """`id` is unique and sortable in the order of publication, `body` the fact as JSON.

    `end` is where its line ends in the journal, None for a fact that is in memory only.
    """

    id: str
    body: bytes
    fact: Fact
    end: Position | None = None


class _OldLine(msgspec.Struct):
    id: str
    fact: msgspec.Raw


_decode_old = msgspec.json.Decoder(_OldLine).decode


def line_of(fact_id: str, body: bytes) -> bytes:
    told = b"%b %b" % (fact_id.encode(), body)
    return b"%08x %b\n" % (crc32(told), told)


def entry_of(line: bytes) -> Entry:
    """ValueError says why it is none. A line without its line break is one that was cut off."""
    if not line.endswith(b"\n"):
        raise ValueError("it was cut off")
    fact_id, body = _old(line) if line.startswith(b"{") else _checked(line[:-1])
    try:
        return Entry(fact_id, body, decode_fact(body))
    except msgspec.MsgspecError as error:
        raise ValueError(f"it is no fact: {error}") from error


def _checked(line: bytes) -> tuple[str, bytes]:
    told = line[9:]
    if line[:9] != b"%08x " % crc32(told):
        raise ValueError("its sum is wrong")
    fact_id, _, body = told.partition(b" ")
    return fact_id.decode(), body


def _old(line: bytes) -> tuple[str, bytes]:
    try:
        old = _decode_old(line)
    except msgspec.MsgspecError as error:
        raise ValueError(f"it is no fact: {error}") from error
    return old.id, bytes(old.fact)
