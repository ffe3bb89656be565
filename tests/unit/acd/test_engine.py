"""The engine by example: each test is a short story of events and the decisions that follow."""

from typing import Any

import pytest

from cti.acd.decisions import AgentChanged, Decision, MakeOffer, RevokeOffer, WaitExpired
from cti.acd.engine import Engine
from cti.acd.events import (
    ONLY_AGENT_WAIT_S,
    ONLY_GROUP_WAIT_S,
    AgentEngaged,
    AgentNotReady,
    AgentProfileChanged,
    AgentReady,
    AgentSignedIn,
    AgentSignedOut,
    CallerLeft,
    CallerPostponed,
    CallerQueued,
    ConversationEnded,
    Event,
    OfferAnswered,
    OfferConnected,
    OfferFailed,
    QueueRulesChanged,
    ReachabilityChanged,
    Tick,
    WrapUpExtended,
    WrapUpFinished,
)
from cti.acd.interaction import InteractionState
from cti.acd.queue import QueueRules
from cti.agents.agent import AgentProfile
from cti.agents.state import AgentState
from cti.errors import Conflict, IllegalTransition, NotFound

SALES = QueueRules(name="sales", ring_s=20, wrap_up_s=10)
REPAIRS = QueueRules(name="repairs", ring_s=20, wrap_up_s=10)


class Story:
    """An engine with a clock that each event moves on by a second unless told otherwise."""

    def __init__(self, *rules: QueueRules) -> None:
        self.engine = Engine(rules or (SALES, REPAIRS))
        self.now = 100.0

    def tell(self, event: Event, at: float | None = None) -> list[Decision]:
        self.now = self.now + 1 if at is None else at
        return self.engine.handle(event, self.now)

    def ready(self, agent_id: str, *queues: str, **skills: int) -> list[Decision]:
        profile = AgentProfile(agent_id=agent_id, queues=queues or ("sales",), skills=skills)
        self.tell(AgentSignedIn(profile=profile))
        return self.tell(AgentReady(agent_id=agent_id))

    def queue(self, interaction_id: str, queue: str = "sales", **more: Any) -> list[Decision]:
        return self.tell(CallerQueued(interaction_id=interaction_id, queue=queue, queued_at=self.now + 1, **more))

    def talk(self, interaction_id: str, offer: int = 1) -> None:
        offer_id = f"{interaction_id}-{offer}"
        self.tell(OfferAnswered(offer_id=offer_id))
        self.tell(OfferConnected(offer_id=offer_id))

    def state(self, agent_id: str) -> tuple[AgentState, str]:
        view = self.engine.agent(agent_id)
        return view.state, view.reason

    def until_nothing_is_due(self) -> list[Decision]:
        decisions: list[Decision] = []
        while (due := self.engine.next_deadline()) is not None:
            decisions += self.tell(Tick(), at=due)
        return decisions


@pytest.fixture
def story() -> Story:
    return Story()


def offers(decisions: list[Decision]) -> list[tuple[str, str]]:
    return [(one.interaction_id, one.agent_id) for one in decisions if isinstance(one, MakeOffer)]


def the_offer(decisions: list[Decision]) -> MakeOffer:
    (made,) = [one for one in decisions if isinstance(one, MakeOffer)]
    return made


def revoked(decisions: list[Decision]) -> list[tuple[str, str]]:
    return [(one.offer_id, one.reason) for one in decisions if isinstance(one, RevokeOffer)]


# --- who gets whom -------------------------------------------------------------------------------------------------


def test_a_caller_goes_to_the_agent_who_is_idle_longest(story: Story) -> None:
    story.ready("b")
    story.ready("a")
    assert offers(story.queue("i1")) == [("i1", "b")]
    assert offers(story.queue("i2")) == [("i2", "a")]
    assert offers(story.queue("i3")) == []


