"""What the rest of the system asks about customers; the store implements it (`cti/store/customers.py`)."""

from typing import Protocol, TypeVar

import msgspec

CardT_co = TypeVar("CardT_co", covariant=True)


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """One of several customers who share a number; `last_at`: when they last talked with an agent, None for never."""

    customer_id: int
    name: str
    vip: int
    city: str
    company: str
    last_at: float | None


class Identified(msgspec.Struct, frozen=True, kw_only=True):
    """Who a caller is. `created`: nobody was known under this number until now.

    `candidates` are all who share the number, when it is more than one: whoever was talked to last stands first, and is
    who this caller is taken for, level and preferred agent included, until an agent has asked.
    """

    customer_id: int
    name: str
    vip: int
    created: bool
    candidates: tuple[Candidate, ...] = ()


class CustomerDirectory(Protocol[CardT_co]):
    """`CardT_co` is what a screen shows of a customer: `cti.desk.views.CustomerView`.

    Every method raises `NotConnected` when the database is away; a caller is then served without a name.
    """

    async def find_or_create(self, number: str, *, caller_name: str, at: float) -> Identified:
        """`number` is canonical and not withheld. Two calls at once from one new number make one customer."""
        ...

    async def card(self, customer_id: int) -> CardT_co:
        """With orders, notes and the latest contacts; of a merged customer, the one they are now. `NotFound`."""
        ...


class CustomerRegister(CustomerDirectory[CardT_co], Protocol[CardT_co]):
    """Where an agent writes down who called."""

    async def assign(self, customer_id: int, *, number: str, instead_of: int) -> None:
        """Somebody who called from `number` ("": withheld) turned out to be this customer, who has the number from now.

        `instead_of` (0: nobody) is whom they were taken for: if that is nobody but a number, it goes. `NotFound`.
        """
        ...

    async def create(self, *, name: str, number: str, by: str, at: float) -> int:
        """A customer of this name who called from `number` ("": withheld), whoever else has it. `by` is a login."""
        ...
