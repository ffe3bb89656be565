"""What was told and is not in the database yet: in the journal, in memory, or in both; and how much of it may be.

Facts are in memory while the database keeps up. When `behind`, only those are that the journal did not take
("homeless": its disk is full): always the youngest, because once one is homeless all that follow are, until they could
be appended.

Room is given up in this order, whether on disk or in memory: from `SPARE` of it on no more dispensable facts are taken;
from `TIGHT` on those go that were taken before, the youngest first; when there is none left calls' facts are refused
too. What is dropped is counted, and which facts are dispensable stands in `cti/store/dispensable.py`.
"""

import asyncio
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final, Literal, TypeVar

import msgspec
import structlog

from cti.events import Fact
from cti.store import journal as disk
from cti.store.dispensable import dispensable
from cti.store.journal import Journal
from cti.store.lines import Entry, Position, line_of
from cti.store.projections import PROJECTIONS

log = structlog.get_logger(__name__)

T = TypeVar("T")
Fsync = Literal["never", "interval", "always"]

SPARE: Final = 0.8
TIGHT: Final = 0.9
RETRY_S: Final = 1.0
"""How often it is tried again to write a journal that could not be written."""
_CHUNK: Final = 200

_encode = msgspec.json.Encoder().encode


class Keeping(msgspec.Struct, frozen=True, kw_only=True):
    """`fsync`: whether and when the journal is synced (`interval`: with every batch; `always`: without a pause).

    `limit`: bytes that may wait in the journal. `memory`: facts that may wait in memory.
    """

    fsync: Fsync = "interval"
    limit: int = 4 << 30
    memory: int = 50_000


KEEPING: Final = Keeping()