def test_the_offer_says_where_it_comes_from_and_when_it_ends(story: Story) -> None:
    story.queue("i1")
    assert the_offer(story.ready("a")) == MakeOffer(
        offer_id="i1-1", interaction_id="i1", agent_id="a", queue="sales", ring_until=123.0, waited_s=2.0
    )
    assert story.engine.next_deadline() == 123.0


def test_priority_goes_before_the_longer_wait_and_that_before_arrival(story: Story) -> None:
    story.queue("late-in-sales")
    story.queue("vip", "repairs", priority=5)
    story.tell(CallerQueued(interaction_id="came-back", queue="sales", queued_at=1.0))
    story.tell(CallerQueued(interaction_id="came-second", queue="repairs", queued_at=1.0))
    order = []
    for agent_id in "abcd":
        order += offers(story.ready(agent_id, "sales", "repairs"))
    assert [interaction for interaction, _ in order] == ["vip", "came-back", "came-second", "late-in-sales"]


def test_the_queues_priority_counts_too() -> None:
    story = Story(SALES, QueueRules(name="complaints", priority=3))
    story.queue("i1", priority=2)
    story.queue("i2", "complaints")
    assert offers(story.ready("a", "sales", "complaints")) == [("i2", "a")]


def test_skills_of_the_queue_and_of_the_interaction_are_both_needed() -> None:
    story = Story(QueueRules(name="sales", skills={"product": 3}))
    story.ready("novice", product=2, english=9)
    story.ready("chinese", product=9)
    story.ready("fits", product=3, english=5)
    assert offers(story.queue("i1", skills={"english": 5})) == [("i1", "fits")]
    assert offers(story.queue("i2", skills={"english": 5})) == []
    assert offers(story.queue("i3")) == [("i3", "chinese")]


def test_a_caller_whom_nobody_fits_holds_up_nobody(story: Story) -> None:
    story.queue("i1", skills={"klingon": 1})
    story.queue("i2")
    assert offers(story.ready("a")) == [("i2", "a")]
    assert story.engine.position("i1") == 1
    assert offers(story.tell(AgentProfileChanged(profile=AgentProfile(agent_id="a", queues=("sales",))))) == []
    skilled = AgentProfile(agent_id="b", queues=("sales",), skills={"klingon": 1})
    assert offers(story.tell(AgentSignedIn(profile=skilled, state=AgentState.READY))) == [("i1", "b")]


def test_the_preferred_agent_is_preferred_when_ready_and_never_waited_for(story: Story) -> None:
    story.ready("a")
    story.ready("b")
    assert offers(story.queue("i1", preferred_agent="b")) == [("i1", "b")]
    assert offers(story.queue("i2", preferred_agent="b")) == [("i2", "a")]


def test_a_transfer_to_one_agent_waits_for_that_agent_alone(story: Story) -> None:
    story.ready("a")
    assert offers(story.queue("i1", only_agent="b")) == []
    assert offers(story.ready("b", "repairs")) == [("i1", "b")]


def test_a_transfer_to_a_group_waits_for_anybody_of_it_whatever_their_queues(story: Story) -> None:
    story.ready("a")
    assert offers(story.queue("i1", only_group="experts", skills={"english": 9})) == []
    assert story.engine.explain("i1", story.now).verdict == "nobody of the group experts is signed in"
    story.tell(AgentSignedIn(profile=AgentProfile(agent_id="b", queues=("repairs",), groups=("experts",))))
    assert offers(story.tell(AgentReady(agent_id="b"))) == [("i1", "b")]


def test_a_transfer_to_a_group_has_a_way_out_by_time_and_comes_before_later_callers(story: Story) -> None:
    story.queue("i1", only_group="experts")
    assert story.engine.next_deadline() == story.now + ONLY_GROUP_WAIT_S
    story.queue("i2")
    story.tell(AgentSignedIn(profile=AgentProfile(agent_id="c", queues=("sales",), groups=("experts",))))
    assert offers(story.tell(AgentReady(agent_id="c"))) == [("i1", "c")]


