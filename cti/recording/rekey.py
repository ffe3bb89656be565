"""Every published recording under the key that encrypts now: older keys, and files from before there was any.

A file is written anew under a temporary name beside the old one, read back, synced and renamed over it: a crash leaves
either the old file or the new one, and the next run does what is left. The database knows nothing of keys.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from cti.errors import CtiError, Unusable
from cti.recording.keys import Key, Keyring
from cti.recording.private import private_file, wipe
from cti.recording.sealed import PIECE, Audio, SealingFile, key_of, open_audio

_DRAFT: Final = ".rekey"


class Rekeyed(msgspec.Struct, frozen=True, kw_only=True):
    """`failed`: (path below the folder, why); those files are as they were."""

    changed: int
    already: int
    failed: tuple[tuple[str, str], ...]


def rekey(folder: Path, keys: Keyring, progress: Callable[[int, int], None]) -> Rekeyed:
    """Blocks. `progress` takes (how many files were looked at, of how many). `Unusable` without a key."""
    key = keys.first
    if key is None:
        raise Unusable("there is no key to encrypt with: set recording.encryption.keys in config/laidian.yaml")
    for draft in folder.rglob(f".*{_DRAFT}"):
        draft.unlink(missing_ok=True)
    files = sorted(folder.rglob("*.wav"))
    changed = already = 0
    failed: list[tuple[str, str]] = []
    for count, file in enumerate(files, 1):
        try:
            if _rekeyed(file, keys, key):
                changed += 1
            else:
                already += 1
        except (CtiError, OSError) as error:
            failed.append((file.relative_to(folder).as_posix(), str(error)))
        progress(count, len(files))
    return Rekeyed(changed=changed, already=already, failed=tuple(failed))


def _rekeyed(file: Path, keys: Keyring, key: Key) -> bool:
    """False: it had that key."""
    if key_of(file) == key.id:
        return False
    draft = file.with_name(f".{file.name}{_DRAFT}")
    try:
        with open_audio(file, file.stem, keys) as audio:
            written = _write(draft, audio, file.stem, key)
            with open_audio(draft, file.stem, keys) as copy:
                if _digest(copy) != written:
                    raise OSError("what was written could not be read back")
            plain = not audio.key_id
        _replace(draft, file, plain=plain)
    finally:
        draft.unlink(missing_ok=True)
    return True


def _write(draft: Path, audio: Audio, interaction_id: str, key: Key) -> bytes:
    digest = hashlib.sha256()
    with private_file(draft) as out:
        sealing = SealingFile(out, interaction_id, key)
        for piece in _pieces(audio):
            digest.update(piece)
            sealing.write(piece)
        sealing.finish()
        out.flush()
        os.fsync(out.fileno())
    return digest.digest()


def _replace(draft: Path, file: Path, *, plain: bool) -> None:
    """The plain samples are overwritten: no copy of them stays on the disk."""
    with file.open("r+b") as old:
        draft.replace(file)
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        if plain:
            wipe(old)


def _digest(audio: Audio) -> bytes:
    digest = hashlib.sha256()
    for piece in _pieces(audio):
        digest.update(piece)
    return digest.digest()


def _pieces(audio: Audio) -> Iterator[bytes]:
    for offset in range(0, audio.size, PIECE):
        yield audio.read(offset, PIECE)
