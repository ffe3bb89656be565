"""The files of opening hours and holidays: what is in ours, and what is refused or warned about, by line."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from cti.calendars.config import HolidayFile, Opening, read_opening
from cti.config.file import load
from cti.errors import ConfigError

CONFIG = Path(__file__).parents[3] / "config"
NOW = datetime(2026, 3, 1, tzinfo=UTC).timestamp()

CN = """\
years: [2026]
holidays:
  - {label: {en: National Day}, first: 2026-10-01, last: 2026-10-07, working_days: [2026-09-20, 2026-10-10]}
"""
HOURS = """\
opening_hours:
  q:
    time_zone: Asia/Shanghai
    weekly: {mon-fri: ["09:00-18:00"]}
    holidays: [cn]
"""


def read(tmp_path: Path, hours: str = HOURS, **calendars: str) -> Opening:
    (tmp_path / "calendars").mkdir(exist_ok=True)
    for name, text in ({"cn": CN} | calendars).items():
        (tmp_path / "calendars" / f"{name}.yaml").write_text(text)
    (tmp_path / "opening_hours.yaml").write_text(hours)
    return read_opening(tmp_path, ["q"], NOW)


def refused(tmp_path: Path, hours: str = HOURS, **calendars: str) -> list[tuple[str, int, str]]:
    with pytest.raises(ConfigError) as error:
        read(tmp_path, hours, **calendars)
    return [(Path(one.file).name, one.line, one.text) for one in error.value.problems]


def warned(opening: Opening) -> list[tuple[str, int, str]]:
    return [(Path(one.file).name, one.line, one.text) for one in opening.warnings]


def test_the_state_councils_arrangement() -> None:
    """Days off and days worked as counted in its notices: 28 and 5 in 2025, 33 and 6 in 2026."""
    file = load(CONFIG / "calendars" / "cn.yaml", HolidayFile)
    off = {2025: 0, 2026: 0}
    for holiday in file.holidays:
        off[holiday.first.year] += (holiday.last - holiday.first).days + 1
    assert off == {2025: 1 + 8 + 3 + 5 + 3 + 8, 2026: 3 + 9 + 3 + 5 + 3 + 3 + 7}
    worked = sorted(day for holiday in file.holidays for day in holiday.working_days)
    assert worked == [
        *(date(2025, month, day) for month, day in ((1, 26), (2, 8), (4, 27), (9, 28), (10, 11))),
        *(date(2026, month, day) for month, day in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))),
    ]
    assert all(day.weekday() >= 5 for day in worked)


def test_ours_is_fine_until_a_year_comes_that_nobody_has_arranged_yet(tmp_path: Path) -> None:
    ours = (CONFIG / "calendars" / "cn.yaml").read_text()
    assert read(tmp_path, cn=ours).warnings == ()
    late = read_opening(tmp_path, ["q"], datetime(2026, 11, 21, tzinfo=UTC).timestamp())
    (warning,) = late.warnings
    assert str(warning).endswith("nothing is known about 2027: until it is added, no day of it is a holiday")
    assert ours.splitlines()[warning.line - 1] == "years: [2025, 2026]"


def test_without_a_file_every_queue_is_always_open(tmp_path: Path) -> None:
    assert read_opening(tmp_path, ["q"], NOW) == Opening(calendars={})


def test_what_is_fine(tmp_path: Path) -> None:
    opening = read(tmp_path)
    assert opening.warnings == ()
    calendar = opening.calendars["q"]
    assert calendar.hours(date(2026, 10, 10)) == calendar.hours(date(2026, 10, 12)) == ((540, 1080),)
    assert calendar.hours(date(2026, 10, 7)) == calendar.hours(date(2026, 10, 11)) == ()


def test_days_that_are_there_twice_are_refused_with_both_lines(tmp_path: Path) -> None:
    more = "  - {label: {en: Mid-Autumn}, first: 2026-10-07, last: 2026-10-08, working_days: [2026-10-01]}\n"
    assert refused(tmp_path, cn=CN + more) == [
        ("cn.yaml", 4, "2026-10-07 is here for the second time, it is on line 3 already"),
        ("cn.yaml", 4, "2026-10-01 is here for the second time, it is on line 3 already"),
    ]


def test_a_holiday_beyond_its_years_or_that_ends_before_it_begins_is_refused(tmp_path: Path) -> None:
    more = """\
  - {label: {en: New Year}, first: 2027-01-01, last: 2027-01-01}
  - label: {en: Labour Day}
    first: 2026-05-05
    last: 2026-05-01
