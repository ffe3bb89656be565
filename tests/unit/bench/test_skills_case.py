"""The case of `skills_sl`: the same callers for both sides, and the peer's queues with whoever may take a call."""

from collections.abc import Mapping
from itertools import pairwise
from math import isclose

from tests.bench import skills_peer
from tests.bench.skills_case import KINDS, LOAD, TALKS_MS, Call, draw, may, rate, workers

LONG_S = 3000.0


def many() -> list[Call]:
    return list(draw(7, a_second=rate(22), until_s=LONG_S))


def test_a_seed_gives_the_same_callers_every_time_and_another_seed_others() -> None:
    assert list(draw(1, a_second=6)) == list(draw(1, a_second=6))
    assert list(draw(1, a_second=6)) != list(draw(2, a_second=6))


def test_callers_come_at_random_as_often_as_asked_for() -> None:
    calls = many()
    gaps = [after.at_s - before.at_s for before, after in pairwise(calls)]
    mean = sum(gaps) / len(gaps)
    assert isclose(mean, 1 / rate(22), rel_tol=0.03)
    spread = sum((gap - mean) ** 2 for gap in gaps) / len(gaps)
    assert isclose(spread, mean**2, rel_tol=0.1), "gaps of a Poisson process are exponential"


def test_the_kinds_are_mixed_by_their_shares() -> None:
    calls = many()
    assert isclose(sum(kind.share for kind in KINDS), 1)
    for kind in KINDS:
        assert isclose(sum(call.kind is kind for call in calls) / len(calls), kind.share, abs_tol=0.01), kind.name


def test_the_load_is_what_it_says() -> None:
    calls = many()
    assert isclose(sum(call.talk_ms for call in calls) / 1000 / LONG_S / 22, LOAD, rel_tol=0.03)


def test_a_number_names_one_caller_and_tells_how_long_the_talk_is() -> None:
    calls = many()
    assert len({call.number for call in calls}) == len(calls)
    assert all(TALKS_MS[int(call.number[-1])] == call.talk_ms for call in calls)


def test_every_kind_has_agents_who_are_as_wished_for_and_more_who_can_do_it() -> None:
    for kind in KINDS:
        assert sum(may(worker, kind) for worker in workers()) > 1, kind.name
        if kind.wished:
            wished = skills_peer.wished_penalty(kind, workers())
            others = [worker for worker in workers() if may(worker, kind) and not _meets(worker.skills, kind.wished)]
            assert others, "somebody joins later"
            assert all(skills_peer.penalty(worker, kind) > wished for worker in others), (
                "nobody else gets in by a penalty"
            )


def _meets(skills: Mapping[str, int], wished: Mapping[str, int]) -> bool:
    return all(skills.get(skill, 0) >= level for skill, level in wished.items())


def test_the_peer_has_a_queue_for_each_kind_with_all_who_may_take_it_the_best_first() -> None:
    files = skills_peer.files(skills_peer.CONFIGURATIONS["reserve"], workers())
    queues = dict(part.split("]\n", 1) for part in files["templates/queues.conf"].split("\n[")[1:])
    assert set(queues) == {kind.name for kind in KINDS}
    skills = {worker.agent_id: worker.skills for worker in workers()}
    for kind in KINDS:
        lines = [line for line in queues[kind.name].splitlines() if line.startswith("member =>")]
        members = {line.split("PJSIP/d")[1].split(",")[0]: int(line.split(",")[1]) for line in lines}
        assert set(members) == {worker.agent_id for worker in workers() if may(worker, kind)}
        assert len(lines) == len(members)
        levels = {one: sum(has.get(skill, 0) for skill in kind.skills) for one, has in skills.items() if one in members}
        assert sorted(members, key=lambda one: (members[one], one)) == sorted(
            levels, key=lambda one: (-levels[one], one)
        )
    assert "QUEUE_MAX_PENALTY" in files["dialplan/skills.conf"]
    assert "everybody" in files["templates/queuerules.conf"]
