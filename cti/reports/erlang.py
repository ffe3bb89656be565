"""What queueing theory says about one queue whose agents serve nobody else: Erlang C and Erlang A. Pure.

Arrivals are Poisson (`rate`, contacts per second), handling times exponential with mean `aht_s` (talk and wrap-up: all
that keeps an agent from the next contact), served in the order of arrival. In Erlang C everybody waits for as long as
it takes; in Erlang A everybody gives up after an exponential time of mean `patience_s`. Both describe the steady state.

Sources. Erlang B's recursion and Erlang C: Cooper, *Introduction to Queueing Theory*, 2nd ed., sections 3.3 and 3.4.
Erlang A: Zeltyn and Mandelbaum, "Call centers with impatient customers: many-server asymptotics of the M/M/n+G queue",
Queueing Systems 51 (2005), whose building blocks for exponential patience are, with mu = 1/aht and theta = 1/patience:

    H(x) = (1 - exp(-theta x)) / theta
    J    = integral over x >= 0 of exp(rate H(x) - n mu x)
    E    = sum for j < n of (a^j / j!) / (a^(n-1) / (n-1)!)         (the inverse of Erlang B with n - 1 agents)
    P(V > 0) = rate J / (E + rate J)

V is the offered wait, of somebody with endless patience; its density is rate exp(rate H(v) - n mu v) / (E + rate J).
"""

from collections.abc import Callable
from itertools import pairwise
from math import ceil, exp, expm1, inf, isfinite, log

import msgspec

_STEPS = 32
"""Of Simpson's rule in each panel; a test compares the result with the sum over the chain to six digits."""
_NEGLIGIBLE = 45.0
"""exp(-45) is beyond what a double adds to a number around 1."""
MOST_AGENTS = 100_000


class Steady(msgspec.Struct, frozen=True, kw_only=True):
    """Figures by the definitions of `cti/reports/service.py`.

    `waiting` is the share of contacts that find no agent free; `service_level` the share of all that is answered
    within the threshold; `asa_s` the mean wait of the answered (inf when the line only grows); `abandoned` the share
    that gives up.
    """

    waiting: float
    service_level: float
    asa_s: float
    abandoned: float
    occupancy: float


def erlang_b(agents: int, load: float) -> float:
    """The share of contacts that find all agents busy when nobody waits; `load` = rate x aht in Erlangs."""
    return 1.0 / _inverse_b(agents, load)


def erlang_c(agents: int, rate: float, aht_s: float, within_s: float = 20.0) -> Steady:
    """Nobody gives up. `ValueError` for a negative number or no handling time."""
    _check(agents, rate, aht_s, within_s)
    load = rate * aht_s
    if load == 0:
        return Steady(waiting=0.0, service_level=1.0, asa_s=0.0, abandoned=0.0, occupancy=0.0)
    if load >= agents:
        return Steady(waiting=1.0, service_level=0.0, asa_s=inf, abandoned=0.0, occupancy=1.0)
    blocked = erlang_b(agents, load)
    waiting = agents * blocked / (agents - load * (1.0 - blocked))
    return Steady(
        waiting=waiting,
        service_level=1.0 - waiting * exp(-(agents - load) * within_s / aht_s) if within_s >= 0 else 0.0,
        asa_s=waiting * aht_s / (agents - load),
        abandoned=0.0,
        occupancy=load / agents,
    )


def erlang_a(agents: int, rate: float, aht_s: float, patience_s: float, within_s: float = 20.0) -> Steady:
    """Everybody gives up after an exponential time of mean `patience_s`. `ValueError` as for Erlang C."""
    _check(agents, rate, aht_s, within_s)
    if not (isfinite(patience_s) and patience_s > 0):
        raise ValueError("patience must be more than 0 seconds; Erlang C is for those who never give up")
    if rate == 0:
        return Steady(waiting=0.0, service_level=1.0, asa_s=0.0, abandoned=0.0, occupancy=0.0)
    if agents == 0:
        return Steady(waiting=1.0, service_level=0.0, asa_s=inf, abandoned=1.0, occupancy=1.0)
    wait = _OfferedWait(agents, rate, aht_s, patience_s)
    abandoned = wait.mean(lambda v: -expm1(-v / patience_s))
    late = wait.mean(lambda v: exp(-v / patience_s))
    in_time = wait.mean(lambda v: exp(-v / patience_s), within_s)
    waited = wait.mean(lambda v: v * exp(-v / patience_s))
    at_once = 1.0 - wait.positive
    return Steady(
        waiting=wait.positive,
        service_level=at_once + in_time if within_s >= 0 else 0.0,
        asa_s=waited / (at_once + late),
        abandoned=abandoned,
        occupancy=min(1.0, rate * (1.0 - abandoned) * aht_s / agents),
    )


