"""What somebody may do with recordings and customers beyond their role. Pure."""

from collections.abc import Collection
from typing import Final, Literal, get_args

from cti.events import Role

Right = Literal["recording.download", "customer.merge"]
RIGHTS: Final[tuple[Right, ...]] = get_args(Right)

BY_ROLE: Final[dict[Role, frozenset[Right]]] = {
    "agent": frozenset(),
    "supervisor": frozenset({"recording.download", "customer.merge"}),
    "admin": frozenset({"recording.download", "customer.merge"}),
}


def has(right: Right, role: Role, granted: Collection[str]) -> bool:
    """By the role, or because it was granted to this person."""
    return right in BY_ROLE[role] or right in granted
