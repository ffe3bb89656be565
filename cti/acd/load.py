"""How occupied an agent has been of late, as one number whose order among idle agents never changes with time.

Occupancy is the share of time in conversation and wrap-up, where a moment that lies an hour back counts 1/e of now:
`integral of exp(-(now - u) / TAU_S) du / TAU_S` over what was worked. While nobody works, all shares shrink by the same
factor, so who is least occupied can be kept in a heap. Kept as a logarithm from a fixed origin:
`ln(share at t) + t / TAU_S` is the same at every t.
"""

from math import exp, expm1, inf, log, log1p
from typing import Final

TAU_S: Final = 3600.0
NONE: Final = -inf
"""The load of an agent who has not worked yet."""


def worked(load: float, began: float, ended: float) -> float:
    """The load after one more spell of work."""
    if ended <= began:
        return load
    spell = log(-expm1((began - ended) / TAU_S)) + ended / TAU_S
    low, high = sorted((load, spell))
    return high + log1p(exp(low - high))


def occupancy(load: float, now: float) -> float:
    """The share at this moment, 0 to 1, for an agent who is idle now."""
    return min(1.0, exp(load - now / TAU_S))
