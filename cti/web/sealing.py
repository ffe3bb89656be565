"""Secrets that have to be read again, encrypted before they are stored: a stolen database alone tells none."""

import os
import secrets
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cti.errors import Unusable

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_OWNER_ONLY: Final = 0o600


class Seal:
    """AES-256-GCM; `owner` is bound in, so that a sealed secret cannot be moved to somebody else's row."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def close(self, secret: str, owner: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret.encode(), owner.encode())

    def open(self, sealed: bytes, owner: str) -> str:
        """Unusable when it was sealed with another key."""
        try:
            plain = self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], owner.encode())
        except InvalidTag:
            raise Unusable(f"the second factor of {owner} was sealed with another key than login.key_file") from None
        return plain.decode()


def key_of(file: Path) -> bytes:
    """The key in the file, which is made when it is missing; only its owner may read it. Raises Unusable."""
    try:
        if not file.exists():
            _make(file)
        key = file.read_bytes()
    except OSError as error:
        raise Unusable(f"login.key_file {file} cannot be read: {error.strerror}") from None
    if len(key) != KEY_BYTES:
        raise Unusable(f"login.key_file {file} holds {len(key)} bytes, expected {KEY_BYTES}")
    return key


def _make(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(secrets.token_bytes(KEY_BYTES))
        opened.flush()
        os.fsync(opened.fileno())
    try:
        os.link(draft, file)  # whoever was first has made the key of all
    except FileExistsError:
        pass
    finally:
        draft.unlink()
