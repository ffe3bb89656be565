"""Spans of a day and days of the week as people write them: "09:00-18:00", "mon-fri"."""

import re
from collections.abc import Iterable
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_DAY_MINUTES = 24 * 60

Minutes = tuple[int, int]
"""A span in minutes of the day, [from, to)."""


def minutes(span: str) -> Minutes:
    """A span such as "09:00-18:00" or "20:00-24:00". Raises ValueError."""
    match = _SPAN.fullmatch(span)
    begin, end = (int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])) if match else (0, 0)
    if not begin < end <= _DAY_MINUTES:
        raise ValueError("expected a span within one day such as '09:00-18:00', the second time being the later one")
    return begin, end


def weekdays(days: str) -> tuple[int, ...]:
    """The indexes of "sat" or "mon-fri", Monday 0. Raises ValueError."""
    first, _, last = days.partition("-")
    if first not in DAYS or (last or first) not in DAYS or DAYS.index(first) > DAYS.index(last or first):
        raise ValueError(f"unknown days '{days}', expected one of {', '.join(DAYS)} or a range such as 'mon-fri'")
    return tuple(range(DAYS.index(first), DAYS.index(last or first) + 1))


def overlap(spans: Iterable[str]) -> str:
    """The first span that begins before one earlier in the day has ended; "" when there is none."""
    last = 0
    for span in sorted(spans, key=minutes):
        begin, end = minutes(span)
        if begin < last:
            return span
        last = end
    return ""


def _checked_span(span: str) -> str:
    minutes(span)
    return span


def _checked_days(days: str) -> str:
    weekdays(days)
    return days


def _checked_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise ValueError("expected the name of a time zone such as 'Asia/Shanghai'") from None
    return name


Spans = tuple[Annotated[str, AfterValidator(_checked_span)], ...]
Days = Annotated[str, AfterValidator(_checked_days)]
Zone = Annotated[str, AfterValidator(_checked_zone)]
