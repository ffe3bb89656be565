"""The statistics of steady runs."""

import pytest

from cti.simulation.chance import stream
from cti.simulation.steady import ratio, student_t


@pytest.mark.parametrize(
    ("probability", "degrees", "quantile"),
    [(0.975, 10, 2.2281), (0.975, 18, 2.1009), (0.975, 30, 2.0423), (0.995, 18, 2.8784), (0.9995, 18, 3.9216)],
)
def test_students_quantiles_of_the_tables(probability: float, degrees: int, quantile: float) -> None:
    assert student_t(probability, degrees) == pytest.approx(quantile, rel=2e-3)


def test_ninety_five_of_a_hundred_intervals_hold_the_truth_and_a_control_narrows_them() -> None:
    """Batches of a ratio whose truth is 3, its top being driven by something that is known to be 0 on average."""
    random = stream(1, "batches")
    held, widths, uncontrolled = 0, 0.0, 0.0
    runs, batches = 1000, 20
    for _ in range(runs):
        bottoms = [100 + random.random() * 10 for _ in range(batches)]
        driver = [random.random() - 0.5 for _ in range(batches)]
        rates = [3 + drive + 0.2 * (random.random() - 0.5) for drive in driver]
        tops = [bottom * rate for bottom, rate in zip(bottoms, rates, strict=True)]
        found = ratio(tops, bottoms, driver, 0.95)
        held += found.holds(3.0)
        widths += found.half
        uncontrolled += ratio(tops, bottoms, [random.random() - 0.5 for _ in driver], 0.95).half
    assert 0.93 < held / runs < 0.97
    assert widths < 0.3 * uncontrolled


def test_nothing_to_divide_by() -> None:
    assert ratio([0.0, 0.0, 0.0], [0, 0, 0], [0.1, 0.2, 0.3], 0.95).mean == 1.0