def test_a_transfer_to_one_agent_has_a_way_out_by_time(story: Story) -> None:
    story.queue("i1", only_agent="b", way_out="back")
    assert story.engine.next_deadline() == story.now + ONLY_AGENT_WAIT_S
    assert story.tell(Tick(), at=story.now + ONLY_AGENT_WAIT_S) == [
        WaitExpired(interaction_id="i1", queue="sales", way_out="back")
    ]
    assert offers(story.ready("b")) == []


def test_the_longest_wait_ends_by_the_queues_way_out() -> None:
    story = Story(QueueRules(name="sales", max_wait_s=30, way_out="voicemail"))
    story.queue("i1")
    assert story.tell(Tick(), at=131.0) == [WaitExpired(interaction_id="i1", queue="sales", way_out="voicemail")]
    assert story.engine.interaction("i1").state is InteractionState.SELF_SERVICE
    assert story.engine.waiting("sales") == ()
    assert offers(story.ready("a")) == []


def test_who_is_being_offered_does_not_leave_by_time_until_the_offer_has_failed() -> None:
    story = Story(QueueRules(name="sales", ring_s=20, max_wait_s=10, way_out="voicemail"))
    story.ready("a")
    story.queue("i1")
    assert story.tell(Tick(), at=story.now + 15) == []
    ended = story.tell(Tick(), at=story.now + 30)
    assert revoked(ended) == [("i1-1", "rona")]
    assert ended[-1] == WaitExpired(interaction_id="i1", queue="sales", way_out="voicemail")


def test_an_agent_who_gets_free_at_the_last_moment_beats_the_way_out() -> None:
    story = Story(QueueRules(name="sales", max_wait_s=10, wrap_up_s=10))
    story.ready("a")
    story.queue("i1")
    story.talk("i1")
    story.queue("i2")
    story.tell(ConversationEnded(agent_id="a", interaction_id="i1"), at=story.now)
    assert offers(story.tell(Tick(), at=story.now + 10)) == [("i2", "a")]


# --- pains ---------------------------------------------------------------------------------------------------------


def test_pain_08_two_agents_never_answer_one_call(story: Story) -> None:
    story.ready("a")
    story.ready("b")
    story.queue("i1")
    passed = story.tell(Tick(), at=story.now + 20)
    assert revoked(passed) == [("i1-1", "rona")]
    assert offers(passed) == [("i1", "b")]
    assert revoked(story.tell(OfferAnswered(offer_id="i1-1"))) == [("i1-1", "stale")]
    assert revoked(story.tell(OfferAnswered(offer_id="i1-2"))) == []
    assert story.engine.interaction("i1").agent_ids == ("b",)
    assert story.state("a") == (AgentState.NOT_READY, "rona")


def test_pain_08_an_answer_that_comes_before_the_tick_counts(story: Story) -> None:
    story.ready("a")
    story.queue("i1")
    assert revoked(story.tell(OfferAnswered(offer_id="i1-1"), at=story.now + 21)) == []
    assert story.tell(Tick()) == []
    assert story.state("a")[0] is AgentState.BUSY


def test_pain_08_an_answer_told_twice_hangs_up_nobody(story: Story) -> None:
    story.ready("a")
    story.queue("i1")
    story.talk("i1")
    assert story.tell(OfferAnswered(offer_id="i1-1")) == []


def test_pain_09_a_caller_who_leaves_cancels_exactly_that_ring(story: Story) -> None:
    story.ready("a")
    story.ready("b")
    story.queue("i1")
    story.queue("i2")
    idle_since = story.engine.agent("a").idle_since
    gone = story.tell(CallerLeft(interaction_id="i1"))
    assert revoked(gone) == [("i1-1", "caller_gone")]
    assert [one.agent_id for one in gone if isinstance(one, AgentChanged)] == ["a"]
    assert story.engine.agent("a").idle_since == idle_since
    assert story.engine.interaction("i2").agent_ids == ("b",)
    assert story.tell(CallerLeft(interaction_id="i1")) == []


