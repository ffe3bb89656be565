"""Facts into the journal at once, and into the database behind the calls: batched, in order, each exactly once.

`on_fact` is the first listener of the bus. When it returns the fact has been written to the journal with write(2),
where a kill -9 of the daemon cannot reach it; only then the others hear of it, and what they order goes out in a later
pass of the event loop. `run` stores batches, each in one transaction, then the journal may forget it.

When the database is away, or so slow that more than `memory` facts wait, memory is let go of and the journal is read
instead, until nothing is left in it: the order is never broken. Whether the last transaction was committed may be
unknown, and after a crash what was; a replay leaves out what the ledger holds already. When the *journal* cannot be
written, facts wait in memory and are appended to it later. Both are bounded (`cti/store/inbox.py`).
"""

import asyncio
import contextlib
import random
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
import structlog
from sqlalchemy import Connection, select

from cti.errors import NotConnected
from cti.events import Fact
from cti.store import journal as disk
from cti.store import tables as t
from cti.store.audit import seal
from cti.store.database import Database, blames_the_data
from cti.store.inbox import KEEPING, Inbox, Keeping
from cti.store.journal import Journal
from cti.store.lines import Entry, line_of
from cti.store.prepared import Prepared
from cti.store.projections import Row, rows

log = structlog.get_logger(__name__)

_MANY: Final = 25
"""Facts in one interval: those of two calls."""
_PATIENCE: Final = 4
"""Intervals at most."""
_AGAIN_S: Final = 5.0
"""How often it is tried to forget files by the writer itself."""
_AGAIN_SOON_S: Final = 0.1
"""How often while somebody waits for it."""


class WriterStatus(msgspec.Struct, frozen=True, kw_only=True):
    """`waiting`: facts in memory. `away`: the database is, or the journal has not been replayed yet.

    `dropped`: facts for which there was no room. `spool_bytes`: what the journal holds that is not in the database.
    `unwritable`: the journal cannot be written, `waiting` are in memory only.
    """

    waiting: int
    stored: int
    refused: int
    away: bool
    dropped: int = 0
    spool_bytes: int = 0
    unwritable: bool = False


