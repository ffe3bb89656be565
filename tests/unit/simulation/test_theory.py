"""The live engine against queueing theory, and the page that shows it."""

from pathlib import Path

import pytest

from cti.simulation.steady import Observed
from cti.simulation.theory import CASES, FIGURES, compare, page, run

DOCUMENT = Path(__file__).parents[3] / "docs" / "theory.md"


@pytest.fixture(scope="module")
def runs() -> tuple[Observed, ...]:
    return tuple(run(case) for case in CASES)


def test_theory_is_within_every_interval(runs: tuple[Observed, ...]) -> None:
    compared = [one for case, seen in zip(CASES, runs, strict=True) for one in compare(case, seen, case.theory())]
    assert [one for one in compared if not one.observed.holds(one.theory)] == []
    assert len(compared) == FIGURES


def test_the_intervals_can_tell_an_agent_more_from_one_fewer(runs: tuple[Observed, ...]) -> None:
    for case, seen in zip(CASES, runs, strict=True):
        for agents in (case.agents - 1, case.agents + 1):
            other = compare(case, seen, case.theory(agents))
            assert any(not one.observed.holds(one.theory) for one in other), (case, agents)


def test_the_page_shows_what_is_computed(runs: tuple[Observed, ...]) -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == page(runs), "python -m cti.simulation.theory > docs/theory.md"
