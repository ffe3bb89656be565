"""What a hang-up cause says about who was rung. Codes: ITU-T Q.850; SIP status to cause: Asterisk's PJSIP."""

from cti.acd.events import Miss
from cti.events import DialFailure

NORMAL_CLEARING = 16
USER_BUSY = 17
NO_USER_RESPONSE = 18
NO_ANSWER = 19
CALL_REJECTED = 21

CALLER_GONE_GRACE_S = 0.3
"""How long an answered leg that ended unbridged waits for the word that the caller is gone."""

_MISSES: dict[int, Miss] = {
    USER_BUSY: "declined",
    CALL_REJECTED: "declined",
    NO_USER_RESPONSE: "rona",
    NO_ANSWER: "rona",
}


_FAILURES: dict[int, DialFailure] = {
    0: "no_answer",
    NORMAL_CLEARING: "no_answer",
    USER_BUSY: "busy",
    NO_USER_RESPONSE: "no_answer",
    NO_ANSWER: "no_answer",
    CALL_REJECTED: "declined",
}


def failure_of(cause: int) -> DialFailure:
    """What the hang-up of a leg that was not answered says of whoever was called."""
    return _FAILURES.get(cause, "unreachable")


def miss_of(cause: int) -> Miss:
    """Declined on purpose, not answered, or (any other cause) a phone that cannot be reached."""
    return _MISSES.get(cause, "unreachable")
