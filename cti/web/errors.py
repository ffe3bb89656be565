"""The one table from errors to HTTP codes and to the codes of a websocket `Reply`."""

import re

import msgspec
import pydantic

from cti.errors import (
    ActionFailed,
    BadValue,
    Conflict,
    CtiError,
    DeadlineExceeded,
    Forbidden,
    HungUp,
    NotConnected,
    NotFound,
)
from cti.recording.sealed import RecordingDamaged, RecordingLocked
from cti.web.messages import Problem


class Unauthorised(CtiError):
    """Nobody is logged in, or the session has ended."""


class CodeRequired(Unauthorised):
    """The password was right; a code of the second factor has to come with it."""


class WeakPassword(BadValue):
    """A new password that is not taken. `state` says why, see `cti.web.password_rules.Weakness`."""

    def __init__(self, message: str, state: str, field: str) -> None:
        super().__init__(message, field)
        self.state = state


class BadInput(BadValue):
    """What was sent does not fit its schema."""


class UnsupportedMediaType(CtiError):
    """A body came that does not call itself JSON. Forms of other pages cannot send JSON, so this is refused early."""


class TooSlow(CtiError):
    """Who sends a request a byte at a time does not hold a place for long."""


class TooManyAttempts(CtiError):
    """Log-in is closed for `retry_after_s` seconds after too many attempts that failed."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"too many attempts to log in failed; try again in {retry_after_s:.0f} seconds")
        self.retry_after_s = retry_after_s


TABLE: tuple[tuple[type[Exception], int, str], ...] = (
    (BadValue, 422, "bad_request"),
    (msgspec.ValidationError, 422, "bad_request"),
    (msgspec.DecodeError, 400, "bad_request"),
    (pydantic.ValidationError, 422, "bad_request"),
    (UnsupportedMediaType, 415, "unsupported_media_type"),
    (TooSlow, 408, "too_slow"),
    (CodeRequired, 401, "code_required"),
    (Unauthorised, 401, "unauthorised"),
    (Forbidden, 403, "forbidden"),
    (NotFound, 404, "not_found"),
    (Conflict, 409, "conflict"),
    (HungUp, 409, "conflict"),
    (TooManyAttempts, 429, "too_many_attempts"),
    (NotConnected, 503, "unavailable"),
    (ActionFailed, 502, "failed"),
    (DeadlineExceeded, 504, "failed"),
    (RecordingLocked, 503, "unavailable"),
    (RecordingDamaged, 500, "failed"),
)
"""First match wins, so a subclass stands before its base. Anything else is a defect of ours: 500, "failed"."""

HTTP_CODES: dict[int, str] = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
}
"""Codes for what aiohttp itself refuses."""

INTERNAL = Problem(code="failed", message="the server made a mistake; it is in its log")

_PATH = re.compile(r" - at `(?:key in )?\$\.?(?P<path>[^`]*)`$")
_FIELD = re.compile(r"field `(?P<field>[^`]+)`")


def described(error: Exception) -> tuple[int, Problem] | None:
    """HTTP status and problem for an error of the table, None for a defect."""
    for kind, status, code in TABLE:
        if isinstance(error, kind):
            return status, _problem(error, code)
    return None


def _problem(error: Exception, code: str) -> Problem:
    if isinstance(error, msgspec.MsgspecError):
        return _decoding_problem(str(error), code)
    if isinstance(error, pydantic.ValidationError):
        first = error.errors(include_url=False, include_context=False)[0]
        return Problem(code=code, message=first["msg"], field=".".join(map(str, first["loc"])))
    return Problem(
        code=code,
        message=str(error),
        field=error.field if isinstance(error, BadValue) else "",
        state=error.state if isinstance(error, Conflict | Forbidden | WeakPassword) else "",
    )


def _decoding_problem(text: str, code: str) -> Problem:
    """Msgspec says "Expected `str`, got `int` - at `$.reason`" or "... contains unknown field `x`"."""
    path = _PATH.search(text)
    named = _FIELD.search(text)
    field = path["path"] if path else named["field"] if named else ""
    return Problem(code=code, message=_PATH.sub("", text), field=field)