def test_who_answered_for_a_customer_who_is_not_reached_keeps_the_place_among_the_idle(story: Story) -> None:
    story.ready("a")
    story.ready("b")
    story.queue("i1")
    idle_since = story.engine.agent("a").idle_since
    story.tell(OfferAnswered(offer_id="i1-1"))
    assert revoked(story.tell(CallerPostponed(interaction_id="i1"))) == [("i1-1", "caller_gone")]
    assert (story.engine.agent("a").state, story.engine.agent("a").idle_since) == (AgentState.READY, idle_since)
    assert story.engine.position("i1") is None
    assert offers(story.queue("i2")) == [("i2", "a")]


def test_who_hung_up_on_a_customer_who_was_being_rung_let_the_offer_pass(story: Story) -> None:
    story.ready("a")
    story.queue("i1")
    story.tell(OfferAnswered(offer_id="i1-1"))
    assert revoked(story.tell(CallerPostponed(interaction_id="i1", miss="declined"))) == [("i1-1", "declined")]
    assert (story.engine.agent("a").state, story.engine.agent("a").reason) == (AgentState.NOT_READY, "declined")
    assert story.tell(CallerPostponed(interaction_id="i1")) == []


def test_pain_10_whoever_gets_free_is_offered_the_longest_waiting_at_once(story: Story) -> None:
    story.ready("a")
    story.queue("i1")
    story.talk("i1")
    story.queue("i2")
    story.queue("i3")
    story.tell(ConversationEnded(agent_id="a", interaction_id="i1"))
    assert offers(story.tell(WrapUpFinished(agent_id="a"))) == [("i2", "a")]
    assert offers(story.tell(CallerLeft(interaction_id="i2"))) == [("i3", "a")]


def test_pain_10_two_who_get_free_at_one_moment_get_two_callers(story: Story) -> None:
    for agent_id in "ab":
        story.ready(agent_id)
        story.queue(f"first-of-{agent_id}")
        story.talk(f"first-of-{agent_id}")
    for number in range(3):
        story.queue(f"i{number}")
    for agent_id in "ab":
        ended = ConversationEnded(agent_id=agent_id, interaction_id=f"first-of-{agent_id}")
        story.tell(ended, at=200.0)
    assert offers(story.tell(Tick(), at=210.0)) == [("i0", "a"), ("i1", "b")]


def test_pain_10_a_missed_caller_keeps_the_place_at_the_head(story: Story) -> None:
    story.ready("a")
    story.queue("i1")
    story.queue("i2")
    story.tell(OfferFailed(offer_id="i1-1", reason="declined"))
    assert story.engine.position("i1") == 1
    assert offers(story.ready("b")) == [("i1", "b")]


def test_pain_11_a_reload_keeps_everything_that_lives(story: Story) -> None:
    for agent_id in "ab":
        story.ready(agent_id, "sales", "repairs")
    story.queue("i1")
    story.queue("i2", "repairs")
    story.talk("i1")
    story.tell(ConversationEnded(agent_id="a", interaction_id="i1"))
    story.queue("i3", "repairs")
    story.queue("i4")
    before = story.engine.snapshot()
    changed = QueueRules(name="repairs", priority=7, ring_s=5, wrap_up_s=1)
    assert story.tell(QueueRulesChanged(rules=(changed,))) == []
    after = story.engine.snapshot()
    assert after.agents == before.agents
    assert [one.interaction_id for one in after.interactions] == [one.interaction_id for one in before.interactions]
    assert [one.priority for one in after.interactions if one.queue == "repairs"] == [7, 7]
    assert story.engine.position("i4") == 1
    with pytest.raises(NotFound, match="queue sales"):
        story.queue("i5")
    story.tell(CallerLeft(interaction_id="i3"))
    assert offers(story.tell(WrapUpFinished(agent_id="a"))) == [("i4", "a")]


