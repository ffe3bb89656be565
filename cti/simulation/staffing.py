"""How many agents an interval needs for a service level: by Erlang C, by Erlang A, and by the live engine itself."""

from collections.abc import Callable

import msgspec

from cti.reports.erlang import MOST_AGENTS, Steady, agents_needed, erlang_a, erlang_c
from cti.simulation.steady import Estimate, Load, observe, steady

_BATCHES = 20


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """This many agents, and the service level they give. `half`: with 95 % confidence it is within that, 0: exact."""

    agents: int
    service_level: float
    half: float = 0.0


class Staffing(msgspec.Struct, frozen=True, kw_only=True):
    """`erlang_a` None: nobody gives up, or not at random as Erlang A wants it. `simulated` None: was not asked for."""

    load_erlang: float
    erlang_c: Answer
    erlang_a: Answer | None
    simulated: Answer | None


def staffing(load: Load, share: float, *, calls: int, seed: int) -> Staffing:
    """For the load's `rules.target_s` and this `share`; `calls` is the length of each simulated run, 0 for none.

    Theory knows no ringing: a contact keeps an agent for ringing, talk and wrap-up together, and must have found one
    by the threshold less the ringing.
    """
    within_s = load.rules.target_s - load.answer.mean_s
    offered = load.rate * load.aht_s
    if load.rate == 0:
        nobody = Answer(agents=0, service_level=1.0)
        return Staffing(load_erlang=0.0, erlang_c=nobody, erlang_a=nobody, simulated=nobody)

    def c(agents: int) -> Steady:
        return erlang_c(agents, load.rate, load.aht_s, within_s)

    by_c = _theory(agents_needed(c, share, offered), c)
    by_a = None
    if load.patience is not None and load.patience.shape == "exponential":
        patience_s = load.patience.mean_s

        def a(agents: int) -> Steady:
            return erlang_a(agents, load.rate, load.aht_s, patience_s, within_s)

        by_a = _theory(agents_needed(a, share, offered), a)
    simulated = _simulated(load, share, (by_a or by_c).agents, calls, seed) if calls else None
    return Staffing(load_erlang=offered, erlang_c=by_c, erlang_a=by_a, simulated=simulated)


def _theory(agents: int, figures: Callable[[int], Steady]) -> Answer:
    return Answer(agents=agents, service_level=figures(agents).service_level)


def _simulated(load: Load, share: float, guess: int, calls: int, seed: int) -> Answer:
    """From the guess up or down, one by one: theory is near. The same callers each time."""

    def tried(agents: int) -> Answer:
        late: Estimate = observe(steady(load, agents, calls=calls, batches=_BATCHES, seed=seed), 0.95).late
        return Answer(agents=agents, service_level=1 - late.mean, half=late.half)

    answer = tried(guess)
    if answer.service_level >= share:
        while answer.agents > 1 and (fewer := tried(answer.agents - 1)).service_level >= share:
            answer = fewer
        return answer
    while answer.service_level < share:
        if answer.agents >= MOST_AGENTS:
            raise ValueError(f"not even {MOST_AGENTS} agents reach this service level")
        answer = tried(answer.agents + 1)
    return answer
