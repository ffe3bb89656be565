"""What is known of one customer, given out as a zip file, or erased: database, recordings, raw files, journal.

Not ours to erase: Asterisk's own call records and log, copies that MQTT subscribers took, and backups
(docs/operations.md).
"""

import asyncio
import secrets
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import IO, Any, Final

import msgspec
import structlog

from cti.desk.tasks import saved_from
from cti.desk.views import TaskView
from cti.errors import Conflict, CtiError
from cti.events import CommandAudited, Fact
from cti.recording.keys import Keyring
from cti.recording.private import private_folder, wipe_and_remove
from cti.recording.sealed import PIECE, open_audio
from cti.recording.spool import checked_id
from cti.settings import Settings
from cti.store.customer_traces import Customer
from cti.store.erasure import Erased
from cti.store.store import Store

log = structlog.get_logger(__name__)

_DRAIN_S: Final = 10.0


class Who(msgspec.Struct, frozen=True, kw_only=True):
    actor: str
    role: str


class Folders(msgspec.Struct, frozen=True, kw_only=True):
    """`facts` is where the store's journal is."""

    recordings: Path
    spool: Path
    facts: Path


def no_tasks() -> Iterable[TaskView]:
    return ()


class PersonalData:
    """Beside the running daemon, or alone with a store whose writer runs."""

    def __init__(
        self,
        store: Store,
        folders: Folders,
        keys: Keyring,
        *,
        publish: Callable[[Fact], None],
        tasks: Callable[[], Iterable[TaskView]] = no_tasks,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`tasks` are those that the desk shows."""
        self._store, self._folders, self._keys = store, folders, keys
        self._publish, self._tasks, self._clock = publish, tasks, clock
        self._one = asyncio.Lock()

    async def export(self, customer_id: int, who: Who) -> IO[bytes]:
        """A zip file without a name, at its beginning: `customer.json` and the recordings as WAV. `NotFound`."""
        customer = await self._store.erasure.find(customer_id)
        told = await self._store.erasure.export(customer)
        await self._store.erasure.record(self._audited(who, "customer.export", customer_id, ""), self._fact_id())
        return await asyncio.to_thread(self._zipped, customer, told)

    async def erase(self, customer_id: int, who: Who, reason: str) -> Erased:
        """`NotFound`; `Conflict` when something goes on with the customer or is held. Cut short, it may be begun again.

        The files go first: none is left that nobody knows of.
        """
        async with self._one:
            if not await self._store.writer.drain(_DRAIN_S):
                raise Conflict("facts still wait for the database: erase when they are in it", "behind")
            customer = await self._store.erasure.find(customer_id)
            await self._store.erasure.check(customer)
            await asyncio.to_thread(self._remove_files, customer)
            audited = self._audited(who, "customer.erase", customer_id, reason)
            done = await self._store.erasure.erase(customer, audited, self._fact_id())
            self._close_tasks(customer, who)
            await asyncio.to_thread(self._scrub_refused, customer)
            lingers = not await self._store.writer.forget()
        told = {"interactions": done.interactions, "lingers": lingers}
        log.info("a customer was erased", customer=customer_id, by=who.actor, **told)
        return msgspec.structs.replace(done, lingers=lingers)

    def _audited(self, who: Who, command: str, customer_id: int, detail: str) -> CommandAudited:
        return CommandAudited(
            at=self._clock(),
            actor=who.actor,
            role=who.role,
            command=command,
            subject=str(customer_id),
            allowed=True,
            detail=detail,
        )

    def _fact_id(self) -> str:
        """Of a fact that is stored at once, in the order of those that the writer stores."""
        return f"{int(self._clock() * 1000):012x}{secrets.token_hex(2)}-00000001"

    def _close_tasks(self, customer: Customer, who: Who) -> None:
        """On the desks, for which the database is too late."""
        for task in list(self._tasks()):
            if task.customer_id in customer.ids or task.interaction_id in customer.interactions:
                now = self._clock()
                done = {"done_at": task.done_at or now, "done_by": task.done_by or who.actor}
                empty = {"text": "", "customer_name": "", "number": ""}
                self._publish(saved_from(task, at=now, change="done", by=who.actor, **empty, **done))

    # --- files, in a thread ------------------------------------------------------------------------------------------

    def _zipped(self, customer: Customer, told: dict[str, list[dict[str, Any]]]) -> IO[bytes]:
        for row in told.get("facts", ()):
            row["body"] = msgspec.json.decode(row["body"])
        private_folder(self._folders.spool)
        out = tempfile.TemporaryFile(dir=self._folders.spool)  # noqa: SIM115 - whoever asked closes it
        unreadable: dict[str, str] = {}
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
            for interaction_id, path in customer.files:
                try:
                    self._add(archive, interaction_id, path)
                except (CtiError, OSError) as error:
                    unreadable[interaction_id] = str(error)
            content = {
                "customer": customer.customer_id,
                "exported_at": self._clock(),
                "known": told,
                "recordings_that_cannot_be_read": unreadable,
            }
            archive.writestr("customer.json", msgspec.json.format(msgspec.json.encode(content)))
        out.seek(0)
        return out

    def _add(self, archive: zipfile.ZipFile, interaction_id: str, path: str) -> None:
        with (
            open_audio(self._folders.recordings / path, interaction_id, self._keys) as audio,
            archive.open(f"recordings/{interaction_id}.wav", "w", force_zip64=True) as entry,
        ):
            for offset in range(0, audio.size, PIECE):
                entry.write(audio.read(offset, PIECE))

    def _remove_files(self, customer: Customer) -> None:
        remove_recordings(self._folders.recordings, [path for _, path in customer.files])
        for interaction_id in customer.interactions:
            for raw in self._folders.spool.glob(f"{checked_id(interaction_id)}.*raw"):
                wipe_and_remove(raw)

    def _scrub_refused(self, customer: Customer) -> None:
        """Facts that the database never took are kept as lines, for people: those of this customer go."""
        needles = (*self._store.erasure.traces(customer).needles, *customer.interactions)
        spoken = [needle.encode() for needle in needles]
        for file in self._folders.facts.glob("*refused*.jsonl"):
            lines = file.read_bytes().splitlines(keepends=True)
            kept = [line for line in lines if not any(needle in line for needle in spoken)]
            if len(kept) < len(lines):
                draft = file.with_name(f".{file.name}.draft")
                draft.write_bytes(b"".join(kept))
                draft.chmod(0o600)
                wipe_and_remove(file)
                draft.rename(file)


def personal_data(
    settings: Settings,
    store: Store,
    keys: Keyring,
    *,
    publish: Callable[[Fact], None],
    tasks: Callable[[], Iterable[TaskView]] = no_tasks,
) -> PersonalData:
    spool = settings.path(settings.spool)
    folders = Folders(recordings=settings.path(settings.recordings), spool=spool, facts=spool / "facts")
    return PersonalData(store, folders, keys, publish=publish, tasks=tasks)


def remove_recordings(folder: Path, paths: Sequence[str]) -> None:
    """Published ones, overwritten first. Blocks."""
    for path in paths:
        wipe_and_remove(folder / path)
