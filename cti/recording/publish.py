"""Raw files -> one checked WAV per interaction, under `recordings/YYYY/MM/DD/<interaction>.wav` (UTC).

With a key the WAV is encrypted as it is written (`cti.recording.sealed`), under the same name; `size` and `sha256` are
those of the WAV in any case. Raw files, which Asterisk writes, are plain for as long as they are needed: from when the
conversation begins until its recording is published and the fact stored. With a key they are overwritten then.

A file has its final name only when it is whole: it is written under a temporary name in the same folder, synced, and
renamed. The raw files stay until `discard`, which is for after the fact has been stored; until then a crash costs
nothing, because `leftovers` finds them and publishing again gives the same file.

What is doubtful is published all the same, and says so in `doubts`: a recording that is shorter than the conversation
is evidence too. `RecordingUnusable` is for where there is none: missing, empty, still growing, longer than possible.
"""

import hashlib
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec

from cti.errors import CtiError
from cti.recording.keys import Key
from cti.recording.private import private_file, wipe_and_remove
from cti.recording.rounds import Rounds
from cti.recording.sealed import SealingFile
from cti.recording.spool import checked_id, left_behind, parse_name, raw_name
from cti.recording.stitch import (
    CHANNELS,
    FRAME,
    HEADER,
    RATE,
    Barge,
    Levels,
    chunks,
    frames,
    levels,
    stitch,
    wav_header,
)

_CHUNK = 256 * 1024
_SILENCE = 8.0
"""RMS below which a side holds no voice: comfort noise and u-law's idle pattern stay under it."""
_ALMOST = 0.9
"""So much of a pause is one: a clock's steps."""


class RecordingUnusable(CtiError):
    """There is nothing to publish, and why. The raw files are still there."""


class BargePart(msgspec.Struct, frozen=True, kw_only=True):
    file: str
    started_at: float


