"""How good the line of each agent of an interaction was, over all of their talk."""

import msgspec
from sqlalchemy import Connection, func, select

from cti.store import tables as t


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One agent's: means over the `seconds` that were measured; `worst` is the lowest `mos` of them."""

    agent_id: str
    seconds: float
    mos: float
    worst: float
    loss: float
    jitter_ms: float
    rtt_ms: float


def lines_of(c: Connection, interaction_id: str) -> tuple[Line, ...]:
    """In the order in which they talked."""
    q = t.call_quality.c
    seconds = func.sum(q.seconds)
    means = [(func.sum(q[name] * q.seconds) / seconds).label(name) for name in ("mos", "loss", "jitter_ms", "rtt_ms")]
    query = (
        select(q.agent_id, seconds.label("seconds"), func.min(q.mos).label("worst"), *means)
        .where(q.interaction_id == interaction_id)
        .group_by(q.agent_id)
        .order_by(func.min(q.at))
    )
    return tuple(Line(**row._mapping) for row in c.execute(query))  # noqa: SLF001 - SQLAlchemy's public name for it
