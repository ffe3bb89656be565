"""What must hold after any events in any order (Hypothesis plays the agents, the callers, the phones and the clock)."""

from collections import Counter
from itertools import pairwise
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cti.acd import events as told
from cti.acd.decisions import AgentChanged, Decision, MakeOffer, RevokeOffer, WaitExpired
from cti.acd.engine import Engine
from cti.acd.interaction import InteractionState
from cti.acd.queue import QueueRules
from cti.acd.views import AgentView, InteractionView
from cti.agents.agent import AgentProfile
from cti.agents.capacity import INTERRUPTION, Interruption
from cti.agents.state import AgentState
from cti.errors import CtiError
from tests.unit.acd.in_words import (
    AGENTS,
    BRANCHES,
    CALLERS,
    EVENTS,
    FEWER,
    LOOSE,
    MEDIA,
    OFFERS,
    PROFILES,
    QUEUES,
    RELOADED,
    RINGING,
    RULES,
    SKILLS,
    STRICT,
    counted,
    fits,
    has_room,
    may_join,
    most,
    relaxed,
)

COMMANDS = (
    told.AgentReady, told.AgentNotReady, told.AgentEngaged, told.WrapUpFinished, told.WrapUpExtended, told.CallerQueued,
    told.InteractionChanged, told.PickedUp,
)  # fmt: skip


IN_LINE = {InteractionState.QUEUED, InteractionState.OFFERED}


