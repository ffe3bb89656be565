"""What a decision of the distribution engine costs: against a linear scan, and among few against among many agents.

The hotline: 10,000 agents in 3 of 200 queues each, with 5 of 50 skills; 50,000 callers wait, each for one skill of
those that its queue's menu asks for, at a level, with a priority that ages. Two decisions are timed, from event to
offer with all that is kept of it. `acd_vs_scan`: an agent gets free and is offered the first caller who fits (undone
untimed: the agent pauses). `.._caller_in`: a caller comes in while nobody waits and one agent in ten is free. The peer
finds the same answer - which is checked - in plain lists, with one pass over all callers or over all agents, and does
nothing with it. `acd_growth`: the same with 100 agents and as many callers. The median of CPU times counts. Bytes are
tracemalloc's.
"""

import gc
import random
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple, ParamSpec, TypeVar

from cti.acd.decisions import Decision, MakeOffer
from cti.acd.engine import Engine
from cti.acd.events import AgentNotReady, AgentReady, AgentSignedIn, CallerLeft, CallerQueued
from cti.acd.queue import QueueRules
from cti.acd.relax import RelaxStep
from cti.agents.agent import AgentProfile
from tests.bench.figure import Figure

GROUP = "acd"
AGENTS, FEW_AGENTS, QUEUES, SKILLS, WAITING = 10_000, 100, 200, 50, 50_000
ROUNDS = 100
WARM_UP = 10
MOST_BYTES = 4096.0
NOW = 100_000.0

P = ParamSpec("P")
R = TypeVar("R")
Times = tuple[float, float]
"""CPU seconds of ours and of the scan, 0 where there was none."""


class Caller(NamedTuple):
    interaction_id: str
    queue: str
    skill: str
    level: int
    priority: int
    queued_at: float


class Hotline:
    """An engine, and the same data in plain lists for the scan."""

    def __init__(self, agents: int) -> None:
        chance = random.Random(7)
        self.queues = [f"queue{number:03}" for number in range(QUEUES)]
        self.skills = [f"skill{number:02}" for number in range(SKILLS)]
        self.menu = {
            queue: [(skill, chance.randint(1, 6)) for skill in chance.sample(self.skills, 5)] for queue in self.queues
        }
        self.chance = chance
        self.profiles = [self._profile(number) for number in range(agents)]
        self.callers: dict[str, Caller] = {}
        relax = (RelaxStep(after_s=1e6, groups=("experts",)),)
        self.engine = Engine([QueueRules(name=queue, ageing=1.0, vip_points=2, relax=relax) for queue in self.queues])

    def _profile(self, number: int) -> AgentProfile:
        chance = self.chance
        return AgentProfile(
            agent_id=f"agent{number:05}",
            queues=tuple(chance.sample(self.queues, 3)),
            skills={skill: chance.randint(1, 10) for skill in chance.sample(self.skills, 5)},
        )

    def sign_in(self) -> None:
        for profile in self.profiles:
            self.engine.handle(AgentSignedIn(profile=profile), NOW)

    def queue_up(self, count: int) -> None:
        for number in range(count):
            caller = self.caller(f"i{number:06}", NOW - self.chance.uniform(0, 600))
            self.callers[caller.interaction_id] = caller
            self.engine.handle(arrival(caller), NOW)

    def caller(self, interaction_id: str, queued_at: float) -> Caller:
        queue = self.chance.choice(self.queues)
        skill, level = self.chance.choice(self.menu[queue])
        return Caller(interaction_id, queue, skill, level, self.chance.randint(0, 3), queued_at)


def arrival(caller: Caller) -> CallerQueued:
    return CallerQueued(
        interaction_id=caller.interaction_id,
        queue=caller.queue,
        queued_at=caller.queued_at,
        priority=caller.priority,
        skills={caller.skill: caller.level},
    )


def scan_callers(callers: Sequence[Caller], profile: AgentProfile) -> str | None:
    """The peer: the first of all who wait whom the agent fits."""
    best, found = None, None
    for caller in callers:
        if caller.queue in profile.queues and profile.skills.get(caller.skill, 0) >= caller.level:
            key = (-(caller.priority + (NOW - caller.queued_at) / 60.0), caller.queued_at, caller.interaction_id)
            if best is None or key < best:
                best, found = key, caller.interaction_id
    return found


def scan_agents(agents: Sequence[tuple[AgentProfile, float | None]], caller: Caller) -> str | None:
    """The peer: of all agents the longest idle one who fits."""
    best, found = None, None
    for profile, idle_since in agents:
        if idle_since is None or caller.queue not in profile.queues:
            continue
        if profile.skills.get(caller.skill, 0) >= caller.level:
            key = (idle_since, profile.agent_id)
            if best is None or key < best:
                best, found = key, profile.agent_id
    return found


