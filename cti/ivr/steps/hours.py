"""Open or closed, by the wall clock of a time zone."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from cti.ivr.steps.base import Caller, Name, StepBase, Talk, Way, Where

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_DAY_MINUTES = 24 * 60


def _minutes(span: str) -> tuple[int, int]:
    """A span such as "09:00-18:00" in minutes of the day, [from, to). Raises ValueError."""
    match = _SPAN.fullmatch(span)
    begin, end = (int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])) if match else (0, 0)
    if not begin < end <= _DAY_MINUTES:
        raise ValueError("expected a span within one day such as '09:00-18:00', the second time being the later one")
    return begin, end


def _checked_span(span: str) -> str:
    _minutes(span)
    return span


def _checked_days(days: str) -> str:
    _weekdays(days)
    return days


def _weekdays(days: str) -> tuple[int, ...]:
    """The indexes of "sat" or "mon-fri", Monday 0. Raises ValueError."""
    first, _, last = days.partition("-")
    if first not in DAYS or (last or first) not in DAYS or DAYS.index(first) > DAYS.index(last or first):
        raise ValueError(f"unknown days '{days}', expected one of {', '.join(DAYS)} or a range such as 'mon-fri'")
    return tuple(range(DAYS.index(first), DAYS.index(last or first) + 1))


def _checked_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise ValueError("expected the name of a time zone such as 'Asia/Shanghai'") from None
    return name


Spans = tuple[Annotated[str, AfterValidator(_checked_span)], ...]


class Hours(StepBase):
    """`weekly`: days -> spans. `special_days`: a date -> its own spans, none for closed; they go before `weekly`."""

    type: Literal["hours"]
    time_zone: Annotated[str, AfterValidator(_checked_zone)]
    weekly: dict[Annotated[str, AfterValidator(_checked_days)], Spans]
    special_days: dict[date, Spans] = Field(default_factory=dict)
    closed_days: tuple[date, ...] = ()
    open: Name = Field(description="the step when open")
    closed: Name = Field(description="the step when closed")

    def ways(self) -> Iterator[Way]:
        yield Way(("open",), self.open)
        yield Way(("closed",), self.closed)

    def is_open(self, now: float) -> bool:
        """At `now`, unix seconds."""
        local = datetime.fromtimestamp(now, ZoneInfo(self.time_zone))
        minute = local.hour * 60 + local.minute
        return any(begin <= minute < end for begin, end in map(_minutes, self._spans(local.date())))

    def _spans(self, day: date) -> tuple[str, ...]:
        if day in self.closed_days:
            return ()
        if day in self.special_days:
            return self.special_days[day]
        return tuple(span for days, spans in self.weekly.items() if day.weekday() in _weekdays(days) for span in spans)

    def walk(self, caller: Caller) -> Talk[Where]:
        yield from caller.hear(self.prompts)
        is_open = self.is_open(caller.now)
        caller.note("", self.label)
        return self.open if is_open else self.closed
