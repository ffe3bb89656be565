"""Open or closed, by the wall clock of a time zone."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from cti.calendars.spans import Days, Spans, Zone, minutes, weekdays
from cti.ivr.steps.base import Caller, Name, StepBase, Talk, Way, Where


class Hours(StepBase):
    """`weekly`: days -> spans. `special_days`: a date -> its own spans, none for closed; they go before `weekly`."""

    type: Literal["hours"]
    time_zone: Zone
    weekly: dict[Days, Spans]
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
        return any(begin <= minute < end for begin, end in map(minutes, self._spans(local.date())))

    def _spans(self, day: date) -> tuple[str, ...]:
        if day in self.closed_days:
            return ()
        if day in self.special_days:
            return self.special_days[day]
        return tuple(span for days, spans in self.weekly.items() if day.weekday() in weekdays(days) for span in spans)

    def walk(self, caller: Caller) -> Talk[Where]:
        yield from caller.hear(self.prompts)
        is_open = self.is_open(caller.now)
        caller.note("", self.label)
        return self.open if is_open else self.closed
