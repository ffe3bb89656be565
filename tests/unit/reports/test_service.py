from hypothesis import given
from hypothesis import strategies as st

from cti.reports.service import QueueFigures, Visit, by_quarter, by_queue

VISIT = st.builds(
    Visit,
    queue=st.sampled_from(["a", "b"]),
    queued_at=st.integers(0, 4000).map(float),
    ended_at=st.integers(4000, 5000).map(float),
    outcome=st.sampled_from(["answered", "abandoned", "overflowed", ""]),
)


def visit(queued_at: float, waited_s: float, outcome: str) -> Visit:
    return Visit(queue="a", queued_at=queued_at, ended_at=queued_at + waited_s, outcome=outcome)


def test_service_level_asa_and_counts_of_a_worked_example() -> None:
    """Four answered after 5, 10, 20 and 45 s, one gave up, one went on to another queue; target 20 s."""
    visits = [visit(n, s, "answered") for n, s in enumerate((5, 10, 20, 45))]
    figures = by_queue([*visits, visit(9, 3, "abandoned"), visit(9, 60, "overflowed")], {"a": 20})["a"]
    assert (figures.offered, figures.answered, figures.abandoned, figures.within_target) == (6, 4, 1, 3)
    assert figures.service_level == 3 / 5
    assert figures.asa_s == 20


def test_without_calls_there_is_no_figure() -> None:
    assert QueueFigures().service_level is None
    assert QueueFigures().asa_s is None
    assert by_queue([], {}) == {}


def test_who_still_waits_is_offered_and_not_judged() -> None:
    waiting = Visit(queue="a", queued_at=1, ended_at=None, outcome="")
    figures = by_queue([waiting], {})["a"]
    assert (figures.offered, figures.service_level) == (1, None)


@given(st.lists(VISIT, max_size=30))
def test_queues_and_quarters_count_every_visit_once(visits: list[Visit]) -> None:
    quarters = by_quarter(visits, {"a": 30})
    together = {start: found for (start, queue), found in quarters.items() if not queue}
    apart = {key: found for key, found in quarters.items() if key[1]}
    for figures in (by_queue(visits, {"a": 30}), together, apart):
        assert sum(f.offered for f in figures.values()) == len(visits)
        assert sum(f.answered for f in figures.values()) == sum(v.outcome == "answered" for v in visits)
        assert all(f.within_target <= f.answered <= f.offered for f in figures.values())
    assert all(start % 900 == 0 for start, _ in quarters)