class Hotline(RuleBasedStateMachine):
    """The engine, beside it a witness who knows only the decisions."""

    def __init__(self) -> None:
        super().__init__()
        self.engine = Engine(RULES)
        self.now = 1000.0
        self.log: list[tuple[bytes, float]] = []
        self.decided: list[list[Decision]] = []
        self.live: dict[str, MakeOffer] = {}
        self.ever: set[str] = set()
        self.states: dict[str, AgentChanged] = {}
        self.interruption = INTERRUPTION
        self.alive: dict[str, bool] = {}
        self.arrivals: dict[str, int] = {}
        self.asked: dict[str, told.CallerQueued] = {}
        self.configured = {rules.name: rules for rules in RULES}

    def tell(self, event: told.Event) -> None:
        before = self.engine.snapshot()
        if isinstance(event, told.QueueRulesChanged):
            self.configured |= {rules.name: rules for rules in event.rules}
            self.interruption = self.interruption if event.interruption is None else event.interruption
        self.log.append((msgspec.json.encode(event), self.now))
        try:
            decisions = self.engine.handle(event, self.now)
        except CtiError:
            assert isinstance(event, COMMANDS), "only a command is refused"
            assert self.engine.snapshot() == before, "refused, and changed all the same"
            decisions = []
        else:
            self.note_interaction(event)
        self.decided.append(decisions)
        for decision in decisions:
            self.witness(decision)
        if isinstance(event, told.PickedUp) and decisions:
            self.check_pick_up(event, decisions)
        self.check_order(decisions)
        self.check_room(event, {agent.agent_id: agent for agent in before.agents})

    def note_interaction(self, event: told.Event) -> None:
        if isinstance(event, (told.CallerLeft, told.CallerPostponed)):
            self.alive.pop(event.interaction_id, None)
            self.arrivals.pop(event.interaction_id, None)
        if isinstance(event, (told.CallerQueued, told.AgentEngaged)):
            self.alive[event.interaction_id] = True
            self.arrivals.setdefault(event.interaction_id, len(self.log))
        if isinstance(event, told.CallerQueued):
            self.asked[event.interaction_id] = event
        if isinstance(event, told.InteractionChanged) and event.interaction_id in self.asked:
            asked = self.asked[event.interaction_id]
            skills = asked.skills if event.skills is None else event.skills
            self.asked[event.interaction_id] = msgspec.structs.replace(asked, skills=skills)
        if isinstance(event, told.OfferAnswered):
            self.live.pop(event.offer_id, None)
        if isinstance(event, told.AgentEngaged):
            mine = [offer for offer in self.live.values() if offer.agent_id == event.agent_id]
            for offer in mine:
                if offer.interaction_id == event.interaction_id:
                    del self.live[offer.offer_id]

    # --- the witness

    def witness(self, decision: Decision) -> None:
        match decision:
            case MakeOffer():
                rung = sum(one.interaction_id == decision.interaction_id for one in self.live.values())
                assert rung < self.configured[decision.queue].rung_at_once(), "too many offers for one caller"
                assert decision.waited_s >= 0
                assert decision.ring_until > self.now
                self.live[decision.offer_id] = decision
            case RevokeOffer(reason="stale"):
                assert decision.offer_id not in self.live
            case RevokeOffer():
                self.live.pop(decision.offer_id, None)
            case AgentChanged():
                known = self.states.get(decision.agent_id)
                assert decision.previous is (known.state if known else AgentState.LOGGED_OUT)
                self.states[decision.agent_id] = decision
            case WaitExpired():
                assert self.alive[decision.interaction_id]

    def check_order(self, decisions: list[Decision]) -> None:
        """Nobody who waits on, and for whom the chosen agent had room then and fits, would have come first."""
        queued = [one for one in self.engine.snapshot().interactions if one.state is InteractionState.QUEUED]
        made_now = [one for one in decisions if isinstance(one, MakeOffer)]
        later = {one.offer_id for one in made_now}
        for made in made_now:
            agent, chosen = self.engine.agent(made.agent_id), self.engine.interaction(made.interaction_id)
            assert made.medium == chosen.medium
            if self.picked_up(made):
                later.remove(made.offer_id)
                continue
            assert fits(agent, chosen)
            assert has_room(agent, counted(chosen.medium), self.interruption, without=later)
            for other in queued:
                if fits(agent, other) and has_room(agent, counted(other.medium), self.interruption, without=later):
                    assert self.rank(chosen) < self.rank(other)
            later.remove(made.offer_id)
            why = self.engine.explain(made.interaction_id, self.now).offers[-1]
            assert made.agent_id in {one.agent_id for one in why.candidates if not one.rejected}

    def picked_up(self, made: MakeOffer) -> bool:
        """Out of turn, and only by whom it was asked for."""
        why = self.engine.explain(made.interaction_id, self.now).offers[-1]
        return why.chosen_by == "picked_up" and (why.offer_id, why.agent_id) == (made.offer_id, made.agent_id)

    def check_pick_up(self, event: told.PickedUp, decisions: list[Decision]) -> None:
        """It rings at this agent and nowhere else, and cost the agent nothing that was in hand."""
        ringing = [offer for offer in self.live.values() if offer.interaction_id == event.interaction_id]
        assert [offer.agent_id for offer in ringing] == [event.agent_id]
        revoked = [one for one in decisions if isinstance(one, RevokeOffer)]
        assert all(one.interaction_id == event.interaction_id and one.reason == "revoked" for one in revoked)
        assert all(one.agent_id != event.agent_id for one in revoked)

    def check_room(self, event: told.Event, before: dict[str, AgentView]) -> None:
        """More than the capacity is in hand only by a take-over, or after the capacity was lowered; never ever more."""
        if isinstance(event, told.AgentEngaged) and event.agent_id in before:
            self.check_take_over(before[event.agent_id], self.engine.agent(event.agent_id))
        if isinstance(event, (told.AgentEngaged, told.AgentSignedIn)):
            return
        for agent in self.engine.agents():
            had = Counter(one.medium for one in before[agent.agent_id].handling)
            for medium, count in Counter(one.medium for one in agent.handling).items():
                assert count <= max(most(agent, medium), had[medium])
            if isinstance(event, told.OfferAnswered):
                self.check_way(event.offer_id, agent)

    def check_take_over(self, before: AgentView, after: AgentView) -> None:
        """A conversation beside others has room beside them."""
        had = [one.medium for one in before.handling if one.state is AgentState.BUSY]
        for medium in Counter(one.medium for one in after.handling) - Counter(one.medium for one in before.handling):
            if had:
                assert had.count(medium) < most(after, medium)
                assert all(may_join(medium, other, self.interruption) for other in had)

    def check_way(self, answered: str, agent: AgentView) -> None:
        """Nothing rings during a conversation just begun that may not come on top of it."""
        talk = next((one for one in agent.handling if one.offer_id == answered), None)
        if talk:
            ringing = [one for one in agent.handling if one.state is AgentState.OFFERED]
            assert all(may_join(one.medium, talk.medium, self.interruption) for one in ringing)

    def rank(self, waiting: InteractionView) -> tuple[float, float, int]:
        """The order in words: more points now, earlier due, earlier here."""
        rules = self.configured[waiting.queue]
        due = waiting.queued_at + (rules.target_s if rules.serve == "target" else 0)
        points = waiting.priority + waiting.points + rules.ageing * (self.now - due) / 60
        return (-points, due, self.arrivals[waiting.interaction_id])

    # --- what the world does

    @initialize(rules=st.sampled_from([RULES, RINGING]))
    def the_morning(self, rules: tuple[QueueRules, ...]) -> None:
        self.tell(told.QueueRulesChanged(rules=rules))
        for agent_id, calls in {"a": ("sales", "repairs"), "b": ("repairs", "english"), "c": ("sales",)}.items():
            capacity = {"chat": 2, "email": 1} if agent_id != "c" else {}
            queues = (*calls, "chats", "mails")
            profile = AgentProfile(agent_id=agent_id, queues=queues, skills={"english": 4}, capacity=capacity)
            self.tell(told.AgentSignedIn(profile=profile, state=AgentState.READY))

    @rule(profile=PROFILES, reachable=st.booleans())
    def sign_in(self, profile: AgentProfile, reachable: bool) -> None:
        self.tell(told.AgentSignedIn(profile=profile, reachable=reachable))

    @rule(profile=PROFILES)
    def sign_in_ready(self, profile: AgentProfile) -> None:
        self.tell(told.AgentSignedIn(profile=profile, state=AgentState.READY, since=self.now - 5))

    @rule(agent_id=AGENTS)
    def sign_out(self, agent_id: str) -> None:
        self.tell(told.AgentSignedOut(agent_id=agent_id))

    @rule(agent_id=AGENTS)
    def ready(self, agent_id: str) -> None:
        self.tell(told.AgentReady(agent_id=agent_id))

    @rule(agent_id=AGENTS, reason=st.sampled_from(["lunch", "training", "supervisor"]))
    def not_ready(self, agent_id: str, reason: str) -> None:
        self.tell(told.AgentNotReady(agent_id=agent_id, reason=reason))

    @precondition(lambda self: self.in_hand(AgentState.BUSY))
    @rule(data=st.data(), caller=CALLERS)
    def not_ready_beside_work(self, data: st.DataObject, caller: str) -> None:
        """Who talks asks to stop, and somebody else writes."""
        agent_id, other = data.draw(st.sampled_from(self.in_hand(AgentState.BUSY)))
        self.tell(told.AgentNotReady(agent_id=agent_id, reason="lunch"))
        if caller != other:
            self.tell(told.CallerQueued(interaction_id=caller, queue="chats", queued_at=self.now))

    @rule(profile=PROFILES)
    def reprofile(self, profile: AgentProfile) -> None:
        self.tell(told.AgentProfileChanged(profile=profile))

    @rule(agent_id=AGENTS, reachable=st.booleans())
    def reach(self, agent_id: str, reachable: bool) -> None:
        self.tell(told.ReachabilityChanged(agent_id=agent_id, reachable=reachable))

    @rule(
        caller=CALLERS, queue=QUEUES, priority=st.integers(0, 2), waited=st.integers(0, 3), skills=SKILLS,
        preferred=st.just("") | AGENTS, vip=st.integers(0, 2), branch=BRANCHES, medium=MEDIA,
    )  # fmt: skip
    def queue(self, *, caller: str, waited: int, preferred: str, **more: Any) -> None:
        since = self.now - 10 * waited
        self.tell(told.CallerQueued(interaction_id=caller, queued_at=since, preferred_agent=preferred, **more))

    @rule(data=st.data(), preferred=AGENTS, branch=BRANCHES)
    def rush(self, data: st.DataObject, preferred: str, branch: str) -> None:
        """Everybody who does not talk is ready, and callers come in."""
        for agent in self.engine.agents():
            self.tell(told.AgentReady(agent_id=agent.agent_id))
        for caller in data.draw(st.lists(CALLERS, max_size=4, unique=True)):
            queue, skills = data.draw(QUEUES), data.draw(SKILLS)
            self.queue(
                caller=caller, queue=queue, skills=skills, waited=0, priority=0, preferred=preferred, branch=branch
            )

    @rule(callers=st.lists(CALLERS, min_size=2, max_size=4, unique=True), mails=st.booleans())
    def chats(self, callers: list[str], mails: bool) -> None:
        """Several come at once who may be in one agent's hands together."""
        for number, caller in enumerate(callers):
            queue = "mails" if mails and number == 0 else "chats"
            self.tell(told.CallerQueued(interaction_id=caller, queue=queue, queued_at=self.now))
            ringing = [offer_id for offer_id, offer in self.live.items() if offer.interaction_id == caller]
            if ringing and number:
                self.tell(told.OfferAnswered(offer_id=ringing[0]))

    @rule(caller=CALLERS, agent_id=AGENTS)
    def transfer_to_agent(self, caller: str, agent_id: str) -> None:
        self.tell(told.CallerQueued(interaction_id=caller, queue="sales", queued_at=self.now, only_agent=agent_id))

    @rule(caller=CALLERS, queue=QUEUES, group=st.sampled_from(["experts", "nobody"]))
    def transfer_to_group(self, caller: str, queue: str, group: str) -> None:
        self.tell(told.CallerQueued(interaction_id=caller, queue=queue, queued_at=self.now - 30, only_group=group))

    @rule(
        caller=CALLERS, vip=st.none() | st.integers(0, 2), skills=st.none() | SKILLS,
        priority=st.none() | st.integers(0, 2), preferred_agent=st.none() | AGENTS,
    )  # fmt: skip
    def amend(self, *, caller: str, **more: Any) -> None:
        self.tell(told.InteractionChanged(interaction_id=caller, **more))

    @rule(caller=CALLERS)
    def hang_up(self, caller: str) -> None:
        self.tell(told.CallerLeft(interaction_id=caller))

    @rule(caller=CALLERS, miss=st.sampled_from([None, None, "rona", "declined", "unreachable"]))
    def postpone(self, caller: str, miss: Any) -> None:
        self.tell(told.CallerPostponed(interaction_id=caller, miss=miss))

    @precondition(lambda self: self.live)
    @rule(data=st.data(), miss=st.sampled_from([None, "rona"]))
    def dial_in_vain(self, data: st.DataObject, miss: Any) -> None:
        """The agent is there, and the customer to be called back is not."""
        offer = self.live[data.draw(st.sampled_from(sorted(self.live)))]
        self.tell(told.OfferAnswered(offer_id=offer.offer_id))
        self.tell(told.CallerPostponed(interaction_id=offer.interaction_id, miss=miss))

    @rule(agent_id=AGENTS, caller=CALLERS)
    def pick_up(self, agent_id: str, caller: str) -> None:
        self.tell(told.PickedUp(agent_id=agent_id, interaction_id=caller))

    @precondition(lambda self: any(one.state in IN_LINE for one in self.engine.snapshot().interactions))
    @rule(data=st.data(), agent_id=AGENTS, pause=st.booleans())
    def pick_up_who_waits(self, data: st.DataObject, agent_id: str, pause: bool) -> None:
        """Often by somebody who is at a break."""
        if pause:
            self.tell(told.AgentNotReady(agent_id=agent_id, reason="lunch"))
        waiting = [one.interaction_id for one in self.engine.snapshot().interactions if one.state in IN_LINE]
        if waiting:
            self.tell(told.PickedUp(agent_id=agent_id, interaction_id=data.draw(st.sampled_from(waiting))))

    @rule(agent_id=AGENTS, caller=CALLERS, medium=MEDIA)
    def take_over(self, agent_id: str, caller: str, medium: Any) -> None:
        self.tell(told.AgentEngaged(agent_id=agent_id, interaction_id=caller, queue="sales", medium=medium))

    @precondition(lambda self: self.live)
    @rule(data=st.data(), connected=st.booleans())
    def answer(self, data: st.DataObject, connected: bool) -> None:
        offer_id = data.draw(st.sampled_from(sorted(self.live)))
        self.tell(told.OfferAnswered(offer_id=offer_id))
        if connected:
            self.tell(told.OfferConnected(offer_id=offer_id))

    @precondition(lambda self: self.live)
    @rule(data=st.data())
    def answer_at_once(self, data: st.DataObject) -> None:
        self.answer(data=data, connected=True)

    @precondition(lambda self: self.live)
    @rule(data=st.data(), reason=st.sampled_from(["rona", "declined", "unreachable"]))
    def miss(self, data: st.DataObject, reason: Any) -> None:
        self.tell(told.OfferFailed(offer_id=data.draw(st.sampled_from(sorted(self.live))), reason=reason))

    @rule(offer_id=OFFERS, kind=st.sampled_from(["answered", "connected", "failed"]))
    def late_news(self, offer_id: str, kind: str) -> None:
        if kind == "answered":
            self.tell(told.OfferAnswered(offer_id=offer_id))
        elif kind == "connected":
            self.tell(told.OfferConnected(offer_id=offer_id))
        else:
            self.tell(told.OfferFailed(offer_id=offer_id, reason="unreachable"))

    @rule(agent_id=AGENTS, caller=CALLERS)
    def end_talk(self, agent_id: str, caller: str) -> None:
        self.tell(told.ConversationEnded(agent_id=agent_id, interaction_id=caller))

    @precondition(lambda self: self.in_hand(AgentState.BUSY))
    @rule(data=st.data())
    def end_a_talk(self, data: st.DataObject) -> None:
        agent_id, caller = data.draw(st.sampled_from(self.in_hand(AgentState.BUSY)))
        self.tell(told.ConversationEnded(agent_id=agent_id, interaction_id=caller))

    @rule(agent_id=AGENTS, seconds=st.sampled_from([-1.0, 30.0, 1e6]), caller=st.just("") | CALLERS)
    def extend(self, agent_id: str, seconds: float, caller: str) -> None:
        self.tell(told.WrapUpExtended(agent_id=agent_id, seconds=seconds, interaction_id=caller))

    @rule(agent_id=AGENTS)
    def finish(self, agent_id: str) -> None:
        self.tell(told.WrapUpFinished(agent_id=agent_id))

    @precondition(lambda self: self.in_hand(AgentState.WRAP_UP))
    @rule(data=st.data())
    def finish_one(self, data: st.DataObject) -> None:
        agent_id, caller = data.draw(st.sampled_from(self.in_hand(AgentState.WRAP_UP)))
        self.tell(told.WrapUpFinished(agent_id=agent_id, interaction_id=caller))

    def in_hand(self, state: AgentState) -> list[tuple[str, str]]:
        """Agents and interactions."""
        return [
            (agent.agent_id, one.interaction_id)
            for agent in self.engine.agents()
            for one in agent.handling
            if one.state is state
        ]

    @rule(rules=st.sampled_from([RULES, RELOADED, FEWER, RINGING]), interruption=st.sampled_from([None, STRICT, LOOSE]))
    def reload(self, rules: tuple[QueueRules, ...], interruption: Interruption | None) -> None:
        self.tell(told.QueueRulesChanged(rules=rules, interruption=interruption))

    @rule(seconds=st.sampled_from([0.0, 1.0, 7.0, 45.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.tick()

    @rule()
    def wait_until_due(self) -> None:
        self.now = max(self.now, self.engine.next_deadline() or self.now)
        self.tick()

    def tick(self) -> None:
        self.tell(told.Tick())
        due = self.engine.next_deadline()
        assert due is None or due > self.now, "what was due is still there"

    # --- what must hold

    @invariant()
    def test_pain_08_one_offer_for_an_interaction_and_for_the_room_of_an_agent(self) -> None:
        ringing = [
            (one.offer_id, agent.agent_id)
            for agent in self.engine.agents()
            for one in agent.handling
            if one.state is AgentState.OFFERED
        ]
        assert sorted(ringing) == sorted((offer_id, offer.agent_id) for offer_id, offer in self.live.items())
        offered = [one for one in self.engine.snapshot().interactions if one.state is InteractionState.OFFERED]
        assert {
            offer_id: (one.interaction_id, agent_id)
            for one in offered
            for offer_id, agent_id in zip(one.offer_ids, one.agent_ids, strict=True)
        } == {offer_id: (offer.interaction_id, offer.agent_id) for offer_id, offer in self.live.items()}

    @invariant()
    def test_pain_10_a_fitting_agent_with_room_and_a_waiting_caller_never_coexist(self) -> None:
        waiting = [one for one in self.engine.snapshot().interactions if one.state is InteractionState.QUEUED]
        for agent in self.engine.agents():
            media = {counted(one.medium) for one in waiting if fits(agent, one)}
            assert not [medium for medium in media if has_room(agent, medium, self.interruption)]

    @invariant()
    def test_the_one_state_is_that_of_the_foremost_in_hand(self) -> None:
        for agent in self.engine.agents():
            states = {one.state for one in agent.handling}
            foremost = [one for one in (AgentState.BUSY, AgentState.WRAP_UP, AgentState.OFFERED) if one in states]
            if not foremost:
                assert agent.state in {AgentState.READY, AgentState.NOT_READY}
                assert (agent.interaction_id, agent.offer_id, agent.pending) == ("", "", None)
                continue
            shown = [one for one in agent.handling if one.state is foremost[0]]
            shown = [one for one in shown if one.medium == "voice"] or shown
            said = (agent.state, agent.since, agent.until, agent.interaction_id, agent.offer_id)
            assert said == (foremost[0], shown[0].since, shown[0].until, shown[0].interaction_id, shown[0].offer_id)
            if agent.pending is not None and AgentState.OFFERED in states:
                (rung,) = agent.handling
                assert self.picked_up(self.live[rung.offer_id]), "who asked to stop is rung"
                assert agent.pending is AgentState.NOT_READY
            held = [one.interaction_id for one in agent.handling if one.state is not AgentState.OFFERED]
            assert len(set(held)) == len(held), "talked about and wrapped up at once"

    @invariant()
    def test_needs_are_relaxed_as_the_rules_say(self) -> None:
        for one in self.engine.snapshot().interactions:
            if one.state is InteractionState.QUEUED and not (one.only_agent or one.only_group):
                asked = self.asked[one.interaction_id]
                assert relaxed(asked, one, self.configured[one.queue], self.now) == one

    @invariant()
    def test_a_preferred_agent_is_waited_for_only_while_at_work_and_not_for_ever(self) -> None:
        agents = {agent.agent_id: agent for agent in self.engine.agents()}
        for one in self.engine.snapshot().interactions:
            if one.state is InteractionState.QUEUED and one.held_for:
                assert agents[one.held_for].state is not AgentState.NOT_READY
                assert agents[one.held_for].pending is None
                assert agents[one.held_for].profile.has(one.skills)
                assert most(agents[one.held_for], counted(one.medium)) > 0
                assert one.relax_at is not None
                assert self.now < one.relax_at <= one.entered_at + self.configured[one.queue].preferred_wait_s

    @invariant()
    def test_nobody_waits_where_nobody_is(self) -> None:
        doors = {door for agent in self.engine.agents() for door in agent.profile.doors}
        for rules in self.configured.values():
            if any(limit.when == "nobody" for limit in rules.limits) and doors.isdisjoint(rules.reach()):
                assert not [
                    one
                    for one in self.engine.waiting(rules.name)
                    if one.state is InteractionState.QUEUED and not (one.only_agent or one.only_group)
                ]

    @invariant()
    def test_nothing_is_lost_and_nothing_doubled(self) -> None:
        snapshot = self.engine.snapshot()
        assert sorted(one.interaction_id for one in snapshot.interactions) == sorted(self.alive)
        in_line = {InteractionState.QUEUED, InteractionState.OFFERED}
        for queue in self.configured:
            waiting = self.engine.waiting(queue)
            assert {one.interaction_id for one in waiting} == {
                one.interaction_id for one in snapshot.interactions if one.queue == queue and one.state in in_line
            }
            assert all(self.rank(one) < self.rank(following) for one, following in pairwise(waiting))
            positions = [self.engine.position(one.interaction_id) for one in waiting]
            assert positions == list(range(1, len(waiting) + 1))

    @invariant()
    def test_busy_agents_and_connected_interactions_agree(self) -> None:
        snapshot = self.engine.snapshot()
        talking = self.in_hand(AgentState.BUSY)
        assert len(set(talking)) == len(talking)
        connected = {
            (agent_id, one.interaction_id)
            for one in snapshot.interactions
            if one.state is InteractionState.CONNECTED
            for agent_id in one.agent_ids
        }
        assert set(talking) == connected
        assert all(one.agent_ids for one in snapshot.interactions if one.state is InteractionState.CONNECTED)

    @invariant()
    def test_what_was_announced_is_so(self) -> None:
        said = [one for _, one in sorted(self.states.items()) if one.state is not AgentState.LOGGED_OUT]
        assert [(one.agent_id, one.state, one.reason, one.since, one.until, one.interaction_id) for one in said] == [
            (one.agent_id, one.state, one.reason, one.since, one.until, one.interaction_id)
            for one in self.engine.agents()
        ]

    @invariant()
    def test_pain_21_every_state_has_a_way_out_by_time(self) -> None:
        due = self.engine.next_deadline()
        bounded = {AgentState.OFFERED, AgentState.WRAP_UP}
        ends = [one.until for agent in self.engine.agents() for one in agent.handling if one.state in bounded]
        ends += [agent.rest_until for agent in self.engine.agents() if agent.rest_until is not None]
        snapshot = self.engine.snapshot()
        ends += [
            one.wait_until
            for one in snapshot.interactions
            if one.state is InteractionState.QUEUED and (one.only_agent or one.only_group or one.wait_until is not None)
        ]
        for end in ends:
            assert end is not None
            assert due is not None
            assert due <= end

    @invariant()
    def test_nothing_is_remembered_for_longer_than_it_lives(self) -> None:
        agents, interactions = self.engine.agents(), self.engine.snapshot().interactions
        due = {("ring", offer_id) for offer_id in self.live}
        due |= {("wrap", agent_id) for agent_id, _ in self.in_hand(AgentState.WRAP_UP)}
        due |= {("rest", agent.agent_id) for agent in agents if agent.rest_until is not None}
        queued = [one for one in interactions if one.state is InteractionState.QUEUED]
        due |= {("wait", one.interaction_id) for one in queued if one.wait_until is not None}
        due |= {("relax", one.interaction_id) for one in queued if one.relax_at is not None}
        assert set(self.engine._deadlines) == due
        assert set(self.engine._offers._offers) == {
            one.offer_id for agent in agents for one in agent.handling if one.offer_id
        }
        alone = {one.only_agent or one.held_for for one in queued}
        assert {need.only_agent for need in self.engine._matching._lanes} - {""} == alone - {""}
        in_line = {one.interaction_id for one in interactions if one.offer_ids} | {one.interaction_id for one in queued}
        assert set(self.engine._estimate._entries) <= in_line

    def teardown(self) -> None:
        """Replay the log, read from JSON: the same decisions, bit for bit."""
        again = Engine(RULES)
        for (event, now), decided in zip(self.log, self.decided, strict=True):
            try:
                assert again.handle(EVENTS.decode(event), now) == decided
            except CtiError:
                assert decided == []
        assert again.snapshot() == self.engine.snapshot()


Hotline.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
test_hotline = Hotline.TestCase
