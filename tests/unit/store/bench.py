"""A writer on a database that a test can take away."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from cti.events import Fact, InteractionStarted
from cti.store.database import Database, make_engine, upgrade
from cti.store.inbox import KEEPING, Keeping
from cti.store.journal import Journal
from cti.store.writer import FactWriter
from tests.harness.postgres import Postgres
from tests.unit.store.stories import T0, interaction


class Bench:
    """A writer on a database that a test can take away; `start` and `kill` are a daemon's life."""

    def __init__(self, folder: Path, postgres: Postgres | None = None) -> None:
        """On SQLite, or on a PostgreSQL that is to have an empty database."""
        self.file = folder / "laidian.db"
        self.spool = folder / "spool"
        self.postgres = postgres
        self.url = f"sqlite+aiosqlite:///{self.file}" if postgres is None else postgres.create()
        self.task: asyncio.Task[None] | None = None

    async def start(
        self,
        keeping: Keeping = KEEPING,
        *,
        migrate: bool = True,
        interval_s: float = 0.01,
        deadline_s: float = 0.5,
    ) -> FactWriter:
        engine = make_engine(self.url, busy_timeout_s=0.05)
        self.database = Database(engine, busy_timeout_s=0.05)
        if migrate:
            await upgrade(self.database)
        journal = Journal(self.spool, segment_bytes=5000)
        self.writer = FactWriter(
            self.database, journal, keeping, interval_s=interval_s, deadline_s=deadline_s, retry_s=(0.02, 0.1)
        )
        self.task = asyncio.create_task(self.writer.run(), name="store-writer")
        return self.writer

    async def stop(self) -> None:
        if self.task:
            self.task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.task
            self.task = None
            await self.database.close()
            self.writer.close()

    def take_away(self) -> "Thief":
        """Lock SQLite's file for everybody else, or stop PostgreSQL in its tracks, until it is closed."""
        if self.postgres is not None:
            self.postgres.freeze()
            return Thief(self.postgres.thaw)
        thief = sqlite3.connect(self.file, isolation_level=None)
        thief.execute("BEGIN IMMEDIATE")
        return Thief(thief.close)

    def journalled(self) -> bytes:
        return b"".join(path.read_bytes() for path in sorted(self.spool.glob("*.journal")))

    def stored(self) -> list[str]:
        query = "SELECT interaction_id FROM facts ORDER BY id"
        if self.postgres is not None:
            return [row["interaction_id"] for row in self.postgres.rows(query, self.url)]
        with contextlib.closing(sqlite3.connect(self.file)) as c:
            return [row[0] for row in c.execute(query)]


class Thief(NamedTuple):
    close: Callable[[], None]


def start(n: int) -> Fact:
    return InteractionStarted(
        at=T0 + n,
        interaction_id=interaction(n),
        medium="voice",
        channel="c",
        linkedid="c",
        customer_number="",
        caller_name="",
        dialled="",
    )


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - what is waited for is a file or a figure, which set no event
            await asyncio.sleep(0.01)
