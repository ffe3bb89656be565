from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti.calendars.calendar import Calendar
from cti.ivr import spoken

WORDS = {
    **{f"number_{n}": word for n, word in enumerate("零一二三四五六七八九十")},
    "number_2_counted": "两",
    "number_100": "百",
    "number_1000": "千",
    "number_10000": "万",
}
VALUES = {word: n for n, word in enumerate("零一二三四五六七八九")} | {"两": 2}
UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}


def chinese(value: int) -> str:
    return "".join(WORDS[word] for word in spoken.number(value, "zh"))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "零"),
        (2, "二"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (22, "二十二"),
        (100, "一百"),
        (102, "一百零二"),
        (110, "一百一十"),
        (112, "一百一十二"),
        (200, "两百"),
        (222, "两百二十二"),
        (1000, "一千"),
        (1001, "一千零一"),
        (1010, "一千零一十"),
        (2012, "两千零一十二"),
        (10_000, "一万"),
        (10_203, "一万零两百零三"),
        (20_020, "两万零二十"),
        (99_999, "九万九千九百九十九"),
    ],
)
def test_mandarin_numbers(value: int, words: str) -> None:
    assert chinese(value) == words


@given(st.integers(0, spoken.LARGEST))
def test_mandarin_numbers_mean_what_they_say(value: int) -> None:
    total = digit = 0
    for word in chinese(value):
        if word in UNITS:
            total += (digit or 1) * UNITS[word]
            digit = 0
        else:
            digit = VALUES[word]
    assert total + digit == value


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0"),
        (13, "13"),
        (20, "20"),
        (21, "20 1"),
        (99, "90 9"),
        (100, "1 100"),
        (115, "1 100 15"),
        (2000, "2 1000"),
        (21_040, "20 1 1000 40"),
    ],
)
def test_english_numbers(value: int, words: str) -> None:
    assert spoken.number(value, "en") == tuple(f"number_{word}" for word in words.split())


def test_two_is_liang_before_what_is_counted_and_er_in_an_order() -> None:
    assert spoken.estimated_wait(120, "zh") == ("estimated_wait_before", "number_2_counted", "estimated_wait_after")
    assert spoken.queue_position(2, "zh") == ("queue_position_before", "number_2", "queue_position_after")
    assert spoken.estimated_wait(120, "en") == ("estimated_wait_before", "number_2", "estimated_wait_after")


def test_waits_are_rounded_up_and_short_and_long_ones_have_words_of_their_own() -> None:
    assert spoken.estimated_wait(0, "en") == spoken.estimated_wait(60, "en") == ("estimated_wait_short",)
    assert spoken.estimated_wait(61, "en")[1] == "number_2"
    assert spoken.estimated_wait(3600, "en")[1] == "number_60"
    assert spoken.estimated_wait(3601, "en") == ("estimated_wait_long",)


def test_the_first_in_the_queue_is_next() -> None:
    assert spoken.queue_position(1, "zh") == ("queue_position_next",)


def test_digits_and_texts_that_are_no_number() -> None:
    assert spoken.digits("40-7 a") == ("digit_4", "digit_0", "digit_7")
    assert spoken.number_in_text("12", "zh") == ("number_10", "number_2")
    assert spoken.number_in_text("123456", "zh")[:2] == ("digit_1", "digit_2")
    assert (
        spoken.number_in_text("", "zh") == spoken.number_in_text("x1", "en") == spoken.number_in_text("²", "en") == ()
    )


@given(st.integers(0, spoken.LARGEST), st.booleans(), st.sampled_from(spoken.LANGUAGES))
def test_only_promised_ids_are_named(value: int, counted: bool, language: str) -> None:
    named = {*spoken.number(value, language, counted=counted), *spoken.digits(str(value))}
    named |= {*spoken.queue_position(value + 1, language), *spoken.estimated_wait(value, language)}
    assert named <= spoken.all_ids(language)


@pytest.mark.parametrize("value", [-1, spoken.LARGEST + 1])
def test_other_numbers_are_refused(value: int) -> None:
    with pytest.raises(ValueError, match="expected 0 to 99999"):
        spoken.number(value, "zh")


ZONE = ZoneInfo("Asia/Shanghai")
WORKDAYS = Calendar(time_zone="Asia/Shanghai", weekly=(*(((9 * 60, 12 * 60), (13 * 60 + 30, 18 * 60)),) * 5, (), ()))
MONDAY = 23  # of November 2026


def opening(day: int, hour: int, language: str = "en", calendar: Calendar = WORKDAYS) -> list[str]:
    at = datetime(2026, 11, day, hour, 15, tzinfo=ZONE).timestamp()
    words = spoken.next_opening(calendar, at, language)
    assert set(words) <= spoken.all_ids(language)
    return [word.removeprefix("opening_").removeprefix("number_") for word in words]


def test_when_it_opens_again() -> None:
    assert opening(MONDAY, 7) == ["before", "today", "at", "9", "hour", "morning", "after"]
    assert opening(MONDAY, 12) == ["before", "today", "at", "1", "half", "afternoon", "after"]
    assert opening(MONDAY, 20) == ["before", "tomorrow", "at", "9", "hour", "morning", "after"]
    assert opening(MONDAY + 4, 20) == ["before", "monday", "at", "9", "hour", "morning", "after"]
    assert opening(MONDAY, 12, "zh") == ["before", "today", "at", "afternoon", "1", "half", "after"]
    at_two = Calendar(time_zone="Asia/Shanghai", weekly=(((14 * 60, 15 * 60),),) * 7)
    assert opening(MONDAY, 9, "zh", at_two) == ["before", "today", "at", "afternoon", "2_counted", "hour", "after"]
    at_noon = Calendar(time_zone="Asia/Shanghai", weekly=(((12 * 60, 13 * 60),),) * 7)
    assert opening(MONDAY, 9, "en", at_noon) == ["before", "today", "at", "12", "hour", "afternoon", "after"]


def test_an_opening_that_cannot_be_said_simply() -> None:
    odd = Calendar(time_zone="Asia/Shanghai", weekly=(((8 * 60 + 20, 600),),) * 7)
    at_night = Calendar(time_zone="Asia/Shanghai", weekly=(((0, 60),),) * 7)
    assert opening(MONDAY, 20, "en", odd) == opening(MONDAY, 20, "en", at_night) == ["before", "tomorrow", "after"]
    never = Calendar(time_zone="Asia/Shanghai", weekly=((),) * 7)
    assert opening(MONDAY, 20, "en", never) == []
    once = Calendar(time_zone="Asia/Shanghai", weekly=(((540, 600),), (), (), (), (), (), ()))
    assert opening(MONDAY, 20, "en", once) == []  # in a week
    assert opening(MONDAY + 1, 20, "en", once)[1] == "monday"
