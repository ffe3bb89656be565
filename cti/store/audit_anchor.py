"""The head of the audit chain, kept outside the database, so that a chain that was cut off or made anew is found.

The file holds one JSON object, `{"seq": ..., "hash": ...}`, and is replaced as a whole. It only ever moves forward:
when the chain no longer has the link that it names, somebody changed the log, and the file stays as the evidence. The
same line goes to the daemon's log, which can be collected on another machine.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import structlog

from cti.errors import NotConnected, Unusable
from cti.store.audit import AuditRepository
from cti.store.audit_chain import Anchor

log = structlog.get_logger(__name__)

EVERY_S = 1.0
"""How often the file is brought up to date: what was audited later than that can be cut off without a trace."""
TOLD_EVERY_S = 60.0


def read_anchor(file: Path) -> Anchor | None:
    """None when there is no such file. `Unusable` for what is none."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Anchor)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise Unusable(f"the anchor of the audit log cannot be read from {file}: {error}") from error


def write_anchor(file: Path, anchor: Anchor) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.draft")
    with draft.open("wb") as out:
        out.write(msgspec.json.encode(anchor) + b"\n")
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)


class AuditAnchor:
    def __init__(self, audit: AuditRepository, file: Path) -> None:
        self._audit, self._file = audit, file
        self._kept = read_anchor(file)
        self._told: int | None = None

    async def move(self) -> bool:
        """To the head of the chain. False, and nothing is written, when the chain has lost the link that is kept."""
        if self._kept is not None and not await self._audit.holds(self._kept):
            return False
        head = await self._audit.head()
        if head is not None and head != self._kept:
            await asyncio.to_thread(write_anchor, self._file, head)
            self._kept = head
        return True

    def tell(self) -> None:
        if self._kept is not None and self._kept.seq != self._told:
            self._told = self._kept.seq
            log.info("the audit log's head", seq=self._kept.seq, hash=self._kept.hash)


@asynccontextmanager
async def anchoring(audit: AuditRepository, file: Path) -> AsyncIterator[None]:
    """Keeps the file up to date while the body runs. `Unusable` when it cannot be read."""
    anchor = AuditAnchor(audit, file)
    task = asyncio.create_task(_keep(anchor), name="audit anchor")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await _moved(anchor)
        anchor.tell()


async def _keep(anchor: AuditAnchor) -> None:
    told_s = TOLD_EVERY_S
    while True:
        if not await _moved(anchor):
            return
        if (told_s := told_s + EVERY_S) >= TOLD_EVERY_S:
            anchor.tell()
            told_s = 0.0
        await asyncio.sleep(EVERY_S)


async def _moved(anchor: AuditAnchor) -> bool:
    """False: there is nothing more to keep. While the database or the disk is away, the next round tries again."""
    with contextlib.suppress(NotConnected, OSError):
        if not await anchor.move():
            log.error("the audit log was changed behind our back: see `laidian audit verify`")
            return False
    return True
