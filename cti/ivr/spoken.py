"""Numbers as sequences of prompt ids. Every id that this module can name must be in each `prompts.yaml`: see `all_ids`.

Digits (an order number) are `digit_0` ... `digit_9`; numbers are built of `number_<n>` and the words hundred,
thousand and, in Chinese, ten thousand.
"""

ENGLISH = "en"
CHINESE = "zh"
LANGUAGES = (CHINESE, ENGLISH)
LARGEST = 99_999
_TEN, _TWENTY, _HUNDRED, _THOUSAND = 10, 20, 100, 1000
_CHINESE_UNITS = ((10_000, "number_10000"), (1000, "number_1000"), (100, "number_100"), (10, "number_10"))
_TWO_COUNTED = "number_2_counted"


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
    if minutes > 60:  # noqa: PLR2004 - minutes of an hour
        return ("estimated_wait_long",)
    return ("estimated_wait_before", *number(minutes, language, counted=True), "estimated_wait_after")


def all_ids(language: str) -> frozenset[str]:
    """Every prompt id that this module may name in that language."""
    ids = {f"digit_{digit}" for digit in range(10)} | {"number_100", "number_1000"}
    ids |= {f"queue_position_{part}" for part in ("next", "before", "after")}
    ids |= {f"estimated_wait_{part}" for part in ("short", "long", "before", "after")}
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
