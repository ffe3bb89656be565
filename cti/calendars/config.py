"""`config/opening_hours.yaml` and `config/calendars/*.yaml`, read and checked; problems come with file:line."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from pydantic import Field

from cti.calendars.calendar import Calendar, Day
from cti.calendars.spans import DAYS, Days, Spans, Zone, minutes, overlap, weekdays
from cti.config.file import ConfigModel, Located, Step, load_located
from cti.errors import ConfigError, Problem

NOTICE_DAYS = 60
"""So long before a year that a holiday calendar does not know, the check warns of it."""


class HolidaySettings(ConfigModel):
    """Days off from `first` to `last`, and the weekend days that are worked instead."""

    label: dict[Literal["zh", "en"], str]
    first: date
    last: date
    working_days: tuple[date, ...] = ()


class HolidayFile(ConfigModel):
    years: Annotated[tuple[Annotated[int, Field(ge=2000, le=2100)], ...], Field(min_length=1)]
    holidays: tuple[HolidaySettings, ...] = ()


class HoursSettings(ConfigModel):
    """`holidays`: names of files in config/calendars."""

    time_zone: Zone
    weekly: dict[Days, Spans]
    holidays: tuple[str, ...] = ()
    on_holidays: Spans = ()
    make_up_days: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] = "mon"
    special_days: dict[date, Spans] = Field(default_factory=dict)


class OpeningFile(ConfigModel):
    opening_hours: dict[str, HoursSettings] = Field(default_factory=dict)


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """Queue -> its calendar, and what should be known about the files though they can be used."""

    calendars: Mapping[str, Calendar]
    warnings: tuple[Problem, ...] = ()


def read_opening(config: Path, queues: Iterable[str], now: float) -> Opening:
    """The opening hours in the folder `config`; without the file every queue is always open.

    Raises one `ConfigError` for: spans or weekdays that overlap; a queue or a calendar that is not there; a holiday
    that ends before it begins or lies outside its file's years; a day that is a holiday twice, or holiday and working
    day at once, in one file or across the calendars of a queue. Warns of a working day in the week, of the same holiday
    in two calendars, and of years that a calendar does not know (this one, or the next within `NOTICE_DAYS`).
    """
    path = config / "opening_hours.yaml"
    if not path.exists():
        return Opening(calendars={})
    located = load_located(path, OpeningFile)
    problems: list[Problem] = []
    warnings: list[Problem] = []
    books = _books(config / "calendars", located, problems, warnings)
    known = tuple(queues)
    calendars: dict[str, Calendar] = {}
    for queue, hours in located.value.opening_hours.items():
        if queue not in known:
            text = f"there is no queue '{queue}', expected one of {', '.join(known)}"
            problems.append(located.problem(text, "opening_hours", queue))
        problems += _overlaps(located, queue, hours)
        used = [books[name] for name in hours.holidays if name in books]
        _compare(located, queue, used, problems, warnings)
        calendars[queue] = calendar(hours, used)
    warnings += _unknown_years(books.values(), now)
    if problems:
        raise ConfigError(*sorted(problems, key=lambda one: (one.file, one.line)))
    return Opening(calendars=calendars, warnings=tuple(sorted(set(warnings), key=lambda one: (one.file, one.line))))


class _Book:
    """A holiday calendar with the place of every day in its file."""

    def __init__(self, name: str, located: Located[HolidayFile]) -> None:
        self.name = name
        self.located = located
        self.years = frozenset(located.value.years)
        self.holidays: dict[date, tuple[Step, ...]] = {}
        self.working: dict[date, tuple[Step, ...]] = {}

    def problem(self, text: str, path: tuple[Step, ...]) -> Problem:
        return self.located.problem(text, *path)


def _books(
    folder: Path, located: Located[OpeningFile], problems: list[Problem], warnings: list[Problem]
) -> dict[str, _Book]:
    """Each calendar that is used, read once."""
    books: dict[str, _Book] = {}
    for queue, hours in located.value.opening_hours.items():
        for number, name in enumerate(hours.holidays):
            path = folder / f"{name}.yaml"
            if name in books:
                continue
            if not path.exists():
                there = ", ".join(sorted(one.stem for one in folder.glob("*.yaml"))) or "none"
                text = f"there is no calendar '{name}' in {folder}, there are: {there}"
                problems.append(located.problem(text, "opening_hours", queue, "holidays", number))
                continue
            try:
                book = _Book(name, load_located(path, HolidayFile))
            except ConfigError as error:
                problems += error.problems
                continue
            problems += _fill(book)
            warnings += _odd_working_days(book)
            books[name] = book
    return books


def _fill(book: _Book) -> Iterator[Problem]:
    for number, holiday in enumerate(book.located.value.holidays):
        here: tuple[Step, ...] = ("holidays", number)
        if holiday.last < holiday.first:
            yield book.problem(f"the holiday ends on {holiday.last}, before it begins", (*here, "last"))
        days = [holiday.first + timedelta(days=one) for one in range((holiday.last - holiday.first).days + 1)]
        entries = [(day, here, book.holidays) for day in days]
        entries += [(day, (*here, "working_days", at), book.working) for at, day in enumerate(holiday.working_days)]
        for day, path, days_of_kind in entries:
            if day.year not in book.years:
                yield book.problem(f"{day} is in none of the years that this calendar says it knows", path)
            if before := book.holidays.get(day) or book.working.get(day):
                line = book.located.line_of(*before)
                yield book.problem(f"{day} is here for the second time, it is on line {line} already", path)
            days_of_kind.setdefault(day, path)


def _odd_working_days(book: _Book) -> Iterator[Problem]:
    for day, path in book.working.items():
        if day.weekday() < DAYS.index("sat"):
            yield book.problem(f"{day} is a {DAYS[day.weekday()]}: a working day without being made one", path)


def _overlaps(located: Located[OpeningFile], queue: str, hours: HoursSettings) -> Iterator[Problem]:
    here = ("opening_hours", queue)
    taken: dict[int, str] = {}
    for days, spans in hours.weekly.items():
        for day in weekdays(days):
            if day in taken:
                yield located.problem(f"{DAYS[day]} is in '{taken[day]}' already", *here, "weekly", days)
            taken[day] = days
        if found := overlap(spans):
            yield located.problem(f"'{found}' overlaps the span before", *here, "weekly", days)
    if found := overlap(hours.on_holidays):
        yield located.problem(f"'{found}' overlaps the span before", *here, "on_holidays")
    for day_, spans in hours.special_days.items():
        if found := overlap(spans):
            yield located.problem(f"'{found}' overlaps the span before", *here, "special_days", day_.isoformat())


def _compare(
    located: Located[OpeningFile], queue: str, books: list[_Book], problems: list[Problem], warnings: list[Problem]
) -> None:
    """Several calendars of one queue: contradictions are refused, repetitions noticed."""
    here = ("opening_hours", queue, "holidays")
    for number, one in enumerate(books):
        for other in books[:number]:
            if one is other:
                problems.append(located.problem(f"the calendar '{one.name}' is here twice", *here))
                continue
            for day in sorted(
                (one.holidays.keys() & other.working.keys()) | (other.holidays.keys() & one.working.keys())
            ):
                text = f"{day} is a holiday by one of '{other.name}' and '{one.name}', and a working day by the other"
                problems.append(located.problem(text, *here))
            if both := sorted(one.holidays.keys() & other.holidays.keys()):
                text = f"'{other.name}' and '{one.name}' have {len(both)} holidays in common, the first is {both[0]}"
                warnings.append(located.problem(text, *here))


def _unknown_years(books: Iterable[_Book], now: float) -> Iterator[Problem]:
    for book in books:
        today = datetime.fromtimestamp(now, UTC).date()
        for year in sorted({today.year, (today + timedelta(days=NOTICE_DAYS)).year} - book.years):
            text = f"nothing is known about {year}: until it is added, no day of it is a holiday"
            yield book.problem(text, ("years",))


def calendar(hours: HoursSettings, books: "Iterable[_Book]" = ()) -> Calendar:
    """The hours with the holidays of the `books`; they have been checked."""
    books = tuple(books)
    weekly: list[Day] = [()] * len(DAYS)
    for days, spans in hours.weekly.items():
        for day in weekdays(days):
            weekly[day] = _day(spans)
    return Calendar(
        time_zone=hours.time_zone,
        weekly=tuple(weekly),
        holidays=frozenset(day for book in books for day in book.holidays),
        make_up_days=frozenset(day for book in books for day in book.working),
        on_holidays=_day(hours.on_holidays),
        make_up_weekday=DAYS.index(hours.make_up_days),
        special={day: _day(spans) for day, spans in hours.special_days.items()},
    )


def _day(spans: Spans) -> Day:
    return tuple(sorted(minutes(span) for span in spans))
