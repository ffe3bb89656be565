"""kill -9 at any moment: what `on_fact` has taken is in the database after the next start, once, and in order."""

import asyncio
import contextlib
import sqlite3
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

from cti.store.store import Store
from tests.unit.store.crash import first_to_tell

ROUNDS = 15


async def test_what_was_acknowledged_is_never_lost_doubled_or_out_of_order(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/laidian.db"
    await (await Store.open(url, spool=tmp_path / "spool")).close()
    told_by = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.unit.store.crash", tmp_path, str(ROUNDS), stdout=DEVNULL, stderr=PIPE
    )
    _, problems = await told_by.communicate()
    assert told_by.returncode == 0, problems.decode()
    store = await Store.open(url, spool=tmp_path / "spool")
    store.writer.own()
    running = asyncio.create_task(store.writer.run())
    assert await store.writer.drain(60)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await store.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "laidian.db")) as books:
        stored = [int(row[0]) for row in books.execute("SELECT interaction_id FROM facts ORDER BY id")]
        rows = books.execute("SELECT count(*) FROM interactions").fetchone()[0]
    acknowledged = first_to_tell(tmp_path)
    assert acknowledged > ROUNDS
    # The last fact of a life may have been taken without anybody having been told: then the next one begins with it.
    assert sorted(set(stored)) == list(range(max(stored) + 1))
    assert max(stored) + 1 - acknowledged in {0, 1}
    assert rows == max(stored) + 1
    assert len(stored) - rows < ROUNDS / 2
    assert stored == sorted(stored)
    assert not list((tmp_path / "spool").glob("*.journal"))
