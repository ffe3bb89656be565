"""What the web server needs to give out and erase what is known of a customer, and to hold what must be kept."""

from typing import IO, Protocol

from cti.web.resources_personal import ErasureAnswer, HoldBody, Holds, HoldView


class PersonalPort(Protocol):
    """`by` is a login, `role` that person's."""

    async def export(self, customer_id: int, by: str, role: str) -> IO[bytes]:
        """A zip file at its beginning, which the caller closes. Raises NotFound."""

    async def erase(self, customer_id: int, by: str, role: str, reason: str) -> ErasureAnswer:
        """Raises NotFound, and Conflict for one with whom something goes on, or who is held."""

    async def holds(self) -> Holds: ...

    async def hold(self, body: HoldBody, by: str) -> HoldView:
        """Raises NotFound, and Conflict for what is held already."""

    async def release(self, hold_id: int, by: str) -> HoldView:
        """Raises NotFound."""
