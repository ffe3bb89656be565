"""What the rest of the system asks about customers; the store implements it (`cti/store/customers.py`)."""

from typing import Protocol, TypeVar

import msgspec

CardT_co = TypeVar("CardT_co", covariant=True)


class Identified(msgspec.Struct, frozen=True, kw_only=True):
    """Who a caller is. `created`: nobody was known under this number until now."""

    customer_id: int
    name: str
    vip: int
    created: bool


class CustomerDirectory(Protocol[CardT_co]):
    """`CardT_co` is what a screen shows of a customer: `cti.desk.views.CustomerView`.

    Every method raises `NotConnected` when the database is away; a caller is then served without a name.
    """

    async def find_or_create(self, number: str, *, caller_name: str, at: float) -> Identified:
        """`number` is canonical and not withheld. Two calls at once from one new number make one customer."""
        ...

    async def card(self, customer_id: int) -> CardT_co:
        """With orders, notes and the latest contacts. `NotFound`."""
        ...