def test_pain_11_a_reload_lets_nobody_wait_who_fits_now() -> None:
    story = Story(QueueRules(name="sales", skills={"english": 9}))
    story.ready("a", english=5)
    story.queue("i1")
    assert offers(story.tell(QueueRulesChanged(rules=(SALES,)))) == [("i1", "a")]


def test_pain_11_a_queue_that_is_gone_keeps_its_rules_for_who_is_in_it() -> None:
    story = Story(QueueRules(name="sales", wrap_up_s=33, max_wait_s=50, way_out="voicemail"), REPAIRS)
    story.ready("a")
    story.queue("i1")
    story.talk("i1")
    story.queue("i2")
    story.tell(QueueRulesChanged(rules=(REPAIRS,)))
    ended = story.tell(ConversationEnded(agent_id="a", interaction_id="i1"))
    assert [one.until for one in ended if isinstance(one, AgentChanged)] == [story.now + 33]
    story.tell(AgentNotReady(agent_id="a", reason="lunch"))
    assert WaitExpired(interaction_id="i2", queue="sales", way_out="voicemail") in story.until_nothing_is_due()


def test_pain_11_reloads_leave_no_old_needs_behind() -> None:
    story = Story()
    story.ready("a", english=9)
    for level in range(1, 9):
        story.tell(QueueRulesChanged(rules=(QueueRules(name="sales", skills={"english": level}),)))
        story.queue("i1")
        story.tell(CallerLeft(interaction_id="i1"))
    assert len(story.engine._matching._lanes) == 1


def test_pain_11_wrap_up_holds_across_all_queues(story: Story) -> None:
    story.ready("a", "sales", "repairs")
    story.queue("i1")
    story.talk("i1")
    story.tell(ConversationEnded(agent_id="a", interaction_id="i1"))
    assert offers(story.queue("i2", "repairs")) == []
    assert offers(story.until_nothing_is_due()) == [("i2", "a")]


def test_pain_14_the_gate_says_why_a_ready_agent_gets_nothing(story: Story) -> None:
    story.ready("a")
    story.tell(ReachabilityChanged(agent_id="a", reachable=False))
    assert story.state("a")[0] is AgentState.READY
    assert story.engine.agent("a").blocked == "unreachable"
    assert offers(story.queue("i1")) == []
    assert offers(story.tell(ReachabilityChanged(agent_id="a", reachable=True))) == [("i1", "a")]


def test_pain_14_a_phone_that_could_not_be_rung_comes_back_by_itself(story: Story) -> None:
    story.ready("a")
    story.queue("i1")
    story.tell(OfferFailed(offer_id="i1-1", reason="unreachable"))
    assert story.state("a") == (AgentState.NOT_READY, "unreachable")
    assert offers(story.tell(ReachabilityChanged(agent_id="a", reachable=True))) == [("i1", "a")]


def test_pain_15_state_reason_and_clock_survive_restart_and_reload_of_the_page(story: Story) -> None:
    profile = AgentProfile(agent_id="a", queues=("sales",))
    lunch = AgentSignedIn(profile=profile, state=AgentState.NOT_READY, reason="lunch", since=40.0)
    story.tell(lunch)
    assert story.tell(AgentSignedIn(profile=profile)) == []
    assert story.tell(AgentNotReady(agent_id="a", reason="lunch")) == []
    view = story.engine.agent("a")
    assert (view.state, view.reason, view.since) == (AgentState.NOT_READY, "lunch", 40.0)


