"""Which facts are given up first when the spool is full: those without which every call can still be told."""

from typing import Final

from cti.events import (
    AlarmAcknowledged,
    AlarmCleared,
    AlarmRaised,
    EndpointReachable,
    Fact,
    LineQualityMeasured,
    TextRead,
    TextSent,
    WaitExplained,
    WrapUpSaved,
)

DISPENSABLE: Final = frozenset[type[Fact]](
    {
        EndpointReachable,
        LineQualityMeasured,
        WaitExplained,
        AlarmRaised,
        AlarmCleared,
        AlarmAcknowledged,
        TextSent,
        TextRead,
    }
)
"""Whose phone was there, how a line sounded, why somebody waited, what the board rang for, what people wrote."""


def dispensable(fact: Fact) -> bool:
    """So is a form that is not finished: the next draft, or the finished form, says more."""
    return type(fact) in DISPENSABLE or (isinstance(fact, WrapUpSaved) and not fact.final)
