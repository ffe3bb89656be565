"""Leave to dial a number over the trunk, which is where toll fraud would take our money.

`Switch.dial` and `Switch.to_number` take a `Permit` instead of a number, and so does `cti.floor.session.dial_out`:
whoever wants to dial has to ask `cti.floor.toll.Toll`, the only place that makes one
(`tests/unit/switch/test_permit.py`).
"""

from typing import Final, final

_NUMBER: Final = frozenset("+0123456789")


@final
class Permit:
    """To dial `number`, once. `permit_id` is that of the fact `DialPermitted`."""

    __slots__ = ("number", "permit_id")

    def __init__(self, number: str, permit_id: str) -> None:
        """Raises ValueError for what is no number: nothing else may ever stand in a dial string."""
        if not number or not _NUMBER.issuperset(number):
            raise ValueError(f"not a number that can be dialled: {number!r}")
        self.number: Final = number
        self.permit_id: Final = permit_id

    def __repr__(self) -> str:
        return f"Permit({self.number!r}, {self.permit_id!r})"
