"""What Asterisk says over AMI, as read-only values.

A message *is* its headers: a dict of header name (spelt as Asterisk spells it) to value. A header that Asterisk
repeats (`ChanVariable`, `Variable`, `Output`) shows its first value under its name and all of them through `every()`.
Reading goes at the speed of a plain dict, because the mirror in `cti/calls` reads ten headers of every event.
"""

import re
from collections.abc import Sequence
from typing import NoReturn, Self

import msgspec


def unescaped(value: str) -> str:
    r"""A `CallerIDName` or `ConnectedLineName` as it was before Asterisk wrote it in C's manner, `O\'Neil` for O'Neil
    (manager_channels.c: ast_escape_c_alloc). AGI and the headers of numbers do not do that.
    """
    return _ESCAPE.sub(lambda found: _PLAIN.get(found[1], found[1]), value) if "\\" in value else value


_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_PLAIN = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class Banner(msgspec.Struct, frozen=True):
    """The line by which a manager greets; `version` is that of the protocol ("9.0.0"), not of Asterisk."""

    version: str


class Message(dict[str, str]):
    """Headers of one message; refuses to be changed, since everybody who listens gets the same object."""

    __slots__ = ("_lines",)
    _lines: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, headers: Sequence[tuple[str, str]]) -> Self:
        """A message from its lines, some of whose headers may be repeated."""
        message = cls(headers)
        if len(message) == len(headers):
            return message
        message = cls(reversed(headers))
        message._lines = tuple(headers)
        return message

    def every(self, header: str) -> tuple[str, ...]:
        """All values of a header in the order in which they came; empty when there is none."""
        try:
            lines = self._lines
        except AttributeError:
            return (self[header],) if header in self else ()
        return tuple(value for key, value in lines if key == header)

    @property
    def action_id(self) -> str:
        """The ActionID of the action that this answers, or "" when it answers none."""
        return self.get("ActionID", "")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({dict(self)!r})"

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("a message cannot be changed")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse


class Event(Message):
    """Something that happened, or one item of a list reply (then `action_id` is set)."""

    __slots__ = ()

    @property
    def name(self) -> str:
        return self["Event"]


class Response(Message):
    """The answer to one action."""

    __slots__ = ()

    @property
    def ok(self) -> bool:
        """Whether Asterisk did what was asked ("Goodbye" is how it agrees to Logoff)."""
        return self.get("Response") in {"Success", "Goodbye", "Pong", "Follows"}

    @property
    def message(self) -> str:
        """What Asterisk says about it; for an error the reason."""
        return self.get("Message", "").strip()

    @property
    def finds_nothing(self) -> bool:
        """How Asterisk answers some list actions when the list is empty: an error, "No Contacts found"."""
        return not self.ok and self.message.startswith("No ") and self.message.endswith("found")

    @property
    def opens_list(self) -> bool:
        """Whether events follow, up to one with `EventList: Complete`."""
        return self.get("EventList", "").lower() == "start"

    @property
    def output(self) -> str:
        """What a `Command` printed, lines joined by a line feed."""
        return "\n".join(self.every("Output"))
