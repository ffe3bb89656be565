"""Resources of erasure and legal holds."""

from typing import Annotated, Literal

from pydantic import Field

from cti.web.resources import Body, Resource

Reason = Annotated[str, Field(min_length=1, max_length=500)]


class ErasureBody(Body):
    """`confirm` repeats the customer's id: it cannot be undone. `reason` is kept: no name and no number in it."""

    confirm: int
    reason: Reason


class ErasureAnswer(Resource, frozen=True, kw_only=True):
    """`rows`: how many were changed; `emptied`: entries of the audit log; `lingers`: files of the journal still name
    the customer, because the database needs them yet: they go by themselves as soon as it does not.
    """

    customer_id: int
    interactions: int
    recordings: int
    rows: int
    emptied: int
    lingers: bool = False


class HoldBody(Body):
    """`key`: the id of the interaction or the customer, or the name of the queue."""

    kind: Literal["interaction", "customer", "queue"]
    key: Annotated[str, Field(min_length=1, max_length=64)]
    reason: Reason


class HoldView(Resource, frozen=True, kw_only=True):
    hold_id: int
    kind: str
    key: str
    reason: str
    at: float
    by: str


class Holds(Resource, frozen=True, kw_only=True):
    items: tuple[HoldView, ...]
