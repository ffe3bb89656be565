"""Several interactions in one agent's hands, told as stories: capacities, interruption, and the one state."""

from typing import Any

import pytest

from cti.acd.decisions import AgentChanged, MakeOffer, RevokeOffer
from cti.acd.engine import Engine
from cti.acd.events import (
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
from cti.agents.capacity import Interruption
from cti.agents.state import AgentState
from cti.errors import Conflict, IllegalTransition
from tests.unit.acd.test_routing import Story, offers

CALLS = QueueRules(name="calls", wrap_up_s=10, priority=2)
CHATS = QueueRules(name="chats", medium="chat", wrap_up_s=30, priority=1)
MAILS = QueueRules(name="mails", medium="email", wrap_up_s=0)
QUEUES = ("calls", "chats", "mails")
ALL = {"chat": 3, "email": 1}
ANN = AgentProfile(agent_id="ann", queues=QUEUES, capacity=ALL)


class Desk(Story):
    """Calls, chats and mails; `ann` takes all of them."""

    def __init__(self, *, interruption: Interruption | None = None, **of_chats: Any) -> None:
        rules = (CALLS, QueueRules(name="chats", medium="chat", **{"wrap_up_s": 30, "priority": 1} | of_chats), MAILS)
        super().__init__(*rules)
        if interruption is not None:
            self.engine = Engine(rules, interruption)
        self.agent("ann")

    def agent(self, agent_id: str, *queues: str, capacity: dict[str, int] | None = None, **more: Any) -> Any:
        return super().agent(agent_id, *(queues or QUEUES), capacity=ALL if capacity is None else capacity, **more)

    def have(self, queue: str, *interactions: str) -> None:
        """They talk, or write, with ann."""
        for interaction_id in interactions:
            assert offers(self.queue(interaction_id, queue)) == [(interaction_id, "ann")]
            self.talk(interaction_id)

    def end(self, interaction_id: str) -> Any:
        return self.tell(ConversationEnded(agent_id="ann", interaction_id=interaction_id))

    @property
    def state(self) -> tuple[str, str, str]:
        """State, reason and interaction."""
        ann = self.engine.agent("ann")
        return ann.state.value, ann.reason, ann.interaction_id

    @property
    def in_hand(self) -> dict[str, str]:
        return {one.interaction_id: one.state.value for one in self.engine.agent("ann").handling}

    @property
    def why(self) -> dict[str, str]:
        """Why the first who waits is not with whom, by agent."""
        waiting = (one for queue in QUEUES for one in self.engine.waiting(queue))
        first = next(one.interaction_id for one in waiting if one.state is InteractionState.QUEUED)
        return {one.agent_id: one.rejected for one in self.engine.explain(first, self.now).candidates}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def revoked(decisions: list[Any]) -> list[tuple[str, str]]:
    return [(one.interaction_id, one.reason) for one in decisions if isinstance(one, RevokeOffer)]


# --- room ----------------------------------------------------------------------------------------------------------


def test_as_many_as_there_is_room_for_and_the_room_is_taken_until_the_wrap_up_is_over(desk: Desk) -> None:
    made = [offers(desk.queue(f"chat{number}", "chats")) for number in range(4)]
    assert made == [[("chat0", "ann")], [("chat1", "ann")], [("chat2", "ann")], []]
    assert desk.why == {"ann": "no room: 3 of 3 chat"}
    desk.talk("chat0")
    assert offers(desk.end("chat0")) == []
    assert desk.in_hand == {"chat0": "wrap_up", "chat1": "offered", "chat2": "offered"}
    for interaction_id in ("chat1", "chat2"):
        desk.talk(interaction_id)
    assert offers(desk.wait(30)) == [("chat3", "ann")]


def test_a_call_comes_on_top_of_chats_and_nothing_on_top_of_a_call_or_its_wrap_up(desk: Desk) -> None:
    desk.have("chats", "chat1", "chat2")
    desk.have("calls", "call")
    assert desk.state == ("busy", "", "call")
    assert offers(desk.queue("chat3", "chats")) == []
    assert desk.why == {"ann": "voice in progress: chat does not interrupt it"}
    desk.end("call")
    assert desk.state == ("busy", "", "chat1")
    assert desk.in_hand["call"] == "wrap_up"
    assert offers(desk.wait(9)) == []
    assert offers(desk.wait(1)) == [("chat3", "ann")]


def test_by_default_calls_go_over_chats_and_both_over_mail(desk: Desk) -> None:
    desk.have("mails", "mail1")
    desk.have("chats", "chat1")
    desk.have("calls", "call")
    for interaction_id in ("call", "mail1"):
        desk.end(interaction_id)
    assert offers(desk.queue("mail2", "mails")) == []
    desk.tell(WrapUpFinished(agent_id="ann", interaction_id="call"))
    assert desk.why == {"ann": "chat in progress: email does not interrupt it"}
    assert offers(desk.queue("chat2", "chats")) == [("chat2", "ann")]


def test_what_interrupts_what_is_for_the_site_to_say_and_to_change_at_any_time() -> None:
    desk = Desk(interruption={})
    desk.have("chats", "chat1")
    assert offers(desk.queue("call", "calls")) == []
    assert desk.why == {"ann": "chat in progress: voice does not interrupt it"}
    reload = QueueRulesChanged(rules=(CALLS, CHATS, MAILS), interruption={"voice": frozenset({"chat"})})
    assert offers(desk.tell(reload)) == [("call", "ann")]
    desk.talk("call")
    desk.tell(QueueRulesChanged(rules=(CALLS, CHATS, MAILS), interruption={}))
    assert desk.in_hand == {"chat1": "busy", "call": "busy"}, "nothing is taken away"


def test_a_callback_takes_the_room_of_a_call_and_is_still_a_callback(desk: Desk) -> None:
    made = desk.queue("back", "calls", medium="callback")
    assert [(one.medium, one.agent_id) for one in made if isinstance(one, MakeOffer)] == [("callback", "ann")]
    assert offers(desk.queue("call", "calls")) == []
    assert desk.engine.interaction("back").medium == "callback"
    assert desk.why == {"ann": "offered with back"}


def test_what_an_interaction_says_of_its_medium_goes_before_what_its_queue_says(desk: Desk) -> None:
    desk.have("calls", "call")
    assert offers(desk.queue("chat", "calls", medium="chat")) == []
    assert offers(desk.queue("voice", "chats", medium="voice")) == []
    assert offers(desk.agent("bob", capacity={"voice": 0, "chat": 1})) == [("chat", "bob")]
    assert offers(desk.agent("cat", capacity={"chat": 0})) == [("voice", "cat")]


def test_a_word_that_is_no_medium_is_refused_and_changes_nothing(desk: Desk) -> None:
    fax: Any = "fax"
    before = desk.engine.snapshot()
    for event in (
        CallerQueued(interaction_id="i1", queue="calls", queued_at=1.0, medium=fax),
        AgentEngaged(agent_id="ann", interaction_id="i1", medium=fax),
        AgentSignedIn(profile=AgentProfile(agent_id="bob"), state=AgentState.BUSY, interaction_id="i1", medium=fax),
    ):
        with pytest.raises(ValueError, match="medium 'fax': expected one of voice"):
            desk.tell(event)
        assert desk.engine.snapshot() == before
    with pytest.raises(ValueError, match="queue q: medium"):
        QueueRules(name="q", medium=fax)


def test_who_takes_no_calls_gets_none_not_even_a_transfer(desk: Desk) -> None:
    desk.agent("mute", capacity={"voice": 0, "chat": 1})
    assert offers(desk.queue("call", "calls", only_agent="mute")) == []
    assert desk.why == {"mute": "takes no voice"}
    assert offers(desk.queue("chat", "chats", only_agent="mute")) == [("chat", "mute")]


def test_who_has_less_in_hand_comes_before_who_is_longer_idle(desk: Desk) -> None:
    desk.wait(100)
    desk.agent("bob")
    served = [offers(desk.queue(f"chat{number}", "chats"))[0][1] for number in range(6)]
    assert served == ["ann", "bob", "ann", "bob", "ann", "bob"]


def test_lowering_a_capacity_takes_nothing_away_and_lets_nothing_new_come(desk: Desk) -> None:
    desk.have("chats", "chat1", "chat2")
    desk.queue("chat3", "chats")
    desk.tell(AgentProfileChanged(profile=AgentProfile(agent_id="ann", queues=QUEUES, capacity={"chat": 1})))
    desk.talk("chat3")
    assert desk.in_hand == dict.fromkeys(("chat1", "chat2", "chat3"), "busy")
    desk.queue("chat4", "chats")
    for interaction_id in ("chat1", "chat2"):
        desk.end(interaction_id)
        assert offers(desk.tell(WrapUpFinished(agent_id="ann"))) == []
    desk.end("chat3")
    assert offers(desk.tell(WrapUpFinished(agent_id="ann"))) == [("chat4", "ann")]


# --- offers beside other work --------------------------------------------------------------------------------------


def test_whoever_answers_a_call_is_not_rung_for_a_chat_any_more(desk: Desk) -> None:
    desk.queue("chat", "chats")
    desk.queue("call", "calls")
    assert desk.state == ("offered", "", "call")
    desk.agent("bob")
    answered = desk.tell(OfferAnswered(offer_id="call-1"))
    assert revoked(answered) == [("chat", "revoked")]
    assert offers(answered) == [("chat", "bob")]


def test_whoever_answers_a_chat_goes_on_being_rung_for_a_call(desk: Desk) -> None:
    desk.queue("chat", "chats")
    desk.queue("call", "calls")
    assert revoked(desk.tell(OfferAnswered(offer_id="chat-1"))) == []
    assert desk.in_hand == {"chat": "busy", "call": "offered"}
    assert desk.state == ("busy", "", "chat")


def test_a_missed_offer_is_a_stop_that_comes_after_what_is_in_hand(desk: Desk) -> None:
    desk.have("chats", "chat1")
    desk.queue("chat2", "chats")
    desk.wait(10)
    desk.queue("chat3", "chats")
    missed = desk.wait(10)
    assert revoked(missed) == [("chat2", "rona"), ("chat3", "revoked")]
    assert offers(missed) == [], "who missed one gets nothing new"
    assert desk.why == {"ann": "asked for not_ready (rona) after chat1"}
    assert desk.state == ("busy", "", "chat1")
    desk.end("chat1")
    desk.wait(30)
    assert desk.state == ("not_ready", "rona", "")
    assert offers(desk.tell(AgentReady(agent_id="ann"))) == [("chat2", "ann"), ("chat3", "ann")]


def test_with_offers_alone_in_hand_a_missed_one_makes_not_ready_at_once(desk: Desk) -> None:
    desk.queue("chat1", "chats")
    desk.wait(5)
    desk.queue("chat2", "chats")
    assert revoked(desk.wait(15)) == [("chat1", "rona"), ("chat2", "revoked")]
    assert desk.state == ("not_ready", "rona", "")


def test_a_rest_means_nothing_new_and_lasts_its_time() -> None:
    desk = Desk(rona="ready", rest_s=5)
    desk.have("chats", "chat1")
    desk.queue("chat2", "chats")
    assert revoked(desk.wait(20)) == [("chat2", "rona")]
    assert desk.engine.agent("ann").blocked == "resting"
    assert desk.why == {"ann": "resting"}
    desk.wait(1)
    desk.end("chat1")
    assert offers(desk.tell(WrapUpFinished(agent_id="ann"))) == []
    assert offers(desk.wait(4)) == [("chat2", "ann")]


def test_an_unreachable_phone_is_a_stop_that_ends_by_itself(desk: Desk) -> None:
    desk.have("chats", "chat1")
    desk.queue("call", "calls")
    desk.tell(OfferFailed(offer_id="call-1", reason="unreachable"))
    assert desk.engine.agent("ann").pending_reason == "unreachable"
    assert offers(desk.tell(ReachabilityChanged(agent_id="ann", reachable=True))) == [("call", "ann")]


def test_a_phone_that_comes_back_during_a_conversation_is_not_forgotten_after_it() -> None:
    story = Story()
    story.agent("a", state=AgentState.NOT_READY)
    story.tell(AgentReady(agent_id="a"))
    story.queue("i1")
    story.tell(OfferFailed(offer_id="i1-1", reason="unreachable"))
    story.tell(AgentEngaged(agent_id="a", interaction_id="i2", queue="sales"))
    story.tell(ReachabilityChanged(agent_id="a", reachable=True))
    story.tell(ConversationEnded(agent_id="a", interaction_id="i2"))
    assert offers(story.tell(WrapUpFinished(agent_id="a"))) == [("i1", "a")]


def test_a_callback_that_reaches_nobody_leaves_the_agent_with_the_rest_at_the_old_place(desk: Desk) -> None:
    desk.have("chats", "chat1")
    idle_since = desk.engine.agent("ann").idle_since
    desk.wait(5)
    desk.queue("back", "calls", medium="callback")
    desk.tell(OfferAnswered(offer_id="back-1"))
    gone = desk.tell(CallerPostponed(interaction_id="back"))
    assert revoked(gone) == [("back", "caller_gone")]
    assert desk.in_hand == {"chat1": "busy"}
    assert desk.engine.agent("ann").idle_since == idle_since
    desk.queue("back", "calls", medium="callback", offers=1)
    desk.tell(OfferAnswered(offer_id="back-2"))
    desk.tell(CallerPostponed(interaction_id="back", miss="declined"))
    assert (desk.in_hand, desk.engine.agent("ann").pending_reason) == ({"chat1": "busy"}, "declined")


@pytest.mark.parametrize(
    "event", [CallerPostponed(interaction_id="call"), OfferFailed(offer_id="call-1", reason="unreachable")]
)
def test_an_answer_that_leads_to_nobody_does_not_undo_what_was_asked_for(desk: Desk, event: Event) -> None:
    desk.have("chats", "chat1")
    desk.queue("call", "calls")
    desk.tell(OfferAnswered(offer_id="call-1"))
    desk.tell(AgentNotReady(agent_id="ann", reason="lunch"))
    desk.tell(event)
    assert (desk.in_hand, desk.engine.agent("ann").pending_reason) == ({"chat1": "busy"}, "lunch")
    desk.end("chat1")
    desk.wait(30)
    assert desk.state == ("not_ready", "lunch", "")


# --- what the agent asks for ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("event", [AgentNotReady(agent_id="ann", reason="lunch"), AgentSignedOut(agent_id="ann")])
def test_who_asks_to_stop_is_rung_no_more_and_goes_after_the_last(desk: Desk, event: Event) -> None:
    desk.have("chats", "chat1", "chat2")
    desk.queue("chat3", "chats")
    desk.agent("bob")
    stopped = desk.tell(event)
    assert revoked(stopped) == [("chat3", "revoked")]
    assert offers(stopped) == [("chat3", "bob")]
    desk.end("chat1")
    desk.wait(30)
    assert desk.state == ("busy", "", "chat2")
    desk.end("chat2")
    desk.wait(30)
    states = [(one.agent_id, one.reason) for one in desk.engine.agents() if one.agent_id == "ann"]
    assert states == ([("ann", "lunch")] if isinstance(event, AgentNotReady) else [])


def test_who_has_asked_to_stop_gets_nothing_new_though_there_is_room(desk: Desk) -> None:
    desk.have("chats", "chat1")
    desk.tell(AgentNotReady(agent_id="ann", reason="lunch"))
    assert offers(desk.queue("chat2", "chats")) == []
    assert offers(desk.queue("call", "calls")) == []
    assert desk.engine.agent("ann").room == ()
    assert desk.why == {"ann": "asked for not_ready (lunch) after chat1"}


def test_to_be_ready_takes_the_stop_back_and_ends_every_wrap_up(desk: Desk) -> None:
    desk.have("chats", "chat1", "chat2", "chat3")
    for interaction_id in ("chat1", "chat2"):
        desk.end(interaction_id)
    desk.tell(AgentNotReady(agent_id="ann", reason="lunch"))
    desk.queue("chat4", "chats")
    assert offers(desk.tell(AgentReady(agent_id="ann"))) == [("chat4", "ann")]
    assert desk.in_hand == {"chat3": "busy", "chat4": "offered"}


def test_wrap_ups_end_each_by_itself(desk: Desk) -> None:
    desk.have("chats", "chat1", "chat2", "chat3")
    for interaction_id in ("chat1", "chat2"):
        desk.end(interaction_id)
        desk.wait(5)
    assert desk.state == ("busy", "", "chat3")
    desk.tell(WrapUpExtended(agent_id="ann", seconds=60, interaction_id="chat1"))
    desk.tell(WrapUpFinished(agent_id="ann", interaction_id="chat2"))
    with pytest.raises(Conflict, match="chat2"):
        desk.tell(WrapUpFinished(agent_id="ann", interaction_id="chat2"))
    desk.end("chat3")
    assert desk.state == ("wrap_up", "", "chat1")
    desk.wait(30)
    assert (desk.in_hand, desk.engine.agent("ann").until) == ({"chat1": "wrap_up"}, 1090.0)
    desk.wait(50)
    assert desk.state == ("ready", "", "")
    with pytest.raises(IllegalTransition):
        desk.tell(WrapUpFinished(agent_id="ann"))


def test_a_sign_out_in_wrap_ups_alone_takes_place_at_once(desk: Desk) -> None:
    desk.have("chats", "chat1", "chat2")
    for interaction_id in ("chat1", "chat2"):
        desk.end(interaction_id)
    desk.queue("chat3", "chats")
    assert revoked(desk.tell(AgentSignedOut(agent_id="ann"))) == [("chat3", "revoked")]
    assert desk.engine.agents() == ()
    assert desk.engine.next_deadline() is None


def test_a_wrap_up_is_over_when_its_customer_is_back(desk: Desk) -> None:
    desk.have("chats", "chat1")
    desk.queue("chat1", "chats")
    assert [one.state.value for one in desk.engine.agent("ann").handling] == ["wrap_up", "offered"]
    desk.talk("chat1", offer=2)
    assert desk.in_hand == {"chat1": "busy"}
    assert desk.engine.next_deadline() is None


# --- take-over and restart -----------------------------------------------------------------------------------------


def test_a_take_over_needs_room_beside_the_conversations_alone(desk: Desk) -> None:
    desk.have("chats", "chat1", "chat2")
    desk.end("chat2")
    desk.queue("chat3", "chats")
    taken = desk.tell(AgentEngaged(agent_id="ann", interaction_id="call", queue="calls"))
    assert revoked(taken) == [("chat3", "revoked")]
    assert desk.in_hand == {"chat1": "busy", "call": "busy"}
    before = desk.engine.snapshot()
    for queue in ("calls", "chats"):
        with pytest.raises(IllegalTransition):
            desk.tell(AgentEngaged(agent_id="ann", interaction_id="other", queue=queue))
    assert desk.engine.snapshot() == before
    desk.tell(CallerLeft(interaction_id="call"))
    desk.tell(CallerLeft(interaction_id="chat1"))
    desk.wait(60)
    assert desk.engine.agent("ann").handled == 3


def test_after_a_restart_all_of_it_is_given_back() -> None:
    desk = Desk()
    desk.tell(AgentSignedOut(agent_id="ann"))
    desk.tell(AgentSignedIn(profile=ANN, state=AgentState.BUSY, interaction_id="chat1", queue="chats", since=900.0))
    desk.tell(AgentEngaged(agent_id="ann", interaction_id="chat2", queue="chats"))
    desk.tell(AgentEngaged(agent_id="ann", interaction_id="call", queue="calls"))
    assert [(one.interaction_id, one.medium) for one in desk.engine.agent("ann").handling] == [
        ("chat1", "chat"),
        ("chat2", "chat"),
        ("call", "voice"),
    ]
    desk.end("call")
    assert offers(desk.queue("chat3", "chats")) == []
    assert offers(desk.wait(10)) == [("chat3", "ann")]


def test_the_state_that_is_announced_is_that_of_the_foremost(desk: Desk) -> None:
    desk.have("chats", "chat1")
    decisions = [*desk.queue("call", "calls"), *desk.tell(OfferAnswered(offer_id="call-1")), *desk.end("call")]
    decisions += [*desk.end("chat1"), *desk.tell(Tick()), *desk.wait(30)]
    told = [
        (one.previous.value, one.state.value, one.interaction_id) for one in decisions if isinstance(one, AgentChanged)
    ]
    assert told == [
        ("busy", "busy", "chat1"),  # the call rings beside it
        ("busy", "busy", "call"),
        ("busy", "busy", "chat1"),  # the call is wrapped up beside it
        ("busy", "wrap_up", "call"),
        ("wrap_up", "wrap_up", "chat1"),
        ("wrap_up", "ready", ""),
    ]
