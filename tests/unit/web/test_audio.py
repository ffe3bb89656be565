"""Audio leaves by one way: authenticated, in any range, and written down before the first byte."""

import asyncio
import random
from dataclasses import replace
from pathlib import Path

import aiohttp
import msgspec
import pytest

from cti.recording.keys import NO_KEYS, Key, Keyring
from cti.recording.sealed import PIECE, SealingFile
from cti.web import audio
from cti.web.listening import PLAYING_S
from tests.unit.web.conftest import World

AUDIO, QUALITY = "/api/v1/recordings/i1/audio", "/api/v1/quality/recordings/i1"
KEY = Key("2026-11", bytes(range(32)))
WAV = b"RIFF" + random.Random(3).randbytes(5 * PIECE)


@pytest.fixture
def file(world: World) -> Path:
    """Encrypted, in the place of the plain one."""
    file = world.config.recordings / "2026" / "i1.wav"
    with file.open("wb") as out:
        sealing = SealingFile(out, "i1", KEY)
        sealing.write(WAV)
        sealing.finish()
    give(world, Keyring([KEY]))
    return file


def spoil(file: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)


def give(world: World, keys: Keyring) -> None:
    world.site = replace(world.site, config=msgspec.structs.replace(world.config, keys=keys))


@pytest.mark.usefixtures("file")
async def test_an_encrypted_recording_is_played_downloaded_and_drawn(world: World) -> None:
    async with world.client("sue") as client:
        for path in (AUDIO, f"{QUALITY}/download"):
            whole = await client.get(path)
            assert (whole.status, whole.content_type, whole.content_length) == (200, "audio/wav", len(WAV))
            assert await whole.read() == WAV
        for header, start, stop in (
            ("bytes=0-", 0, len(WAV)),
            ("bytes=0-0", 0, 1),
            (f"bytes={PIECE - 3}-{PIECE + 2}", PIECE - 3, PIECE + 3),
            (f"bytes=70000-{3 * PIECE}", 70000, 3 * PIECE + 1),
            ("bytes=-100", len(WAV) - 100, len(WAV)),
            (f"bytes=100-{10 * len(WAV)}", 100, len(WAV)),
        ):
            part = await client.get(AUDIO, headers={"Range": header})
            assert part.status == 206, header
            assert part.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(WAV)}"
            assert await part.read() == WAV[start:stop], header
        for header in (f"bytes={len(WAV)}-", "bytes=5-2", "bytes=x", "pieces=1-2"):
            refused = await client.get(AUDIO, headers={"Range": header})
            assert (refused.status, refused.headers["Content-Range"]) == (416, f"bytes */{len(WAV)}"), header
        drawn = await client.get(f"{QUALITY}/waveform")
        assert (drawn.status, len((await drawn.json())["customer"])) == (200, 205)


async def test_a_changed_file_and_a_lacking_key_are_a_sentence_and_no_noise(world: World, file: Path) -> None:
    spoil(file, -5)
    paths = (AUDIO, f"{QUALITY}/download", f"{QUALITY}/waveform")
    async with world.client("sue") as client:
        for path in paths:
            response = await client.get(path)
            assert (response.status, response.content_type) == (500, "application/json")
            assert "the recording of i1 was changed: part 6 of 6" in await response.text()
    give(world, NO_KEYS)
    async with world.client("sue") as client:
        for path in paths:
            response = await client.get(path)
            assert (response.status, response.content_type) == (503, "application/json")
            assert "needs the key '2026-11', which is not configured" in await response.text()
    assert not world.audited


async def test_damage_in_the_middle_cuts_the_connection_after_what_is_true(world: World, file: Path) -> None:
    spoil(file, -1000)
    async with world.client("sue") as client:
        response = await client.get(AUDIO)
        assert (response.status, await response.content.readexactly(4 * PIECE)) == (200, WAV[: 4 * PIECE])
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.content.read()


async def test_a_listening_is_audited_once_whatever_part_it_begins_with(world: World) -> None:
    async def ask(login: str, part: str) -> None:
        async with world.client(login) as client:
            assert (await client.get(AUDIO, headers={"Range": part})).status == 206

    await ask("sue", "bytes=1-")  # who never asks for the first byte is written down too
    await ask("sue", "bytes=0-")
    await ask("anna", "bytes=500-")
    world.now += PLAYING_S - 1
    await ask("sue", "bytes=500-")
    world.now += PLAYING_S + 1
    await ask("sue", "bytes=500-")
    assert [(fact.actor, fact.command) for fact in world.audited] == [
        ("sue", "recording.listen"),
        ("anna", "recording.listen"),
        ("sue", "recording.listen"),
    ]
    async with world.client("sue") as client:
        for _ in range(2):
            assert (await client.get(f"{QUALITY}/download", headers={"Range": "bytes=1-"})).status == 206
    assert [fact.command for fact in world.audited[3:]] == ["recording.download"] * 2


async def test_no_byte_goes_out_before_the_audit_is_safe(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    safe = asyncio.Event()
    world.site = replace(world.site, kept=safe.wait)
    async with world.client("sue") as client:
        asked = asyncio.create_task(client.get(AUDIO))
        await asyncio.sleep(0.1)
        assert [fact.command for fact in world.audited] == ["recording.listen"]
        assert not asked.done()
        safe.set()
        assert (await asked).status == 200
        safe.clear()
        monkeypatch.setattr(audio, "_AUDIT_S", 0.05)
        world.now += PLAYING_S + 1
        for path in (f"{QUALITY}/download", AUDIO, AUDIO):
            refused = await client.get(path)
            assert (refused.status, refused.content_type) == (503, "application/json")
            assert "who listens" in await refused.text()
