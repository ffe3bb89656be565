"""The order of those who wait, also across several queues of one agent.

Who has more points goes first: the queue's priority, the interaction's own, `vip_points` for each VIP level of the
customer, what relaxation added, and `ageing` points for each minute since the interaction is *due*. Among equal
points, who is due earlier; then who arrived earlier. A queue that serves by "arrival" has everybody due when the wait
began; one that serves by "target", when its service level will be missed (`target_s` later): who will miss the target
first goes first. Between a queue of the one and a queue of the other kind the same holds, by these times.

Within a queue the order of two never changes with time, for both age alike; between queues that age differently it
may, and is looked at when an agent is free.
"""

Rank = tuple[float, float, int]
"""A place in the order, smallest first: (-points as they were at time 0, due, arrival)."""

MINUTE_S = 60.0


def rank(points: int, ageing: float, due: float, arrival: int) -> Rank:
    return (ageing / MINUTE_S * due - points, due, arrival)


def urgency(ranked: Rank, ageing: float, now: float) -> Rank:
    """The rank as it compares across queues at this moment."""
    return (ranked[0] - ageing / MINUTE_S * now, ranked[1], ranked[2]) if ageing else ranked


def points_at(ranked: Rank, ageing: float, now: float) -> float:
    """The points at this moment, with what ageing added."""
    return -urgency(ranked, ageing, now)[0]
