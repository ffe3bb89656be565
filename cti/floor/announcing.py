"""What a waiting caller is told next. Pure.

Nothing that is told gets worse without a word: a place further back ("your place in the queue has changed") and a
longer wait ("the wait has become longer than we said") are announced as such. A wait is told in whole minutes, and kept
to: as long as the estimate is no more than a minute, or `WORSE_SHARE` of it, above what is left of the wait that was
told last, what is left is told again, so that an estimate that goes up and down is not heard to.
"""

from math import ceil, inf
from typing import Final

import msgspec

from cti.floor.rules import Announcements
from cti.ivr.spoken import LONGEST_WAIT_MIN, estimated_wait, queue_position

MINUTE_S: Final = 60.0
WORSE_SHARE: Final = 0.2


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What the caller was told last in this queue: the place, and until when (unix seconds) the wait would be over.

    None for never; `until` is infinite for one who was told of more than an hour.
    """

    position: int | None = None
    until: float | None = None


class Announcement(msgspec.Struct, frozen=True, kw_only=True):
    """`minutes`: the wait in whole minutes, 1 for less, `LONGEST_WAIT_MIN` + 1 for more; None is not told of."""

    position: int | None = None
    position_worse: bool = False
    minutes: int | None = None
    wait_worse: bool = False

    def prompts(self, language: str) -> tuple[str, ...]:
        said: list[str] = []
        if self.position is not None:
            said += ["queue_position_changed"] * self.position_worse
            said += queue_position(self.position, language)
        if self.minutes is not None:
            said += ["estimated_wait_risen"] * self.wait_worse
            said += estimated_wait(self.minutes * MINUTE_S, language)
        return tuple(said)


def announce(
    rules: Announcements, told: Told, *, position: int | None, wait_s: float | None, now: float
) -> tuple[Announcement, Told]:
    """The announcement, and what the caller has been told with it. `position` and `wait_s` None: not known."""
    place = position if rules.position else None
    worse = place is not None and told.position is not None and place > told.position
    wait = _wait(told.until, wait_s, now) if rules.wait_estimate and wait_s is not None else None
    announcement = Announcement(
        position=place,
        position_worse=worse,
        minutes=wait.minutes if wait else None,
        wait_worse=wait.worse if wait else False,
    )
    return announcement, Told(
        position=told.position if place is None else place, until=wait.until if wait else told.until
    )


class _Wait(msgspec.Struct, frozen=True):
    minutes: int
    until: float
    worse: bool


def _wait(until: float | None, wait_s: float, now: float) -> _Wait:
    if until is None:
        return _promise(wait_s, now)
    left_s = until - now
    if wait_s <= left_s:  # rounded up, it must not promise less than before
        better = _promise(wait_s, now)
        return _Wait(better.minutes, min(better.until, until), worse=False)
    if wait_s - left_s < max(MINUTE_S, WORSE_SHARE * left_s):
        return _Wait(_minutes(left_s), until, worse=False)
    return _promise(wait_s, now, worse=True)


def _promise(wait_s: float, now: float, *, worse: bool = False) -> _Wait:
    minutes = _minutes(wait_s)
    return _Wait(minutes, inf if minutes > LONGEST_WAIT_MIN else now + minutes * MINUTE_S, worse)


def _minutes(wait_s: float) -> int:
    return LONGEST_WAIT_MIN + 1 if wait_s > LONGEST_WAIT_MIN * MINUTE_S else max(1, ceil(wait_s / MINUTE_S))