class RecordingJob(msgspec.Struct, frozen=True, kw_only=True):
    """`ended_at` None: not known (found after a crash), so the length cannot be judged."""

    interaction_id: str
    started_at: float
    ended_at: float | None
    barges: tuple[BargePart, ...] = ()


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of `RecordingPublished`, and what is odd about it, for people."""

    interaction_id: str
    path: str
    started_at: float
    duration_s: float
    size: int
    sha256: str
    channels: int
    levels: Levels
    doubts: tuple[str, ...]


class Publisher:
    def __init__(
        self,
        spool: Path,
        recordings: Path,
        *,
        workers: int = 2,
        settle_s: float = 0.15,
        settle_deadline_s: float = 5,
        tolerance_s: float = 1.5,
        key: Key | None = None,
    ) -> None:
        """`tolerance_s`: how much shorter or longer than the conversation a recording may be (and 2 % of it)."""
        self._key = key
        self._spool, self._recordings = spool, recordings
        self._settle_s, self._settle_deadline_s, self._tolerance_s = settle_s, settle_deadline_s, tolerance_s
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="recording")
        self._rounds = Rounds(self._threads, settle_s)

    def close(self) -> None:
        """Waits for what is being written; what is only queued is found by `leftovers` at the next start."""
        self._rounds.close()
        self._threads.shutdown(cancel_futures=True)

    async def publish(self, job: RecordingJob) -> Published:
        """`RecordingUnusable` when there is nothing to publish; `OSError` when the disk does not take it."""
        raw = self._spool / raw_name(job.interaction_id)
        parts = [raw, *(self._barge_path(part) for part in job.barges)]
        settling = _Settling(parts, self._settle_s, self._settle_deadline_s)
        return await self._rounds.do(partial(self._write, job, raw), settling.over)

    def _barge_path(self, part: BargePart) -> Path:
        if parse_name(part.file) is None:
            raise RecordingUnusable(f"{part.file!r} is no raw file")
        return self._spool / part.file

    def _write(self, job: RecordingJob, raw: Path) -> Published:
        size = raw.stat().st_size // FRAME * FRAME
        doubts = self._doubts(job, size / FRAME / RATE)
        path = _path(job)
        target = self._recordings / path
        draft = target.with_name(f".{target.name}.draft")
        try:
            with _private_file(draft) as out:
                sealing = SealingFile(out, job.interaction_id, self._key) if self._key else None
                sha256, sides = _write_wav(raw, sealing or out, size, self._barges(job))
                if sealing is not None:
                    sealing.finish()
                out.flush()
                os.fsync(out.fileno())
            draft.replace(target)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        return Published(
            interaction_id=job.interaction_id,
            path=path,
            started_at=job.started_at,
            duration_s=size / FRAME / RATE,
            size=HEADER + size,
            sha256=sha256,
            channels=CHANNELS,
            levels=sides,
            doubts=(
                *doubts,
                *(f"the {name} side is silent" for name in sides._fields if getattr(sides, name) < _SILENCE),
            ),
        )

    def _doubts(self, job: RecordingJob, duration_s: float) -> list[str]:
        if job.ended_at is None:
            return ["found after a crash: its length was not checked"]
        expected_s = job.ended_at - job.started_at
        tolerance_s = self._tolerance_s + expected_s * 0.02
        if duration_s > expected_s + tolerance_s:
            raise RecordingUnusable(f"{duration_s:.1f} s were recorded of a conversation of {expected_s:.1f} s")
        if duration_s < expected_s - tolerance_s:
            return [f"only {duration_s:.1f} s were recorded of a conversation of {expected_s:.1f} s"]
        return []

    def _barges(self, job: RecordingJob) -> list[Barge]:
        return [
            Barge(frames(part.started_at - job.started_at), self._barge_path(part).read_bytes())
            for part in job.barges
            if _size(self._barge_path(part))
        ]

    async def discard(self, job: RecordingJob) -> None:
        """Remove the raw files of what was published, once the fact is stored."""
        paths = [self._spool / raw_name(job.interaction_id), *(self._barge_path(part) for part in job.barges)]
        remove = _unlink if self._key is None else _wipe
        await self._rounds.do(partial(remove, paths))

    def leftovers(self) -> list[RecordingJob]:
        """Jobs for raw files that a crash left behind. For the start, before new conversations are recorded.

        A raw file's time of modification is its end, its size its length, so both tell when it began.
        """
        return [_leftover(key, paths) for key, paths in left_behind(self._spool).items()]


def _leftover(interaction_id: str, paths: list[Path]) -> RecordingJob:
    begins = [path.stat().st_mtime - path.stat().st_size / FRAME / RATE for path in paths]
    parts = tuple(
        BargePart(file=path.name, started_at=begin) for path, begin in zip(paths[1:], begins[1:], strict=True)
    )
    return RecordingJob(interaction_id=interaction_id, started_at=begins[0], ended_at=None, barges=parts)


class _Settling:
    """Asterisk closes a file some time after the hang-up: whether none of them has grown for a while."""

    def __init__(self, paths: Sequence[Path], settle_s: float, deadline_s: float) -> None:
        self._paths, self._settle_s = paths, settle_s
        self._sizes, self._since = self._look(), time.monotonic()
        self._deadline = self._since + deadline_s

    def over(self) -> bool:
        """Raises RecordingUnusable when it took too long."""
        now, sizes = time.monotonic(), self._look()
        if sizes != self._sizes:
            self._sizes, self._since = sizes, now
        elif sizes[0] and now - self._since >= _ALMOST * self._settle_s:
            return True
        if now > self._deadline:
            raise RecordingUnusable(_reason(self._paths[0], sizes[0]))
        return False

    def _look(self) -> list[int | None]:
        return [_size(path) for path in self._paths]


class _Sink(Protocol):
    def write(self, data: bytes, /) -> object: ...


def _write_wav(raw: Path, wav: _Sink, size: int, barges: Sequence[Barge]) -> tuple[str, Levels]:
    """SHA-256 of the WAV, and the levels of its loudest piece."""
    digest = hashlib.sha256()
    customer = heard = 0.0
    with raw.open("rb") as source:
        header = wav_header(size)
        digest.update(header)
        wav.write(header)
        for offset, length in chunks(size, _CHUNK):
            chunk = stitch(source.read(length), offset // FRAME, barges)
            if len(chunk) != length:
                raise RecordingUnusable("the raw file shrank while it was read")
            digest.update(chunk)
            wav.write(chunk)
            here = levels(chunk)
            customer, heard = max(customer, here.customer), max(heard, here.heard)
    return digest.hexdigest(), Levels(customer, heard)


def _path(job: RecordingJob) -> str:
    """Below the folder of recordings."""
    return f"{datetime.fromtimestamp(job.started_at, UTC):%Y/%m/%d}/{checked_id(job.interaction_id)}.wav"


def _private_file(path: Path) -> BinaryIO:
    try:
        return private_file(path)
    except FileNotFoundError:  # the first of a day
        path.parent.mkdir(parents=True, exist_ok=True)
        return private_file(path)


def _wipe(paths: Sequence[Path]) -> None:
    for path in paths:
        wipe_and_remove(path)


def _unlink(paths: Sequence[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def _reason(path: Path, size: int | None) -> str:
    if size is None:
        return f"there is no {path.name}"
    if size == 0:
        return f"{path.name} is empty: no audio came"
    return f"{path.name} or a part of it is still growing"
