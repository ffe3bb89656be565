"""Who calls, and when: drawn from a curve of rates, or as recorded. Times are seconds from the simulation's start."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from heapq import merge
from io import StringIO
from math import isfinite, log
from random import Random

import msgspec

from cti.errors import ConfigError, Problem
from cti.simulation.chance import Duration, stream

_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?")


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """`patience_s` None: waits for as long as it takes."""

    at: float
    queue: str
    talk_s: float
    patience_s: float | None = None
    skills: Mapping[str, int] = {}


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """What this share of a queue's callers needs on top of the queue's skills."""

    share: float
    skills: Mapping[str, int]


class Demand(msgspec.Struct, frozen=True, kw_only=True):
    """The callers of one queue: `calls` expected in each interval, spread over it at random (a Poisson process)."""

    queue: str
    calls: Sequence[float]
    talk: Duration
    patience: Duration | None = None
    needs: tuple[Need, ...] = ()


def drawn(demand: Demand, interval_s: float, seed: int) -> Iterator[Arrival]:
    """In the order of their times. Interval after interval: a Poisson process has no memory."""
    arriving, talking, waiting, needing = (
        stream(seed, demand.queue, name) for name in ("arrivals", "talk", "patience", "needs")
    )
    for number, calls in enumerate(demand.calls):
        at, end = number * interval_s, (number + 1) * interval_s
        while calls > 0:
            at -= interval_s / calls * log(1.0 - arriving.random())
            if at >= end:
                break
            yield Arrival(
                at=at,
                queue=demand.queue,
                talk_s=demand.talk.draw(talking),
                patience_s=None if demand.patience is None else demand.patience.draw(waiting),
                skills=_skills(demand.needs, needing.random()) if demand.needs else {},
            )


def _skills(needs: tuple[Need, ...], chance: float) -> Mapping[str, int]:
    for need in needs:
        if chance < need.share:
            return need.skills
        chance -= need.share
    return {}


def in_order(*arrivals: Iterator[Arrival]) -> Iterator[Arrival]:
    return merge(*arrivals, key=lambda arrival: arrival.at)


def recorded(text: str, file: str, demands: Mapping[str, Demand], *, seed: int, start_s: float = 0.0) -> list[Arrival]:
    """Arrivals from CSV: a heading with `at` and `queue`, and if they are known `talk_s` and `patience_s`.

    `at` is in seconds from the start, or a time of the day such as 09:30:15, when the simulation starts at `start_s`
    of that day. What a line leaves empty is drawn by the queue's demand. Raises `ConfigError` with every line that is
    wrong.
    """
    rows = csv.DictReader(StringIO(text))
    problems: list[Problem] = []
    found: list[Arrival] = []
    draws = {queue: stream(seed, queue, "recorded") for queue in demands}
    missing = {"at", "queue"} - set(rows.fieldnames or ())
    if missing:
        names = " and ".join(sorted(missing))
        raise ConfigError(Problem(file, 1, f"expected a heading with at and queue, there is no {names}"))
    for row in rows:
        try:
            found.append(_arrival(row, demands, draws, start_s))
        except ValueError as error:
            problems.append(Problem(file, rows.line_num, str(error)))
    if problems:
        raise ConfigError(*problems)
    return sorted(found, key=lambda arrival: arrival.at)


def _arrival(
    row: Mapping[str, str | None], demands: Mapping[str, Demand], draws: Mapping[str, Random], start_s: float
) -> Arrival:
    """`ValueError` with what was expected."""
    demand = demands.get(row["queue"] or "")
    if demand is None:
        raise ValueError(f"the scenario has no queue '{row['queue']}', expected one of {', '.join(demands)}")
    talk_s, patience_s = _seconds(row, "talk_s"), _seconds(row, "patience_s")
    random = draws[demand.queue]
    if talk_s is None:
        talk_s = demand.talk.draw(random)
    if patience_s is None and demand.patience is not None:
        patience_s = demand.patience.draw(random)
    return Arrival(at=_moment(row, start_s), queue=demand.queue, talk_s=talk_s, patience_s=patience_s)


def _moment(row: Mapping[str, str | None], start_s: float) -> float:
    if clock := _CLOCK.fullmatch((row["at"] or "").strip()):
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        at = hours * 3600 + minutes * 60 + seconds - start_s
        if at < 0:
            raise ValueError(f"the simulation starts later than {row['at']}")
        return at
    since_start = _seconds(row, "at")
    if since_start is None:
        raise ValueError("expected a time in at")
    return since_start


def _seconds(row: Mapping[str, str | None], column: str) -> float | None:
    text = (row.get(column) or "").strip()
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not (isfinite(value) and value >= 0):
        raise ValueError(f"expected 0 seconds or more in {column}, found '{text}'")
    return value
