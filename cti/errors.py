"""Every error this project raises on purpose. The mapping to HTTP codes is one table in `cti/web/errors.py`."""

from dataclasses import dataclass


class CtiError(Exception):
    """Base of all; its text is one clear sentence that may be shown to a person."""


class ProtocolError(CtiError):
    """The two ends of a connection disagree about a protocol."""


class LocalProtocolError(ProtocolError):
    """We were about to break the protocol, for example by a line break in a header value."""


class RemoteProtocolError(ProtocolError):
    """The other side broke the protocol: garbage, oversized headers, a banner that is none."""


class ActionFailed(CtiError):
    """Asterisk answered an action or a command with an error.

    `action` is what was asked ("Originate", "SAY DIGITS ..."), `message` what Asterisk said.
    """

    def __init__(self, action: str, message: str) -> None:
        super().__init__(f"{action}: {message}")
        self.action = action
        self.message = message


class NotConnected(CtiError):
    """The link is down or was lost while an action was pending. Nothing is silently sent again."""


class DeadlineExceeded(CtiError):
    """A wait had a deadline and it passed."""


class HungUp(CtiError):
    """The channel that an AGI session served is gone."""


class NotFound(CtiError):
    """There is no such thing: `kind` ("interaction", "agent", ...) and its `key`."""

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(f"there is no {kind} {key}")
        self.kind = kind
        self.key = key


class Conflict(CtiError):
    """The thing is no longer in the state that the command needs; `state` is the state it is in."""

    def __init__(self, message: str, state: str = "") -> None:
        super().__init__(message)
        self.state = state


class Forbidden(CtiError):
    """The role of the caller does not allow this command, or nobody may do that; `state` is a word for which of it."""

    def __init__(self, message: str, state: str = "") -> None:
        super().__init__(message)
        self.state = state


class BadValue(CtiError):
    """What was asked for does not fit; `field` is the path of the wrong value, "" for the whole."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class IllegalTransition(Conflict):
    """A state machine was asked for a transition that its table does not have."""

    def __init__(self, machine: str, state: str, trigger: str) -> None:
        super().__init__(f"{machine}: {trigger} is not possible in state {state}", state)
        self.machine = machine
        self.trigger = trigger


@dataclass(frozen=True, slots=True)
class Problem:
    """One defect of a configuration file; `line` counts from 1, 0 when the file as a whole is meant."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}" if self.line else f"{self.file}: {self.text}"


class ConfigError(CtiError):
    """A configuration is unusable. Every problem names file:line and what was expected."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class Unusable(CtiError):
    """The daemon cannot start here (wrong secret, port in use, Asterisk too old). Exit code 2."""