def timed(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> tuple[float, R]:
    began = time.process_time()
    result = work(*args, **kwargs)
    return time.process_time() - began, result


def offered(decisions: list[Decision]) -> MakeOffer | None:
    return next((one for one in decisions if isinstance(one, MakeOffer)), None)


def get_free(hotline: Hotline, *, scan: bool) -> Iterator[Times]:
    """Of each agent who gets free and is offered somebody; ours and the scan must name the same caller."""
    callers = list(hotline.callers.values()) if scan else []
    for profile in hotline.chance.sample(hotline.profiles, len(hotline.profiles)):
        ours_s, decisions = timed(hotline.engine.handle, AgentReady(agent_id=profile.agent_id), NOW)
        made, scan_s = offered(decisions), 0.0
        if scan:
            scan_s, found = timed(scan_callers, callers, profile)
            assert found == (made.interaction_id if made else None)
        hotline.engine.handle(AgentNotReady(agent_id=profile.agent_id, reason="pause"), NOW)
        if made:
            yield ours_s, scan_s


def come_in(hotline: Hotline, *, scan: bool) -> Iterator[Times]:
    """Of each caller who comes in and is offered to somebody while one agent in ten, or all of few, are free.

    Every need of the menus has been asked for before, as on any day but for its first minutes.
    """
    for queue, asked in hotline.menu.items():
        for skill, level in asked:
            hotline.engine.handle(arrival(Caller("early", queue, skill, level, 0, NOW)), NOW)
            hotline.engine.handle(CallerLeft(interaction_id="early"), NOW)
    free = hotline.profiles[:: max(1, len(hotline.profiles) // 1000)]
    for number, profile in enumerate(free):
        hotline.engine.handle(AgentReady(agent_id=profile.agent_id), NOW + number)
    now = NOW + len(free)
    while True:
        caller = hotline.caller("new", now)
        agents = standing(hotline) if scan else []
        ours_s, decisions = timed(hotline.engine.handle, arrival(caller), now)
        made, scan_s = offered(decisions), 0.0
        if scan:
            scan_s, found = timed(scan_agents, agents, caller)
            assert found == (made.agent_id if made else None)
        hotline.engine.handle(CallerLeft(interaction_id="new"), now)
        if made:
            yield ours_s, scan_s


def standing(hotline: Hotline) -> list[tuple[AgentProfile, float | None]]:
    """All agents, and since when who is ready is idle."""
    idle = {view.agent_id: view.idle_since for view in hotline.engine.agents() if view.state == "ready"}
    return [(profile, idle.get(profile.agent_id)) for profile in hotline.profiles]


def middle(times: Iterator[Times]) -> Times:
    counted = list(islice(times, ROUNDS + WARM_UP))[WARM_UP:]
    assert counted, "nobody was offered anybody"
    return statistics.median(ours for ours, _ in counted), statistics.median(scan for _, scan in counted)


def hotline(agents: int, waiting: int) -> Hotline:
    made = Hotline(agents)
    made.sign_in()
    made.queue_up(waiting)
    return made


def memory() -> tuple[float, float]:
    """Bytes for each agent signed in, and for each interaction that waits."""
    few = Hotline(AGENTS // 10)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        few.sign_in()
        signed_in = tracemalloc.get_traced_memory()[0]
        few.queue_up(WAITING // 10)
        queued = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    return (signed_in - before) / len(few.profiles), (queued - signed_in) / len(few.callers)


def figure(name: str, value: float, unit: str, *, peer: str, peer_value: float, goal: float) -> Figure:
    """Less is better."""
    return Figure(
        name=name,
        value=round(value, 1),
        unit=unit,
        peer=peer,
        peer_value=round(peer_value, 1),
        ratio=round(peer_value / value, 2),
        goal=goal,
    )


def run() -> list[Figure]:
    many, few = hotline(AGENTS, WAITING), hotline(FEW_AGENTS, WAITING)
    quiet, quiet_few = hotline(AGENTS, 0), hotline(FEW_AGENTS, 0)
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        few_s, _ = middle(get_free(few, scan=False))
        many_s, _ = middle(get_free(many, scan=False))
        free_s, scan_s = middle(get_free(many, scan=True))
        few_in_s, _ = middle(come_in(quiet_few, scan=False))
        many_in_s, _ = middle(come_in(quiet, scan=False))
        in_s, scan_in_s = middle(come_in(quiet, scan=True))
    finally:
        gc.enable()
        gc.unfreeze()
    agent_bytes, waiting_bytes = memory()
    scan, small = "one pass over all, on plain lists", f"with {FEW_AGENTS} agents"
    most = "the most we allow"
    return [
        figure("acd_vs_scan", free_s * 1e6, "us", peer=scan, peer_value=scan_s * 1e6, goal=20),
        figure("acd_vs_scan_caller_in", in_s * 1e6, "us", peer=scan, peer_value=scan_in_s * 1e6, goal=1),
        figure("acd_growth", many_s * 1e6, "us", peer=small, peer_value=few_s * 1e6, goal=0.5),
        figure("acd_growth_caller_in", many_in_s * 1e6, "us", peer=small, peer_value=few_in_s * 1e6, goal=0.5),
        figure("acd_bytes_per_agent", agent_bytes, "B", peer=most, peer_value=MOST_BYTES, goal=1),
        figure("acd_bytes_per_waiting", waiting_bytes, "B", peer=most, peer_value=MOST_BYTES, goal=1),
    ]
