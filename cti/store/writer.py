"""Facts into the database, behind the calls: batched, in order, each exactly once.

`on_fact` only appends to a list. `run` writes a batch every `interval_s` in one transaction. When the database is away,
what is waiting goes to the spool on disk, and so does everything that follows, until the spool has been replayed: the
order is never broken. Whether the last transaction was committed may be unknown; a replay therefore leaves out what the
ledger holds already. A daemon that is killed outright loses the facts of one interval at most.
"""

import asyncio
import random
import secrets
import time

import msgspec
import structlog
from sqlalchemy import Connection, select

from cti.errors import NotConnected
from cti.events import Fact
from cti.store import tables as t
from cti.store.audit import seal
from cti.store.database import Database, blames_the_data
from cti.store.projections import PROJECTIONS, Row, rows
from cti.store.spool import Entry, Spool
from cti.store.statements import statements

log = structlog.get_logger(__name__)

_encode = msgspec.json.Encoder().encode


class WriterStatus(msgspec.Struct, frozen=True, kw_only=True):
    """`waiting`: facts in memory. `away`: the database is, or the spool has not been replayed yet.

    `dropped`: facts for which there was no room. `spool_bytes`: what the spool holds on disk.
    """

    waiting: int
    stored: int
    refused: int
    away: bool
    dropped: int = 0
    spool_bytes: int = 0


class FactWriter:
    def __init__(
        self,
        database: Database,
        spool: Spool,
        *,
        interval_s: float = 0.1,
        batch: int = 1000,
        deadline_s: float = 15,
        retry_s: tuple[float, float] = (0.2, 5),
    ) -> None:
        """`retry_s`: the first and the longest pause between attempts while the database is away."""
        self._database = database
        self._spool = spool
        self._interval_s, self._batch, self._deadline_s, self._retry_s = interval_s, batch, deadline_s, retry_s
        self._statements = statements(database.dialect)
        self._epoch = f"{int(time.time() * 1000):012x}{secrets.token_hex(2)}"
        self._count = self._stored = self._refused = 0
        self._waiting: list[Entry] = []
        self._away = not spool.empty()
        self._wake = asyncio.Event()
        self._hurry = asyncio.Event()
        self._settled = asyncio.Event()
        self._progress = asyncio.Condition()
        if self._away:
            self._wake.set()
        else:
            self._settled.set()

    def on_fact(self, fact: Fact) -> None:
        """For the bus. Never blocks; facts that are not stored (mirror facts) are passed over."""
        if type(fact) not in PROJECTIONS:
            return
        body = _encode(fact)
        self._count += 1
        self._waiting.append(Entry(f"{self._epoch}-{self._count:08x}", body, fact))
        self._settled.clear()
        self._wake.set()

    @property
    def status(self) -> WriterStatus:
        return WriterStatus(
            waiting=len(self._waiting),
            stored=self._stored,
            refused=self._refused,
            away=self._away,
            spool_bytes=self._spool.size(),
        )

    async def drain(self, deadline_s: float | None = None) -> bool:
        """Wait until every fact so far is in the database; False when `deadline_s` passed first (see `run`)."""
        self._hurry.set()
        try:
            async with asyncio.timeout(deadline_s):
                await self._settled.wait()
        except TimeoutError:
            return False
        return True

    async def kept(self) -> None:
        """Wait until every fact so far survives a crash: it is in the database or on the spool."""
        given = self._count
        async with self._progress:
            await self._progress.wait_for(lambda: self._count - len(self._waiting) >= given)

    async def _no_longer_wait(self, batch: list[Entry]) -> None:
        async with self._progress:
            del self._waiting[: len(batch)]
            self._progress.notify_all()

    async def run(self) -> None:
        """Until cancelled. What could not be stored by then is on the spool, for the next start."""
        try:
            while True:
                await self._wake.wait()
                await self._gather()
                await self._turn()
        finally:
            if self._waiting:
                self._spool.append(self._waiting)

    async def _gather(self) -> None:
        """Let a batch come together, unless somebody drains."""
        if len(self._waiting) < self._batch and not self._hurry.is_set():
            try:
                async with asyncio.timeout(self._interval_s):
                    await self._hurry.wait()
            except TimeoutError:
                pass

    async def _turn(self) -> None:
        pause_s, longest_s = self._retry_s
        while True:
            try:
                await (self._replay() if self._away else self._store_waiting())
            except NotConnected as error:
                log.warning("the database is away, facts go to the spool", error=str(error), pause_s=pause_s)
                self._away = True
                await self._pause(pause_s * random.uniform(0.7, 1))  # noqa: S311 - jitter, no secret
                pause_s = min(pause_s * 2, longest_s)
            else:
                break
        if not self._waiting:
            self._wake.clear()
            self._hurry.clear()
            self._settled.set()

    async def _store_waiting(self) -> None:
        """`_waiting` keeps what is under way, so that a failure or a cancellation finds it there."""
        while self._waiting:
            batch = self._waiting[: self._batch]
            await self._commit(batch, replayed=False)
            await self._no_longer_wait(batch)

    async def _replay(self) -> None:
        await self._spill()
        while True:
            batch, offset = await asyncio.to_thread(self._spool.peek, self._batch)
            if batch:
                await self._commit(batch, replayed=True)
            await asyncio.to_thread(self._spool.take, offset)
            await self._spill()
            if self._spool.empty() and not self._waiting:
                break
        log.info("the spool is replayed, the database is complete")
        self._away = False

    async def _pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            await self._spill()
            await asyncio.sleep(min(left, 0.25))

    async def _spill(self) -> None:
        if not (batch := self._waiting[:]):
            return
        try:
            await asyncio.to_thread(self._spool.append, batch)
        except OSError as error:
            log.error("the spool cannot be written, facts stay in memory", error=str(error), waiting=len(batch))  # noqa: TRY400 - the reason is the whole story
        else:
            await self._no_longer_wait(batch)

    async def _commit(self, batch: list[Entry], *, replayed: bool) -> None:
        """`NotConnected` when it is worth trying again. A fact that can never be stored is set aside alone."""
        try:
            async with asyncio.timeout(self._deadline_s):
                stored = await self._database.write_batch(lambda c: self._write(c, batch, replayed=replayed))
        except NotConnected:
            raise
        except Exception as error:
            if not blames_the_data(error):
                raise NotConnected(f"the database does not answer: {error!r}") from error
            if len(batch) == 1:
                await asyncio.to_thread(self._spool.refuse, batch[0], repr(error))
                self._refused += 1
                return
            middle = len(batch) // 2
            await self._commit(batch[:middle], replayed=replayed)
            await self._commit(batch[middle:], replayed=True)
        else:
            self._stored += stored

    def _write(self, connection: Connection, batch: list[Entry], *, replayed: bool) -> int:
        if replayed:
            known = set(connection.scalars(select(t.facts.c.id).where(t.facts.c.id.in_([e.id for e in batch]))))
            batch = [entry for entry in batch if entry.id not in known]
        grouped: dict[str, list[Row]] = {}
        for entry in batch:
            for name, row in rows(entry.id, entry.fact, entry.body):
                grouped.setdefault(name, []).append(row)
        for name, statement in self._statements.items():
            if parameters := grouped.get(name):
                connection.execute(statement, parameters)
        seal(connection, grouped.get("audit", ()))
        return len(batch)
