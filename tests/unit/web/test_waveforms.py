import asyncio
from pathlib import Path

import pytest

from cti.recording.keys import NO_KEYS, Keyring
from cti.recording.waveform import Waveform
from cti.web import waveforms
from cti.web.waveforms import Waveforms


def wav(folder: Path, name: str, seconds: float) -> Path:
    file = folder / f"{name}.wav"
    file.write_bytes(bytes(44) + bytes(4 * round(8000 * seconds)))
    return file


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were read, in order."""
    read = waveforms._read
    seen: list[str] = []

    def noted(file: Path, keys: Keyring) -> Waveform:
        seen.append(file.stem)
        return read(file, keys)

    monkeypatch.setattr(waveforms, "_read", noted)
    return seen


async def test_a_file_is_read_once_also_by_many_at_a_time(tmp_path: Path, reads: list[str]) -> None:
    known, file = Waveforms(), wav(tmp_path, "a", 2.0)
    found = await asyncio.gather(*(known.of(file, NO_KEYS) for _ in range(5)))
    assert reads == ["a"]
    assert {one.duration_s for one in found} == {2.0}


async def test_only_the_last_ones_are_kept(tmp_path: Path, reads: list[str]) -> None:
    known = Waveforms(kept=2)
    a, b, c = (wav(tmp_path, name, 0.1) for name in "abc")
    for file in (a, b, a, c, a, b):
        await known.of(file, NO_KEYS)
    assert reads == ["a", "b", "c", "b"]


async def test_a_file_that_was_replaced_is_read_again(tmp_path: Path, reads: list[str]) -> None:
    known = Waveforms()
    await known.of(wav(tmp_path, "a", 1.0), NO_KEYS)
    assert (await known.of(wav(tmp_path, "a", 2.0), NO_KEYS)).duration_s == 2.0
    assert reads == ["a", "a"]


async def test_a_file_without_even_a_header_has_no_sound(tmp_path: Path) -> None:
    file = tmp_path / "short.wav"
    file.write_bytes(b"RIFF")
    assert (await Waveforms().of(file, NO_KEYS)).duration_s == 0.0