"""
    assert refused(tmp_path, cn=CN + more) == [
        ("cn.yaml", 4, "2027-01-01 is in none of the years that this calendar says it knows"),
        ("cn.yaml", 7, "the holiday ends on 2026-05-01, before it begins"),
    ]


def test_a_working_day_in_the_week_is_odd(tmp_path: Path) -> None:
    assert warned(read(tmp_path, cn=CN.replace("2026-10-10", "2026-10-09"))) == [
        ("cn.yaml", 3, "2026-10-09 is a fri: a working day without being made one")
    ]


def test_calendars_that_contradict_each_other_are_refused_and_those_that_repeat_are_noticed(tmp_path: Path) -> None:
    both = HOURS.replace("[cn]", "[cn, firm]")
    firm = "years: [2026]\nholidays: [{label: {en: Works outing}, first: 2026-09-20, last: 2026-09-20}]\n"
    assert refused(tmp_path, both, firm=firm) == [
        ("opening_hours.yaml", 5, "2026-09-20 is a holiday by one of 'cn' and 'firm', and a working day by the other")
    ]
    firm = "years: [2026]\nholidays: [{label: {en: Works outing}, first: 2026-10-05, last: 2026-10-09}]\n"
    assert warned(read(tmp_path, both, firm=firm)) == [
        ("opening_hours.yaml", 5, "'cn' and 'firm' have 3 holidays in common, the first is 2026-10-05")
    ]
    assert refused(tmp_path, HOURS.replace("[cn]", "[cn, cn]")) == [
        ("opening_hours.yaml", 5, "the calendar 'cn' is here twice")
    ]


def test_hours_that_overlap_are_refused(tmp_path: Path) -> None:
    hours = """\
opening_hours:
  q:
    time_zone: Asia/Shanghai
    weekly:
      mon-fri: ["09:00-18:00", "17:00-20:00"]
      fri: ["09:00-12:00"]
    on_holidays: ["10:00-12:00", "11:59-13:00"]
    special_days:
      2026-11-11: ["10:00-12:00", "10:00-13:00"]
"""
    assert refused(tmp_path, hours) == [
        ("opening_hours.yaml", 5, "'17:00-20:00' overlaps the span before"),
        ("opening_hours.yaml", 6, "fri is in 'mon-fri' already"),
        ("opening_hours.yaml", 7, "'11:59-13:00' overlaps the span before"),
        ("opening_hours.yaml", 9, "'10:00-13:00' overlaps the span before"),
    ]


def test_unknown_queues_and_calendars_are_refused(tmp_path: Path) -> None:
    hours = HOURS.replace("  q:", "  sales:").replace("[cn]", "[de]")
    problems = refused(tmp_path, hours)
    assert problems[0] == ("opening_hours.yaml", 2, "there is no queue 'sales', expected one of q")
    assert problems[1][1] == 5
    assert problems[1][2].startswith("there is no calendar 'de' in ")
    assert problems[1][2].endswith("there are: cn")


def test_a_calendar_that_cannot_be_read_is_refused_by_its_own_line(tmp_path: Path) -> None:
    assert refused(tmp_path, cn=CN.replace("2026-10-07", "2026-10-37"))[0][:2] == ("cn.yaml", 3)