def test_pain_15_every_stored_state_is_given_back(story: Story) -> None:
    def sign_in(agent_id: str, state: AgentState, **more: Any) -> None:
        profile = AgentProfile(agent_id=agent_id, queues=("sales",))
        story.tell(AgentSignedIn(profile=profile, state=state, since=50.0, **more))

    sign_in("busy", AgentState.BUSY, interaction_id="i1", queue="sales")
    sign_in("ready", AgentState.READY)
    sign_in("wrap", AgentState.WRAP_UP, interaction_id="i0", queue="sales", until=130.0)
    views = {view.agent_id: (view.state, view.since, view.interaction_id) for view in story.engine.agents()}
    assert views == {
        "busy": (AgentState.BUSY, 50.0, "i1"),
        "ready": (AgentState.READY, 50.0, ""),
        "wrap": (AgentState.WRAP_UP, 50.0, "i0"),
    }
    assert story.engine.interaction("i1").state is InteractionState.CONNECTED
    story.tell(ConversationEnded(agent_id="busy", interaction_id="i1"))
    assert story.state("busy")[0] is AgentState.WRAP_UP
    story.until_nothing_is_due()
    assert {view.state for view in story.engine.agents()} == {AgentState.READY}


def test_pain_21_offers_and_wrap_ups_end_by_time_alone(story: Story) -> None:
    story.ready("a")
    story.ready("b")
    story.queue("i1")
    story.queue("i2")
    story.talk("i2")
    story.tell(ConversationEnded(agent_id="b", interaction_id="i2"))
    story.tell(CallerLeft(interaction_id="i2"))
    story.until_nothing_is_due()
    assert story.state("a") == (AgentState.NOT_READY, "rona")
    assert story.state("b") == (AgentState.NOT_READY, "rona")


def test_pain_21_nobody_stays_busy_with_a_caller_who_is_gone(story: Story) -> None:
    story.ready("a")
    story.queue("i1")
    story.talk("i1")
    story.tell(CallerLeft(interaction_id="i1"))
    assert story.state("a")[0] is AgentState.WRAP_UP
    assert story.tell(ConversationEnded(agent_id="a", interaction_id="i1")) == []


def test_pain_21_an_extended_wrap_up_has_a_limit() -> None:
    story = Story(QueueRules(name="sales", wrap_up_s=10, wrap_up_limit_s=60))
    story.ready("a")
    story.queue("i1")
    story.talk("i1")
    story.tell(ConversationEnded(agent_id="a", interaction_id="i1"), at=200.0)
    extended = story.tell(WrapUpExtended(agent_id="a", seconds=20))
    assert [(one.since, one.until) for one in extended if isinstance(one, AgentChanged)] == [(200.0, 230.0)]
    story.tell(WrapUpExtended(agent_id="a", seconds=1e9))
    assert story.engine.agent("a").until == 260.0
    with pytest.raises(Conflict):
        story.tell(WrapUpExtended(agent_id="a", seconds=float("nan")))
    assert story.engine.next_deadline() == 260.0


def test_pain_25_wrap_up_does_not_race_with_the_next_call(story: Story) -> None:
    story.ready("a")
    story.queue("i1")
    story.talk("i1")
    story.tell(ConversationEnded(agent_id="a", interaction_id="i1"), at=200.0)
    story.queue("i2")
    assert offers(story.tell(Tick(), at=210.0)) == [("i2", "a")]
    with pytest.raises(IllegalTransition):
        story.tell(WrapUpFinished(agent_id="a", interaction_id="i1"))
    story.talk("i2")
    story.tell(ConversationEnded(agent_id="a", interaction_id="i2"))
    with pytest.raises(Conflict, match="i1"):
        story.tell(WrapUpFinished(agent_id="a", interaction_id="i1"))
    assert story.state("a")[0] is AgentState.WRAP_UP


# --- agents change their mind --------------------------------------------------------------------------------------


def test_not_ready_while_talking_comes_after_the_wrap_up(story: Story) -> None:
    story.ready("a")
    story.queue("i1")
    story.talk("i1")
    assert story.tell(AgentNotReady(agent_id="a", reason="lunch")) == []
    assert story.engine.agent("a").pending is AgentState.NOT_READY
    story.tell(ConversationEnded(agent_id="a", interaction_id="i1"))
    story.queue("i2")
    assert offers(story.tell(WrapUpFinished(agent_id="a"))) == []
    assert story.state("a") == (AgentState.NOT_READY, "lunch")


