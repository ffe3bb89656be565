"""Long runs of one queue under a constant load, and how certain their figures are."""

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist, fmean

import msgspec

from cti.acd.queue import QueueRules
from cti.agents.agent import AgentProfile
from cti.simulation.arrivals import Demand, drawn
from cti.simulation.chance import Duration
from cti.simulation.floor import AT_ONCE, Plan, SimulatedAgent, simulate
from cti.simulation.outcome import Slice


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """`rate` contacts per second for ever. Every agent has just the skills that the queue asks for."""

    rules: QueueRules
    rate: float
    talk: Duration
    patience: Duration | None = None
    answer: Duration = AT_ONCE

    @property
    def aht_s(self) -> float:
        """What a contact keeps an agent for: ringing, talk and wrap-up."""
        return self.answer.mean_s + self.talk.mean_s + self.rules.wrap_up_s


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """A figure of the steady state: it is within `mean` +- `half` with the confidence that was asked for."""

    mean: float
    half: float

    def holds(self, figure: float) -> bool:
        return abs(figure - self.mean) <= self.half


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A steady run in batches. `excess`: by how much of the expected work more (or less) came in each of them."""

    slices: tuple[Slice, ...]
    excess: tuple[float, ...]


def steady(load: Load, agents: int, *, calls: int, batches: int, seed: int) -> Run:
    """`calls` expected contacts served by `agents`, in that many batches, after one to warm up that is left out."""
    interval_s = calls / batches / load.rate
    end_s = interval_s * (batches + 1)
    profiles = (
        AgentProfile(agent_id=f"a{number:05d}", queues=(load.rules.name,), skills=load.rules.skills)
        for number in range(agents)
    )
    plan = Plan(
        rules=(load.rules,),
        agents=[SimulatedAgent(profile=one, shifts=((0.0, end_s),), answer=load.answer) for one in profiles],
        interval_s=interval_s,
        intervals=batches + 1,
        seed=seed,
    )
    demand = Demand(
        queue=load.rules.name,
        calls=[calls / batches] * (batches + 1),
        talk=load.talk,
        patience=load.patience,
    )
    arrivals = list(drawn(demand, interval_s, seed))
    queue = simulate(plan, arrivals).queues[0]
    came = [0.0] * (batches + 1)
    for arrival in arrivals:
        came[int(arrival.at // interval_s)] += load.aht_s - load.talk.mean_s + arrival.talk_s
    expected = calls / batches * load.aht_s
    return Run(slices=queue.slices[1:], excess=tuple(work / expected - 1 for work in came[1:]))


class Observed(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of `cti/reports/erlang.py` as seen in a steady run; `late` is 1 - service level."""

    late: Estimate
    asa_s: Estimate
    abandoned: Estimate
    occupancy: Estimate


def observe(run: Run, confidence: float) -> Observed:
    """The method of batch means; every estimate for itself has this confidence."""
    figures = [one.figures for one in run.slices]
    judged = [one.answered + one.abandoned for one in figures]
    answered = [one.answered for one in figures]
    late = [all_ - one.within_target for one, all_ in zip(figures, judged, strict=True)]

    def estimate(tops: Sequence[float], bottoms: Sequence[float]) -> Estimate:
        return ratio(tops, bottoms, run.excess, confidence)

    return Observed(
        late=estimate(late, judged),
        asa_s=estimate([one.waited_s for one in figures], answered),
        abandoned=estimate([one.abandoned for one in figures], judged),
        occupancy=estimate([one.handling_s for one in run.slices], [one.staffed_s for one in run.slices]),
    )


def ratio(tops: Sequence[float], bottoms: Sequence[float], controls: Sequence[float], confidence: float) -> Estimate:
    """The ratio of two sums over batches (delta method), corrected for what the batches owe to chance by `controls`.

    A control is known to be 0 on average; where it came out as something else, so did the ratio, and a regression over
    the batches says by how much. 1 when there is nothing to divide by: where nobody was ever answered, all are late.

    Law, *Simulation Modeling and Analysis*, 5th ed., sections 9.5.3 (batch means) and 11.4 (control variates).
    """
    batches, total = len(tops), sum(bottoms)
    if not total:
        return Estimate(mean=1.0, half=0.0)
    overall = sum(tops) / total
    values = [overall + (top - overall * bottom) * batches / total for top, bottom in zip(tops, bottoms, strict=True)]
    control = fmean(controls)
    spread = sum((one - control) ** 2 for one in controls)
    slope = sum((one - control) * value for one, value in zip(controls, values, strict=True)) / spread
    mean = fmean(values) - slope * control
    residuals = [value - mean - slope * one for one, value in zip(controls, values, strict=True)]
    variance = sum(one * one for one in residuals) / (batches - 2) * (1 / batches + control**2 / spread)
    return Estimate(mean=mean, half=student_t((1 + confidence) / 2, batches - 2) * sqrt(variance))


def student_t(probability: float, degrees: int) -> float:
    """The quantile of Student's distribution; good to three digits from 10 degrees of freedom on.

    Abramowitz and Stegun, *Handbook of Mathematical Functions*, 26.7.5.
    """
    x = NormalDist().inv_cdf(probability)
    terms = (
        (x**3 + x) / 4,
        (5 * x**5 + 16 * x**3 + 3 * x) / 96,
        (3 * x**7 + 19 * x**5 + 17 * x**3 - 15 * x) / 384,
        (79 * x**9 + 776 * x**7 + 1482 * x**5 - 1920 * x**3 - 945 * x) / 92160,
    )
    correction: float = sum(term / degrees**power for power, term in enumerate(terms, start=1))
    return x + correction
