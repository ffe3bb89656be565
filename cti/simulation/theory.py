"""The page `docs/theory.md`: the simulated live engine beside Erlang C and Erlang A.

`python -m cti.simulation.theory > docs/theory.md` writes it; a test checks that it is what is computed.
"""

import sys
from collections.abc import Iterator

import msgspec

from cti.acd.queue import QueueRules
from cti.reports.erlang import Steady, erlang_a, erlang_c
from cti.simulation.chance import Duration
from cti.simulation.steady import Estimate, Load, Observed, observe, steady

BATCHES, SEED = 40, 1
AHT_S = 180.0


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """`erlang`: the load. `patience_s` None: Erlang C."""

    agents: int
    erlang: float
    within_s: float
    calls: int
    patience_s: float | None = None

    @property
    def load(self) -> Load:
        return Load(
            rules=QueueRules(name="q", wrap_up_s=0.0, target_s=self.within_s),
            rate=self.erlang / AHT_S,
            talk=Duration(mean_s=AHT_S),
            patience=None if self.patience_s is None else Duration(mean_s=self.patience_s),
        )

    def theory(self, agents: int | None = None) -> Steady:
        agents = self.agents if agents is None else agents
        if self.patience_s is None:
            return erlang_c(agents, self.erlang / AHT_S, AHT_S, self.within_s)
        return erlang_a(agents, self.erlang / AHT_S, AHT_S, self.patience_s, self.within_s)


CASES = (
    Case(agents=5, erlang=3.5, within_s=20, calls=20_000),
    Case(agents=20, erlang=16, within_s=20, calls=40_000),
    Case(agents=20, erlang=19, within_s=20, calls=16_000, patience_s=60),
    Case(agents=20, erlang=24, within_s=30, calls=16_000, patience_s=120),
)
FIGURES = 3 * 2 + 4 * 2
"""How many are compared: without patience nobody gives up, and there is nothing to compare."""
CONFIDENCE = 1 - 0.05 / FIGURES
"""Bonferroni: all the intervals together hold with 95 % confidence."""


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    theory: float
    observed: Estimate


def compare(case: Case, observed: Observed, theory: Steady) -> tuple[Compared, ...]:
    found = (
        Compared(name=f"P(wait > {case.within_s:g} s)", theory=1 - theory.service_level, observed=observed.late),
        Compared(name="ASA, s", theory=theory.asa_s, observed=observed.asa_s),
        Compared(name="occupancy", theory=theory.occupancy, observed=observed.occupancy),
        Compared(name="P(abandon)", theory=theory.abandoned, observed=observed.abandoned),
    )
    return found if case.patience_s is not None else found[:3]


def run(case: Case) -> Observed:
    return observe(steady(case.load, case.agents, calls=case.calls, batches=BATCHES, seed=SEED), CONFIDENCE)


def page(runs: tuple[Observed, ...]) -> str:
    """`runs` are those of `CASES`."""
    rows = [row for case, observed in zip(CASES, runs, strict=True) for row in _rows(case, observed)]
    return "\n".join([_HEAD, *rows, _TAIL])


def _rows(case: Case, observed: Observed) -> Iterator[str]:
    model = "Erlang C" if case.patience_s is None else f"Erlang A, patience {case.patience_s:g} s"
    title = f"{model}: {case.agents} agents, {case.erlang:g} Erlangs, {case.calls:,} calls"
    for one in compare(case, observed, case.theory()):
        low, high = one.observed.mean - one.observed.half, one.observed.mean + one.observed.half
        holds = "yes" if one.observed.holds(one.theory) else "**no**"
        digits = 2 if one.name.startswith("ASA") else 4
        numbers = " | ".join(f"{number:.{digits}f}" for number in (one.theory, one.observed.mean, low, high))
        yield f"| {title} | {one.name} | {numbers} | {holds} |"
        title = ""


_HEAD = f"""# The engine against queueing theory

The simulator (`cti/simulation`) runs the live engine (`cti/acd`) on a virtual clock. With one queue, agents who are all
alike, Poisson arrivals, exponential handling times of {AHT_S:g} s on average and no ringing or wrap-up, theory knows
what must come out: Erlang C when nobody gives up, Erlang A when patience is exponential too (`cti/reports/erlang.py`,
sources there). Here is what does come out, by the definitions of the live reports.

The calls come in {BATCHES} batches after one to warm up, seed {SEED}. The intervals are by batch means with the work
that came as a control variate (`cti/simulation/steady.py`), each so wide that all {FIGURES} together hold with 95 %
confidence (Bonferroni). P(wait > t) is the share of those answered or abandoned who were not answered within t.

| case | figure | theory | engine | from | to | theory within |
|---|---|---|---|---|---|---|"""

_TAIL = """
`tests/unit/simulation/test_theory.py` runs this, asserts every "yes", and that theory for one agent more or one fewer
falls outside: the intervals are narrow enough to tell. The page is written by `python -m cti.simulation.theory`.
"""


if __name__ == "__main__":
    sys.stdout.write(page(tuple(map(run, CASES))))
