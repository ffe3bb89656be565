"""Long runs of one queue under a constant load, and how certain their figures are."""

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist

import msgspec

from cti.acd.queue import QueueRules
from cti.agents.agent import AgentProfile
from cti.simulation.arrivals import Demand, drawn
from cti.simulation.chance import Duration
from cti.simulation.floor import AT_ONCE, Plan, SimulatedAgent, simulate
from cti.simulation.outcome import QueueOutcome, Slice


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


def steady(load: Load, agents: int, *, calls: int, batches: int, seed: int) -> QueueOutcome:
    """`calls` expected contacts served by `agents`; the slices are the batches, without a first one to warm up."""
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
    queue = simulate(plan, drawn(demand, interval_s, seed)).queues[0]
    return msgspec.structs.replace(queue, slices=queue.slices[1:])


class Observed(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of `cti/reports/erlang.py` as seen in a steady run; `late` is 1 - service level."""

    late: Estimate
    asa_s: Estimate
    abandoned: Estimate
    occupancy: Estimate


def observe(slices: Sequence[Slice], confidence: float) -> Observed:
    """The method of batch means, each slice a batch; every estimate for itself has this confidence."""
    figures = [one.figures for one in slices]
    judged = [one.answered + one.abandoned for one in figures]
    return Observed(
        late=ratio([all_ - one.within_target for one, all_ in zip(figures, judged, strict=True)], judged, confidence),
        asa_s=ratio([one.waited_s for one in figures], [one.answered for one in figures], confidence),
        abandoned=ratio([one.abandoned for one in figures], judged, confidence),
        occupancy=ratio([one.handling_s for one in slices], [one.staffed_s for one in slices], confidence),
    )


def ratio(tops: Sequence[float], bottoms: Sequence[float], confidence: float) -> Estimate:
    """The ratio of two sums over batches, with the half-width of its interval by the delta method.

    1 when there is nothing to be divided by: where nobody was ever answered, all are late.

    Law, *Simulation Modeling and Analysis*, 5th ed., sections 9.5.3 (batch means) and 9.4.3 (ratios).
    """
    batches = len(tops)
    if not sum(bottoms):
        return Estimate(mean=1.0, half=0.0)
    mean = sum(tops) / sum(bottoms)
    residuals = [top - mean * bottom for top, bottom in zip(tops, bottoms, strict=True)]
    error = sqrt(sum(one * one for one in residuals) / (batches - 1) / batches) / (sum(bottoms) / batches)
    return Estimate(mean=mean, half=student_t((1 + confidence) / 2, batches - 1) * error)


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
