import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import func, select

from cti.errors import NotConnected
from cti.events import ChannelRinging, Fact, InteractionEnded, InteractionStarted
from cti.store import tables as t
from cti.store.database import Database, make_engine, upgrade
from cti.store.inbox import KEEPING, Keeping
from cti.store.journal import Journal
from cti.store.writer import FactWriter
from tests.unit.store.stories import T0, handled, interaction


class Bench:
    """A writer on a database that a test can take away; `start` and `kill` are a daemon's life."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "laidian.db"
        self.spool = folder / "spool"
        self.task: asyncio.Task[None] | None = None

    async def start(self, keeping: Keeping = KEEPING, *, migrate: bool = True) -> FactWriter:
        engine = make_engine(f"sqlite+aiosqlite:///{self.file}", busy_timeout_s=0.05)
        self.database = Database(engine, busy_timeout_s=0.05)
        if migrate:
            await upgrade(self.database)
        journal = Journal(self.spool, segment_bytes=5000)
        self.writer = FactWriter(self.database, journal, keeping, interval_s=0.01, retry_s=(0.02, 0.1))
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

    def take_away(self) -> sqlite3.Connection:
        """Lock the file for everybody else until the connection is closed."""
        thief = sqlite3.connect(self.file, isolation_level=None)
        thief.execute("BEGIN IMMEDIATE")
        return thief

    def journalled(self) -> bytes:
        return b"".join(path.read_bytes() for path in sorted(self.spool.glob("*.journal")))

    def stored(self) -> list[str]:
        with contextlib.closing(sqlite3.connect(self.file)) as c:
            return [row[0] for row in c.execute("SELECT interaction_id FROM facts ORDER BY id")]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    await bench.stop()


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


async def test_facts_are_in_the_database_within_the_interval(bench: Bench) -> None:
    writer = await bench.start()
    for n in range(50):
        writer.on_fact(start(n))
    await until(lambda: writer.status.stored == 50)
    assert bench.stored() == [interaction(n) for n in range(50)]
    assert writer.status.spool_bytes == 0
    await bench.stop()
    assert not bench.journalled()


async def test_the_mirror_of_asterisk_is_not_stored(bench: Bench) -> None:
    writer = await bench.start()
    writer.on_fact(ChannelRinging(at=T0, channel="c", name="n", linkedid="c"))
    assert await writer.drain(1)
    assert bench.stored() == []


async def test_pain_12_a_database_that_went_away_has_every_fact_once_and_in_order(bench: Bench) -> None:
    writer = await bench.start()
    for n in range(10):
        writer.on_fact(start(n))
    assert await writer.drain(5)
    thief = bench.take_away()
    for n in range(10, 40):
        writer.on_fact(start(n))
        await asyncio.sleep(0.01)
    await until(lambda: writer.status.away and writer.status.waiting == 0)
    assert writer.status.spool_bytes > 30 * 100
    assert not await writer.drain(0.05)
    assert len(bench.stored()) == 10
    thief.close()
    for n in range(40, 60):
        writer.on_fact(start(n))
    assert await writer.drain(5)
    assert bench.stored() == [interaction(n) for n in range(60)]
    assert not writer.status.away
    assert writer.status.spool_bytes == 0
    assert len(list(bench.spool.glob("*.journal"))) == 1  # those that are used up are gone


async def test_on_fact_never_waits_for_the_database(bench: Bench) -> None:
    writer = await bench.start()
    thief = bench.take_away()
    for n in range(1000):
        writer.on_fact(start(n))
    assert writer.status.waiting == 1000  # all taken while the database is locked and the loop had no turn
    thief.close()
    assert await writer.drain(5)
    assert len(bench.stored()) == 1000


async def test_a_daemon_that_dies_while_the_database_is_away_loses_nothing(bench: Bench) -> None:
    writer = await bench.start()
    thief = bench.take_away()
    for n in range(25):
        writer.on_fact(start(n))
    await asyncio.sleep(0.15)
    writer.on_fact(start(25))
    await bench.stop()
    thief.close()
    assert bench.stored() == []
    writer = await bench.start()
    writer.on_fact(start(26))
    assert await writer.drain(5)
    assert bench.stored() == [interaction(n) for n in range(27)]


async def test_a_commit_whose_answer_was_lost_is_not_repeated(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worst moment: the transaction is in, the connection breaks before we hear of it."""
    writer = await bench.start()
    original, lost = bench.database.write_batch, 0

    async def unlucky(work: object) -> object:
        nonlocal lost
        result = await original(work)  # type: ignore[arg-type, var-annotated]
        if lost < 3:
            lost += 1
            raise NotConnected("the answer was lost")
        return result

    monkeypatch.setattr(bench.database, "write_batch", unlucky)
    for fact in handled(interaction(1), T0):
        writer.on_fact(fact)
    assert await writer.drain(5)
    assert lost == 3
    assert bench.stored() == [interaction(1)] * len(handled(interaction(1), T0))
    assert await bench.database.read(lambda c: c.scalar(select(func.count()).select_from(t.ivr_steps))) == 1


async def test_kept_means_in_the_database_or_on_the_disk(bench: Bench) -> None:
    writer = await bench.start()
    writer.on_fact(start(1))
    await asyncio.wait_for(writer.kept(), 5)
    thief = bench.take_away()
    writer.on_fact(start(2))
    await asyncio.wait_for(writer.kept(), 5)
    assert interaction(2).encode() in bench.journalled()
    thief.close()
    assert await writer.drain(5)
    assert bench.stored() == [interaction(1), interaction(2)]


async def test_the_writer_waits_for_a_database_that_is_not_there_yet(bench: Bench) -> None:
    writer = await bench.start(migrate=False)
    writer.on_fact(start(1))
    await until(lambda: writer.status.away)
    other = Database(make_engine(f"sqlite+aiosqlite:///{bench.file}"))
    await upgrade(other)
    await other.close()
    assert await writer.drain(5)
    assert bench.stored() == [interaction(1)]


async def test_a_fact_that_can_never_be_stored_is_set_aside_and_the_others_are_not_harmed(bench: Bench) -> None:
    writer = await bench.start()
    writer.on_fact(start(1))
    writer.on_fact(InteractionEnded(at=T0, interaction_id="poison", outcome="failed", ended_by="system", cause=2**70))
    writer.on_fact(start(2))
    assert await writer.drain(5)
    assert bench.stored() == [interaction(1), interaction(2)]
    assert b"poison" in (bench.spool / "facts-refused.jsonl").read_bytes()
    assert writer.status.refused == 1


async def test_a_line_that_a_crash_cut_off_is_set_aside(bench: Bench) -> None:
    writer = await bench.start()
    thief = bench.take_away()
    writer.on_fact(start(1))
    await until(lambda: writer.status.away and writer.status.waiting == 0)
    await bench.stop()
    with next(bench.spool.glob("*.journal")).open("ab") as file:
        file.write(b'0011aabb zz {"type":"Interac')
    (bench.spool / "facts.jsonl").write_bytes(  # the spool of an older version
        b'{"id":"00-1","fact":%b}\n{"id":"00-2","fact":{"type":"Inter' % msgspec.json.encode(start(0))
    )
    thief.close()
    writer = await bench.start()
    writer.on_fact(start(2))
    assert await writer.drain(5)
    assert bench.stored() == [interaction(0), interaction(1), interaction(2)]
    assert b'zz {"type":"Interac' in (bench.spool / "facts-refused.jsonl").read_bytes()
