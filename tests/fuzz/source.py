"""A fuzzer's bytes read as decisions, so that a mutated byte changes one part of a structured input."""

import json
from collections.abc import Sequence
from typing import Any, TypeVar

T = TypeVar("T")

JUNK: tuple[str, ...] = (
    "",
    " ",
    "0",
    "-1",
    "1e999",
    "nan",
    "inf",
    "9" * 19,
    "9" * 5000,
    "१२३",
    "²",
    "<unknown>",
    "\\",
    "\\n",
    "a\r\nEvent: Hangup",
    "${SHELL(id)}",
    "x,LD_CUSTOMER=1",
    "'; drop table interaction; --",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "%2e%2e%2f",
    "\0",
    "\ud800",
    "\U0001f600",
    "٠١",
    "=1+1",
    "a" * 1000,
)
"""Texts that have broken programs of this kind."""
SCALARS = (None, True, False, 0, 1.5, -0.0, 1e308, 2**31, 2**53 + 1, 2**63, 2**64, -(2**63) - 1, 10**400)


class Source:
    """Once its bytes are used up it answers 0: every input ends."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def spent(self) -> bool:
        return self._at >= len(self._data)

    def byte(self) -> int:
        at = self._at
        if at >= len(self._data):
            return 0
        self._at = at + 1
        return self._data[at]

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.byte() % len(choices)]

    def rest(self) -> bytes:
        rest, self._at = self._data[self._at :], len(self._data)
        return rest

    def bytes(self) -> bytes:
        """So many as the next byte says."""
        length = self.byte()
        taken = self._data[self._at : self._at + length]
        self._at += length
        return taken

    def text(self, likely: Sequence[str] = ()) -> str:
        """Mostly one of the likely ones, else junk or whatever comes."""
        kind = self.byte()
        if likely and kind < 192:
            return likely[kind % len(likely)]
        return self.pick(JUNK) if kind % 2 else self.bytes().decode("utf-8", "replace")

    def value(self, likely: Sequence[Any] = (), depth: int = 3) -> Any:
        """Anything that JSON can say."""
        kind = self.byte()
        if likely and kind < 160:
            return likely[kind % len(likely)]
        match kind % 8:
            case 0 | 1:
                return self.pick(SCALARS) if kind & 8 else self.byte() - 128
            case 3 if depth:
                return [self.value(likely, depth - 1) for _ in range(self.byte() % 4)]
            case 4 if depth:
                return {self.text(): self.value(likely, depth - 1) for _ in range(self.byte() % 4)}
        return self.text()


def as_json(value: Any) -> str:
    """JSON as other people's programs write it: with what is out of range, and half of a surrogate pair."""
    return json.dumps(value)
