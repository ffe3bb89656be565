"""A simulated day on the live engine: who is answered when, and what is counted."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti.acd.queue import QueueRules
from cti.agents.agent import AgentProfile
from cti.simulation.arrivals import Arrival, Demand, Need, drawn, in_order
from cti.simulation.chance import Duration, stream
from cti.simulation.floor import AT_ONCE, Plan, SimulatedAgent, simulate
from cti.simulation.outcome import Outcome, Slice


def rules(name: str = "q", **more: object) -> QueueRules:
    return QueueRules(name=name, **{"wrap_up_s": 0.0, **more})  # type: ignore[arg-type]


def agent(
    name: str = "a",
    *,
    answer_s: float = 0.0,
    shifts: tuple[tuple[float, float], ...] = ((0.0, 1000.0),),
    queues: tuple[str, ...] = ("q",),
    skills: dict[str, int] | None = None,
) -> SimulatedAgent:
    return SimulatedAgent(
        profile=AgentProfile(agent_id=name, queues=queues, skills=skills or {}),
        shifts=shifts,
        answer=Duration(mean_s=answer_s, shape="constant") if answer_s else AT_ONCE,
    )


def call(at: float, talk_s: float = 10.0, patience_s: float | None = None, queue: str = "q") -> Arrival:
    return Arrival(at=at, queue=queue, talk_s=talk_s, patience_s=patience_s)


def play(agents: list[SimulatedAgent], *arrivals: Arrival, queue: QueueRules | None = None) -> Slice:
    plan = Plan(rules=(queue or rules(),), agents=agents, interval_s=1000.0, intervals=1)
    return simulate(plan, arrivals).queues[0].total


def test_the_second_waits_for_the_first() -> None:
    total = play([agent()], call(100, talk_s=60), call(110, talk_s=60))
    assert (total.figures.answered, total.figures.waited_s) == (2, 50.0)
    assert total.figures.within_target == 1
    assert (total.handling_s, total.staffed_s) == (120.0, 1000.0)
    assert total.occupancy == 0.12


def test_ringing_is_waiting_and_wrap_up_is_work() -> None:
    total = play([agent(answer_s=4)], call(0, talk_s=60), call(1, talk_s=60), queue=rules(wrap_up_s=30.0))
    assert total.figures.waited_s == 4 + (4 + 60 + 30 - 1 + 4)
    assert (total.handling_s, total.staffed_s) == (2 * 90.0, 1000.0)


def test_who_gives_up_while_it_rings_is_not_answered_and_the_agent_stays_free() -> None:
    total = play([agent(answer_s=10)], call(0, patience_s=5), call(20, talk_s=7))
    assert (total.figures.abandoned, total.figures.answered, total.handling_s) == (1, 1, 7.0)
    assert total.abandon_rate == 0.5


def test_a_missed_ring_goes_to_the_next_and_the_agent_comes_back() -> None:
    never, prompt = agent("a", answer_s=1000), agent("b", shifts=((5.0, 1000.0),))
    total = play([never, prompt], call(0), queue=rules(ring_s=20.0))
    assert total.figures.waited_s == 20.0
    alone = play([agent("a", answer_s=21)], call(0, patience_s=300), queue=rules(ring_s=20.0))
    assert alone.figures.abandoned == 1, "rung in vain, and again each time that the agent is back"
    assert alone.staffed_s == 1000.0 - 60 * 4


def test_the_longest_wait_is_a_way_out_and_no_answer() -> None:
    total = play([], call(0), queue=rules(max_wait_s=30.0))
    assert (total.overflowed, total.figures.offered, total.figures.service_level) == (1, 1, None)


def test_a_way_out_to_a_queue_is_a_visit_there_with_the_old_place() -> None:
    first = rules("q", max_wait_s=30.0, way_out="queue:r")
    plan = Plan(rules=(first, rules("r")), agents=[agent(queues=("r",))], interval_s=1000.0, intervals=1)
    arrivals = [call(0, talk_s=50), call(15, talk_s=1, queue="r"), call(29, talk_s=50, queue="r"), call(40, queue="r")]
    q, r = simulate(plan, arrivals).queues
    assert (q.total.figures.offered, q.total.overflowed, q.total.figures.answered) == (1, 1, 0)
    assert (r.total.figures.answered, r.total.overflowed) == (4, 0)
    assert r.total.figures.waited_s == 0 + 0 + (79 - 30) + (129 - 40), "the overflowed goes before the last"
    circle = rules("q", max_wait_s=30.0, way_out="queue:q")
    assert play([], call(0), queue=circle).overflowed == 1, "nobody goes in circles"


def test_who_still_waits_at_the_end_was_offered_and_is_not_judged() -> None:
    total = play([], call(0))
    assert (total.figures.offered, total.figures.answered, total.figures.abandoned) == (1, 0, 0)
    assert total.occupancy is None


def test_shifts_begin_and_end_and_a_conversation_is_finished_first() -> None:
    total = play([agent(shifts=((100.0, 200.0), (300.0, 400.0)))], call(50, talk_s=30), call(190, talk_s=40), call(250))
    assert total.figures.waited_s == 50 + 0 + 50
    assert (total.handling_s, total.staffed_s) == (80.0, 230.0)


def test_only_who_can_is_asked() -> None:
    needy = Arrival(at=0, queue="q", talk_s=10, skills={"cantonese": 5})
    total = play(
        [agent("a"), agent("b", skills={"cantonese": 4}), agent("c", shifts=((70.0, 99.0),), skills={"cantonese": 5})],
        needy,
    )
    assert total.figures.waited_s == 70.0


def test_intervals_share_the_work_that_crosses_them() -> None:
    plan = Plan(rules=(rules(),), agents=[agent()], interval_s=100.0, intervals=3)
    first, second, third = simulate(plan, [call(90, talk_s=130)]).queues[0].slices
    assert [one.handling_s for one in (first, second, third)] == [10.0, 100.0, 20.0]
    assert [one.staffed_s for one in (first, second, third)] == [100.0, 100.0, 100.0]
    assert [one.figures.offered for one in (first, second, third)] == [1, 0, 0]


def day(seed: int, extra: int = 0) -> tuple[Plan, Iterator[Arrival]]:
    demands = [
        Demand(
            queue="q",
            calls=[10, 30, 5],
            talk=Duration(mean_s=100, shape="lognormal", sd_s=80),
            patience=Duration(mean_s=60),
            needs=(Need(share=0.3, skills={"s": 3}),),
        ),
        Demand(queue="r", calls=[3, 3, 3], talk=Duration(mean_s=50), patience=Duration(mean_s=40)),
    ]
    agents = [
        agent(f"a{n}", queues=("q", "r")[: 1 + n % 2], skills={"s": 4 * (n % 3)}, answer_s=2, shifts=((0.0, 1800.0),))
        for n in range(4 + extra)
    ]
    plan = Plan(
        rules=(rules(wrap_up_s=5.0), rules("r", priority=2)), agents=agents, interval_s=600.0, intervals=3, seed=seed
    )
    return plan, in_order(*(drawn(demand, 600.0, seed) for demand in demands))


def played(seed: int) -> Outcome:
    plan, arrivals = day(seed)
    return simulate(plan, arrivals)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_the_same_seed_is_the_same_day_and_nobody_is_lost(seed: int) -> None:
    first = played(seed)
    assert first == played(seed)
    callers = list(day(seed)[1])
    assert callers == sorted(callers, key=lambda one: one.at)
    assert callers == list(day(seed, extra=3)[1]), "the callers do not depend on the agents"
    for queue in first.queues:
        figures = queue.total.figures
        assert figures.offered == sum(one.queue == queue.queue for one in callers)
        assert figures.offered == figures.answered + figures.abandoned, "all are patient only for so long"
        assert 0 <= (queue.total.occupancy or 0) <= 1
    assert first != played(seed + 1)


def test_durations_have_the_means_that_they_say() -> None:
    for duration in (
        Duration(mean_s=50),
        Duration(mean_s=50, shape="lognormal", sd_s=40),
        Duration(mean_s=50, shape="constant"),
    ):
        random = stream(1, duration.shape)
        drawn_s = [duration.draw(random) for _ in range(20_000)]
        assert sum(drawn_s) / len(drawn_s) == pytest.approx(50, rel=0.02)
    with pytest.raises(ValueError, match="lognormal"):
        Duration(mean_s=1, shape="lognormal")
    with pytest.raises(ValueError, match="0 seconds"):
        Duration(mean_s=-1)
