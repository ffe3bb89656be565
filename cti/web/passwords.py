"""Passwords, checked by argon2id in a thread: one check takes some 50 ms and 64 MiB, too long for the loop."""

import asyncio
from functools import partial
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE: Final = 2
"""Checks that may run at the same time; the others wait. Bounds memory and what a flood of log-ins can take."""


class Passwords:
    """`hasher` is replaced in tests by one with low costs."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._nobody: str | None = None

    async def matches(self, password: str, password_hash: str | None) -> bool:
        """False without a hash as well, and just as slowly: the time tells nobody which logins exist."""
        async with self._turns:
            return await asyncio.to_thread(partial(self._verify, password, password_hash))

    async def hashed(self, password: str) -> str:
        """Argon2's encoded form."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    def _verify(self, password: str, password_hash: str | None) -> bool:
        if self._nobody is None:
            self._nobody = self._hasher.hash("nobody")
        try:
            self._hasher.verify(password_hash or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        return password_hash is not None
