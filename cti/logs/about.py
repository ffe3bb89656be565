"""Which call the code that runs now is about, so that its log lines say so.

It goes with tasks and timers that are started meanwhile. Set it where work for one call begins: an AGI session, a fact
that is delivered, a decision that is carried out, a command.
"""

from collections.abc import MutableMapping
from contextvars import ContextVar, Token
from typing import Any, Self

_interaction: ContextVar[str] = ContextVar("interaction", default="")


class about:  # noqa: N801 - read as words: `with about(interaction):`
    """For the block; "" leaves it as it is."""

    __slots__ = ("_id", "_token")

    def __init__(self, interaction_id: str) -> None:
        self._id = interaction_id
        self._token: Token[str] | None = None

    def __enter__(self) -> Self:
        if self._id:
            self._token = _interaction.set(self._id)
        return self

    def __exit__(self, *_: object) -> None:
        if self._token is not None:
            _interaction.reset(self._token)


def from_now_on(interaction_id: str) -> None:
    """For the rest of this task."""
    _interaction.set(interaction_id)


def add_interaction(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog: the key `interaction`, unless the line has one."""
    if interaction := _interaction.get():
        line.setdefault("interaction", interaction)
    return line