def test_ready_takes_back_what_was_asked_for(story: Story) -> None:
    story.ready("a")
    story.queue("i1")
    story.talk("i1")
    story.tell(AgentNotReady(agent_id="a", reason="lunch"))
    story.tell(AgentReady(agent_id="a"))
    story.tell(ConversationEnded(agent_id="a", interaction_id="i1"))
    story.tell(WrapUpFinished(agent_id="a"))
    assert story.state("a") == (AgentState.READY, "")


def test_sign_out_while_talking_comes_after_the_wrap_up(story: Story) -> None:
    story.ready("a")
    story.queue("i1")
    story.talk("i1")
    assert story.tell(AgentSignedOut(agent_id="a")) == []
    story.tell(ConversationEnded(agent_id="a", interaction_id="i1"))
    story.until_nothing_is_due()
    assert story.engine.agents() == ()
    with pytest.raises(IllegalTransition, match="logged_out"):
        story.tell(AgentReady(agent_id="a"))


@pytest.mark.parametrize("event", [AgentNotReady(agent_id="a", reason="lunch"), AgentSignedOut(agent_id="a")])
def test_an_agent_who_steps_out_while_rung_passes_the_caller_on(story: Story, event: Event) -> None:
    story.ready("a")
    story.ready("b")
    story.queue("i1")
    decisions = story.tell(event)
    assert revoked(decisions) == [("i1-1", "revoked")]
    assert offers(decisions) == [("i1", "b")]


def test_an_agent_may_stay_ready_after_a_miss_but_rests() -> None:
    story = Story(QueueRules(name="sales", rona="ready", declined="ready", rest_s=5))
    story.ready("a")
    story.queue("i1")
    assert offers(story.tell(OfferFailed(offer_id="i1-1", reason="declined"))) == []
    assert (story.state("a")[0], story.engine.agent("a").blocked) == (AgentState.READY, "resting")
    assert offers(story.tell(Tick(), at=story.now + 5)) == [("i1", "a")]
    story.tell(Tick(), at=story.now + 20)
    assert offers(story.tell(AgentReady(agent_id="a"))) == [("i1", "a")]


def test_no_wrap_up_means_ready_at_once() -> None:
    story = Story(QueueRules(name="sales", wrap_up_s=0))
    story.ready("a")
    story.queue("i1")
    story.talk("i1")
    story.queue("i2")
    changed = story.tell(ConversationEnded(agent_id="a", interaction_id="i1"))
    assert [(one.previous, one.state) for one in changed if isinstance(one, AgentChanged)] == [
        (AgentState.BUSY, AgentState.READY),
        (AgentState.READY, AgentState.OFFERED),
    ]


# --- transfer, take-over, failure after the answer -----------------------------------------------------------------


def test_a_transfer_to_a_queue_keeps_the_wait_and_frees_the_agent(story: Story) -> None:
    story.ready("a")
    story.queue("i1")
    story.talk("i1")
    story.ready("b", "repairs")
    moved = story.tell(CallerQueued(interaction_id="i1", queue="repairs", queued_at=50.0))
    assert offers(moved) == [("i1", "b")]
    assert the_offer(moved).offer_id == "i1-2"
    assert story.state("a")[0] is AgentState.WRAP_UP
    assert story.tell(ConversationEnded(agent_id="a", interaction_id="i1")) == []


def test_a_take_over_leaves_both_busy_until_the_first_one_leaves(story: Story) -> None:
    story.ready("a")
    story.queue("i1")
    story.talk("i1")
    boss = AgentProfile(agent_id="boss", queues=())
    story.tell(AgentSignedIn(profile=boss, reason="supervising"))
    story.tell(AgentEngaged(agent_id="boss", interaction_id="i1"))
    assert story.engine.interaction("i1").agent_ids == ("a", "boss")
    story.tell(ConversationEnded(agent_id="a", interaction_id="i1"))
    assert story.engine.interaction("i1").state is InteractionState.CONNECTED
    story.tell(CallerLeft(interaction_id="i1"))
    story.until_nothing_is_due()
    assert story.state("boss") == (AgentState.NOT_READY, "supervising")


