"""What is written down about calls: our own ledger, read beside a running daemon, and Asterisk's CDR."""

import asyncio
import contextlib
import csv
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from cti.events import Fact
from cti.store.projections import decode_fact

AnyFact = TypeVar("AnyFact", bound=Fact)


@dataclass(frozen=True, slots=True)
class Books:
    """The SQLite database of a daemon, read only: it may run, be dead, or run again."""

    database: Path

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=5)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query, values)]

    def facts(self) -> list[Fact]:
        """The ledger, in the order of publication."""
        return [
            fact
            for row in self.rows("SELECT body FROM facts ORDER BY id")
            if isinstance(fact := decode_fact(row["body"]), Fact)
        ]

    def of(self, kind: type[AnyFact], **having: object) -> list[AnyFact]:
        return [
            fact
            for fact in self.facts()
            if isinstance(fact, kind) and all(getattr(fact, name) == value for name, value in having.items())
        ]

    async def wait(self, kind: type[AnyFact], *, within: float = 30, count: int = 1, **having: object) -> AnyFact:
        """The `count`-th such fact, as soon as it is stored; AssertionError with what was stored instead."""
        deadline = time.monotonic() + within
        while len(found := self.of(kind, **having)) < count:
            if time.monotonic() > deadline:
                stored = "\n".join(repr(fact)[:200] for fact in self.facts()[-25:])
                raise AssertionError(f"no {kind.__name__} {having} within {within:g} s; the last facts:\n{stored}")
            await asyncio.sleep(0.05)
        return found[count - 1]

    def interaction(self, interaction_id: str) -> dict[str, Any]:
        """Its row in the table of interactions."""
        (row,) = self.rows("SELECT * FROM interactions WHERE id = ?", interaction_id)
        return row


@dataclass(frozen=True, slots=True)
class Cdr:
    """A line of Asterisk's call detail records (asterisk/cdr_custom.conf). Times are unix seconds."""

    start: float
    answer: float | None
    end: float
    duration_s: float
    billed_s: float
    disposition: str
    src: str
    dst: str
    context: str
    channel: str
    dstchannel: str
    lastapp: str
    uniqueid: str
    linkedid: str


def read_cdr(file: Path) -> list[Cdr]:
    """All lines so far, in the order in which the channels ended."""
    if not file.exists():
        return []
    with file.open(newline="") as lines:
        return [_cdr(line) for line in csv.reader(lines)]


def _cdr(line: list[str]) -> Cdr:
    start, answer, end, duration, billed, *texts = line
    return Cdr(float(start), float(answer) or None, float(end), float(duration), float(billed), *texts)


async def wait_cdr(file: Path, linkedid: str, within: float = 30) -> list[Cdr]:
    """The lines of all legs of a call that is over, once no more of them come.

    The customer's own line ends where the customer is bridged; the time after it stands in the line of the agent's leg.
    """
    deadline = time.monotonic() + within
    found: list[Cdr] = []
    while True:
        before, found = found, [cdr for cdr in read_cdr(file) if cdr.linkedid == linkedid]
        if found and found == before:
            return found
        assert time.monotonic() < deadline, f"no CDR of {linkedid} within {within:g} s: {read_cdr(file)}"
        await asyncio.sleep(0.5)
