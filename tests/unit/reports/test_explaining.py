"""What the distributor says of a wait or an offer, kept as codes and read as sentences in both languages."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti.acd import events as acd
from cti.acd.engine import Engine
from cti.acd.queue import QueueRules
from cti.acd.relax import RelaxStep
from cti.agents.agent import AgentProfile
from cti.reports.explaining import Names, choice, duration, rejection, score, verdict
from cti.reports.kept import (
    KeptCandidate,
    KeptOffer,
    KeptWait,
    Rejection,
    kept_offer,
    kept_wait,
    offer_of,
    plain,
    wait_of,
)

NOW = 1000.0
NAMES = Names(
    agents={"anna": "李娜"},
    queues={"sales": {"zh": "售后服务", "en": "After-sales"}},
    reasons={"lunch": {"zh": "午餐", "en": "Lunch"}},
)
SALES = QueueRules(name="sales", skills={"zh": 5}, relax=(RelaxStep(after_s=30, queues=("help",)),), branch_wait_s=10)


def wait(engine: Engine, interaction_id: str = "i1", most: int = 10, now: float = NOW) -> KeptWait:
    view = engine.interaction(interaction_id)
    why = engine.explain(interaction_id, now)
    return kept_wait(why, view, choice="longest_idle", agent=engine.agent, at=now, most=most)


def floor(*profiles: AgentProfile, rules: QueueRules = SALES) -> Engine:
    engine = Engine([rules, QueueRules(name="help")])
    for profile in profiles:
        engine.handle(acd.AgentSignedIn(profile=profile), NOW - 100)
    return engine


def call(engine: Engine, **given: Any) -> None:
    engine.handle(acd.CallerQueued(interaction_id="i1", queue="sales", queued_at=NOW, **given), NOW)


@pytest.mark.parametrize(
    ("kept", "zh", "en"),
    [
        (None, "可以接听", "may have it"),
        (
            Rejection(code="skill", subject="zh", has=3, needs=5),
            "技能 zh 只有 3 级，需要 5 级",
            "skill zh is 3, 5 is needed",
        ),
        (Rejection(code="skill", subject="zh", needs=5), "没有技能 zh，需要 5 级", "lacks skill zh, level 5 is needed"),
        (Rejection(code="door"), "不在售后服务队列或vip组", "not in queue After-sales or group vip"),
        (Rejection(code="held", subject="anna"), "这位客户在等 李娜", "the caller waits for 李娜"),
        (Rejection(code="behind", subject="anna"), "排在 李娜 之后", "comes after 李娜"),
        (Rejection(code="state", subject="not_ready", reason="lunch"), "示忙（午餐）", "is not ready (Lunch)"),
        (Rejection(code="state", subject="busy", interaction_id="i9"), "正在通话 i9", "is in a conversation: i9"),
        (Rejection(code="unreachable"), "电话未注册，无法振铃", "the phone cannot be reached"),
        (Rejection(code="other", said="because {so}"), "because {so}", "because {so}"),
    ],
)
def test_every_rejection_is_a_sentence_in_both_languages(kept: Rejection | None, zh: str, en: str) -> None:
    assert rejection(kept, NAMES, ("queue:sales", "group:vip")) == {"zh": zh, "en": en}


def test_a_wait_for_want_of_skill_says_who_has_how_little() -> None:
    engine = floor(
        AgentProfile(agent_id="anna", queues=("sales",), skills={"zh": 3}),
        AgentProfile(agent_id="ben", queues=("sales",), skills={"zh": 6}),
        AgentProfile(agent_id="carl", queues=("help",), skills={"zh": 9}),
    )
    call(engine)
    kept = wait(engine)
    assert verdict(kept, NAMES)["en"] == "The one agent who fits is occupied"
    assert {one.agent_id: one.rejection for one in kept.candidates} == {
        "ben": Rejection(code="state", subject="not_ready", reason="signed_in", said="not_ready (signed_in)"),
        "anna": Rejection(code="skill", subject="zh", has=3, needs=5, said="zh 3 below 5"),
    }
    assert (kept.next_change, kept.ahead, kept.skills) == (NOW + 30, 0, {"zh": 5})


def test_who_waits_for_a_preferred_agent_is_said_to() -> None:
    anna = AgentProfile(agent_id="anna", queues=("sales",), skills={"zh": 9})
    engine = floor(anna, AgentProfile(agent_id="ben", queues=("sales",), skills={"zh": 6}))
    engine.handle(acd.AgentReady(agent_id="anna"), NOW)
    engine.handle(acd.AgentEngaged(agent_id="anna", interaction_id="i0"), NOW)
    call(engine, preferred_agent="anna", preferred_wait_s=20)
    kept = wait(engine)
    assert verdict(kept, NAMES)["zh"] == "在等待坐席 李娜"
    assert [(one.agent_id, one.rejection and one.rejection.code) for one in kept.candidates] == [
        ("anna", "state"),
        ("ben", "held"),
    ]


def test_nobody_who_fits_and_an_offer_under_way() -> None:
    engine = floor(AgentProfile(agent_id="anna", queues=("sales",), skills={"zh": 9}))
    call(engine, skills={"en": 1})
    assert verdict(wait(engine), NAMES)["zh"] == "已签入的坐席中没有人符合要求"
    engine.handle(acd.InteractionChanged(interaction_id="i1", skills={}), NOW)
    engine.handle(acd.AgentReady(agent_id="anna"), NOW)
    assert verdict(wait(engine), NAMES)["en"] == "An agent's phone is ringing for this caller"


def test_an_offer_tells_who_came_behind_and_why() -> None:
    engine = floor(*(AgentProfile(agent_id=name, queues=("sales",), skills={"zh": 5}) for name in ("anna", "ben")))
    engine.handle(acd.AgentReady(agent_id="anna"), NOW - 95)
    engine.handle(acd.AgentReady(agent_id="ben"), NOW - 35)
    call(engine)
    (why,) = engine.explain("i1", NOW).offers
    kept = kept_offer(why, queue="sales", choice="longest_idle")
    assert (kept.agent_id, kept.idle, kept.fitting) == ("anna", 2, 2)
    anna, ben = kept.candidates
    assert (anna.agent_id, anna.rejection, ben.agent_id) == ("anna", None, "ben")
    assert rejection(ben.rejection, NAMES)["zh"] == "排在 李娜 之后"
    assert [score(one, kept)["en"] for one in kept.candidates] == ["idle 2 min", "idle 35 s"]
    assert offer_of(json.loads(json.dumps(plain(kept)))) == kept


@pytest.mark.parametrize(
    ("name", "rank", "said"),
    [
        ("fewest_handled", (0, False, 0, 3, NOW - 5), "3 handled, idle 5 s"),
        ("highest_skill", (0, False, 0, -9, NOW - 5), "skills 9, idle 5 s"),
        ("least_occupied", (0, False, 0, None, NOW - 5), "0% occupied, idle 5 s"),
        ("linear", (0, False, 2), "tier 2"),
        ("longest_idle", (1, True, 3, NOW - 5), "added by relaxation (ring 1), another branch, tier 3, idle 5 s"),
        ("longest_idle", (), ""),
    ],
)
def test_scores_are_read_as_the_queue_chooses(name: str, rank: tuple[Any, ...], said: str) -> None:
    kept = KeptOffer(offer_id="i1-1", agent_id="anna", at=NOW, choice=name)
    assert score(KeptCandidate(agent_id="anna", rank=rank), kept)["en"] == said


def test_words_for_choices_and_durations() -> None:
    assert choice("longest_idle") == {"zh": "空闲最久者优先", "en": "longest idle first"}
    assert choice("new") == {"zh": "new", "en": "new"}
    assert [duration(s, "en") for s in (-3, 35, 240, 7200, 200_000)] == ["0 s", "35 s", "4 min", "2 h", "2 d"]
    assert duration(240, "zh") == "4 分钟"


PROFILES = st.lists(
    st.builds(
        AgentProfile,
        agent_id=st.sampled_from(("anna", "ben", "carl", "dora")),
        queues=st.sampled_from(((), ("sales",), ("help",), ("sales", "help"))),
        skills=st.dictionaries(st.sampled_from(("zh", "en")), st.integers(1, 10)),
        branch=st.sampled_from(("", "north")),
    ),
    unique_by=lambda profile: profile.agent_id,
    max_size=4,
)


@given(
    profiles=PROFILES,
    away=st.lists(st.sampled_from(("anna", "ben", "carl", "dora")), unique=True),
    preferred=st.sampled_from(("", "anna")),
    branch=st.sampled_from(("", "north")),
    prefer=st.booleans(),
    later=st.sampled_from((0.0, 5.0, 15.0, 40.0)),
)
def test_what_the_distributor_says_is_always_understood(
    *, profiles: list[AgentProfile], away: list[str], preferred: str, branch: str, prefer: bool, later: float
) -> None:
    """No rejection is left as "other", none is made up, and all of it survives the store."""
    engine = floor(*profiles, rules=msgspec.structs.replace(SALES, prefer_branch=prefer, branch_wait_s=10 * prefer))
    for profile in profiles:
        if profile.agent_id not in away:
            engine.handle(acd.ReachabilityChanged(agent_id=profile.agent_id, reachable=False), NOW)
            engine.handle(acd.AgentReady(agent_id=profile.agent_id), NOW)
    call(engine, preferred_agent=preferred, preferred_wait_s=8, branch=branch)
    engine.handle(acd.Tick(), NOW + later)
    kept = wait(engine, now=NOW + later)
    for one, said in zip(kept.candidates, engine.explain("i1", NOW + later).candidates, strict=True):
        assert (one.rejection is None) == (said.rejected == "")
        if one.rejection is not None:
            assert one.rejection.code != "other", said
            assert one.rejection.said == said.rejected
            assert all(rejection(one.rejection, NAMES, kept.doors).values())
    assert wait_of(json.loads(json.dumps(plain(kept)))) == kept
    assert all(verdict(kept, NAMES).values())
