import asyncio
import time
from collections.abc import Callable

import msgspec
import pytest
from sqlalchemy import Connection, func, select

from cti.errors import NotConnected
from cti.events import ChannelRinging, InteractionEnded
from cti.store import tables as t
from cti.store.database import Database, make_engine, upgrade
from tests.unit.store.bench import Bench, start, until
from tests.unit.store.stories import T0, handled, interaction


async def test_facts_are_in_the_database_within_the_interval(bench: Bench) -> None:
    writer = await bench.start()
    for n in range(50):
        writer.on_fact(start(n))
    await until(lambda: writer.status.stored == 50)
    assert bench.stored() == [interaction(n) for n in range(50)]
    assert writer.status.spool_bytes == 0
    await bench.stop()
    assert not bench.journalled()


async def test_while_many_facts_come_few_large_batches_are_stored(bench: Bench) -> None:
    writer = await bench.start(interval_s=0.2, deadline_s=30)
    batches = []
    plain = bench.database.write_batch

    async def counted(work: Callable[[Connection], int]) -> int:
        batches.append(await plain(work))
        return batches[-1]

    bench.database.write_batch = counted  # type: ignore[assignment]
    began, told = time.monotonic(), 0
    while time.monotonic() < began + 1:
        for _ in range(30):
            writer.on_fact(start(told))
            told += 1
        await asyncio.sleep(0.02)
    took_s = time.monotonic() - began
    await until(lambda: writer.status.stored == told)
    assert len(batches) <= took_s / 0.8 + 2  # one in four intervals
    assert bench.stored() == [interaction(n) for n in range(told)]


async def test_who_drains_does_not_wait_for_a_batch_to_gather(bench: Bench) -> None:
    writer = await bench.start(interval_s=600)
    for n in range(100):
        writer.on_fact(start(n))
    await asyncio.sleep(0)
    assert await writer.drain(30)
    assert bench.stored() == [interaction(n) for n in range(100)]


async def test_who_does_not_hurry_waits_for_the_next_sync(bench: Bench) -> None:
    writer = await bench.start(interval_s=600)
    writer.on_fact(start(0))
    patient = asyncio.create_task(writer.kept(soon=False))
    await asyncio.sleep(0.2)
    assert not patient.done()
    async with asyncio.timeout(30):
        await writer.kept()
        await patient  # the sync that somebody hurried serves everybody


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
    assert writer.status.stored == 10
    thief.close()
    for n in range(40, 60):
        writer.on_fact(start(n))
    assert await writer.drain(5)
    assert bench.stored() == [interaction(n) for n in range(60)]
    assert not writer.status.away
    assert writer.status.spool_bytes == 0
    await until(lambda: len(list(bench.spool.glob("*.journal"))) == 1)  # those that are used up are gone


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
    other = Database(make_engine(bench.url))
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


@pytest.mark.parametrize("bench", ["postgresql"], indirect=True)
async def test_whoever_asks_a_database_that_hangs_is_told_so_in_a_sentence(bench: Bench) -> None:
    """With a connection that is there, and with one that would have to be made."""
    await bench.start()
    question = select(func.count()).select_from(t.facts)
    assert await bench.database.read(lambda c: c.scalar(question)) == 0
    thief = bench.take_away()
    for _ in range(2):
        began = time.monotonic()
        with pytest.raises(NotConnected, match=r"not answered within 0\.2 s"):
            await bench.database.read(lambda c: c.scalar(question), deadline_s=0.2)
        assert time.monotonic() - began < 10  # it is not waited for any more, but for what the driver tidies up
    thief.close()
    assert await bench.database.read(lambda c: c.scalar(question)) == 0