class Inbox:
    def __init__(self, journal: Journal, keeping: Keeping, *, interval_s: float) -> None:
        self.journal = journal
        self.waiting: list[Entry] = []
        self.homeless = 0
        self.behind = journal.ahead() is not None
        self.dropped = 0
        self.unwritable = False
        self.wake = asyncio.Event()
        self.settled = asyncio.Event()
        self._fsync, self._limit, self._memory = keeping.fsync, keeping.limit, keeping.memory
        self._interval_s = interval_s
        self._epoch = f"{int(time.time() * 1000):012x}{secrets.token_hex(2)}"
        self._count = self._synced = self._stored = 0
        self._retry_at = 0.0
        self._unsynced, self._hurry = asyncio.Event(), asyncio.Event()
        self._progress = asyncio.Condition()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store-journal")
        (self.wake if self.behind else self.settled).set()

    def put(self, fact: Fact) -> None:
        """For the bus: never waits. Facts that are not stored (mirror facts) are passed over."""
        if type(fact) not in PROJECTIONS:
            return
        if not self._has_room(fact):
            self._drop(1)
            return
        body = _encode(fact)
        self._count += 1
        fact_id = f"{self._epoch}-{self._count:08x}"
        end = self._journaled(line_of(fact_id, body))
        if end is None or not self.behind:
            self.waiting.append(Entry(fact_id, body, fact, end))
            self.behind = self.behind or len(self.waiting) - self.homeless >= self._memory
        self.settled.clear()
        self.wake.set()
        self._unsynced.set()

    def _has_room(self, fact: Fact) -> bool:
        return (share := self._share()) < SPARE or (share < 1 and not dispensable(fact))

    def _share(self) -> float:
        on_disk = self.journal.size / self._limit
        return max(on_disk, self.homeless / self._memory) if self.homeless else on_disk

    def _drop(self, count: int) -> None:
        if not self.dropped:
            log.error("there is no more room for facts, the first were dropped", spool=self.journal.size)
        self.dropped += count

    def _journaled(self, line: bytes) -> Position | None:
        """Where it ends. None: the fact is homeless."""
        if not self.homeless and (not self.unwritable or time.monotonic() >= self._retry_at):
            try:
                return self._append(line)
            except OSError:
                pass
        self.homeless += 1
        return None

    def _append(self, line: bytes) -> Position:
        try:
            end = self.journal.append(line)
        except OSError as error:
            if not self.unwritable:
                log.error("the journal cannot be written, facts stay in memory", reason=str(error))  # noqa: TRY400 - the reason is the whole story
            self.unwritable, self._retry_at = True, time.monotonic() + RETRY_S
            raise
        if self.unwritable:
            self.unwritable = False
            log.info("the journal can be written again")
        return end

    # --- for the writer --------------------------------------------------------------------------------------------

    async def in_thread(self, work: Callable[[], T]) -> T:
        """One at a time, as `cti.store.journal` asks for."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def stored(self, batch: list[Entry]) -> list[Path]:
        """The oldest of what waits is in the database. Returns the files that are used up."""
        del self.waiting[: len(batch)]
        homed = [entry.end for entry in batch if entry.end is not None]
        self.homeless -= len(batch) - len(homed)
        self._stored = max(self._stored, self._count - len(self.waiting)) if not self.behind else self._stored
        return self.journal.take(homed[-1]) if homed else []

    def let_go(self) -> None:
        """Fallen behind: the journal is read, memory keeps what is not in it."""
        self.behind = True
        del self.waiting[: len(self.waiting) - self.homeless]

    def caught_up(self) -> bool:
        """Whether everything is stored: then nothing is behind any more."""
        if self.waiting or self.journal.ahead() is not None:
            return False
        self.behind, self._stored = False, self._count
        return True

    async def make_room(self) -> None:
        """While nothing is under way. What is homeless goes to the journal if it takes it; dispensable facts go."""
        await self._find_homes()
        if self._share() >= TIGHT:
            await self._thin()

    async def _find_homes(self) -> None:
        if not self.homeless or time.monotonic() < self._retry_at:
            return
        try:
            while self.homeless and self.journal.size < self._limit:
                self._house(_CHUNK)
                await asyncio.sleep(0)
        except OSError:
            pass
        finally:
            self._unsynced.set()
            if self.behind:
                self.let_go()

    def _house(self, count: int) -> None:
        """The oldest of the homeless."""
        first = len(self.waiting) - self.homeless
        for at in range(first, min(first + count, len(self.waiting))):
            entry = self.waiting[at]
            self.waiting[at] = entry._replace(end=self._append(line_of(entry.id, entry.body)))
            self.homeless -= 1

    async def _thin(self) -> None:
        if self.homeless:
            young = self.waiting[len(self.waiting) - self.homeless :]
            kept = [entry for entry in young if not dispensable(entry.fact)]
            self._drop(len(young) - len(kept))
            self.waiting[len(self.waiting) - self.homeless :] = kept
            self.homeless = len(kept)
        # Not while memory holds what the journal does: where a fact ends would not be there any more.
        while self.behind and self.journal.size >= TIGHT * self._limit and (segment := self.journal.thinnable()):
            try:
                size, dropped = await self.in_thread(partial(disk.thin, segment, dispensable))
            except OSError as error:
                log.warning("the journal could not be thinned", reason=str(error))
                return
            self.journal.thinned(segment, size)
            self._drop(dropped)

    # --- what survives what ----------------------------------------------------------------------------------------

    async def kept(self, *, soon: bool = True) -> None:
        """Wait until every fact so far survives the daemon's crash and, unless `fsync` is "never", a power cut.

        While there is no room for calls' facts nothing is known to be kept. `soon`: somebody waits for it; who does not
        hurry shares the next sync with others.
        """
        given = self._count
        if soon:
            self._hurry.set()
        async with self._progress:
            await self._progress.wait_for(lambda: self._is_kept(given))

    def _is_kept(self, given: int) -> bool:
        written = self._count - self.homeless if self._fsync == "never" else self._synced
        return max(written, self._stored) >= given and self._share() < 1

    async def tell(self) -> None:
        """Something was stored or synced: who waits for it is woken."""
        async with self._progress:
            self._progress.notify_all()

    async def sync(self) -> None:
        """Until cancelled: what was written is synced, as `fsync` says."""
        while self._fsync != "never":
            await self._unsynced.wait()
            if self._fsync == "interval":
                await self._hurried()
            self._unsynced.clear()
            self._hurry.clear()
            written = self._count - self.homeless
            try:
                await self.in_thread(self.journal.syncing())
            except OSError as error:
                log.error("the journal cannot be synced", reason=str(error))  # noqa: TRY400 - the reason is the whole story
                await asyncio.sleep(RETRY_S)
            else:
                self._synced = max(self._synced, written)
            await self.tell()

    async def _hurried(self) -> None:
        try:
            async with asyncio.timeout(self._interval_s):
                await self._hurry.wait()
        except TimeoutError:
            pass

    def close(self) -> None:
        """What is homeless gets a last chance; the journal's folder is somebody else's afterwards."""
        self._thread.shutdown()
        try:
            self._house(self.homeless)
        except OSError as error:
            log.error("facts are lost: the journal cannot be written", facts=self.homeless, reason=str(error))  # noqa: TRY400 - the reason is the whole story
        self.journal.close()
