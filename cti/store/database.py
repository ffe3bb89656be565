"""Opening a database: the engine, SQLite's pragmas, the migrations, one transaction."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, ProgrammingError, StatementError
from sqlalchemy.exc import TimeoutError as SqlTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from cti.errors import NotConnected, Unusable

T = TypeVar("T")

_READERS = 2
_FORGETTING, _FORGETTING_S = 20, 0.25
"""How often, and how far apart, it is tried to cut the log of pages."""
_ENCODING = (ValueError, TypeError, OverflowError)

CONNECT_S = 5.0
READ_S = 10.0
WRITE_S = 15.0
"""How long a database may take: to be connected with, for a transaction that reads, for one that writes."""

_POSTGRES = {"timeout": CONNECT_S, "server_settings": {"application_name": "laidian", "jit": "off"}}

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    # In WAL mode NORMAL loses the last transactions at a power cut, and never corrupts.
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
)


def make_engine(url: str, *, busy_timeout_s: float = 5) -> AsyncEngine:
    """`url` names aiosqlite or asyncpg as its driver; a missing folder of an SQLite file is made."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise Unusable(f"the database URL {url!r} is none, for example sqlite+aiosqlite:///var/laidian.db") from error
    if parsed.drivername == "postgresql+asyncpg":
        return create_async_engine(parsed, pool_pre_ping=True, pool_timeout=CONNECT_S, connect_args=_POSTGRES)
    if parsed.drivername != "sqlite+aiosqlite":
        raise Unusable(f"the database is sqlite+aiosqlite or postgresql+asyncpg, not {parsed.drivername}")
    if parsed.database in {None, "", ":memory:"}:
        raise Unusable("an SQLite database needs a file: what is in memory only is lost with the daemon")
    return _sqlite_engine(parsed, busy_timeout_s)


def _sqlite_engine(url: URL, busy_timeout_s: float) -> AsyncEngine:
    Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url)
    _prepare_sqlite(engine.sync_engine, busy_timeout_s)
    return engine


