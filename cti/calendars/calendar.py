"""Opening hours: a weekly table, holidays with make-up working days, and single days, by the wall clock of a time zone.

A day's hours are, the first that applies: its own (`special`), those of a holiday, those of the weekday that a make-up
working day stands for, the weekly ones. In a year that none of the holiday calendars knows only the first and the last
apply. Spans are the wall clock's: on the day when clocks are set back, an hour in a span is open both times.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from cti.calendars.spans import Minutes

Day = tuple[Minutes, ...]
"""The spans of a day; () is closed."""

HORIZON_DAYS = 400
"""How far ahead an opening is looked for: every weekday and every holiday of a year comes up."""


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """`weekly` has seven days, Monday first. `make_up_weekday`: whose hours a make-up working day has, Monday 0."""

    time_zone: str
    weekly: tuple[Day, ...]
    holidays: frozenset[date] = frozenset()
    make_up_days: frozenset[date] = frozenset()
    on_holidays: Day = ()
    make_up_weekday: int = 0
    special: Mapping[date, Day] = {}

    def hours(self, day: date) -> Day:
        if day in self.special:
            return self.special[day]
        if day in self.holidays:
            return self.on_holidays
        return self.weekly[self.make_up_weekday if day in self.make_up_days else day.weekday()]


def is_open(calendar: Calendar, at: float) -> bool:
    """At `at`, unix seconds."""
    local = datetime.fromtimestamp(at, ZoneInfo(calendar.time_zone))
    minute = local.hour * 60 + local.minute
    return any(begin <= minute < end for begin, end in calendar.hours(local.date()))


def next_opening(calendar: Calendar, at: float) -> float | None:
    """The first moment, in unix seconds, from `at` on at which it is open: `at` itself when it is open now.

    None when it does not open within `HORIZON_DAYS`.
    """
    if is_open(calendar, at):
        return at
    zone = ZoneInfo(calendar.time_zone)
    today = datetime.fromtimestamp(at, zone).date()
    for ahead in range(HORIZON_DAYS + 1):
        day = today + timedelta(days=ahead)
        opening = min(
            (one for one in _candidates(calendar, day, zone) if one >= at and is_open(calendar, one)), default=None
        )
        if opening is not None:
            return opening
    return None


def _candidates(calendar: Calendar, day: date, zone: ZoneInfo) -> Iterator[float]:
    """When it may turn from closed to open on this day: where a span begins, or where the clock is changed."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    for begin, _ in calendar.hours(day):
        start = midnight.replace(hour=begin // 60, minute=begin % 60)
        yield start.timestamp()
        yield start.replace(fold=1).timestamp()
    yield from _clock_change(midnight.timestamp(), zone)


def _clock_change(midnight: float, zone: ZoneInfo) -> Iterator[float]:
    """The moment within a day and a bit from midnight at which the offset of the zone changes, if it does."""

    def offset(at: float) -> timedelta | None:
        return datetime.fromtimestamp(at, UTC).astimezone(zone).utcoffset()

    low, high = int(midnight) - 7200, int(midnight) + 26 * 3600
    if offset(low) == offset(high):
        return
    before = offset(low)
    while high - low > 1:
        middle = (low + high) // 2
        if offset(middle) == before:
            low = middle
        else:
            high = middle
    yield float(high)
