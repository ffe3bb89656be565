"""What of the stored rows and facts says who somebody is, and how it is taken out. Pure.

Two kinds of traces. In what belongs to a customer (their interactions, tasks, callbacks) the fields of `PERSONAL` go
whatever is in them. Everywhere else, and in all other fields, the number and the name themselves go, wherever they
stand in a text. Times, queues, agents, outcomes and dispositions stay: they are what figures are made of.
"""

import json
import re
from collections.abc import Iterable
from typing import Any, Final

import msgspec

PERSONAL: Final = frozenset(
    {
        *("number", "customer_number", "caller_name", "customer_name"),
        *("note", "fields", "follow_up_text", "text", "digits", "subject", "detail"),
    }
)
"""Columns, and fields of facts, by name. A new one that holds what a customer says or is belongs here."""
MARK: Final = "[erased]"
"""Stands in a longer text for what was taken out."""
_SHORTEST_NAME: Final = 2
_NATIONAL_PREFIX: Final = r"(?:\+|00)?(?:{country})?0?"


class Traces:
    """`numbers` are canonical and public ("+8613900000001"), `names` such as nobody else bears."""

    def __init__(self, numbers: Iterable[str], names: Iterable[str], *, country: str, unlink: bool = False) -> None:
        """`country`: the country code of the site's region, "+86". `unlink`: the customer's id goes from facts too."""
        self._unlink = unlink
        code = country.lstrip("+")
        self.needles = tuple(
            {
                *(number.removeprefix(country).lstrip("+") for number in numbers),
                *(name for name in names if len(name) >= _SHORTEST_NAME),
            }
        )
        """One of them is in every text that has a trace; not every text with one has a trace."""
        patterns = [_spelled(number, country, code) for number in numbers]
        patterns += [re.escape(name) for name in sorted(names, key=len, reverse=True) if len(name) >= _SHORTEST_NAME]
        self._pattern = re.compile("|".join(patterns)) if patterns else None

    def text(self, text: str) -> str:
        if self._pattern is None or not text:
            return text
        return "" if self._pattern.fullmatch(text) else self._pattern.sub(MARK, text)

    def value(self, value: Any) -> Any:
        """Of JSON; keys are codes of the configuration and stay."""
        match value:
            case str():
                return self.text(value)
            case dict():
                return {key: self.value(one) for key, one in value.items()}
            case list():
                return [self.value(one) for one in value]
        return value

    def own(self, fields: dict[str, Any], *, more: Iterable[str] = ()) -> dict[str, Any]:
        """Of a row or a fact that belongs to the customer: `PERSONAL` and `more` emptied, traces gone from the rest."""
        emptied = PERSONAL | set(more)
        return {name: _empty(value) if name in emptied else self.value(value) for name, value in fields.items()}

    def fact(self, body: str, *, own: bool) -> str:
        """The JSON of a fact. Still one of its type: only texts change, and none of those that name a kind."""
        fields = msgspec.json.decode(body)
        kept = {"type": fields.pop("type", None)} if "type" in fields else {}
        changed = self.own(fields) if own else self.value(fields)
        if own and self._unlink and "customer_id" in changed:
            changed["customer_id"] = 0
        return msgspec.json.encode({**kept, **changed}).decode()


def escaped(needle: str) -> tuple[str, ...]:
    """As it may stand in a column: as it is, or as JSON writes it in ASCII."""
    return tuple({needle, json.dumps(needle)[1:-1]})


def _empty(value: Any) -> Any:
    match value:
        case str():
            return ""
        case dict():
            return {}
        case list():
            return []
    return value


def _spelled(number: str, country: str, code: str) -> str:
    """As it is dialled from abroad, from the same country, or written with digits alone; no digit before or behind."""
    if number.startswith(country):
        prefix, rest = _NATIONAL_PREFIX.format(country=re.escape(code)), number.removeprefix(country)
    else:
        prefix, rest = r"(?:\+|00)?", number.lstrip("+")
    return rf"(?<!\d){prefix}{re.escape(rest)}(?!\d)"
