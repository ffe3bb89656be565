"""A recording at rest, encrypted with AES-256-GCM piece by piece, so that a player can jump in it.

    file   = header, piece 0, piece 1, ... (the last may be shorter)
    header = "LDSEAL" version salt(32) check(8) len(key id) key id len(interaction) interaction
    piece  = up to 65,536 bytes of the WAV, encrypted, and a tag of 16 bytes

Every file has a key of its own, HKDF-SHA256 of the named key with the file's salt and the whole header as its purpose:
no nonce is ever used twice however many files there are, and a header that was changed, or a file that was put into
another's place, opens nothing. A piece's nonce is its number and whether it is the last (STREAM, Hoang, Reyhanitabar,
Rogaway, Vizár 2015): pieces that were exchanged, left out or cut off do not open either. `check` tells a wrong key from
a changed file.
"""

import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Protocol, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from cti.errors import CtiError
from cti.recording.keys import SIZE, Key, Keyring

PIECE: Final = 64 * 1024
_TAG: Final = 16
_MAGIC: Final = b"LDSEAL\x00\x01"
_SALT: Final = 32
_CHECK: Final = 8
_FIXED: Final = len(_MAGIC) + _SALT + _CHECK
_LONGEST: Final = 255


class RecordingLocked(CtiError):
    """The key that a recording was encrypted with is not there, or another one bears its name."""


class RecordingDamaged(CtiError):
    """What is in the file is not what was written into it; nothing of that part is given out."""


class Audio(Protocol):
    """A published WAV, whatever it looks like on disk. `key_id` "": it is plain."""

    size: int
    key_id: str

    def read(self, offset: int, length: int) -> bytes:
        """Exactly `length` bytes, or those up to the end. Raises RecordingDamaged."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None: ...


def open_audio(path: Path, interaction_id: str, keys: Keyring) -> Audio:
    """Raises OSError, RecordingLocked, RecordingDamaged. Close it, or use it by `with`."""
    file = path.open("rb")
    try:
        if file.read(len(_MAGIC)) == _MAGIC:
            return _Sealed(file, interaction_id, keys)
        return _Plain(file)
    except BaseException:
        file.close()
        raise


def key_of(path: Path) -> str:
    """The name of the key in the header, "" for a plain file. Raises OSError, RecordingDamaged."""
    with path.open("rb") as file:
        return _header(file, path.stem)[2] if file.read(len(_MAGIC)) == _MAGIC else ""


class SealingFile:
    """Writes the encrypted form of what it is given into `file`; `finish` ends it."""

    def __init__(self, file: BinaryIO, interaction_id: str, key: Key) -> None:
        self._file = file
        header = _new_header(interaction_id, key)
        self._cipher = _cipher(key, header)
        self._number = 0
        self._rest = bytearray()
        file.write(header)

    def write(self, data: bytes) -> None:
        self._rest += data
        while len(self._rest) > PIECE:  # what fills a piece exactly may be the last
            self._put(bytes(self._rest[:PIECE]), last=False)
            del self._rest[:PIECE]

    def finish(self) -> None:
        self._put(bytes(self._rest), last=True)

    def _put(self, piece: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, last=last), piece, None))
        self._number += 1


class _Opened:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()


class _Plain(_Opened):
    key_id = ""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self.size = os.fstat(file.fileno()).st_size

    def read(self, offset: int, length: int) -> bytes:
        return os.pread(self._file.fileno(), length, offset)


class _Sealed(_Opened):
    def __init__(self, file: BinaryIO, interaction_id: str, keys: Keyring) -> None:
        super().__init__(file)
        self._interaction_id = interaction_id
        header, whose, self.key_id = _header(file, interaction_id)
        if whose != interaction_id:
            raise RecordingDamaged(f"where the recording of {interaction_id} should be is that of {whose}")
        key = keys.get(self.key_id)
        if key is None:
            raise RecordingLocked(
                f"the recording of {interaction_id} needs the key {self.key_id!r}, which is not configured"
            )
        if _check(key, _salt(header)) != header[_FIXED - _CHECK : _FIXED]:
            raise RecordingLocked(f"the key {self.key_id!r} is not the one that {interaction_id} was encrypted with")
        self._cipher, self._start = _cipher(key, header), len(header)
        body = os.fstat(file.fileno()).st_size - self._start
        self._pieces = -(-body // (PIECE + _TAG))
        self.size = body - self._pieces * _TAG
        self._kept: tuple[int, bytes] | None = None
        self._piece(max(0, self._pieces - 1))  # a file that was cut off shows here, whatever part is asked for

    def read(self, offset: int, length: int) -> bytes:
        end = min(offset + length, self.size)
        if offset >= end:
            return b""
        first, last = offset // PIECE, (end - 1) // PIECE
        data = b"".join(self._piece(number) for number in range(first, last + 1))
        return data[offset - first * PIECE : end - first * PIECE]

    def _piece(self, number: int) -> bytes:
        if self._kept is not None and self._kept[0] == number:
            return self._kept[1]
        try:
            sealed = os.pread(self._file.fileno(), PIECE + _TAG, self._start + number * (PIECE + _TAG))
            data = self._cipher.decrypt(_nonce(number, last=number == self._pieces - 1), sealed, None)
        except InvalidTag:
            where = f"part {number + 1} of {self._pieces} does not open"
            raise RecordingDamaged(f"the recording of {self._interaction_id} was changed: {where}") from None
        self._kept = (number, data)
        return data


def _new_header(interaction_id: str, key: Key) -> bytes:
    salt = secrets.token_bytes(_SALT)
    names = b"".join(len(name).to_bytes(1) + name for name in (key.id.encode(), interaction_id.encode()))
    return _MAGIC + salt + _check(key, salt) + names


def _header(file: BinaryIO, interaction_id: str) -> tuple[bytes, str, str]:
    """(all of it, the interaction, the key's name); the magic has been read."""
    fixed = file.read(_SALT + _CHECK)
    names: list[bytes] = []
    for _ in range(2):
        length = file.read(1)
        names.append(length + file.read(length[0] if length else 0))
    header = _MAGIC + fixed + b"".join(names)
    try:
        key_id, whose = (name[1:].decode() for name in names)
    except UnicodeDecodeError:
        key_id = whose = ""
    if len(fixed) < _SALT + _CHECK or not key_id or not whose or any(len(name) != name[0] + 1 for name in names):
        raise RecordingDamaged(f"the head of the recording of {interaction_id} was changed or cut off")
    return header, whose, key_id


def _salt(header: bytes) -> bytes:
    return header[len(_MAGIC) : len(_MAGIC) + _SALT]


def _cipher(key: Key, header: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), SIZE, _salt(header), b"laidian recording\n" + header).derive(key.secret))


def _check(key: Key, salt: bytes) -> bytes:
    return HKDF(SHA256(), _CHECK, salt, b"laidian key check").derive(key.secret)


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11) + last.to_bytes(1)
