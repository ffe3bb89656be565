from tests.bench.figure import Figure, markdown


def figure(goal: float) -> Figure:
    return {
        "name": "some",
        "value": 1,
        "unit": "s",
        "peer": "peer",
        "peer_value": 1,
        "ratio": 0.9,
        "goal": goal,
    }


def test_a_figure_without_a_goal_cannot_miss_it() -> None:
    text = markdown([figure(0), figure(1.15)], machine="", date="").splitlines()
    assert text[-2].endswith("| 0.9 | none |")
    assert text[-1].endswith("| 0.9 (missed) | 1.15 |")