def agents_needed(steady: Callable[[int], Steady], share: float, load: float = 0.0) -> int:
    """The fewest agents whose `service_level` is `share` or more. `load`, in Erlangs, is only where to look first.

    The service level grows with the agents, which is why doubling and halving finds it. `ValueError` for a `share` that
    cannot be reached: 1, or a threshold below 0 s.
    """
    if not 0 <= share < 1:
        raise ValueError("a service level to be reached is 0 or more, and less than 1")
    low, high = -1, max(1, ceil(load))
    while steady(high).service_level < share:
        low, high = high, high * 2
        if high > MOST_AGENTS:
            raise ValueError(f"not even {MOST_AGENTS} agents reach this service level")
    while high - low > 1:
        middle = (low + high) // 2
        if steady(middle).service_level < share:
            low = middle
        else:
            high = middle
    return high


class _OfferedWait:
    """The distribution of V: `positive` is P(V > 0)."""

    def __init__(self, agents: int, rate: float, aht_s: float, patience_s: float) -> None:
        self._rate, self._patience = rate, patience_s
        self._capacity = agents / aht_s
        # the exponent rises up to here and falls for ever after; it is counted from its peak, lest exp() overflow
        self._peak = patience_s * log(rate / self._capacity) if rate > self._capacity else 0.0
        self._top = self._raw(self._peak)
        self._end = self._where_negligible()
        self._whole = self._grid(self._end)
        j = sum(weight for _, weight in self._whole)
        e = _inverse_b(agents - 1, rate * aht_s) * exp(-self._top)
        self._scale = rate / (e + rate * j)
        self.positive = self._scale * j

    def mean(self, of: Callable[[float], float], until: float = inf) -> float:
        """The integral of `of(v)` times the density over 0 < v <= `until`."""
        grid = self._whole if until >= self._end else self._grid(until)
        return self._scale * sum(weight * of(v) for v, weight in grid)

    def _raw(self, x: float) -> float:
        return -self._rate * self._patience * expm1(-x / self._patience) - self._capacity * x

    def _where_negligible(self) -> float:
        """By doubling away from the peak, then halving: beyond it the density adds nothing."""
        low, high = 0.0, 1.0 / self._capacity
        while self._raw(self._peak + high) - self._top > -_NEGLIGIBLE:
            low, high = high, high * 2
        while high - low > 0.01 * high:
            middle = (low + high) / 2
            if self._raw(self._peak + middle) - self._top > -_NEGLIGIBLE:
                low = middle
            else:
                high = middle
        return self._peak + high

    def _grid(self, until: float) -> list[tuple[float, float]]:
        """Points of 0..`until` with what each weighs: Simpson's rule times the (unscaled) density.

        The density changes on the scale of a service, of an arrival or of the patience, and its tail may be thousands
        of times as long: the panels double in width with the distance from the peak.
        """
        unit = min(self._patience, 1.0 / self._capacity, 1.0 / self._rate) / 2
        edges = {0.0, until, self._peak}
        width = unit
        while width < self._end:
            edges |= {self._peak - width, self._peak + width}
            width *= 2
        inside = sorted(edge for edge in edges if 0 <= edge <= until)
        return [point for low, high in pairwise(inside) for point in self._panel(low, high)]

    def _panel(self, low: float, high: float) -> list[tuple[float, float]]:
        step = (high - low) / _STEPS
        points = []
        for i in range(_STEPS + 1):
            v = low + i * step
            weight = (1 if i in {0, _STEPS} else 4 if i % 2 else 2) * step / 3
            points.append((v, weight * exp(self._raw(v) - self._top)))
        return points


def _inverse_b(agents: int, load: float) -> float:
    """1 / Erlang B; inf when blocking is too rare for a double."""
    if load == 0:
        return 1.0 if agents == 0 else inf
    inverse = 1.0
    for n in range(1, agents + 1):
        inverse = 1.0 + inverse * n / load
    return inverse


def _check(agents: int, rate: float, aht_s: float, within_s: float) -> None:
    if (
        agents < 0
        or not (isfinite(rate) and rate >= 0)
        or not (isfinite(aht_s) and aht_s > 0)
        or not isfinite(within_s)
    ):
        raise ValueError("agents and rate must be 0 or more, the handling time more than 0, and all of them numbers")
