import asyncio
import hashlib
import os
import wave
from array import array
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cti.errors import LocalProtocolError
from cti.recording.publish import BargePart, Published, Publisher, RecordingJob, RecordingUnusable
from cti.recording.spool import left_behind, parse_name, raw_name

ID = "0mabc123def456"
T0 = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC).timestamp()


def noise(seconds: float, left: int = 1000, right: int = 2000) -> bytes:
    frames = round(seconds * 8000)
    values = array("h", [0] * (2 * frames))
    values[0::2] = array("h", [left if n % 2 else -left for n in range(frames)])
    values[1::2] = array("h", [right if n % 2 else -right for n in range(frames)])
    return values.tobytes()


class Folders:
    def __init__(self, root: Path) -> None:
        self.spool, self.recordings = root / "spool", root / "recordings"
        self.spool.mkdir()
        self.publisher = Publisher(self.spool, self.recordings, settle_s=0.02, settle_deadline_s=0.3)

    def raw(self, data: bytes, barge: int = 0) -> Path:
        path = self.spool / raw_name(ID, barge)
        path.write_bytes(data)
        return path

    def published(self) -> list[str]:
        return [str(p.relative_to(self.recordings)) for p in self.recordings.rglob("*") if p.is_file()]


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path)


def job(seconds: float | None = 2.0, *barges: BargePart) -> RecordingJob:
    return RecordingJob(
        interaction_id=ID, started_at=T0, ended_at=None if seconds is None else T0 + seconds, barges=barges
    )


def right_side(path: Path) -> list[int]:
    with wave.open(str(path)) as file:
        return list(array("h", file.readframes(file.getnframes()))[1::2])


async def test_a_conversation_becomes_one_wav_with_its_checksum(folders: Folders) -> None:
    folders.raw(noise(2))
    done = await folders.publisher.publish(job())
    path = folders.recordings / "2026/03/04" / f"{ID}.wav"
    assert done == Published(
        interaction_id=ID,
        path=f"2026/03/04/{ID}.wav",
        started_at=T0,
        duration_s=2.0,
        size=44 + 64000,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        channels=2,
        levels=done.levels,
        doubts=(),
    )
    assert (round(done.levels.customer), round(done.levels.heard)) == (1000, 2000)
    assert folders.published() == [done.path]


async def test_what_a_supervisor_said_is_mixed_in_at_its_time(folders: Folders) -> None:
    folders.raw(noise(2, right=0))
    folders.raw(noise(0.5, left=500, right=9), barge=1)
    part = BargePart(file=raw_name(ID, 1), started_at=T0 + 1)
    done = await folders.publisher.publish(job(2.0, part))
    right = right_side(folders.recordings / done.path)
    assert set(right[:8000]) == {0}
    assert {abs(v) for v in right[8000:12000]} == {500}
    assert set(right[12000:]) == {0}


async def test_pain_19_nothing_is_published_while_the_file_grows(folders: Folders) -> None:
    raw = folders.raw(noise(0.5))

    async def asterisk() -> None:
        for _ in range(8):
            await asyncio.sleep(0.01)
            with raw.open("ab") as file:
                file.write(noise(0.1875))

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(asterisk(), name="asterisk")
        publishing = tasks.create_task(folders.publisher.publish(job(2.0)), name="publishing")
        await asyncio.sleep(0.05)
        assert folders.published() == []
    assert publishing.result().duration_s == 2.0


async def test_pain_19_a_file_that_never_stops_growing_is_refused(folders: Folders) -> None:
    raw = folders.raw(noise(0.5))

    async def asterisk() -> None:
        while True:
            await asyncio.sleep(0.005)
            with raw.open("ab") as file:
                file.write(noise(0.01))

    writing = asyncio.create_task(asterisk(), name="asterisk")
    with pytest.raises(RecordingUnusable, match="still growing"):
        await folders.publisher.publish(job())
    writing.cancel()
    assert folders.published() == []
    assert raw.exists()


async def test_pain_19_a_full_disk_leaves_no_half_file(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = folders.raw(noise(2))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        await folders.publisher.publish(job())
    assert folders.published() == []
    assert raw.exists()
    monkeypatch.undo()
    assert (await folders.publisher.publish(job())).duration_s == 2.0


@pytest.mark.parametrize(
    ("data", "seconds", "reason"),
    [(None, 2.0, "there is no"), (b"", 2.0, "is empty"), (noise(9), 2.0, "9.0 s were recorded")],
)
async def test_what_is_no_recording_is_refused_with_the_reason(
    folders: Folders, data: bytes | None, seconds: float, reason: str
) -> None:
    if data is not None:
        folders.raw(data)
    with pytest.raises(RecordingUnusable, match=reason):
        await folders.publisher.publish(job(seconds))
    assert folders.published() == []


async def test_a_short_or_silent_recording_is_published_with_its_doubts(folders: Folders) -> None:
    folders.raw(noise(2, left=0) + b"\x01")
    done = await folders.publisher.publish(job(60.0))
    assert done.doubts == (
        "only 2.0 s were recorded of a conversation of 60.0 s",
        "the customer side is silent",
    )
    assert done.size == 44 + 64000  # the incomplete frame is left out


async def test_a_crash_loses_nothing_leftovers_are_published_later(folders: Folders) -> None:
    conversation, barge = folders.raw(noise(2, right=0)), folders.raw(noise(0.5, left=700), barge=1)
    os.utime(conversation, (T0 + 2, T0 + 2))
    os.utime(barge, (T0 + 1.5, T0 + 1.5))
    (folders.spool / "facts.jsonl").write_text("not ours")
    [found] = folders.publisher.leftovers()
    assert found == job(None, BargePart(file=barge.name, started_at=T0 + 1))
    done = await folders.publisher.publish(found)
    right = right_side(folders.recordings / done.path)
    assert set(right[:8000]) == {0}
    assert abs(right[8000]) == 700
    await folders.publisher.discard(found)
    assert folders.publisher.leftovers() == []
    assert (folders.spool / "facts.jsonl").exists()


async def test_publishing_again_after_a_crash_gives_the_same_file(folders: Folders) -> None:
    folders.raw(noise(2))
    assert await folders.publisher.publish(job()) == await folders.publisher.publish(job())


@pytest.mark.parametrize(
    "bad", ["../../etc/passwd", "", "short", "UPPERCASE12345", "a/b123456789012", "0mabc123def456\n"]
)
async def test_an_id_can_not_leave_the_folder(folders: Folders, bad: str) -> None:
    with pytest.raises(LocalProtocolError):
        await folders.publisher.publish(RecordingJob(interaction_id=bad, started_at=T0, ended_at=T0 + 1))


async def test_a_part_can_not_come_from_another_folder(folders: Folders) -> None:
    folders.raw(noise(1))
    with pytest.raises(RecordingUnusable, match="no raw file"):
        await folders.publisher.publish(job(1.0, BargePart(file="../secret.raw", started_at=T0)))


def test_names_of_raw_files(tmp_path: Path) -> None:
    assert raw_name(ID) == f"{ID}.raw"
    assert raw_name(ID, 2) == f"{ID}.barge-2.raw"
    assert parse_name(f"{ID}.barge-2.raw") == (ID, 2)
    assert parse_name("x.raw") is None
    assert left_behind(tmp_path / "nowhere") == {}
    (tmp_path / raw_name(ID, 1)).write_bytes(b"1234")
    assert left_behind(tmp_path) == {}
