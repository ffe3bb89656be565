"""The rules of the engine in words, without any index; and queues, agents and callers to try them on (Hypothesis)."""

from collections import Counter
from collections.abc import Collection

import msgspec
from hypothesis import strategies as st

from cti.acd import events as told
from cti.acd.limits import Limit
from cti.acd.queue import QueueRules
from cti.acd.relax import RelaxStep
from cti.acd.views import AgentView, InteractionView
from cti.agents.agent import AgentProfile
from cti.agents.capacity import Interruption
from cti.agents.state import AgentState

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
    QueueRules(name="chats", medium="chat", ring_s=10, wrap_up_s=20, declined="ready", priority=1, preferred_wait_s=10),
    QueueRules(
        name="mails", medium="email", wrap_up_s=0, rona="ready", relax=(RelaxStep(after_s=30, queues=("chats",)),)
    ),
)
RELOADED = (
    msgspec.structs.replace(RULES[0], preferred_wait_s=60),
    QueueRules(name="repairs", ring_s=10, wrap_up_s=5, priority=-1, max_wait_s=60, choice="least_occupied"),
    QueueRules(name="english", wrap_up_s=30, skills={"english": 5}, choice="weighted_random", ageing=2 * PER_64_S),
    QueueRules(name="night", limits=(Limit(when="wait_estimate", above=60, way_out="number:110"),)),
    QueueRules(name="chats", medium="email", choice="ring_all", ring_at_once=2),
    QueueRules(name="mails", medium="callback", choice="fewest_handled", rona="ready"),
)
FEWER = RULES[:1]
RINGING = tuple(msgspec.structs.replace(rules, choice="ring_all", ring_at_once=3) for rules in RULES)

AGENTS = st.sampled_from(["a", "b", "c", "d"])
CALLERS = st.sampled_from([f"i{number}" for number in range(6)])
QUEUES = st.sampled_from(["sales", "repairs", "english", "night", "chats", "mails"])
MEDIA = st.sampled_from(["", "", "", "voice", "callback", "voicemail", "chat", "email"])
STRICT: Interruption = {}
LOOSE: Interruption = {
    medium: frozenset({"voice", "chat", "email", "voicemail"}) for medium in ("voice", "chat", "email")
}
NO_ROOM = {"voice": 0, "chat": 0, "email": 0, "voicemail": 0}
CAPACITIES = st.sampled_from([
    {}, {"voice": 2}, {"chat": 2}, {"voice": 0, "chat": 3, "email": 1}, {"chat": 1, "email": 2, "voicemail": 1},
    NO_ROOM,
])  # fmt: skip
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
    capacity=CAPACITIES,
)
EVENTS = msgspec.json.Decoder(
    told.AgentSignedIn | told.AgentSignedOut | told.AgentReady | told.AgentNotReady | told.AgentProfileChanged
    | told.ReachabilityChanged | told.AgentEngaged | told.ConversationEnded | told.WrapUpFinished
    | told.WrapUpExtended | told.CallerQueued | told.CallerLeft | told.InteractionChanged | told.OfferAnswered
    | told.OfferConnected | told.OfferFailed | told.QueueRulesChanged | told.Tick | told.CallerPostponed
    | told.PickedUp
)  # fmt: skip


def fits(agent: AgentView, waiting: InteractionView) -> bool:
    """The rule in words, without any index."""
    if most(agent, counted(waiting.medium)) <= 0:
        return False
    if waiting.only_agent or waiting.held_for:
        return agent.agent_id == (waiting.only_agent or waiting.held_for)
    if waiting.branch_only and agent.profile.branch != waiting.branch:
        return False
    return not agent.profile.doors.isdisjoint(waiting.doors) and agent.profile.has(waiting.skills)


def counted(medium: str) -> str:
    return "voice" if medium == "callback" else medium


def most(agent: AgentView, medium: str) -> int:
    """The capacity."""
    return agent.profile.capacity.get(medium, 1 if medium == "voice" else 0)


def has_room(agent: AgentView, medium: str, rules: Interruption, without: Collection[str] = ()) -> bool:
    """Whether one more may come, these offers apart: the rule in words."""
    stops = agent.state is AgentState.NOT_READY or agent.pending is not None
    if stops or not agent.reachable or agent.rest_until is not None:
        return False
    in_hand = Counter(one.medium for one in agent.handling if one.offer_id not in without)
    return in_hand[medium] < most(agent, medium) and all(may_join(medium, other, rules) for other in in_hand)


def may_join(medium: str, other: str, rules: Interruption) -> bool:
    return medium == other or other in rules.get(medium, ())


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
        view,
        skills=needs,
        doors=tuple(doors),
        points=points,
        branch_only=own_branch and not view.held_for,
        medium=asked.medium or rules.medium,
    )
