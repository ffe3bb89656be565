"""Numbers as sequences of prompt ids. Every id that this module can name must be in each `prompts.yaml`: see `all_ids`.

Digits (an order number) are `digit_0` ... `digit_9`; numbers are built of `number_<n>` and the words hundred,
thousand and, in Chinese, ten thousand.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from cti.calendars.calendar import Calendar
from cti.calendars.calendar import next_opening as opening_after

ENGLISH = "en"
CHINESE = "zh"
LANGUAGES = (CHINESE, ENGLISH)
LARGEST = 99_999
LONGEST_WAIT_MIN = 60
"""A longer wait is told as more than an hour."""
_TEN, _TWENTY, _HUNDRED, _THOUSAND = 10, 20, 100, 1000
_CHINESE_UNITS = ((10_000, "number_10000"), (1000, "number_1000"), (100, "number_100"), (10, "number_10"))
_TWO_COUNTED = "number_2_counted"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MORNING, _NOON, _NIGHT = 5, 12, 22
_OPENING = ("before", "after", "today", "tomorrow", *_WEEKDAYS, "morning", "afternoon", "at", "hour", "half")


FLOOR = frozenset(
    {
        "all_agents_busy",
        "another_team",
        "beep",
        "call_again_later",
        "callback_offer",
        "closed_now",
        "goodbye",
        "nobody_free",
        "please_hold",
        "transferring",
        "voicemail_invitation",
        "voicemail_not_available",
        "voicemail_thanks",
    }
)
"""What the floor says of its own accord to callers who wait, or whom no queue serves (`cti/floor`)."""


def digits(text: str) -> tuple[str, ...]:
    """Each digit by itself; other characters are passed over."""
    return tuple(f"digit_{character}" for character in text if character in "0123456789")


def number_in_text(text: str, language: str) -> tuple[str, ...]:
    """A variable's text as a number, as single digits when it is too large for one, nothing when it is none."""
    if not (text.isascii() and text.isdigit()):
        return ()
    return number(int(text), language) if int(text) <= LARGEST else digits(text)


def number(value: int, language: str, *, counted: bool = False) -> tuple[str, ...]:
    """0 to 99,999. `counted`: a noun is counted (两分钟 "two minutes", but 第二位 "second place")."""
    if not 0 <= value <= LARGEST:
        raise ValueError(f"expected 0 to {LARGEST}, found {value}")
    if language == CHINESE:
        return (_TWO_COUNTED,) if counted and value == 2 else _chinese(value)  # noqa: PLR2004 - it is about the 2
    return _english(value)


def queue_position(position: int, language: str) -> tuple[str, ...]:
    """Says "You are number 3 in the queue", position 1 being the next to be served."""
    if position == 1:
        return ("queue_position_next",)
    return ("queue_position_before", *number(min(position, LARGEST), language), "queue_position_after")


def estimated_wait(wait_s: float, language: str) -> tuple[str, ...]:
    """Says "The estimated wait is 4 minutes", rounded up; less than a minute, and more than an hour, are said so."""
    minutes = max(0, -int(-wait_s // 60))
    if minutes <= 1:
        return ("estimated_wait_short",)
    if minutes > LONGEST_WAIT_MIN:
        return ("estimated_wait_long",)
    return ("estimated_wait_before", *number(minutes, language, counted=True), "estimated_wait_after")


def next_opening(calendar: Calendar, at: float, language: str) -> tuple[str, ...]:
    """Says "We open again tomorrow at nine o'clock in the morning", in the calendar's time zone.

    The hour is said where it is a full or a half one of the day; nothing is said of an opening a week ahead or later.
    """
    opening = opening_after(calendar, at)
    if opening is None:
        return ()
    zone = ZoneInfo(calendar.time_zone)
    then, now = datetime.fromtimestamp(opening, zone), datetime.fromtimestamp(at, zone)
    ahead = (then.date() - now.date()).days
    if ahead >= len(_WEEKDAYS):
        return ()
    day = {0: "today", 1: "tomorrow"}.get(ahead, _WEEKDAYS[then.weekday()])
    return ("opening_before", f"opening_{day}", *_time_of_day(then, language), "opening_after")


def _time_of_day(then: datetime, language: str) -> tuple[str, ...]:
    if then.minute not in {0, 30} or not _MORNING <= then.hour < _NIGHT:
        return ()
    half = "opening_morning" if then.hour < _NOON else "opening_afternoon"
    hour = number((then.hour - 1) % _NOON + 1, language, counted=True)
    sharp = ("opening_half",) if then.minute else ("opening_hour",)
    return ("opening_at", half, *hour, *sharp) if language == CHINESE else ("opening_at", *hour, *sharp, half)


def all_ids(language: str) -> frozenset[str]:
    """Every prompt id that this module may name in that language."""
    ids = {f"digit_{digit}" for digit in range(10)} | {"number_100", "number_1000"}
    ids |= {f"queue_position_{part}" for part in ("next", "before", "after", "changed")}
    ids |= {f"estimated_wait_{part}" for part in ("short", "long", "before", "after", "risen")}
    ids |= {f"opening_{part}" for part in _OPENING} | FLOOR
    if language == CHINESE:
        ids |= {f"number_{n}" for n in range(11)} | {_TWO_COUNTED, "number_10000"}
    else:
        ids |= {f"number_{n}" for n in (*range(20), *range(20, 100, 10))}
    return frozenset(ids)


def _english(value: int) -> tuple[str, ...]:
    ids: list[str] = []
    if value >= _THOUSAND:
        ids += [*_english(value // _THOUSAND), "number_1000"]
        value %= _THOUSAND
    if value >= _HUNDRED:
        ids += [f"number_{value // _HUNDRED}", "number_100"]
        value %= _HUNDRED
    if value >= _TWENTY:
        ids.append(f"number_{value // 10 * 10}")
        value %= _TEN
    if value or not ids:
        ids.append(f"number_{value}")
    return tuple(ids)


def _chinese(value: int) -> tuple[str, ...]:
    """两 before 百, 千 and 万, 二 elsewhere; one 零 for skipped places; 十 to 十九 without a leading 一."""
    if value <= _TEN:
        return (f"number_{value}",)
    ids: list[str] = []
    gap = False
    for unit, word in _CHINESE_UNITS:
        digit, value = divmod(value, unit)
        if not digit:
            gap = bool(ids)
            continue
        if gap:
            ids.append("number_0")
        gap = False
        if digit == 2 and unit >= _HUNDRED:  # noqa: PLR2004 - it is about the 2
            ids.append(_TWO_COUNTED)
        elif ids or digit != 1 or unit != _TEN:
            ids.append(f"number_{digit}")
        ids.append(word)
    if value:
        ids += ["number_0"] * gap + [f"number_{value}"]
    return tuple(ids)
