"""Which of several calendars are closed at one time: whether a caller can be sent round between closed queues."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from cti.calendars.calendar import Calendar, is_open

ORDINARY_DAYS = 8
"""From yesterday's date on: every day of the week in every time zone."""


def closed_together(calendars: Mapping[str, Calendar], now: float) -> frozenset[frozenset[str]]:
    """The sets of names that are closed at some moment of an ordinary week or of a special day to come.

    All calendars are looked at whenever one of them opens or closes; in between nothing changes.
    """
    moments = {moment for calendar in calendars.values() for moment in _turns(calendar, _days(calendars, now))}
    return frozenset(
        frozenset(name for name, calendar in calendars.items() if not is_open(calendar, moment)) for moment in moments
    )


def _days(calendars: Mapping[str, Calendar], now: float) -> frozenset[date]:
    today = datetime.fromtimestamp(now, ZoneInfo("UTC")).date()
    days = {today + timedelta(days=ahead) for ahead in range(-1, ORDINARY_DAYS)}
    for calendar in calendars.values():
        days.update(day for day in (*calendar.special, *calendar.holidays, *calendar.make_up_days) if day >= today)
    return frozenset(days)


def _turns(calendar: Calendar, days: Collection[date]) -> Iterator[float]:
    """The moments, unix seconds, at which it opens or closes on these days, and their midnights."""
    zone = ZoneInfo(calendar.time_zone)
    for day in days:
        midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
        yield midnight.timestamp()
        for span in calendar.hours(day):
            for minute in span:
                yield (midnight + timedelta(minutes=minute)).timestamp()