def _prepare_sqlite(engine: Engine, busy_timeout_s: float) -> None:
    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver would begin later than we need, and not at all for reads
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={busy_timeout_s * 1000:.0f}")
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A reader that turns into a writer fails at once when another wrote meanwhile: writers say so beforehand.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class Database:
    """`read` and `write` run a function of a plain `Connection` in one transaction; `NotConnected` when it is away.

    So it is when it does not answer in time: whoever asked has a sentence to show, and what comes of it is nobody's.

    On SQLite reads, and the writer's batches, run in threads of their own with the plain driver, because there each
    statement of the asynchronous driver costs two changes of threads (docs/decisions/0004).
    """

    def __init__(self, engine: AsyncEngine, *, busy_timeout_s: float = 5) -> None:
        self.engine = engine
        self._plain: Engine | None = None
        if engine.dialect.name == "sqlite":
            self._plain = create_engine(engine.url.set(drivername="sqlite+pysqlite"))
            _prepare_sqlite(self._plain, busy_timeout_s)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="store-reader")

    @property
    def dialect(self) -> str:
        return self.engine.dialect.name

    async def read(self, work: Callable[[Connection], T], *, deadline_s: float = READ_S) -> T:
        async with _answering(deadline_s):
            if self._plain is not None:
                return await self._in_thread(self._readers, partial(_read, self._plain, work))
            async with self.engine.connect() as connection:
                return await connection.run_sync(work)

    async def write(self, work: Callable[[Connection], T], *, deadline_s: float | None = WRITE_S) -> T:
        """After a deadline that passed it may still be committed."""
        async with _answering(deadline_s), self.engine.connect() as connection:
            await connection.execution_options(writes=True)
            async with connection.begin():
                return await connection.run_sync(work)

    async def write_batch(self, work: Callable[[Connection], T]) -> T:
        """For the writer, who has a deadline. A cancelled call may still be committed; the next one waits for it."""
        async with _answering(None):
            if self._plain is not None:
                return await self._in_thread(self._writer, partial(_write, self._plain, work))
            return await self.write(work, deadline_s=None)

    async def settle(self) -> bool:
        """Whether what was committed so far survives a power cut. On SQLite this is to be asked for (a checkpoint)."""
        if self._plain is None:
            return True
        async with _answering(None):
            return await self._in_thread(self._writer, partial(_checkpoint, self._plain))

    async def forget(self) -> None:
        """SQLite's file is written anew: what was deleted or overwritten is in no free page and in no log any more.

        Takes some ten seconds for each gigabyte; facts wait in the journal meanwhile. PostgreSQL sees to it by itself,
        in its own time (VACUUM).
        """
        if self._plain is None:
            return
        async with _answering(None):
            await self._in_thread(self._writer, partial(_vacuum, self._plain))
            for _ in range(_FORGETTING):
                if await self._in_thread(self._writer, partial(_truncate, self._plain)):
                    return
                await asyncio.sleep(_FORGETTING_S)

    async def _in_thread(self, threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(threads, work)

    async def close(self) -> None:
        """Waits for what is under way."""
        await asyncio.to_thread(self._close_plain)
        await self.engine.dispose()

    def _close_plain(self) -> None:
        self._writer.shutdown()
        self._readers.shutdown()
        if self._plain is not None:
            self._plain.dispose()


def _read(engine: Engine, work: Callable[[Connection], T]) -> T:
    with engine.connect() as connection:
        return work(connection)


def _write(engine: Engine, work: Callable[[Connection], T]) -> T:
    with engine.connect() as connection:
        connection.execution_options(writes=True)
        with connection.begin():
            return work(connection)


def _vacuum(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.connection.cursor().execute("VACUUM")


def _truncate(engine: Engine) -> bool:
    """False: a reader still needs the old pages."""
    connection = engine.raw_connection()
    try:
        busy: int = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    finally:
        connection.close()
    return not busy


def _checkpoint(engine: Engine) -> bool:
    connection = engine.raw_connection()
    try:
        busy, frames, written = connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    finally:
        connection.close()
    return not busy and bool(frames == written)


@asynccontextmanager
async def _answering(deadline_s: float | None) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(deadline_s) as deadline:
            yield
    except TimeoutError as error:
        if not deadline.expired():
            raise NotConnected(f"the database is away: {error}") from error
        raise NotConnected(f"the database has not answered within {deadline_s:g} s") from None
    except (DBAPIError, OSError) as error:
        raise _translated(error) from error
    except SqlTimeout as error:
        raise NotConnected(f"the database is away: {error}") from error


def _translated(error: DBAPIError | OSError) -> Exception:
    if blames_the_data(error) or isinstance(error, ProgrammingError):
        return error
    return NotConnected(f"the database is away: {error}")


def blames_the_data(error: BaseException) -> bool:
    """The same rows would fail again. In doubt it is the database: to try again loses nothing, to give up does.

    SQLSTATE classes 22 and 23 are data exceptions and violated constraints (PostgreSQL, appendix A); what a driver
    cannot even encode is a ValueError, a TypeError or an OverflowError of its own.
    """
    if isinstance(error, IntegrityError | DataError | ValueError | TypeError | ArithmeticError | LookupError):
        return True
    if not isinstance(error, StatementError) or error.orig is None:
        return False
    if str(getattr(error.orig, "sqlstate", None) or "")[:2] in {"22", "23"}:
        return True
    return isinstance(error.orig, _ENCODING) or isinstance(error.orig.__cause__, _ENCODING)


async def upgrade(database: Database) -> None:
    """Bring the schema to the newest version. `Unusable` when the database cannot be reached."""
    try:
        await database.write_batch(migrated_by(lambda config: command.upgrade(config, "head")))
    except (NotConnected, DBAPIError) as error:
        raise Unusable(f"the database {database.engine.url.render_as_string()} cannot be used: {error}") from error


def migrated_by(work: Callable[[Config], None]) -> Callable[[Connection], None]:
    """`work` is one of Alembic's commands."""

    def run(connection: Connection) -> None:
        with as_file(files("cti.store") / "migrations") as folder:
            config = Config()
            config.set_main_option("script_location", str(folder).replace("%", "%%"))
            config.attributes["connection"] = connection
            work(config)

    return run
