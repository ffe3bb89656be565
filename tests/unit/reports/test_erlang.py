"""Erlang C and A against published figures, against the birth-and-death chain itself, and against each other."""

from math import exp, inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti.reports.erlang import agents_needed, erlang_a, erlang_b, erlang_c


def test_erlang_b_of_the_tables() -> None:
    """10 Erlangs on 10 lines lose 21.46 %, on 12 lines 11.97 % (any Erlang B table)."""
    assert erlang_b(10, 10.0) == pytest.approx(0.2146, abs=5e-5)
    assert erlang_b(12, 10.0) == pytest.approx(0.1197, abs=5e-5)


def test_erlang_c_of_call_centre_helpers_worked_example() -> None:
    """100 calls in half an hour of 3 minutes each, 80 % within 20 s: 14 agents."""
    rate, aht_s = 100 / 1800, 180.0
    needed = agents_needed(lambda n: erlang_c(n, rate, aht_s, 20.0), 0.8, rate * aht_s)
    figures = erlang_c(needed, rate, aht_s, 20.0)
    assert needed == 14
    assert figures.waiting == pytest.approx(0.1741, abs=5e-5)
    assert figures.service_level == pytest.approx(0.888, abs=5e-4)
    assert figures.asa_s == pytest.approx(7.8, abs=0.05)
    assert figures.occupancy == pytest.approx(0.714, abs=5e-4)


def test_both_of_gans_koole_and_mandelbaum() -> None:
    """Table 1 of "Telephone call centers: tutorial, review, and research prospects" (2003): 50 agents, 48 calls a
    minute of 1 minute each; nobody gives up, or on average after 2 minutes.
    """
    c = erlang_c(50, 48 / 60, 60.0, 58.1)
    assert c.asa_s == pytest.approx(20.8, abs=0.05)
    assert c.occupancy == pytest.approx(0.96)
    assert c.service_level == pytest.approx(0.90, abs=0.002), "the 90th percentile of the wait is 58.1 s"
    a = erlang_a(50, 48 / 60, 60.0, 120.0, 12.5)
    assert a.abandoned == pytest.approx(0.031, abs=5e-4)
    assert a.abandoned * 120 == pytest.approx(3.7, abs=0.05), "the mean wait of all"
    assert a.occupancy == pytest.approx(0.93, abs=5e-3)


def chain(agents: int, rate: float, aht_s: float, patience_s: float) -> tuple[float, float]:
    """P(wait) and P(abandon) by adding up the birth-and-death chain."""
    weights = [1.0]
    while len(weights) < agents * 20 + 400:
        j = len(weights)
        weights.append(weights[-1] * rate / (min(j, agents) / aht_s + max(0, j - agents) / patience_s))
    total = sum(weights)
    line = sum((j - agents) * w for j, w in enumerate(weights) if j > agents) / total
    return sum(weights[agents:]) / total, line / patience_s / rate


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.floats(0.1, 1.6), st.floats(1.0, 600.0), st.floats(0.05, 20.0), st.floats(0.0, 3.0))
def test_erlang_a_is_its_chain(agents: int, use: float, aht_s: float, patience: float, within: float) -> None:
    rate, patience_s = use * agents / aht_s, patience * aht_s
    found = erlang_a(agents, rate, aht_s, patience_s, within * aht_s)
    waiting, abandoned = chain(agents, rate, aht_s, patience_s)
    assert found.waiting == pytest.approx(waiting, rel=1e-6, abs=1e-12)
    assert found.abandoned == pytest.approx(abandoned, rel=1e-6, abs=1e-12)
    assert 1 - found.waiting - 1e-9 <= found.service_level <= 1 - abandoned + 1e-9
    assert found.occupancy <= 1


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.floats(0.1, 0.95), st.floats(1.0, 600.0), st.floats(0.0, 3.0))
def test_endless_patience_makes_an_a_a_c(agents: int, use: float, aht_s: float, within: float) -> None:
    rate = use * agents / aht_s
    c = erlang_c(agents, rate, aht_s, within * aht_s)
    a = erlang_a(agents, rate, aht_s, 1e9 * aht_s, within * aht_s)
    assert a.waiting == pytest.approx(c.waiting, rel=1e-4)
    assert a.service_level == pytest.approx(c.service_level, rel=1e-4)
    assert a.asa_s == pytest.approx(c.asa_s, rel=1e-3, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.floats(0.1, 2.0), st.floats(0.1, 5.0))
def test_more_agents_serve_better_and_patience_tells(agents: int, use: float, patience: float) -> None:
    rate = use * agents
    one, two = (erlang_a(n, rate, 1.0, patience, 0.2) for n in (agents, agents + 1))
    assert two.service_level > one.service_level - 1e-12
    assert two.abandoned < one.abandoned + 1e-12


def test_the_fewest_agents_and_no_fewer() -> None:
    for share in (0.0, 0.3, 0.8, 0.99):
        for load in (0.4, 10.6, 311.3):
            needed = agents_needed(lambda n, load=load: erlang_c(n, load, 1.0, 0.1), share, load)  # type: ignore[misc]
            assert erlang_c(needed, load, 1.0, 0.1).service_level >= share
            assert needed == 0 or erlang_c(needed - 1, load, 1.0, 0.1).service_level < share


def test_an_unstable_line_only_grows() -> None:
    figures = erlang_c(10, 10.0, 1.0, 60.0)
    assert (figures.waiting, figures.service_level, figures.asa_s) == (1.0, 0.0, inf)
    patient = erlang_a(10, 20.0, 1.0, 30.0, 60.0)
    assert patient.abandoned == pytest.approx(0.5, abs=1e-6), "who cannot be served gives up, that is half of them"


def test_the_edges() -> None:
    assert erlang_c(0, 0.0, 1.0).service_level == 1.0
    assert erlang_c(0, 1.0, 1.0).service_level == 0.0
    assert erlang_a(0, 1.0, 1.0, 1.0).abandoned == 1.0
    assert erlang_a(1, 0.0, 1.0, 1.0).waiting == 0.0
    assert erlang_a(5000, 40.0, 60.0, 120.0).service_level == pytest.approx(1.0), "blocking too rare for a double"
    one = erlang_c(1, 0.5, 1.0, 2.0)  # M/M/1: P(W > t) = rho exp(-(mu - lambda) t)
    assert one.service_level == pytest.approx(1 - 0.5 * exp(-0.5 * 2.0))
    for wrong in ((-1, 1.0, 1.0), (1, -1.0, 1.0), (1, 1.0, 0.0), (1, inf, 1.0)):
        with pytest.raises(ValueError, match="must be"):
            erlang_c(*wrong)
    with pytest.raises(ValueError, match="patience"):
        erlang_a(1, 1.0, 1.0, 0.0)
    for share in (1.0, -0.1):
        with pytest.raises(ValueError, match="service level"):
            agents_needed(lambda n: erlang_c(n, 1.0, 1.0), share)
    with pytest.raises(ValueError, match="not even"):
        agents_needed(lambda n: erlang_c(n, 1.0, 1.0, -1.0), 0.8)
