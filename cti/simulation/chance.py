"""Random times, drawn so that one seed gives one history on every machine and in every version of Python."""

from math import cos, exp, log, pi, sqrt
from random import Random
from typing import Literal

import msgspec

Shape = Literal["constant", "exponential", "lognormal"]


class Duration(msgspec.Struct, frozen=True, kw_only=True):
    """A time in seconds. `sd_s`, the standard deviation, is for "lognormal" alone. `ValueError` for what cannot be."""

    mean_s: float
    shape: Shape = "exponential"
    sd_s: float = 0.0

    def __post_init__(self) -> None:
        if self.mean_s < 0 or self.sd_s < 0:
            raise ValueError("a time and its standard deviation are 0 seconds or more")
        if (self.sd_s > 0) != (self.shape == "lognormal"):
            raise ValueError("a lognormal time needs sd_s, and no other time has one")

    def draw(self, random: Random) -> float:
        """Inverse transforms of `random()`, the one method that Python promises never to change."""
        if self.shape == "constant" or self.mean_s == 0:
            return self.mean_s
        if self.shape == "exponential":
            return -self.mean_s * log(1.0 - random.random())
        variance = log(1.0 + (self.sd_s / self.mean_s) ** 2)
        return self.mean_s * exp(sqrt(variance) * _normal(random) - variance / 2)


def stream(seed: int, *names: object) -> Random:
    """A source of its own for each purpose, so that another number of agents leaves the callers as they were."""
    return Random("/".join(map(str, (seed, *names))))  # noqa: S311 - to be repeated is what it is for


def _normal(random: Random) -> float:
    """Box and Muller (1958), the first of the two."""
    return sqrt(-2.0 * log(1.0 - random.random())) * cos(2.0 * pi * random.random())
