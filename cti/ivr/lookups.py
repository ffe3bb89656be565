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
}


class Lookups(Protocol):
    async def look_up(self, name: str, arguments: Mapping[str, str]) -> LookupAnswer:
        """`name` is one of `LOOKUPS`. A caller waits meanwhile: it must answer within a second or two.

        What it raises is logged and taken as the outcome "failed".
        """
