"""Encrypted recordings: nothing of the voice is in the file, any part can be read, and any change is noticed."""

import base64
import hashlib
import math
import os
import random
import stat
from array import array
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from cti.cli import main
from cti.errors import ConfigError, Unusable
from cti.recording.keys import NO_KEYS, Key, Keyring, KeySource, read_keys
from cti.recording.publish import Publisher, RecordingJob
from cti.recording.rekey import Rekeyed, rekey
from cti.recording.sealed import PIECE, RecordingDamaged, RecordingLocked, SealingFile, key_of, open_audio
from cti.recording.spool import raw_name
from cti.settings import read
from tests.harness.house import write_config

ID, OTHER = "0mabc123def456", "0mabc123def457"
ONE, TWO = Key("2026-10", bytes(range(32))), Key("2026-11", bytes(range(1, 33)))
KEYS = Keyring([TWO, ONE])


def sealed(folder: Path, data: bytes, interaction_id: str = ID, key: Key = TWO) -> Path:
    path = folder / f"{interaction_id}.wav"
    with path.open("wb") as file:
        sealing = SealingFile(file, interaction_id, key)
        for at in range(0, len(data), 10_007):
            sealing.write(data[at : at + 10_007])
        sealing.finish()
    return path


def whole(path: Path, keys: Keyring = KEYS, interaction_id: str = ID) -> bytes:
    with open_audio(path, interaction_id, keys) as audio:
        return audio.read(0, audio.size)


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 17])
def test_what_was_written_is_read_whole_and_in_any_part(tmp_path: Path, size: int) -> None:
    data = random.Random(size).randbytes(size)
    path = sealed(tmp_path, data)
    assert key_of(path) == "2026-11"
    with open_audio(path, ID, KEYS) as audio:
        assert audio.size == size
        assert audio.read(0, size + 10) == data
        dice = random.Random(1)
        for _ in range(50):
            offset, length = dice.randint(0, size + 5), dice.randint(0, 2 * PIECE)
            assert audio.read(offset, length) == data[offset : offset + length]


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_change_of_any_byte_is_noticed_before_a_wrong_one_is_given_out(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = sealed(tmp_path_factory.mktemp("sealed"), bytes(2 * PIECE + 100))
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(8, len(content) - 1))  # without its magic it is no encrypted file
    content[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    with pytest.raises((RecordingDamaged, RecordingLocked)):
        whole(path)


def test_pieces_that_are_cut_off_left_out_exchanged_or_of_another_file_do_not_open(tmp_path: Path) -> None:
    data = random.Random(7).randbytes(4 * PIECE)
    path = sealed(tmp_path, data)
    content, step = path.read_bytes(), PIECE + 16
    head = len(content) - 4 * step
    pieces = [content[head + n * step : head + (n + 1) * step] for n in range(4)]
    assert whole(path) == data
    other = sealed(tmp_path, data, OTHER).read_bytes()[-4 * step :]
    for wrong in (
        pieces[:3],  # cut off at the end of a piece
        pieces[:1] + pieces[2:],
        [pieces[1], pieces[0], *pieces[2:]],
        [*pieces[:3], other[3 * step :]],
        [*pieces, pieces[3]],
        [],
    ):
        path.write_bytes(content[:head] + b"".join(wrong))
        with pytest.raises(RecordingDamaged):
            whole(path)
    path.write_bytes(content[: head - 3])
    with pytest.raises(RecordingDamaged, match="cut off"):
        whole(path)


def test_a_file_in_the_place_of_another_a_wrong_key_and_an_unknown_key_are_said(tmp_path: Path) -> None:
    path = sealed(tmp_path, b"RIFF" * 100)
    with pytest.raises(RecordingDamaged, match=f"of {OTHER} should be is that of {ID}"):
        whole(path, interaction_id=OTHER)
    with pytest.raises(RecordingLocked, match="the key '2026-11' is not the one"):
        whole(path, Keyring([Key("2026-11", bytes(32))]))
    for keys in (NO_KEYS, Keyring([ONE])):
        with pytest.raises(RecordingLocked, match="the key '2026-11', which is not configured"):
            whole(path, keys)


async def test_no_byte_of_the_voice_is_in_the_published_file_and_the_raw_one_is_gone(tmp_path: Path) -> None:
    tone = array("h", (round(9000 * math.sin(2 * math.pi * 440 * (n // 2) / 8000)) for n in range(2 * 8000 * 5)))
    spool, raw = tmp_path / "spool", tone.tobytes()
    spool.mkdir()
    (spool / raw_name(ID)).write_bytes(raw)
    publisher = Publisher(spool, tmp_path / "recordings", settle_s=0.02, key=TWO)
    job = RecordingJob(interaction_id=ID, started_at=1_790_000_000.0, ended_at=1_790_000_005.0)
    done = await publisher.publish(job)
    path = tmp_path / "recordings" / done.path
    content, wav = path.read_bytes(), whole(path)
    assert b"RIFF" not in content
    assert not any(raw[at : at + 8] in content for at in range(0, len(raw), 64))
    assert (wav[:4], wav[44:]) == (b"RIFF", raw)
    assert (done.size, done.sha256) == (len(wav), hashlib.sha256(wav).hexdigest())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    held = os.open(spool / raw_name(ID), os.O_RDONLY)  # what is left of its blocks when its name is gone
    await publisher.discard(job)
    assert not list(spool.iterdir())
    assert os.read(held, len(raw) + 1) == bytes(len(raw))
    os.close(held)


# --- keys ---


def source(tmp_path: Path, text: bytes, mode: int = 0o600) -> KeySource:
    file = tmp_path / f"key-{mode:o}"
    file.write_bytes(text)
    file.chmod(mode)
    return KeySource(id="k", file=file)


def test_keys_come_from_files_and_commands_as_hex_or_base64(tmp_path: Path) -> None:
    secret = bytes(range(32))
    for text in (secret.hex().encode() + b"\n", base64.b64encode(secret)):
        (key,) = [read_keys([source(tmp_path, text)]).first]
        assert key is not None
        assert key.secret == secret
        assert secret.hex() not in repr(key)
    assert "secret" not in repr(key)
    printed = read_keys([KeySource(id="c", command=("echo", secret.hex()))]).first
    assert printed == Key("c", secret)


def test_a_key_that_cannot_be_had_is_one_sentence_without_the_secret(tmp_path: Path) -> None:
    secret = bytes(range(32)).hex()
    for one, words in (
        (source(tmp_path, secret.encode(), 0o644), "everybody on this machine may read"),
        (KeySource(id="k", file=tmp_path / "none"), "No such file"),
        (KeySource(id="k", command=("false",)), "false ended with 1"),
        (KeySource(id="k", command=("no-such-program",)), "No such file"),
        (source(tmp_path, secret[:-2].encode()), "is not 32 bytes as hex or base64"),
    ):
        with pytest.raises(Unusable, match=words) as raised:
            read_keys([one])
        assert secret[:8] not in str(raised.value)


def test_the_configuration_names_them_once_each_from_one_place(tmp_path: Path) -> None:
    (tmp_path / "one.key").write_text(ONE.secret.hex())
    (tmp_path / "one.key").chmod(0o600)
    keys: list[dict[str, Any]] = [
        {"id": "2026-11", "key_command": ["echo", TWO.secret.hex()]},
        {"id": "2026-10", "key_file": "one.key"},
    ]
    write_config(tmp_path, recording={"encryption": {"keys": keys}})
    ring = read(tmp_path).recording_keys()
    assert (ring.first, ring.get("2026-10")) == (TWO, ONE)
    for wrong in ([keys[0], keys[0]], [{"id": "k"}], [{**keys[0], "key_file": "x"}], [{"id": "a b", "key_file": "x"}]):
        write_config(tmp_path, recording={"encryption": {"keys": wrong}})
        with pytest.raises(ConfigError):
            read(tmp_path)


# --- another key ---


def test_all_recordings_get_the_first_key_and_a_second_run_finds_nothing_to_do(tmp_path: Path) -> None:
    day = tmp_path / "2026" / "03" / "04"
    day.mkdir(parents=True)
    data = {f"0mabc123def4{n:02d}": random.Random(n).randbytes(PIECE * n // 2) for n in range(1, 7)}
    for n, (name, content) in enumerate(data.items()):
        if n % 3 == 0:
            (day / f"{name}.wav").write_bytes(content)
        else:
            sealed(day, content, name, (ONE, TWO)[n % 2])
    locked = sealed(day, b"x", "0mabc123def499", Key("lost", bytes(32)))
    (day / ".left.wav.rekey").write_bytes(b"of a run that was killed")
    seen: list[tuple[int, int]] = []
    done = rekey(tmp_path, KEYS, lambda *now: seen.append(now))
    assert (done.changed, done.already, [path for path, _ in done.failed]) == (4, 2, [f"2026/03/04/{locked.name}"])
    assert "'lost', which is not configured" in done.failed[0][1]
    assert seen == [(n, 7) for n in range(1, 8)]
    for name, content in data.items():
        assert key_of(day / f"{name}.wav") == "2026-11"
        assert whole(day / f"{name}.wav", Keyring([TWO]), name) == content
    assert {path.suffix for path in day.iterdir()} == {".wav"}
    locked.unlink()
    assert rekey(tmp_path, KEYS, lambda *_: None) == Rekeyed(changed=0, already=6, failed=())


def test_a_run_that_is_killed_leaves_the_old_file_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sealed(tmp_path, b"RIFF" * 5000, key=ONE)
    before = path.read_bytes()

    class Killed(BaseException):
        pass

    def kill(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("cti.recording.rekey._replace", kill)
        patch.setattr(Path, "unlink", kill)
        with pytest.raises(Killed):
            rekey(tmp_path, KEYS, lambda *_: None)
    assert path.read_bytes() == before
    assert rekey(tmp_path, KEYS, lambda *_: None).changed == 1
    assert (key_of(path), whole(path)) == ("2026-11", b"RIFF" * 5000)


def test_what_was_plain_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / f"{ID}.wav"
    path.write_bytes(b"RIFF" * 50_000)
    held = os.open(path, os.O_RDONLY)
    rekey(tmp_path, KEYS, lambda *_: None)
    assert set(os.read(held, 300_000)) == {0}
    os.close(held)
    assert whole(path) == b"RIFF" * 50_000


def test_the_command_tells_what_it_did_and_needs_a_key(tmp_path: Path) -> None:
    write_config(tmp_path)
    asked = ["recordings", "rekey", "--root", str(tmp_path)]
    done = CliRunner().invoke(main, asked)
    assert (done.exit_code, "recording.encryption.keys" in done.output) == (2, True)
    write_config(tmp_path, recording={"encryption": {"keys": [{"id": "k", "key_command": ["echo", "00" * 32]}]}})
    folder = tmp_path / "var" / "recordings"
    folder.mkdir(parents=True)
    (folder / f"{ID}.wav").write_bytes(b"RIFF")
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 0, done.output
    assert "1 encrypted with the key k, 0 were before." in done.output
    assert key_of(folder / f"{ID}.wav") == "k"
