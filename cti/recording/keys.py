"""The keys that recordings are encrypted with: each 32 random bytes under a name of its own.

The first encrypts, all decrypt. A key comes from a file or is what a command prints (a key management service), as 64
hex digits or as base64. No error and no `repr` shows one.
"""

import base64
import binascii
import stat
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from cti.errors import Unusable

SIZE: Final = 32
_DEADLINE_S: Final = 30
_READ_BY_OTHERS: Final = stat.S_IROTH | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class Key:
    id: str
    secret: bytes = field(repr=False)


class Keyring:
    """Without any key nothing is encrypted, and what is plain can be read."""

    def __init__(self, keys: Iterable[Key] = ()) -> None:
        self._keys = {key.id: key for key in keys}

    @property
    def first(self) -> Key | None:
        return next(iter(self._keys.values()), None)

    def get(self, key_id: str) -> Key | None:
        return self._keys.get(key_id)


NO_KEYS: Final = Keyring()


class KeySource(msgspec.Struct, frozen=True, kw_only=True):
    """`file`, or else `command` with its arguments; no shell reads it."""

    id: str
    file: Path | None = None
    command: tuple[str, ...] = ()


def read_keys(sources: Iterable[KeySource]) -> Keyring:
    """Blocks while commands run. `Unusable` says which key cannot be had, and why."""
    return Keyring(Key(source.id, _secret(source)) for source in sources)


def _secret(source: KeySource) -> bytes:
    text = _from_file(source.id, source.file) if source.file is not None else _from_command(source.id, source.command)
    if (secret := _decoded(text)) is None:
        raise Unusable(
            f"the recording key {source.id!r} is not {SIZE} bytes as hex or base64 (openssl rand -hex {SIZE})"
        )
    return secret


def _from_file(key_id: str, file: Path) -> bytes:
    try:
        if file.stat().st_mode & _READ_BY_OTHERS:
            raise Unusable(f"everybody on this machine may read the recording key {key_id!r}: chmod 600 {file}")
        return file.read_bytes()
    except OSError as error:
        raise Unusable(f"the recording key {key_id!r} cannot be read from {file}: {error.strerror}") from None


def _from_command(key_id: str, command: tuple[str, ...]) -> bytes:
    try:
        done = subprocess.run(command, capture_output=True, timeout=_DEADLINE_S, check=False, stdin=subprocess.DEVNULL)  # noqa: S603 - the operator's own command
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = f"no answer within {_DEADLINE_S} s" if isinstance(error, subprocess.TimeoutExpired) else error.strerror
        raise Unusable(f"the recording key {key_id!r} cannot be had from {command[0]}: {reason}") from None
    if done.returncode:
        raise Unusable(f"the recording key {key_id!r} cannot be had: {command[0]} ended with {done.returncode}")
    return done.stdout


def _decoded(text: bytes) -> bytes | None:
    stripped = text.strip()
    for decode in (binascii.unhexlify, lambda told: base64.b64decode(told, validate=True)):
        try:
            if len(found := decode(stripped)) == SIZE:
                return found
        except (binascii.Error, ValueError):
            continue
    return None
