"""What must hold after any events in any order (Hypothesis plays the agents, the callers, the phones and the clock)."""

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
from cti.acd.limits import Limit
from cti.acd.queue import QueueRules
from cti.acd.relax import RelaxStep
from cti.acd.views import AgentView, InteractionView
from cti.agents.agent import AgentProfile
from cti.agents.state import AgentState
from cti.errors import CtiError

PER_64_S = 60 / 64
"""A point in 64 seconds, as points per minute: no rounding, so that ties are ties here and in the engine."""

RULES = (
    QueueRules(
        name="sales",
        wrap_up_s=10,
        max_wait_s=120,
        way_out="voicemail",
        choice="round_robin",
        vip_points=2,
        preferred_wait_s=20,
        relax=(RelaxStep(after_s=8, lower=2), RelaxStep(after_s=45, groups=("experts",), points=1)),
        limits=(Limit(when="nobody", way_out="callback"), Limit(when="length", above=4, way_out="announcement:full")),
    ),
    QueueRules(
        name="repairs",
        ring_s=15,
        wrap_up_s=0,
        priority=1,
        rona="ready",
        declined="ready",
        rest_s=5,
        ageing=PER_64_S,
        serve="target",
        choice="highest_skill",
        prefer_branch=True,
        branch_wait_s=7,
    ),
    QueueRules(
        name="english",
        wrap_up_s=30,
        skills={"english": 3},
        declined="ready",
        choice="ring_all",
        ring_at_once=2,
        preferred_wait_s=20,
        relax=(RelaxStep(after_s=30, skills={"english": 0}, queues=("sales",)),),
    ),
)
RELOADED = (
    RULES[0],
    QueueRules(name="repairs", ring_s=10, wrap_up_s=5, priority=-1, max_wait_s=60, choice="least_occupied"),
    QueueRules(name="english", wrap_up_s=30, skills={"english": 5}, choice="weighted_random", ageing=2 * PER_64_S),
    QueueRules(name="night", limits=(Limit(when="wait_estimate", above=60, way_out="number:110"),)),
)
FEWER = RULES[:1]
RINGING = tuple(msgspec.structs.replace(rules, choice="ring_all", ring_at_once=3) for rules in RULES)

AGENTS = st.sampled_from(["a", "b", "c", "d"])
CALLERS = st.sampled_from([f"i{number}" for number in range(6)])
QUEUES = st.sampled_from(["sales", "repairs", "english", "night"])
SKILLS = st.dictionaries(st.sampled_from(["english", "product"]), st.integers(1, 6), max_size=1)
AGENT_SKILLS = st.fixed_dictionaries({"english": st.integers(2, 9)}, optional={"product": st.integers(1, 9)})
OFFERS = st.builds("{}-{}".format, CALLERS, st.integers(1, 4))
BRANCHES = st.sampled_from(["", "north", "south"])
PROFILES = st.builds(
    AgentProfile,
    agent_id=AGENTS,
    queues=st.lists(QUEUES, min_size=1, max_size=3, unique=True).map(tuple),
    skills=AGENT_SKILLS,
    groups=st.sampled_from([(), ("experts",)]),
    branch=BRANCHES,
    tiers=st.dictionaries(QUEUES, st.integers(0, 2), max_size=2),
    weight=st.sampled_from([0.5, 1.0, 4.0]),
)
EVENTS = msgspec.json.Decoder(
    told.AgentSignedIn | told.AgentSignedOut | told.AgentReady | told.AgentNotReady | told.AgentProfileChanged
    | told.ReachabilityChanged | told.AgentEngaged | told.ConversationEnded | told.WrapUpFinished
    | told.WrapUpExtended | told.CallerQueued | told.CallerLeft | told.InteractionChanged | told.OfferAnswered
    | told.OfferConnected | told.OfferFailed | told.QueueRulesChanged | told.Tick
)  # fmt: skip

COMMANDS = (
    told.AgentReady, told.AgentNotReady, told.AgentEngaged, told.WrapUpFinished, told.WrapUpExtended, told.CallerQueued,
    told.InteractionChanged,
)  # fmt: skip


def fits(agent: AgentView, waiting: InteractionView) -> bool:
    """The rule in words, without any index."""
    if waiting.only_agent or waiting.held_for:
        return agent.agent_id == (waiting.only_agent or waiting.held_for)
    if waiting.branch_only and agent.profile.branch != waiting.branch:
        return False
    return not agent.profile.doors.isdisjoint(waiting.doors) and agent.profile.has(waiting.skills)


