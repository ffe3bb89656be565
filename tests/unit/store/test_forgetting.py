"""What is in the database leaves the journal when it is asked to: whoever is erased is named in no file any more."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from cti.store import writer as writing
from cti.store.journal import Journal
from cti.store.lines import line_of
from tests.unit.store.bench import Bench, start, until

on_sqlite = pytest.mark.parametrize("bench", ["sqlite"], indirect=True)


@contextlib.contextmanager
def reading(bench: Bench) -> Iterator[None]:
    """Somebody sees SQLite as it is now, and goes on looking at that."""
    with contextlib.closing(sqlite3.connect(bench.file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM facts").fetchone()
        yield


async def test_what_was_told_just_before_is_waited_for(bench: Bench) -> None:
    writer = await bench.start()
    writer.on_fact(start(1))
    assert bench.journalled()
    assert await writer.forget()
    assert not bench.journalled()
    assert len(bench.stored()) == 1
    assert await writer.forget()  # there is nothing, and that is no trouble
    writer.on_fact(start(2))
    assert bench.journalled()


@on_sqlite
async def test_a_reader_of_old_pages_is_waited_for(bench: Bench) -> None:
    writer = await bench.start()
    with reading(bench):
        writer.on_fact(start(1))
        assert await writer.drain(5)
        forgetting = asyncio.create_task(writer.forget())
        await asyncio.sleep(0.1)
        assert bench.journalled()  # what SQLite has of it is not on its disk yet
        assert not forgetting.done()
    assert await forgetting
    assert not bench.journalled()


@on_sqlite
async def test_what_could_not_go_goes_later_without_another_fact(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_AGAIN_S", 0.05)
    writer = await bench.start()
    with reading(bench):
        writer.on_fact(start(1))
        assert not await writer.forget(0.3)
        assert bench.journalled()
    await until(lambda: not bench.journalled())


async def test_a_database_that_is_away_is_no_reason_to_forget(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_AGAIN_S", 0.05)
    writer = await bench.start()
    thief = bench.take_away()
    writer.on_fact(start(1))
    assert not await writer.forget(0.3)
    assert bench.journalled()
    thief.close()
    await until(lambda: not bench.journalled())
    assert len(bench.stored()) == 1


def test_a_file_that_cannot_be_followed_by_another_is_said_to_stay(tmp_path: Path) -> None:
    journal = Journal(tmp_path, segment_bytes=10)
    for n in range(2):
        journal.append(line_of(f"e-{n}", b"{}"))
    (in_the_way := tmp_path / "facts-00000003.journal").touch()
    journal.append(line_of("e-2", b"{}"))  # better a long file than none
    with pytest.raises(FileExistsError):
        journal.turn()
    in_the_way.unlink()
    journal.turn()
    assert in_the_way.exists()
    journal.close()
