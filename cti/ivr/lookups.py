"""The questions that a flow may ask of the shop's systems."""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from cti.ivr.actions import LookupAnswer


class LookupKind(msgspec.Struct, frozen=True, kw_only=True):
    """What a lookup takes, how it may end (besides "failed"), and which variables it sets."""

    arguments: frozenset[str]
    outcomes: frozenset[str]
    variables: frozenset[str] = frozenset()


LOOKUPS: Mapping[str, LookupKind] = {
    "order_status": LookupKind(
        arguments=frozenset({"order_number"}),
        outcomes=frozenset({"paid", "shipped", "delivered", "not_found"}),
    ),
    "card_number": LookupKind(arguments=frozenset({"number"}), outcomes=frozenset({"valid", "invalid"})),
}


def card_number(number: str) -> LookupAnswer:
    """Whether the check digit is right (the Luhn algorithm of ISO/IEC 7812-1): who mistypes is asked again."""
    twice = (sum(divmod(2 * int(digit), 10)) for digit in number[-2::-2])
    total = sum(twice) + sum(int(digit) for digit in number[::-2])
    return LookupAnswer("valid" if total % 10 == 0 else "invalid")


class Lookups(Protocol):
    async def look_up(self, name: str, arguments: Mapping[str, str]) -> LookupAnswer:
        """`name` is one of `LOOKUPS`. A caller waits meanwhile: it must answer within a second or two.

        What it raises is logged and taken as the outcome "failed".
        """