def relaxed(asked: told.CallerQueued, view: InteractionView, rules: QueueRules, now: float) -> InteractionView:
    """What the interaction needs by now, worked out from nothing but the rules."""
    needs = {
        skill: max(rules.skills.get(skill, 0), asked.skills.get(skill, 0)) for skill in {*rules.skills, *asked.skills}
    }
    doors, points = [f"queue:{rules.name}"], 0
    for step in rules.relax:
        if now - view.entered_at >= step.after_s:
            needs = {skill: min(level, step.skills.get(skill, 10)) - step.lower for skill, level in needs.items()}
            needs = {skill: level for skill, level in needs.items() if level > 0}
            doors += [f"queue:{queue}" for queue in step.queues] + [f"group:{group}" for group in step.groups]
            points += step.points
    own_branch = rules.prefer_branch and view.branch != "" and now - view.entered_at < rules.branch_wait_s
    return msgspec.structs.replace(
        view, skills=needs, doors=tuple(doors), points=points, branch_only=own_branch and not view.held_for
    )


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
        self.states: dict[str, AgentState] = {}
        self.alive: dict[str, bool] = {}
        self.arrivals: dict[str, int] = {}
        self.asked: dict[str, told.CallerQueued] = {}
        self.configured = {rules.name: rules for rules in RULES}

    def tell(self, event: told.Event) -> None:
        before = self.engine.snapshot()
        if isinstance(event, told.QueueRulesChanged):
            self.configured |= {rules.name: rules for rules in event.rules}
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
        self.check_order(decisions)

    def note_interaction(self, event: told.Event) -> None:
        if isinstance(event, told.CallerLeft):
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
                assert decision.agent_id not in {one.agent_id for one in self.live.values()}, "two offers at one agent"
                rung = sum(one.interaction_id == decision.interaction_id for one in self.live.values())
                assert rung < self.configured[decision.queue].rung_at_once(), "too many offers for one caller"
                assert self.states[decision.agent_id] is AgentState.READY
                assert decision.waited_s >= 0
                assert decision.ring_until > self.now
                self.live[decision.offer_id] = decision
            case RevokeOffer(reason="stale"):
                assert decision.offer_id not in self.live
            case RevokeOffer():
                self.live.pop(decision.offer_id, None)
            case AgentChanged():
                assert self.states.get(decision.agent_id, AgentState.LOGGED_OUT) is decision.previous
                self.states[decision.agent_id] = decision.state
            case WaitExpired():
                assert self.alive[decision.interaction_id]

    def check_order(self, decisions: list[Decision]) -> None:
        """Nobody who waits on, and whom the chosen agent fits, would have come first."""
        queued = [one for one in self.engine.snapshot().interactions if one.state is InteractionState.QUEUED]
        for made in decisions:
            if isinstance(made, MakeOffer):
                agent, chosen = self.engine.agent(made.agent_id), self.engine.interaction(made.interaction_id)
                assert fits(agent, chosen)
                assert all(self.rank(chosen) < self.rank(other) for other in queued if fits(agent, other))
                why = self.engine.explain(made.interaction_id, self.now).offers[-1]
                assert made.agent_id in {one.agent_id for one in why.candidates if not one.rejected}

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
        for agent_id, queues in {"a": ("sales", "repairs"), "b": ("repairs", "english"), "c": ("sales",)}.items():
            profile = AgentProfile(agent_id=agent_id, queues=queues, skills={"english": 4})
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

    @rule(profile=PROFILES)
    def reprofile(self, profile: AgentProfile) -> None:
        self.tell(told.AgentProfileChanged(profile=profile))

    @rule(agent_id=AGENTS, reachable=st.booleans())
    def reach(self, agent_id: str, reachable: bool) -> None:
        self.tell(told.ReachabilityChanged(agent_id=agent_id, reachable=reachable))

    @rule(
        caller=CALLERS, queue=QUEUES, priority=st.integers(0, 2), waited=st.integers(0, 3), skills=SKILLS,
        preferred=st.just("") | AGENTS, vip=st.integers(0, 2), branch=BRANCHES,
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

    @rule(caller=CALLERS, agent_id=AGENTS)
    def transfer_to_agent(self, caller: str, agent_id: str) -> None:
        self.tell(told.CallerQueued(interaction_id=caller, queue="sales", queued_at=self.now, only_agent=agent_id))

    @rule(caller=CALLERS, vip=st.none() | st.integers(0, 2), skills=st.none() | SKILLS)
    def amend(self, caller: str, vip: int | None, skills: dict[str, int] | None) -> None:
        self.tell(told.InteractionChanged(interaction_id=caller, vip=vip, skills=skills))

    @rule(caller=CALLERS)
    def hang_up(self, caller: str) -> None:
        self.tell(told.CallerLeft(interaction_id=caller))

    @rule(agent_id=AGENTS, caller=CALLERS)
    def take_over(self, agent_id: str, caller: str) -> None:
        self.tell(told.AgentEngaged(agent_id=agent_id, interaction_id=caller, queue="sales"))

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

    @precondition(lambda self: any(state is AgentState.BUSY for state in self.states.values()))
    @rule(data=st.data())
    def end_a_talk(self, data: st.DataObject) -> None:
        busy = sorted(agent for agent, state in self.states.items() if state is AgentState.BUSY)
        agent = self.engine.agent(data.draw(st.sampled_from(busy)))
        self.tell(told.ConversationEnded(agent_id=agent.agent_id, interaction_id=agent.interaction_id))

    @rule(agent_id=AGENTS, seconds=st.sampled_from([-1.0, 30.0, 1e6]))
    def extend(self, agent_id: str, seconds: float) -> None:
        self.tell(told.WrapUpExtended(agent_id=agent_id, seconds=seconds))

    @rule(agent_id=AGENTS)
    def finish(self, agent_id: str) -> None:
        self.tell(told.WrapUpFinished(agent_id=agent_id))

    @rule(rules=st.sampled_from([RULES, RELOADED, FEWER, RINGING]))
    def reload(self, rules: tuple[QueueRules, ...]) -> None:
        self.tell(told.QueueRulesChanged(rules=rules))

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
    def test_pain_08_one_offer_for_an_interaction_and_for_an_agent(self) -> None:
        ringing = [agent for agent in self.engine.agents() if agent.state is AgentState.OFFERED]
        assert {agent.offer_id: agent.agent_id for agent in ringing} == {
            offer_id: offer.agent_id for offer_id, offer in self.live.items()
        }
        offered = [one for one in self.engine.snapshot().interactions if one.state is InteractionState.OFFERED]
        assert {
            offer_id: (one.interaction_id, agent_id)
            for one in offered
            for offer_id, agent_id in zip(one.offer_ids, one.agent_ids, strict=True)
        } == {offer_id: (offer.interaction_id, offer.agent_id) for offer_id, offer in self.live.items()}

    @invariant()
    def test_pain_10_a_free_fitting_agent_and_a_waiting_caller_never_coexist(self) -> None:
        free = [agent for agent in self.engine.agents() if agent.state is AgentState.READY and not agent.blocked]
        waiting = [one for one in self.engine.snapshot().interactions if one.state is InteractionState.QUEUED]
        assert not [(agent, one) for agent in free for one in waiting if fits(agent, one)]

    @invariant()
    def test_needs_are_relaxed_as_the_rules_say(self) -> None:
        for one in self.engine.snapshot().interactions:
            if one.state is InteractionState.QUEUED and not one.only_agent:
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
                    if one.state is InteractionState.QUEUED and not one.only_agent
                ]

    @invariant()
    def test_nothing_is_lost_and_nothing_doubled(self) -> None:
        snapshot = self.engine.snapshot()
        assert sorted(one.interaction_id for one in snapshot.interactions) == sorted(self.alive)
        in_line = {InteractionState.QUEUED, InteractionState.OFFERED}
        for queue in ("sales", "repairs", "english", "night"):
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
        talking = {(a.agent_id, a.interaction_id) for a in snapshot.agents if a.state is AgentState.BUSY}
        connected = {
            (agent_id, one.interaction_id)
            for one in snapshot.interactions
            if one.state is InteractionState.CONNECTED
            for agent_id in one.agent_ids
        }
        assert talking == connected
        assert all(one.agent_ids for one in snapshot.interactions if one.state is InteractionState.CONNECTED)

    @invariant()
    def test_what_was_announced_is_so(self) -> None:
        signed_in = {agent: state for agent, state in self.states.items() if state is not AgentState.LOGGED_OUT}
        assert {agent.agent_id: agent.state for agent in self.engine.agents()} == signed_in

    @invariant()
    def test_pain_21_every_state_has_a_way_out_by_time(self) -> None:
        due = self.engine.next_deadline()
        bounded = {AgentState.OFFERED, AgentState.WRAP_UP}
        ends = [agent.until for agent in self.engine.agents() if agent.state in bounded]
        ends += [agent.rest_until for agent in self.engine.agents() if agent.blocked == "resting"]
        snapshot = self.engine.snapshot()
        ends += [
            one.wait_until
            for one in snapshot.interactions
            if one.state is InteractionState.QUEUED and (one.only_agent or one.wait_until is not None)
        ]
        for end in ends:
            assert end is not None
            assert due is not None
            assert due <= end

    @invariant()
    def test_nothing_is_remembered_for_longer_than_it_lives(self) -> None:
        agents, interactions = self.engine.agents(), self.engine.snapshot().interactions
        due = {("ring", agent.offer_id) for agent in agents if agent.state is AgentState.OFFERED}
        due |= {("wrap", agent.agent_id) for agent in agents if agent.state is AgentState.WRAP_UP}
        due |= {("rest", agent.agent_id) for agent in agents if agent.rest_until is not None}
        queued = [one for one in interactions if one.state is InteractionState.QUEUED]
        due |= {("wait", one.interaction_id) for one in queued if one.wait_until is not None}
        due |= {("relax", one.interaction_id) for one in queued if one.relax_at is not None}
        assert set(self.engine._deadlines) == due
        assert set(self.engine._offers._offers) == {agent.offer_id for agent in agents if agent.offer_id}
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
