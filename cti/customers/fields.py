"""Fields of a customer that a site adds to ours. Pure: what may stand in them, and how a value is written down.

A value is text in one writing: a number as "12.5", a date as "2026-11-21", a choice as its code, yes_no as "yes" or
"no". "" stands for no value.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final, Literal

import msgspec

from cti.errors import CtiError

FieldKind = Literal["text", "number", "date", "choice", "yes_no"]
LONGEST_VALUE: Final = 500
_YES_NO: Final = {"yes", "no"}


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    label: dict[str, str]


class CustomerField(msgspec.Struct, frozen=True, kw_only=True):
    """`choices` belong to the kind choice, `pattern` (a whole value must match it) to text; "" is no pattern."""

    code: str
    label: dict[str, str]
    kind: FieldKind
    choices: tuple[Choice, ...] = ()
    required: bool = False
    pattern: str = ""


class WrongValue(CtiError):
    """A value that the field `code` cannot hold."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def written(field: CustomerField, value: str) -> str:
    """`value` as it is kept. Raises `WrongValue`; "" is none, which a required field refuses."""
    text = value.strip()
    if not text:
        if field.required:
            raise WrongValue(field.code, "this field must not be empty")
        return ""
    if len(text) > LONGEST_VALUE:
        raise WrongValue(field.code, f"at most {LONGEST_VALUE} characters, these are {len(text)}")
    return _READERS[field.kind](field, text)


def patched(fields: Iterable[CustomerField], extra: Mapping[str, str], patch: Mapping[str, str]) -> dict[str, str]:
    """`extra` with what `patch` names. Raises `WrongValue`.

    What is not named stays, also the value of a field that was configured once and is no more.
    """
    known = {field.code: field for field in fields}
    values = dict(extra)
    for code, value in patch.items():
        if code not in known:
            raise WrongValue(code, f"there is no such field; there are: {', '.join(known) or 'none'}")
        values[code] = written(known[code], value)
    return {code: value for code, value in values.items() if value}


def _text(field: CustomerField, text: str) -> str:
    if field.pattern and not re.fullmatch(field.pattern, text):
        raise WrongValue(field.code, f"{text!r} does not fit the pattern {field.pattern}")
    return text


def _number(field: CustomerField, text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > 30:  # noqa: PLR2004 - nobody's shoe size
        raise WrongValue(field.code, f"expected a number, found {text!r}")
    return format(number, "f")


def _date(field: CustomerField, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise WrongValue(field.code, f"expected a date like 2026-11-21, found {text!r}") from None


def _choice(field: CustomerField, text: str) -> str:
    codes = [choice.code for choice in field.choices]
    if text not in codes:
        raise WrongValue(field.code, f"expected one of {', '.join(codes)}, found {text!r}")
    return text


def _yes_no(field: CustomerField, text: str) -> str:
    if text not in _YES_NO:
        raise WrongValue(field.code, f"expected yes or no, found {text!r}")
    return text


_READERS: Final = {"text": _text, "number": _number, "date": _date, "choice": _choice, "yes_no": _yes_no}
