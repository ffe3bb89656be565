"""The PostgreSQL of the tests does what its docstring says: it dies, hangs, and is back with what was committed."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from cti.errors import NotConnected
from cti.store.database import Database, make_engine
from cti.store.store import Store
from tests.harness.postgres import private_postgres


async def test_it_dies_hangs_and_comes_back(tmp_path: Path) -> None:
    with private_postgres() as postgres:
        url = postgres.create()
        store = await Store.open(url, spool=tmp_path / "spool")
        await store.close()
        copy = postgres.create(like=url)
        assert postgres.rows("SELECT count(*) AS n FROM facts", copy) == [{"n": 0}]
        database = Database(make_engine(copy))
        assert await database.read(lambda c: c.scalar(text("SELECT 7"))) == 7
        postgres.freeze()
        waiting = asyncio.create_task(database.read(lambda c: c.scalar(text("SELECT 7"))))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        postgres.thaw()
        assert await waiting == 7
        postgres.kill()
        with pytest.raises(NotConnected):
            await database.read(lambda c: c.scalar(text("SELECT 7")))
        await asyncio.to_thread(postgres.start)
        assert postgres.rows("SELECT count(*) AS n FROM facts", copy) == [{"n": 0}]
        assert await database.read(lambda c: c.scalar(text("SELECT 7"))) == 7
        await database.close()
    assert not postgres.folder.exists()
