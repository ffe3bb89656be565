"""Whom we may call back, and when the next attempt may be made. Pure."""

from cti.calendars.calendar import next_opening
from cti.customers.numbers import is_public
from cti.events import CallbackPause
from cti.floor.causes import CALL_REJECTED, NO_ANSWER, NO_USER_RESPONSE, NORMAL_CLEARING, USER_BUSY
from cti.floor.rules import CallbackRules

_PAUSES: dict[int, CallbackPause] = {
    0: "no_answer",
    NORMAL_CLEARING: "no_answer",
    USER_BUSY: "busy",
    NO_USER_RESPONSE: "no_answer",
    NO_ANSWER: "no_answer",
    CALL_REJECTED: "declined",
}


def may_dial(rules: CallbackRules, number: str) -> bool:
    """Of a canonical number. Toll fraud: nobody has us call where the site did not say that we call."""
    return is_public(number) and number.startswith(rules.allow)


def next_attempt(rules: CallbackRules, attempts: int, not_before: float) -> float | None:
    """When the customer may be dialled, from `not_before` on, after so many attempts; None: not any more."""
    return next_opening(rules.permitted, not_before) if attempts < rules.attempts else None


def pause_of(cause: int) -> CallbackPause:
    """What the hang-up of a leg that was not answered says of the customer. Codes: ITU-T Q.850."""
    return _PAUSES.get(cause, "unreachable")
