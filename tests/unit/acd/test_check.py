"""What the rules of the queues are told before they go live."""

import pytest

from cti.acd.check import Path, problems
from cti.acd.limits import Limit, WayOut, parse_way_out
from cti.acd.queue import QueueRules
from cti.acd.relax import RelaxStep
from cti.agents.agent import AgentProfile

ANN = AgentProfile(agent_id="ann", queues=("sales",), skills={"english": 4})


def said(*rules: QueueRules, agents: tuple[AgentProfile, ...] | None = None) -> dict[Path, str]:
    return {one.path: f"{one.severity}: {one.message}" for one in problems(rules, agents)}


def test_sound_rules_are_not_complained_about() -> None:
    sales = QueueRules(
        name="sales",
        skills={"english": 4},
        max_wait_s=60,
        way_out="queue:night",
        relax=(RelaxStep(after_s=20, lower=1, queues=("night",)),),
        limits=(Limit(when="nobody", way_out="voicemail"),),
    )
    night = QueueRules(name="night", max_wait_s=60, way_out="number:+861012345678")
    assert said(sales, night, agents=(ANN, AgentProfile(agent_id="bob", queues=("night",)))) == {}


def test_a_level_is_1_to_10_everywhere() -> None:
    sales = QueueRules(name="sales", skills={"english": 11}, relax=(RelaxStep(after_s=5, skills={"english": 12}),))
    agent = AgentProfile(agent_id="ann", queues=("sales",), skills={"english": 0, "german": 10})
    found = said(sales, agents=(agent,))
    assert found["queues", "sales", "skills", "english"] == "error: expected a level of 1 to 10, found 11"
    assert found["queues", "sales", "relax", 0, "skills", "english"].startswith(
        "error: expected a level of 1 to 10, or"
    )
    assert found["agents", "ann", "skills", "english"] == "error: expected a level of 1 to 10, found 0"
    assert ("agents", "ann", "skills", "german") not in found


def test_a_skill_that_nobody_can_have_is_refused() -> None:
    alone = QueueRules(name="sales", skills={"english": 5})
    assert said(alone, agents=(ANN,)) == {
        ("queues", "sales", "skills"): "error: nobody has these skills at these levels, and no relaxation helps"
    }
    assert said(alone) == {}, "without agents nothing is known"


def test_a_skill_that_only_relaxation_finds_is_warned_of() -> None:
    later = QueueRules(name="sales", skills={"english": 5}, relax=(RelaxStep(after_s=30, lower=1),))
    assert said(later, agents=(ANN,)) == {
        ("queues", "sales", "skills"): (
            "warning: nobody has these skills at these levels; until 30 s have passed all wait in vain"
        )
    }
    expert = AgentProfile(agent_id="eve", groups=("experts",), skills={"english": 9})
    grouped = QueueRules(name="sales", skills={"english": 5}, relax=(RelaxStep(after_s=30, groups=("experts",)),))
    assert next(iter(said(grouped, agents=(ANN, expert)).values())).startswith("warning: nobody has these skills")


def test_a_group_and_a_queue_without_agents_are_warned_of() -> None:
    rules = QueueRules(name="night", relax=(RelaxStep(after_s=30, groups=("experts",)),))
    assert said(rules, agents=(ANN,)) == {
        ("queues", "night"): "warning: no agent is in this queue",
        ("queues", "night", "relax", 0, "groups", 0): "warning: no agent is in group 'experts'",
    }


def test_capacities_are_numbers_of_media_that_there_are() -> None:
    capacity = {"voice": 0, "chat": 3, "email": -1, "callback": 1, "fax": 1}
    agent = AgentProfile(agent_id="ann", queues=("chats",), capacity=capacity)
    assert said(QueueRules(name="chats", medium="chat"), agents=(agent,)) == {
        ("agents", "ann", "capacity", "email"): "error: expected 0 or more, found -1",
        ("agents", "ann", "capacity", "callback"): (
            "error: expected one of voice, chat, email, voicemail; a callback counts as voice"
        ),
        ("agents", "ann", "capacity", "fax"): "error: expected one of voice, chat, email, voicemail",
    }


def test_a_medium_that_nobody_of_the_queue_takes_is_warned_of() -> None:
    chats = QueueRules(name="sales", medium="chat")
    writes = AgentProfile(agent_id="bob", queues=("other",), capacity={"chat": 2})
    assert said(chats, agents=(ANN, writes)) == {
        ("queues", "sales", "medium"): "warning: no agent of this queue has capacity for chat"
    }
    mute = AgentProfile(agent_id="cat", queues=("sales",), capacity={"voice": 0, "chat": 2})
    assert said(chats, agents=(ANN, mute)) == {}
    assert said(QueueRules(name="sales", medium="callback"), agents=(mute,)) == {
        ("queues", "sales", "medium"): "warning: no agent of this queue has capacity for voice"
    }
    assert said(QueueRules(name="sales", medium="callback"), agents=(mute, ANN)) == {}


def test_cycles_of_overflow_are_refused_each_once() -> None:
    rules = (
        QueueRules(name="a", max_wait_s=10, way_out="queue:b"),
        QueueRules(name="b", limits=(Limit(when="length", above=5, way_out="queue:c"),)),
        QueueRules(name="c", max_wait_s=10, way_out="queue:b"),
        QueueRules(name="d", limits=(Limit(when="nobody", way_out="queue:d"),)),
        QueueRules(name="e", max_wait_s=10, way_out="queue:a"),
    )
    assert said(*rules) == {
        ("queues", "c", "way_out"): "error: a cycle of ways out: b -> c -> b",
        ("queues", "d", "limits", 0, "way_out"): "error: a cycle of ways out: d -> d",
    }


def test_queues_that_are_not_there_and_steps_that_do_nothing() -> None:
    rules = QueueRules(
        name="sales",
        max_wait_s=30,
        way_out="queue:nihgt",
        relax=(RelaxStep(after_s=10, queues=("repiars",)), RelaxStep(after_s=30)),
    )
    assert said(rules) == {
        ("queues", "sales", "way_out"): "error: there is no queue 'nihgt'",
        ("queues", "sales", "relax", 0, "queues", 0): "error: there is no queue 'repiars'",
        ("queues", "sales", "relax", 1): "warning: this step changes nothing",
        ("queues", "sales", "relax", 1, "after_s"): "warning: never reached: nobody waits for longer than 30 s",
    }


def test_a_longest_wait_leads_somewhere() -> None:
    assert said(QueueRules(name="sales", max_wait_s=30)) == {
        ("queues", "sales", "max_wait_s"): "warning: a longest wait needs a way_out"
    }


@pytest.mark.parametrize(
    ("text", "way_out"),
    [
        ("queue:night", WayOut("queue", "night")),
        ("voicemail", WayOut("voicemail")),
        ("voicemail:sales", WayOut("voicemail", "sales")),
        ("callback", WayOut("callback")),
        ("announcement:full", WayOut("announcement", "full")),
        ("number:+8610123", WayOut("number", "+8610123")),
    ],
)
def test_ways_out(text: str, way_out: WayOut) -> None:
    assert parse_way_out(text) == way_out


@pytest.mark.parametrize(
    "text", ["", "queue", "queue:", "voicemail:", "callback:x", "number:abc", "number:+", "hang up", "announcement"]
)
def test_ways_out_that_lead_nowhere(text: str) -> None:
    with pytest.raises(ValueError, match="expected queue:<name>"):
        parse_way_out(text)
    if text:
        problem = problems([QueueRules(name="q", max_wait_s=1, way_out=text)])
        assert [one.path for one in problem] == [("queues", "q", "way_out")]
