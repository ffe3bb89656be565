"""Once a day: recordings whose time is over are deleted, interactions lose what says of whom they were. In small steps.

A step is one transaction of `STEP` interactions with one entry in the audit log (`retention.run`). The files go before
their rows: a run that is cut short leaves rows whose file is gone, and the next one finds them again.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
import structlog

from cti.errors import CtiError
from cti.events import CommandAudited
from cti.privacy.personal_data import Who, remove_recordings
from cti.settings import Settings
from cti.settings.keeping import RetentionSettings
from cti.settings.queues import QueueSettings
from cti.store.retention import Cutoffs, Due, QueueDue
from cti.store.store import Store

log = structlog.get_logger(__name__)

STEP: Final = 100
PAUSE_S: Final = 0.1
"""Between two steps: facts of calls come first."""
BY_ITSELF: Final = Who(actor="retention", role="")
_DAY_S: Final = 86_400.0


class Gone(msgspec.Struct, frozen=True, kw_only=True):
    """`more`: a day's work was done, and there is more. `lingers`: files of the journal still name who is gone."""

    recordings: int
    interactions: int
    more: bool = False
    lingers: bool = False


def cutoffs(site: RetentionSettings, queues: Mapping[str, QueueSettings], now: float) -> Cutoffs:
    recordings = {name: queue.retention.recordings_days for name, queue in queues.items()}
    interactions = {name: queue.retention.interactions_days for name, queue in queues.items()}
    return Cutoffs(
        recordings=_times(site.recordings_days, recordings, now),
        interactions=_times(site.interactions_days, interactions, now),
    )


def _times(site: float, queues: Mapping[str, float | None], now: float) -> dict[str, float]:
    days = {"": site, **{name: site if own is None else own for name, own in queues.items()}}
    return {name: now - one * _DAY_S if one else 0.0 for name, one in days.items()}


class Retention:
    """`settings` gives those in force."""

    def __init__(
        self, store: Store, settings: Callable[[], Settings], *, clock: Callable[[], float] = time.time
    ) -> None:
        self._store, self._settings, self._clock = store, settings, clock
        self._one = asyncio.Lock()

    async def show(self) -> list[QueueDue]:
        """What `run` would do now, by queue."""
        return await self._store.retention.show(self._cutoffs())

    async def run(self, who: Who = BY_ITSELF) -> Gone:
        """A day's work. Raises NotConnected; what was done until then is done."""
        async with self._one:
            times, most = self._cutoffs(), self._settings().retention.most
            recordings = interactions = 0
            lingers = False
            last: Due | None = None
            while recordings < most and (due := await self._store.retention.recordings(times, STEP, last)):
                await self._delete(due, who)
                recordings, last = recordings + len(due), due[-1]
            last = None
            while interactions < most and (due := await self._store.retention.interactions(times, STEP, last)):
                await self._anonymise(due, who)
                interactions, last = interactions + len(due), due[-1]
            if recordings or interactions:
                lingers = not await self._store.writer.forget()
                await self._store.database.forget()
        more = max(recordings, interactions) >= most
        gone = Gone(recordings=recordings, interactions=interactions, more=more, lingers=lingers)
        log.info("kept for long enough", by=who.actor, **msgspec.structs.asdict(gone))
        return gone

    def _cutoffs(self) -> Cutoffs:
        settings = self._settings()
        return cutoffs(settings.retention, settings.queues, self._clock())

    async def _delete(self, due: Sequence[Due], who: Who) -> None:
        await asyncio.to_thread(remove_recordings, self._folder(), [one.path for one in due])
        audited = self._audited(who, f"{len(due)} recordings")
        await self._store.retention.forget_recordings(due, audited, self._fact_id())
        await asyncio.sleep(PAUSE_S)

    async def _anonymise(self, due: Sequence[Due], who: Who) -> None:
        files = [one.path for one in due if one.path]
        await asyncio.to_thread(remove_recordings, self._folder(), files)
        audited = self._audited(who, f"{len(due)} interactions, {len(files)} recordings")
        await self._store.retention.anonymise(due, audited, self._fact_id())
        await asyncio.sleep(PAUSE_S)

    def _folder(self) -> Path:
        settings = self._settings()
        return settings.path(settings.recordings)

    def _audited(self, who: Who, detail: str) -> CommandAudited:
        return CommandAudited(
            at=self._clock(),
            actor=who.actor,
            role=who.role,
            command="retention.run",
            subject="",
            allowed=True,
            detail=detail,
        )

    def _fact_id(self) -> str:
        return f"{int(self._clock() * 1000):012x}{secrets.token_hex(2)}-00000001"


@asynccontextmanager
async def daily(retention: Retention, settings: Callable[[], Settings]) -> AsyncIterator[None]:
    """Runs it every day at its time while the body runs."""
    task = asyncio.create_task(_daily(retention, settings), name="retention")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _daily(retention: Retention, settings: Callable[[], Settings]) -> None:
    while True:
        now = settings()
        await asyncio.sleep(until(now.retention.at, datetime.now(ZoneInfo(now.time_zone))))
        try:
            await retention.run()
        except (CtiError, OSError) as error:
            log.warning("what has been kept for long enough stays until tomorrow", reason=str(error))


def until(at: str, now: datetime) -> float:
    """Seconds to the next `at` ("03:30") in the time zone of `now`."""
    hour, minute = map(int, at.split(":"))
    then = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    while then <= now:
        then += timedelta(days=1)
    return then.timestamp() - now.timestamp()