class FactWriter:
    def __init__(
        self,
        database: Database,
        journal: Journal,
        keeping: Keeping = KEEPING,
        *,
        interval_s: float = 0.25,
        batch: int = 1000,
        deadline_s: float = 15,
        retry_s: tuple[float, float] = (0.2, 5),
    ) -> None:
        """`retry_s`: the first and the longest pause between attempts."""
        self._database = database
        self._inbox = Inbox(journal, keeping, interval_s=interval_s)
        self._interval_s, self._batch, self._deadline_s, self._retry_s = interval_s, batch, deadline_s, retry_s
        self._prepared = Prepared(database.dialect)
        self._stored = self._refused = 0
        self._hurry = asyncio.Event()
        self._used_up: list[Path] = []
        self._forgetting = asyncio.Lock()
        self.kept = self._inbox.kept
        self.own = journal.own

    def on_fact(self, fact: Fact) -> None:
        """For the bus, as its first listener: when this returns a crash of the daemon does not lose the fact."""
        self._inbox.put(fact)

    @property
    def status(self) -> WriterStatus:
        inbox = self._inbox
        return WriterStatus(
            waiting=len(inbox.waiting),
            stored=self._stored,
            refused=self._refused,
            away=inbox.behind,
            dropped=inbox.dropped,
            spool_bytes=inbox.journal.size,
            unwritable=inbox.unwritable,
        )

    async def drain(self, deadline_s: float | None = None) -> bool:
        """Wait until every fact so far is in the database; False when `deadline_s` passed first (see `run`)."""
        self._hurry.set()
        try:
            async with asyncio.timeout(deadline_s):
                await self._inbox.settled.wait()
        except TimeoutError:
            return False
        return True

    async def run(self) -> None:
        """Until cancelled. What could not be stored by then is in the journal, for the next start. See `own`."""
        self.own()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._inbox.sync(), name="sync the journal")
            tasks.create_task(self._store(), name="store facts")
            tasks.create_task(self._forget_again(), name="forget the journal")

    async def forget(self, deadline_s: float = 15) -> bool:
        """Whether every fact so far is in the database, and in no file of the journal any more. Raises OSError.

        False: not within `deadline_s`, because the database does not take the facts, or because a reader of SQLite
        still needs pages from before them, so that they cannot be brought to its disk. `run` goes on trying.
        """
        self._used_up += self._inbox.journal.turn()
        try:
            async with asyncio.timeout(deadline_s):
                await self.drain()
                while not await self._forget():  # noqa: ASYNC110 - that a reader has finished sets no event
                    await asyncio.sleep(_AGAIN_SOON_S)
        except TimeoutError:
            log.warning("the journal's files stay for now", reason=f"not within {deadline_s:g} s")
            return False
        return True

    def close(self) -> None:
        """After `run`, and after the database: then what it took is on its disk."""
        disk.remove(self._used_up)
        self._inbox.close()

    async def _store(self) -> None:
        while True:
            await self._inbox.wake.wait()
            await self._gather()
            await self._turn()

    async def _gather(self) -> None:
        """Let a batch come together, unless somebody drains: for `interval_s`, and longer while many facts come.

        One large transaction costs about half of what four small ones do.
        """
        waiting = self._inbox.waiting
        for _ in range(_PATIENCE):
            if (had := len(waiting)) >= self._batch or self._hurry.is_set():
                return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._interval_s):
                    await self._hurry.wait()
            if len(waiting) - had < _MANY:
                return

    async def _turn(self) -> None:
        """Store what waits. What comes meanwhile is for the next batch, unless somebody drains."""
        inbox = self._inbox
        pause_s, longest_s = self._retry_s
        stored = False
        while inbox.behind or (inbox.waiting and (self._hurry.is_set() or not stored)):
            try:
                await (self._replay() if inbox.behind else self._store_waiting())
                stored = True
            except NotConnected as error:
                log.warning("the database is away, facts wait in the journal", error=str(error), pause_s=pause_s)
                inbox.let_go()
                await self._pause(pause_s * random.uniform(0.7, 1))  # noqa: S311 - jitter, no secret
                pause_s = min(pause_s * 2, longest_s)
        if not inbox.waiting:
            inbox.wake.clear()
            inbox.settled.set()
            self._hurry.clear()
        await self._forget()

    async def _pause(self, seconds: float) -> None:
        end = asyncio.get_running_loop().time() + seconds
        while (left := end - asyncio.get_running_loop().time()) > 0:
            await self._inbox.make_room()
            await asyncio.sleep(min(left, 0.25))

    async def _store_waiting(self) -> None:
        """They stay there while they are under way, so that a failure or a cancellation finds them."""
        inbox = self._inbox
        left = len(inbox.waiting)
        while left > 0 and inbox.waiting and not inbox.behind:
            await inbox.make_room()
            batch = inbox.waiting[: min(left, self._batch)]
            await self._store_batch(batch, replayed=False)
            left -= len(batch)

    async def _store_batch(self, batch: list[Entry], *, replayed: bool) -> None:
        await self._commit(batch, replayed=replayed)
        self._used_up += self._inbox.stored(batch)
        await self._inbox.tell()

    async def _replay(self) -> None:
        inbox = self._inbox
        inbox.let_go()
        while not inbox.caught_up():
            await inbox.make_room()
            if span := inbox.journal.ahead():
                entries, bad, end = await inbox.in_thread(partial(disk.read, span, self._batch))
                if entries:
                    await self._commit(entries, replayed=True)
                if bad:
                    await self._set_aside(bad)
                self._used_up += inbox.journal.take(end)
                await self._forget()
            elif inbox.waiting:
                await self._store_batch(inbox.waiting[: self._batch], replayed=True)
        log.info("the journal is replayed, the database is complete")
        await inbox.tell()

    async def _forget(self) -> bool:
        """Files whose facts have reached the database's disk. Whether none is left."""
        async with self._forgetting:
            if not (paths := self._used_up[:]):
                return True
            try:
                if await self._database.settle():
                    await self._inbox.in_thread(partial(disk.remove, paths))
                    del self._used_up[: len(paths)]
            except (NotConnected, OSError) as error:
                log.warning("the journal's files stay for now", reason=str(error))
            return not self._used_up

    async def _forget_again(self) -> None:
        """Until cancelled: what could not go after a batch does not stay until the next, which may be tomorrow's."""
        while True:
            await asyncio.sleep(_AGAIN_S)
            await self._forget()

    async def _commit(self, batch: Sequence[Entry], *, replayed: bool) -> None:
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
                await self._refuse(batch[0], error)
                return
            middle = len(batch) // 2
            await self._commit(batch[:middle], replayed=replayed)
            await self._commit(batch[middle:], replayed=True)
        else:
            self._stored += stored

    async def _refuse(self, entry: Entry, error: Exception) -> None:
        log.error("a fact cannot be stored", id=entry.id, fact=type(entry.fact).__name__, reason=repr(error))
        self._refused += 1
        await self._set_aside([line_of(entry.id, entry.body)])

    async def _set_aside(self, lines: Sequence[bytes]) -> None:
        try:
            await self._inbox.in_thread(partial(disk.set_aside, self._inbox.journal.folder, lines))
        except OSError as error:
            log.error("what cannot be stored could not be set aside either", facts=len(lines), reason=str(error))  # noqa: TRY400 - the reason is the whole story

    def _write(self, connection: Connection, batch: Sequence[Entry], *, replayed: bool) -> int:
        if replayed:
            known = set(connection.scalars(select(t.facts.c.id).where(t.facts.c.id.in_([e.id for e in batch]))))
            batch = [entry for entry in batch if entry.id not in known]
        grouped: dict[str, list[Row]] = {}
        for entry in batch:
            for name, row in rows(entry.id, entry.fact, entry.body):
                grouped.setdefault(name, []).append(row)
        self._prepared.run(connection, grouped)
        seal(connection, grouped.get("audit", ()))
        return len(batch)
