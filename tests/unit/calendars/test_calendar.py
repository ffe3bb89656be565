"""Open or closed, and when next: holidays, make-up days, and the days on which clocks change."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import copy, copytree
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti.calendars.calendar import HORIZON_DAYS, Calendar, Day, is_open, next_opening
from cti.calendars.config import read_opening

CONFIG = Path(__file__).parents[3] / "config"
NOW = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
QUEUES = ("after_sales", "complaints")


def at(text: str, zone: str = "Asia/Shanghai", fold: int = 0) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp()


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Calendar]:
    """The example that we ship, in use."""
    config = tmp_path_factory.mktemp("config")
    copytree(CONFIG / "calendars", config / "calendars")
    copy(CONFIG / "opening_hours.example.yaml", config / "opening_hours.yaml")
    return read_opening(config, QUEUES, NOW).calendars


@pytest.fixture(scope="module")
def complaints(example: Mapping[str, Calendar]) -> Calendar:
    """Monday to Friday from 9 to 18, closed on Chinese holidays."""
    return example["complaints"]


@pytest.mark.parametrize(
    ("when", "is_it"),
    [
        ("2026-11-20 08:59:59", False),
        ("2026-11-20 09:00", True),
        ("2026-11-20 17:59:59", True),
        ("2026-11-20 18:00", False),
        ("2026-11-21 10:00", False),  # a Saturday
        ("2026-02-14 10:00", True),  # a Saturday worked for the Spring Festival
        ("2026-02-23 10:00", False),  # the ninth day of it, a Monday
        ("2026-02-24 10:00", True),
        ("2025-10-08 10:00", False),  # National Day and Mid-Autumn Festival together have eight days
        ("2025-10-11 10:00", True),
        ("2027-10-01 10:00", True),  # a Friday in a year that the calendar does not know
    ],
)
def test_open_by_week_holiday_and_make_up_day(complaints: Calendar, when: str, *, is_it: bool) -> None:
    assert is_open(complaints, at(when)) is is_it


@pytest.mark.parametrize(
    ("when", "opens"),
    [
        ("2026-11-20 12:00", "2026-11-20 12:00"),
        ("2026-11-20 18:00", "2026-11-23 09:00"),
        ("2026-02-14 18:00", "2026-02-24 09:00"),
        ("2026-09-30 20:00", "2026-10-08 09:00"),
        ("2026-09-19 00:00", "2026-09-20 09:00"),  # a Sunday that is worked
    ],
)
def test_the_next_opening(complaints: Calendar, when: str, opens: str) -> None:
    assert next_opening(complaints, at(when)) == at(opens)


def test_holidays_may_have_hours_and_a_day_of_its_own_goes_before_all(example: Mapping[str, Calendar]) -> None:
    after_sales = example["after_sales"]
    assert is_open(after_sales, at("2026-10-01 15:59"))
    assert not is_open(after_sales, at("2026-10-01 16:00"))
    assert not is_open(after_sales, at("2026-02-16 10:00")), "New Year's Eve is closed, a holiday though it is"
    assert is_open(after_sales, at("2026-11-11 23:59"))
    assert not is_open(after_sales, at("2026-11-21 18:00")), "a Saturday ..."
    assert is_open(after_sales, at("2026-02-14 19:00")), "... and one that has Monday's hours"


def test_what_never_opens_says_so() -> None:
    never = Calendar(time_zone="Asia/Shanghai", weekly=((),) * 7)
    assert next_opening(never, at("2026-01-01")) is None
    late = Calendar(time_zone="Asia/Shanghai", weekly=((),) * 7, special={date(2028, 1, 1): ((0, 60),)})
    assert next_opening(late, at("2028-01-01") - (HORIZON_DAYS + 2) * 86400) is None
    assert next_opening(late, at("2028-01-01") - 86400 * 30) == at("2028-01-01")


def every_day(*spans: tuple[int, int], zone: str = "Europe/Berlin") -> Calendar:
    return Calendar(time_zone=zone, weekly=(spans,) * 7)


def test_a_span_that_begins_in_the_hour_that_is_left_out_opens_when_the_clock_has_jumped() -> None:
    """On 2026-03-29 in Berlin 01:59:59 is followed by 03:00."""
    opens = next_opening(every_day((150, 240)), at("2026-03-29 00:00", "Europe/Berlin"))
    assert opens == at("2026-03-29 03:00", "Europe/Berlin")


def test_a_span_in_the_hour_that_comes_twice_is_open_twice() -> None:
    """On 2026-10-25 in Berlin 02:59:59 is followed by 02:00."""
    calendar = every_day((150, 165))
    first = next_opening(calendar, at("2026-10-25 00:00", "Europe/Berlin"))
    assert first == at("2026-10-25 02:30", "Europe/Berlin")
    assert next_opening(calendar, first + 15 * 60) == first + 3600


def test_what_was_closed_just_now_opens_again_when_the_clock_is_set_back() -> None:
    calendar = every_day((0, 150))
    assert next_opening(calendar, at("2026-10-25 02:45", "Europe/Berlin")) == at(
        "2026-10-25 02:00", "Europe/Berlin", fold=1
    )


@st.composite
def days(draw: st.DrawFn) -> Day:
    edges = sorted(draw(st.sets(st.integers(0, 1440), max_size=4)))
    return tuple(zip(edges[::2], edges[1::2], strict=False))


ZONES = ("Asia/Shanghai", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns", "UTC")
DATES = st.dates(date(2026, 3, 20), date(2026, 4, 10)) | st.dates(date(2026, 9, 25), date(2026, 11, 5))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    return Calendar(
        time_zone=draw(st.sampled_from(ZONES)),
        weekly=tuple(draw(st.lists(days(), min_size=7, max_size=7))),
        holidays=draw(st.frozensets(DATES, max_size=5)),
        make_up_days=draw(st.frozensets(DATES, max_size=5)),
        on_holidays=draw(days()),
        make_up_weekday=draw(st.integers(0, 6)),
        special=draw(st.dictionaries(DATES, days(), max_size=3)),
    )


@settings(max_examples=80, deadline=None)
@given(calendars(), DATES, st.integers(0, 86_399))
def test_it_is_open_then_and_at_no_whole_minute_before(calendar: Calendar, day: date, second: int) -> None:
    now = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(calendar.time_zone)).timestamp() + second
    opens = next_opening(calendar, now)
    if opens is not None:
        assert opens >= now
        assert is_open(calendar, opens)
        assert opens == now or not is_open(calendar, opens - 1)
    end = min(opens if opens is not None else float("inf"), now + 4 * 86400)
    minute = now - now % 60 + 60
    while minute < end:
        assert not is_open(calendar, minute), minute
        minute += 60


@given(calendars(), DATES)
def test_the_first_rule_that_applies_decides(calendar: Calendar, day: date) -> None:
    found = calendar.hours(day)
    if day in calendar.special:
        assert found == calendar.special[day]
    elif day in calendar.holidays:
        assert found == calendar.on_holidays
    elif day in calendar.make_up_days:
        assert found == calendar.weekly[calendar.make_up_weekday]
    else:
        assert found == calendar.weekly[day.weekday()]
        assert found == calendar.hours(day) == calendar.weekly[(day + timedelta(days=7)).weekday()]
