"""The wait estimate: by example, and judged against a simulated queue."""

import heapq
import random

import pytest

from cti.acd.estimate import LEAST_GAPS, WaitEstimate


def steady(gap_s: float = 10.0) -> WaitEstimate:
    """A queue that one caller leaves every `gap_s` seconds; the last of eight waits since 0 still at 70."""
    estimate = WaitEstimate()
    for number in range(8):
        estimate.entered(f"old{number}", "sales", 0, 0.0)
    for number in range(7):
        estimate.left(f"old{number}", (number + 1) * gap_s)
    return estimate


def test_nothing_is_said_before_anything_is_known() -> None:
    estimate = WaitEstimate()
    assert estimate.entered("i1", "sales", 0, 0.0) is None
    for number in range(LEAST_GAPS):
        estimate.entered(f"x{number}", "sales", 0, 0.0)
        estimate.left(f"x{number}", 5.0)
    assert estimate.entered("i2", "sales", 0, 5.0) is not None
    assert estimate.entered("i3", "repairs", 0, 5.0) is None


def test_the_place_in_the_line_times_the_gap() -> None:
    estimate = steady()
    assert estimate.entered("second", "sales", 0, 70.0) == pytest.approx(20.0)
    assert estimate.entered("third", "sales", 0, 70.0) == pytest.approx(30.0)
    assert estimate.entered("first", "sales", 9, 70.0) == pytest.approx(10.0), "who has priority has nobody before"


def test_a_lull_is_no_gap() -> None:
    estimate = steady()
    estimate.left("old7", 80.0)
    estimate.entered("next", "sales", 0, 5000.0)
    estimate.left("next", 5010.0)
    assert estimate.after("sales", 0, 0) == pytest.approx(10.0)


def test_who_is_turned_away_or_told_twice_leaves_no_trace() -> None:
    estimate = steady()
    before = estimate.after("sales", 0, 1)
    estimate.entered("i1", "sales", 0, 70.0)
    estimate.turned_away("i1")
    estimate.left("i1", 99.0)
    estimate.answered("i1", 99.0)
    assert estimate.after("sales", 0, 1) == before
    assert not estimate.is_known("i1")
    assert estimate.entered("i2", "sales", 0, 70.0) == pytest.approx(20.0)


def test_the_error_is_kept_and_corrects_what_is_said_later() -> None:
    estimate = steady()
    estimate.left("old7", 80.0)
    for number in range(12):
        at = 100.0 + 100 * number
        estimate.entered(f"low{number}", "sales", 1, at)
        for high in range(2):
            estimate.entered(f"high{number}.{high}", "sales", 5, at)
            estimate.left(f"high{number}.{high}", at + 10.0 * (high + 1))
        estimate.answered(f"low{number}", at + 30.0)
    (known,) = estimate.calibrations()
    assert (known.queue, known.priority, known.count) == ("sales", 1, 12)
    assert known.factor > 2, "whoever is overtaken waits longer than the place says"
    assert known.error_s >= abs(known.bias_s) > 0


def test_who_asks_for_rare_skills_has_an_estimate_of_their_own() -> None:
    """One place in the line of one queue; whoever speaks French waits three times as long as the others."""
    estimate = steady()
    estimate.left("old7", 80.0)
    french = (("fr", 5),)
    for number in range(12):
        at = 100.0 + 100 * number
        estimate.entered(f"any{number}", "sales", 1, at)
        estimate.answered(f"any{number}", at + 10.0)
        estimate.entered(f"fr{number}", "sales", 1, at + 20.0, french)
        estimate.answered(f"fr{number}", at + 50.0)
    anybody, rare = estimate.after("sales", 1, 0), estimate.after("sales", 1, 0, french)
    assert anybody is not None
    assert rare == pytest.approx(3 * anybody, rel=0.2)
    assert [(known.skills, known.count) for known in estimate.calibrations()] == [((), 12), (french, 12)]


def simulated(agents: int, per_s: float, mean_s: float, patience_s: float, seed: int) -> WaitEstimate:
    """First come first served, exponential everything, a day at the most; told to the estimate as the engine does."""
    chance, estimate = random.Random(seed), WaitEstimate()
    busy: list[float] = []
    line: list[tuple[float, str]] = []
    now = 0.0
    for number in range(6000):
        now += chance.expovariate(per_s)
        while True:
            ends = busy[0] if busy else now
            gives_up = min(line, default=(now, ""))
            if min(ends, gives_up[0]) >= now:
                break
            if gives_up[0] < ends:
                line.remove(gives_up)
                estimate.left(gives_up[1], gives_up[0])
                continue
            heapq.heappop(busy)
            if line:
                served = min(line, key=lambda one: int(one[1]))
                line.remove(served)
                estimate.answered(served[1], ends)
                heapq.heappush(busy, ends + chance.expovariate(1 / mean_s))
        if len(busy) < agents:
            heapq.heappush(busy, now + chance.expovariate(1 / mean_s))
        else:
            line.append((now + chance.expovariate(1 / patience_s), str(number)))
            estimate.entered(str(number), "sales", 0, now)
    return estimate


@pytest.mark.parametrize(("agents", "patience_s"), [(5, 1e9), (20, 1e9), (20, 120.0)])
def test_it_is_right_on_average_in_a_simulated_queue(agents: int, patience_s: float) -> None:
    """A busy queue: arrivals for 95 % occupancy, or 110 % where callers give up."""
    share = 0.95 if patience_s > 1e6 else 1.1
    estimate = simulated(agents, share * agents / 180.0, 180.0, patience_s, seed=agents)
    (known,) = estimate.calibrations()
    actual = estimate._classes["sales", 0, ()].actual.value
    assert known.count > 500
    assert abs(known.bias_s) < 0.35 * actual, (known, actual)
    assert known.error_s < 0.75 * actual, (known, actual)
