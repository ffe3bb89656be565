"""What the form after a conversation asks for, and whether it is complete."""

from collections.abc import Mapping
from datetime import date
from math import isfinite
from typing import Literal, NamedTuple

import msgspec

FieldKind = Literal["text", "choice", "date", "number"]


class FormField(msgspec.Struct, frozen=True, kw_only=True):
    """`options`: the codes of which a "choice" takes one. A "date" is written YYYY-MM-DD, a "number" as in English."""

    code: str
    kind: FieldKind = "text"
    required: bool = False
    options: tuple[str, ...] = ()


class FormRules(msgspec.Struct, frozen=True, kw_only=True):
    """What a queue asks for. `dispositions`: what may be chosen, with its fields; without any, whatever is sent.

    `required`: one must be chosen. `waits`: the wrap-up does not end by itself, nor early, before the form is complete.
    """

    dispositions: Mapping[str, tuple[FormField, ...]] = {}
    required: bool = False
    waits: bool = False


class Lack(NamedTuple):
    """Why a form is not complete; `field` is "disposition" or "fields.<code>"."""

    field: str
    message: str


def lack_of(rules: FormRules, disposition: str, values: Mapping[str, str]) -> Lack | None:
    """The first thing that is wrong, None for a complete form. What no field asks for is left as it is."""
    if not disposition:
        return Lack("disposition", "a disposition must be chosen") if rules.required else None
    if rules.dispositions and disposition not in rules.dispositions:
        return Lack("disposition", f"'{disposition}' is not among the dispositions of this queue (any more)")
    for field in rules.dispositions.get(disposition, ()):
        if problem := _problem(field, values.get(field.code, "").strip()):
            return Lack(f"fields.{field.code}", problem)
    return None


def _problem(field: FormField, value: str) -> str:
    if not value:
        return f"'{field.code}' must be filled in" if field.required else ""
    match field.kind:
        case "choice" if value not in field.options:
            return f"'{field.code}' must be one of {', '.join(field.options)}"
        case "date" if not _is_date(value):
            return f"'{field.code}' must be a date, such as 2026-11-30"
        case "number" if not _is_number(value):
            return f"'{field.code}' must be a number"
        case _:
            return ""


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_number(value: str) -> bool:
    try:
        return isfinite(float(value))
    except ValueError:
        return False
