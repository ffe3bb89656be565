import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cti.store.store import Store
from tests.harness.postgres import Postgres, private_postgres
from tests.unit.store.bench import Bench


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with private_postgres() as running:
        yield running


@pytest.fixture(scope="session")
def migrated(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a database to copy: to copy one is much quicker than to migrate one."""
    url = postgres.create()

    async def migrate() -> None:
        await (await Store.open(url, spool=tmp_path_factory.mktemp("migrated"))).close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, migrate()).result()
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of one's own: an SQLite file that is not there yet, or one of PostgreSQL, migrated."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/laidian.db"
    postgres: Postgres = request.getfixturevalue("postgres")
    return postgres.create(like=request.getfixturevalue("migrated"))


@pytest.fixture
async def store(tmp_path: Path, url: str) -> AsyncIterator[Store]:
    """A migrated database with its writer running."""
    store = await Store.open(url, spool=tmp_path / "spool")
    writer = asyncio.create_task(store.writer.run(), name="store-writer")
    yield store
    writer.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await writer
    await store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(tmp_path, request.getfixturevalue("postgres") if request.param == "postgresql" else None)
    yield bench
    if bench.postgres is not None:
        bench.postgres.thaw()
    await bench.stop()
