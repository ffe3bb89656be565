"""There is not room for everything: what is given up, in which order, and that it is counted."""

import asyncio
import errno
import os

import msgspec
import pytest

from cti.events import Fact, InteractionFact, TextSent, WrapUpSaved
from cti.store.dispensable import DISPENSABLE, dispensable
from cti.store.inbox import SPARE, Keeping
from cti.store.projections import PROJECTIONS
from tests.unit.store.bench import Bench, start, until
from tests.unit.store.stories import T0, interaction

pytestmark = pytest.mark.parametrize("bench", ["sqlite"], indirect=True)
LIMIT = 40_000


def text(n: int) -> Fact:
    return TextSent(
        at=T0 + n, text_id=f"t{n}", sender="2001", to="everybody", target="", text="好" * 60, reply_to="", recipients=()
    )


def full(_fd: int, _data: bytes) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def texts_in(journalled: bytes) -> int:
    return journalled.count(b'"TextSent"')


def test_what_tells_of_a_call_is_kept_longest(bench: Bench) -> None:  # noqa: ARG001 - the mark of the file
    of_calls = {kind for kind in PROJECTIONS if issubclass(kind, InteractionFact)}
    assert {kind.__name__ for kind in of_calls & DISPENSABLE} == {"LineQualityMeasured", "WaitExplained"}
    assert set(PROJECTIONS) > DISPENSABLE
    draft = WrapUpSaved(at=T0, interaction_id="i", agent_id="1001", final=False)
    assert dispensable(draft)
    assert not dispensable(msgspec.structs.replace(draft, final=True))


async def test_texts_go_first_then_older_texts_and_calls_only_when_nothing_else_is_left(bench: Bench) -> None:
    writer = await bench.start(Keeping(limit=LIMIT))
    thief = bench.take_away()
    told = 0
    while writer.status.spool_bytes < LIMIT * SPARE:
        writer.on_fact(start(told))
        writer.on_fact(text(told))
        told += 1
    assert writer.status.dropped == 0
    writer.on_fact(text(told))
    assert writer.status.dropped == 1
    while writer.status.spool_bytes < LIMIT * 0.95:
        writer.on_fact(start(told))
        told += 1
    assert texts_in(bench.journalled()) > 20
    await until(lambda: writer.status.spool_bytes < LIMIT * 0.9)
    left = bench.journalled()
    assert b'"t0"' in left  # the oldest of them stay longest
    assert 0 < texts_in(left) < 60
    dropped = writer.status.dropped
    assert dropped > 1
    while writer.status.spool_bytes < LIMIT:
        writer.on_fact(start(told))
        told += 1
    writer.on_fact(start(told))  # no room any more, not even for a call
    assert writer.status.dropped == dropped + 1
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(writer.kept(), 0.1)
    thief.close()
    assert await writer.drain(20)
    stored = [one for one in bench.stored() if one]
    assert stored == [interaction(n) for n in range(told)]
    await asyncio.wait_for(writer.kept(), 5)


async def test_a_disk_that_is_full_keeps_facts_in_memory_until_it_is_not(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = await bench.start()
    writer.on_fact(start(0))
    thief = bench.take_away()
    writer.on_fact(start(1))
    with monkeypatch.context() as disk:
        disk.setattr(os, "write", full)
        for n in range(2, 30):
            writer.on_fact(start(n))
        await until(lambda: writer.status.away)
        assert writer.status.unwritable
        assert writer.status.waiting == 28
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(writer.kept(), 0.1)
    for n in range(30, 40):
        writer.on_fact(start(n))  # behind those that wait, so that the order is kept
    await until(lambda: writer.status.waiting == 0)
    await asyncio.wait_for(writer.kept(), 5)
    assert not writer.status.unwritable
    await bench.stop()
    thief.close()
    writer = await bench.start()
    assert await writer.drain(10)
    assert bench.stored() == [interaction(n) for n in range(40)]


async def test_with_a_full_disk_the_database_gets_them_from_memory(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = await bench.start()
    monkeypatch.setattr(os, "write", full)
    for n in range(30):
        writer.on_fact(start(n))
    await asyncio.wait_for(writer.kept(), 5)
    assert bench.stored() == [interaction(n) for n in range(30)]
    assert writer.status.dropped == 0


async def test_memory_is_bounded_too(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = await bench.start(Keeping(memory=100))
    thief = bench.take_away()
    monkeypatch.setattr(os, "write", full)
    for n in range(200):
        writer.on_fact(start(n))
        writer.on_fact(text(n))
    assert writer.status.waiting == 100
    assert writer.status.dropped == 300
    await until(lambda: writer.status.away and writer.status.waiting == 60)  # the texts went
    for n in range(200, 300):
        writer.on_fact(start(n))
    assert writer.status.waiting == 100
    thief.close()
    assert await writer.drain(10)
    stored = bench.stored()
    assert stored == sorted(stored)
    assert len(stored) == 100
    assert writer.status.dropped + len(stored) == 500


async def test_a_database_that_is_only_slow_does_not_fill_the_memory(bench: Bench) -> None:
    writer = await bench.start(Keeping(memory=100))
    thief = bench.take_away()
    for n in range(1000):
        writer.on_fact(start(n))
    assert writer.status.waiting == 100
    assert writer.status.dropped == 0
    thief.close()
    assert await writer.drain(10)
    assert bench.stored() == [interaction(n) for n in range(1000)]