def test_a_pick_up_from_the_queue_revokes_the_ring_elsewhere(story: Story) -> None:
    story.ready("a")
    story.queue("i1")
    story.ready("b", "repairs")
    decisions = story.tell(AgentEngaged(agent_id="b", interaction_id="i1"))
    assert revoked(decisions) == [("i1-1", "revoked")]
    assert story.engine.interaction("i1").agent_ids == ("b",)
    assert (story.state("a")[0], story.state("b")[0]) == (AgentState.READY, AgentState.BUSY)


def test_an_agent_in_a_conversation_cannot_take_another(story: Story) -> None:
    story.ready("a")
    story.queue("i1")
    story.talk("i1")
    story.queue("i2")
    before = story.engine.snapshot()
    with pytest.raises(IllegalTransition):
        story.tell(AgentEngaged(agent_id="a", interaction_id="i2"))
    assert story.engine.snapshot() == before


def test_a_leg_lost_between_answer_and_bridge_gives_the_caller_the_place_back(story: Story) -> None:
    story.ready("a")
    story.queue("i1")
    story.queue("i2")
    story.tell(OfferAnswered(offer_id="i1-1"))
    story.tell(OfferFailed(offer_id="i1-1", reason="unreachable"))
    assert story.engine.position("i1") == 1
    assert story.state("a") == (AgentState.NOT_READY, "unreachable")
    assert offers(story.ready("b")) == [("i1", "b")]
    story.talk("i1", offer=2)
    assert story.tell(OfferFailed(offer_id="i1-2", reason="unreachable")) == []


def test_a_lost_leg_takes_no_caller_from_the_supervisor_who_took_over(story: Story) -> None:
    story.ready("a")
    story.queue("i1")
    story.tell(OfferAnswered(offer_id="i1-1"))
    story.tell(AgentSignedIn(profile=AgentProfile(agent_id="boss")))
    story.tell(AgentEngaged(agent_id="boss", interaction_id="i1"))
    story.tell(OfferFailed(offer_id="i1-1", reason="unreachable"))
    view = story.engine.interaction("i1")
    assert (view.state, view.agent_ids) == (InteractionState.CONNECTED, ("boss",))


def test_offer_ids_go_on_after_a_restart(story: Story) -> None:
    story.ready("a")
    assert the_offer(story.queue("i1", offers=4)).offer_id == "i1-5"


def test_the_agent_is_seen_to_be_offered_before_the_phone_is_to_ring(story: Story) -> None:
    story.ready("a")
    state, made = story.queue("i1")
    assert isinstance(state, AgentChanged)
    assert state.state is AgentState.OFFERED
    assert isinstance(made, MakeOffer)


def test_a_queue_counts_its_positions_and_the_offered_one_keeps_its_own(story: Story) -> None:
    story.ready("a")
    for number in range(1, 4):
        story.queue(f"i{number}")
    assert [view.interaction_id for view in story.engine.waiting("sales")] == ["i1", "i2", "i3"]
    assert [story.engine.position(f"i{number}") for number in range(1, 4)] == [1, 2, 3]
    story.talk("i1")
    assert [story.engine.position(f"i{number}") for number in range(1, 4)] == [None, 1, 2]


def test_impossible_rules_are_refused() -> None:
    with pytest.raises(ValueError, match="ring_s"):
        QueueRules(name="sales", ring_s=0)
    with pytest.raises(ValueError, match="wrap_up_s"):
        QueueRules(name="sales", wrap_up_s=float("inf"))
    with pytest.raises(ValueError, match="same name"):
        Engine([SALES, SALES])
