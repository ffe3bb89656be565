"""How long those who wait will still wait, for the screens: looked at now and then, not at each change."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from cti.acd.engine import Engine
from cti.acd.estimate import Calibration

PLACES_SHOWN: Final = 50
"""The first of each queue; whoever is behind them sees no place on the board, which could not show it either."""


class Expected(NamedTuple):
    """One who waits: the place from 1, and the seconds still to wait, None for unknown."""

    interaction_id: str
    position: int
    wait_s: float | None


class Outlook(NamedTuple):
    """`wait_s` is what the last in line will wait, `error_s` how wrong such estimates were; None for unknown."""

    queue: str
    wait_s: float | None
    error_s: float | None
    places: tuple[Expected, ...]


def outlooks(engine: Engine) -> Iterator[Outlook]:
    """One for each queue."""
    calibrations = engine.calibrations()
    for rules in engine.queues():
        known = [one for one in calibrations if one.queue == rules.name]
        yield Outlook(rules.name, *_of_last(engine, rules.name, known), _places(engine, rules.name))


def _of_last(engine: Engine, queue: str, known: list[Calibration]) -> tuple[float | None, float | None]:
    last = engine.last(queue)
    wait_s = None if last is None else engine.wait_estimate(last)
    count = sum(one.count for one in known)
    return wait_s, sum(one.error_s * one.count for one in known) / count if count else None


def _places(engine: Engine, queue: str) -> tuple[Expected, ...]:
    """An estimate is in proportion to the place, by a factor of its kind: one of each kind is asked for, and scaled."""
    each: dict[tuple[int, tuple[tuple[str, int], ...]], float | None] = {}
    places = []
    for position, view in enumerate(engine.waiting(queue, PLACES_SHOWN), start=1):
        kind = (view.priority, view.asked)
        if kind not in each:
            wait_s = engine.wait_estimate(view.interaction_id)
            each[kind] = None if wait_s is None else wait_s / position
        factor = each[kind]
        places.append(Expected(view.interaction_id, position, None if factor is None else factor * position))
    return tuple(places)
