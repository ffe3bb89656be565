"""A whole floor on the model of Asterisk: engine, floor, hotline, supervision, commands, desk and hub, on virtual time.

`complaints()` says what is wrong with the books; once everybody has hung up there must be none.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

import structlog
from msgspec.structs import replace

from cti.acd.engine import Engine
from cti.acd.interaction import InteractionState
from cti.acd.queue import QueueRules
from cti.agents.agent import AgentProfile
from cti.agents.state import AgentState
from cti.bus import Bus
from cti.calendars.calendar import Calendar
from cti.config.file import parse
from cti.customers.directory import Identified
from cti.desk import commands as orders
from cti.desk.audience import Actor
from cti.desk.desk import Desk
from cti.desk.hub import Hub
from cti.desk.views import CustomerView
from cti.errors import CtiError, NotConnected
from cti.events import (
    EndpointReachable,
    Fact,
    InteractionConnected,
    InteractionEnded,
    InteractionStarted,
    OfferEnded,
    OfferMade,
    PartyInvited,
    PartyLeft,
    RecordingFailed,
    RecordingPublished,
    RecordingStarted,
    Role,
    SegmentEnded,
)
from cti.floor.commands import Commands
from cti.floor.conversation import Conversation
from cti.floor.floor import Floor
from cti.floor.hotline import Hotline
from cti.floor.recorder import Recorder
from cti.floor.roster import Roster
from cti.floor.rules import Announcements, CallbackRules, OutboundRules, QueueCare, Rules
from cti.floor.supervising import Supervision
from cti.ivr.flow import Flow
from cti.recording.publish import Published, Publisher, RecordingJob, RecordingUnusable
from cti.recording.stitch import Levels
from tests.unit.floor.agi import NUMBER
from tests.unit.floor.exchange import ROOM, Channel, Exchange
from tests.unit.floor.virtual_time import VirtualLoop

AnyFact = TypeVar("AnyFact", bound=Fact)

EPOCH = 1_000_000.0
ALWAYS = Calendar(time_zone="UTC", weekly=(((0, 24 * 60),),) * 7)
FLOW = """
entry: wait
steps:
  wait: {type: queue, queue: sales}
"""
RUSH = FLOW.replace("sales", "rush")
QUEUES = (
    QueueRules(name="sales", ring_s=5, wrap_up_s=3),
    QueueRules(name="care", priority=5, ring_s=5, wrap_up_s=0, rona="ready", declined="ready", rest_s=2),
    QueueRules(name="rush", ring_s=5, wrap_up_s=1, choice="ring_all", vip_points=2),
)
CARES = {rules.name: QueueCare(announcements=Announcements(first_s=8, every_s=25)) for rules in QUEUES}
AGENTS = {"1001": ("sales", "care", "rush"), "1002": ("sales", "rush"), "1003": ("care", "rush")}
SUPERVISORS = {"2001": ("sales",), "2002": ()}
BREAKS = frozenset({"lunch"})


class FakePublisher:
    """Publishes what the model's Asterisk recorded."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def publish(self, job: RecordingJob) -> Published:
        await asyncio.sleep(0.2)
        if f"{job.interaction_id}.raw" not in self._exchange.recorded:
            raise RecordingUnusable("there is no raw file")
        return Published(
            interaction_id=job.interaction_id,
            path=f"{job.interaction_id}.wav",
            started_at=job.started_at,
            duration_s=1.0,
            size=1,
            sha256="",
            channels=2,
            levels=Levels(100.0, 100.0),
            doubts=(),
        )

    async def discard(self, _job: RecordingJob) -> None:
        await asyncio.sleep(0)


class Pops:
    """The hub's promise: true or false, at most after the deadline. `pages`: who has a page, which paints nothing."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.pages: set[str] = set()

    async def flushed(self, agent_id: str, deadline_s: float) -> bool:
        await asyncio.sleep(self._rng.choice((0.0, 0.002, min(0.05, deadline_s))))
        return agent_id in self.pages


class Directory:
    """`mood`: what `find_or_create` does."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    async def find_or_create(self, number: str, *, caller_name: str, at: float) -> Identified:
        assert at > 0
        await asyncio.sleep(self._rng.choice((0.0, 0.01, 0.5)))
        if self._rng.random() < 0.2:
            raise NotConnected("the database is away")
        return Identified(customer_id=int(number[-4:]), name=caller_name or number, vip=0, created=False)

    async def assign(self, customer_id: int, *, number: str, instead_of: int) -> None:
        assert customer_id > 0 <= instead_of
        assert isinstance(number, str)

    async def create(self, *, name: str, number: str, by: str, at: float) -> int:
        assert by
        assert at > 0
        assert isinstance(name + number, str)
        return 77

    async def card(self, customer_id: int) -> CustomerView:
        await asyncio.sleep(self._rng.choice((0.0, 0.01, 0.5)))
        return CustomerView(
            customer_id=customer_id,
            name="王小明",
            vip=1,
            numbers=(),
            city="",
            company="",
            new=False,
            orders=(),
            contacts=(),
            notes=(),
        )


class People:
    """`kept` is what was stored, by person; nothing is while the database is `away`."""

    def __init__(self) -> None:
        self.away = False
        self.kept: dict[str, dict[str, Any]] = {}

    async def assign(self, login: str, **given: Any) -> None:
        await self._keep(login, {name: value for name, value in given.items() if value is not None})

    async def absent_from(self, login: str, queues: Sequence[str]) -> None:
        await self._keep(login, {"absent_from": tuple(queues)})

    async def _keep(self, login: str, values: dict[str, Any]) -> None:
        await asyncio.sleep(0.01)
        if self.away:
            raise NotConnected("the database is away")
        self.kept.setdefault(login, {}).update(values)


class NoLookups:
    async def look_up(self, name: str, arguments: Mapping[str, str]) -> Any:
        raise NotImplementedError(name, arguments)


class Shop:
    """One loop, closed by `close()`. Whatever chance decides comes from `seed`."""

    def __init__(
        self,
        seed: int = 0,
        *,
        queues: tuple[QueueRules, ...] = QUEUES,
        cares: Mapping[str, QueueCare] = CARES,
        flow: str = FLOW,
    ) -> None:
        self._cares, self._flow = cares, flow
        self.loop = VirtualLoop()
        self.rng = random.Random(seed)
        self.bus, self.hub = Bus(), Hub(clock=self.now)
        self.facts: list[Fact] = []
        self.logged = structlog.testing.LogCapture()
        self._processors = structlog.get_config()["processors"]
        structlog.configure(processors=[structlog.processors.format_exc_info, self.logged])
        self.pops = Pops(self.rng)
        self.exchange = Exchange(self.loop, self.bus, self.now, self.rng)
        self.desk = Desk(self.hub, version="1", demo=False)
        for rules in queues:
            self.desk.queues.configure(rules.name, {}, rules.target_s)
        self.roster, self.people = Roster(), People()
        self.engine = Engine(queues)
        self.rules = self._rules()
        self.floor = self._floor()
        self.supervision = Supervision(self.floor)
        self.hotline = self._hotline()
        self.commands = Commands(
            self.floor,
            self.supervision,
            self.people,
            reasons=BREAKS,
            region="CN",
            recognise=self.hotline.recognise,
            directory=Directory(self.rng),
        )
        self.exchange.is_customer = lambda channel: channel in self.floor.conversations.by_channel
        self.exchange.routes = cast("Any", self.hotline.routes())
        self.bus.subscribe(self.facts.append)
        self.bus.subscribe(self.desk.on_fact, self.desk.hears)
        self.bus.subscribe(self.floor.on_mirror, self.floor.hears)
        self.bus.subscribe(self.supervision.on_mirror, self.supervision.HEARS)
        for agent_id, own in {**AGENTS, **SUPERVISORS}.items():
            profile = AgentProfile(agent_id=agent_id, name=agent_id, extension=agent_id, queues=own)
            role: Role = "agent" if agent_id in AGENTS else "supervisor"
            self.roster.add(profile, role).phone = "desk"
            self.desk.add_agent(profile, role)
            self.register(agent_id)

    def _floor(self) -> Floor:
        recorder = Recorder(
            switch=self.exchange,
            bus=self.bus,
            spool=Path("spool"),
            publisher=cast("Publisher", FakePublisher(self.exchange)),
            kept=self._kept,
            clock=self.now,
        )
        return Floor(
            engine=self.engine,
            switch=self.exchange,
            bus=self.bus,
            pops=self.pops,
            desk=self.desk,
            roster=self.roster,
            recorder=recorder,
            rules=self.rules,
            kept=self._kept,
            clock=self.now,
        )

    def _rules(self) -> Rules:
        return Rules(
            flows={"main": parse(self._flow, Flow).value, "rush": parse(RUSH, Flow).value},
            hotlines={"*": "main", "4001": "rush"},
            base={rules.name: rules.priority for rules in QUEUES},
            sounds="/sounds",
            region="CN",
            cares=self._cares,
            outbound=OutboundRules(caller_id="4000", allow=("+86",), ring_s=20, wrap_up_s=4),
        )

    def call_back(self, queue: str = "sales", **rules: Any) -> None:
        """Callers of the queue may hang up and be called back; at any time of the day unless `permitted` says when."""
        whole = {"attempts": 3, "retry_s": 60, "ring_s": 20, "permitted": ALWAYS, "allow": ("+86",)}
        callback = CallbackRules(**{**whole, **rules})
        self.rules.cares = {**self.rules.cares, queue: replace(self.rules.care(queue), callback=callback)}

    async def _kept(self) -> None:
        await asyncio.sleep(0.1)

    def _hotline(self) -> Hotline:
        return Hotline(
            floor=self.floor,
            desk=self.desk,
            directory=Directory(self.rng),
            lookups=NoLookups(),
            rules=self.rules,
            alive=lambda channel: channel in self.exchange.mirror,
            clock=self.now,
        )

    def now(self) -> float:
        return EPOCH + self.loop.time()

    def close(self) -> None:
        self.loop.shut()
        structlog.configure(processors=self._processors)

    # --- what people do --------------------------------------------------------------------------------------------

    def inside(self, do: Callable[..., None], *args: Any, **named: Any) -> None:
        """Do something where an event loop runs, as everything does."""

        async def run() -> None:
            do(*args, **named)

        self.loop.run_until_complete(run())

    def register(self, agent_id: str, *, reachable: bool = True) -> None:
        """Also known when the link was down: `resync` compares the contacts, too."""
        endpoint = "d" + agent_id
        (self.exchange.registered.add if reachable else self.exchange.registered.discard)(endpoint)
        fact = EndpointReachable(at=self.now(), endpoint=endpoint, reachable=reachable)
        self.inside(self.bus.publish, fact)

    def ask(self, who: str, command: type[orders.Command], /, **arguments: Any) -> str:
        """What the person is told: "" for done, or the reason why not."""
        actor = Actor(agent_id=who, role=self.roster.member(who).role)

        async def execute() -> str:
            try:
                await self.commands.execute(command(id=1, **arguments), actor)  # type: ignore[arg-type]
            except CtiError as error:
                return str(error)
            return ""

        return self.loop.run_until_complete(execute())

    def start(self, who: str, command: type[orders.Command], /, **arguments: Any) -> None:
        """The same, while the world goes on."""
        actor = Actor(agent_id=who, role=self.roster.member(who).role)
        order = self.commands.execute(command(id=1, **arguments), actor)  # type: ignore[arg-type]
        self.inside(self.floor.orders.start, "command", order)

    def sign_in(self, *agents: str) -> None:
        for agent_id in agents:
            assert not self.ask(agent_id, orders.SignIn, phone="desk")
            assert not self.ask(agent_id, orders.Ready)

    def call(self, wait_s: float = 2.0, keys: str = "", number: str = NUMBER, dialled: str = "4000") -> str:
        """A caller who waits in the queue after `wait_s`; the channel. `keys`: see `Exchange.call`."""
        channel: list[str] = []
        self.loop.call_soon(lambda: channel.append(self.exchange.call(keys, number, dialled)))
        self.run(wait_s)
        return channel[0]

    def run(self, seconds: float) -> None:
        self.loop.pass_time(seconds)

    def leg(self, agent_id: str) -> Channel:
        """The agent's only leg."""
        (leg,) = self.legs(agent_id)
        return leg

    def legs(self, agent_id: str, *, up: bool | None = None) -> list[Channel]:
        return [
            c for c in self.exchange.of_kind("leg", up=up) if c.ring is not None and c.ring.endpoint[1:] == agent_id
        ]

    def answer(self, agent_id: str, wait_s: float = 1.0) -> None:
        self.loop.call_soon(self.exchange.answer, self.leg(agent_id).uniqueid)
        self.run(wait_s)

    def hang_up(self, channel: str, wait_s: float = 1.0, cause: int = 16) -> None:
        self.loop.call_soon(self.exchange.hang_up_phone, channel, cause)
        self.run(wait_s)

    def talk(self, agent_id: str = "1001") -> tuple[str, str]:
        """(customer's channel, interaction): they talk, and nobody else rings."""
        self.sign_in(agent_id)
        customer = self.call()
        self.answer(agent_id)
        return customer, self.floor.conversations.by_channel[customer].interaction_id

    def state(self, agent_id: str) -> str:
        try:
            view = self.engine.agent(agent_id)
        except CtiError:
            return "logged_out"
        return f"{view.state}:{view.reason}" if view.reason else view.state

    def of(self, kind: type[AnyFact], **having: object) -> list[AnyFact]:
        return [
            fact
            for fact in self.facts
            if isinstance(fact, kind) and all(getattr(fact, name) == value for name, value in having.items())
        ]

    # --- the books -------------------------------------------------------------------------------------------------

    def defects(self) -> list[str]:
        """What the code itself complained of."""
        logged = [f"{e['event']}: {e.get('exception', '')}" for e in self.logged.entries if e["log_level"] == "error"]
        return logged + [str(context) for context in self.loop.broken]

    def overlaps(self) -> list[str]:
        """Two agents with one customer, by what the facts say."""
        wrong, talking = [], dict[str, str]()
        for fact in self.facts:
            if isinstance(fact, InteractionConnected):
                if fact.interaction_id in talking:
                    wrong.append(f"{fact.interaction_id}: {fact.agent_id} beside {talking[fact.interaction_id]}")
                talking[fact.interaction_id] = fact.agent_id
            elif isinstance(fact, SegmentEnded) and talking.pop(fact.interaction_id, "") != fact.agent_id:
                wrong.append(f"{fact.interaction_id}: a segment of {fact.agent_id} ended that had not begun")
        return wrong

    def stranded(self) -> list[str]:
        """Customers, agents and supervisors who hang about where nobody will ever fetch them."""
        wrong = []
        for channel in self.exchange.channels.values():
            conversation = self.floor.conversations.by_channel.get(channel.uniqueid)
            if channel.kind == "customer" and channel.context != "ld-fallback":
                wrong += [f"customer {channel}: {why}" for why in self._stranded_customer(channel, conversation)]
            elif channel.bridge.startswith(ROOM) and not self._belongs(channel.uniqueid):
                wrong.append(f"alone in a room {channel}")
            elif channel.kind == "leg" and not channel.bridge and channel.spies_on not in self.exchange.channels:
                owner = self.floor.conversations.by_leg.get(channel.uniqueid)
                waits = channel.context in {"ld-agent-waits", "ld-consult"}
                held = waits and owner and owner.state is InteractionState.HELD
                spying = channel.uniqueid in self.supervision._by_channel and channel.context == "ringing"
                rings = owner and self._belongs(channel.uniqueid) and not channel.up
                calls = channel.context == "ld-callback" and owner and owner.channel in self.exchange.channels
                if not (held or rings or spying or calls):
                    wrong.append(f"leg {channel}")
        wrong += [f"promise {one}" for one in self.floor.callbacks.pending() if self._forgotten(one)]
        for view in self.engine.agents():
            conversation = self.floor.conversations.of_agent(view.agent_id)
            mine = conversation.interaction_id if conversation else ""
            if view.state in {AgentState.BUSY, AgentState.OFFERED} and view.interaction_id != mine:
                wrong.append(f"agent {view.agent_id} is {view.state} with {view.interaction_id}, not {mine!r}")
        return wrong

    def _belongs(self, leg: str) -> bool:
        """To a conversation that lives, as its agent's leg or that of a party."""
        owner = self.floor.conversations.by_leg.get(leg)
        if owner is None:
            return False
        return owner.leg_on(leg) is not None or (owner.party is not None and owner.party.channel == leg)

    def _forgotten(self, conversation: Conversation) -> bool:
        """Promised a call, and neither waiting for one nor being called."""
        promise = conversation.promise
        waits = self.engine.position(conversation.interaction_id) is not None
        paused = promise is not None and promise.until is not None and promise.until > self.now()
        return not (waits or paused or conversation.channel in self.exchange.channels)

    def _stranded_customer(self, channel: Channel, conversation: Any) -> list[str]:
        if conversation is None:
            return ["no conversation"]
        leg = conversation.leg
        if conversation.waiting:
            return [] if channel.session is not None and not channel.bridge else ["waits where nobody is"]
        if conversation.state is InteractionState.HELD:
            return [] if leg and leg.channel in self.exchange.channels else ["on hold for nobody"]
        if conversation.talking:
            return [] if leg and channel.bridge == self.exchange.channels[leg.channel].bridge else ["talks to nobody"]
        given = conversation.party is not None and conversation.party.given and channel.context == "ld-hold"
        return [] if given or channel.session or channel.bridge or channel.context == "ld-number" else ["nowhere"]

    def complaints(self) -> list[str]:
        """For when everybody has hung up and the dust has settled."""
        conversations = self.floor.conversations
        left = {
            "by_id": conversations.by_id,
            "by_channel": conversations.by_channel,
            "by_leg": conversations.by_leg,
            "promises": self.floor.callbacks.pending(),
            "orders": self.floor.orders._tasks,
            "spying": {**self.supervision._by_supervisor, **self.supervision._by_channel},
            "interactions": self.engine.snapshot().interactions,
            "engaged": [a for a in self.engine.agents() if a.state in {AgentState.BUSY, AgentState.OFFERED}],
            "waiting": self.hub.entities("waiting"),
            "supervised": self.hub.entities("supervision"),
            "contacts": self.desk.calls._contacts,
            "channels": self.exchange.channels,
        }
        wrong = [f"{name}: {things}" for name, things in left.items() if things]
        wrong += self._calls_left() + self.defects() + self.overlaps()
        for interaction, n in Counter(f.interaction_id for f in self.of(InteractionStarted)).items():
            wrong += [f"{interaction}: {why}" for why in self._book(interaction, n)]
        return wrong

    def _calls_left(self) -> list[str]:
        """A call on a desk is in wrap-up, and the agent is too."""
        return [
            f"call of {agent}: {view}"
            for agent, view in self.hub.entities("call").items()
            if self.state(agent) != "wrap_up"
        ]

    def _book(self, interaction: str, started: int) -> list[str]:
        def count(kind: type[Fact], field: str) -> Counter[object]:
            return Counter(getattr(f, field) for f in self.of(kind, interaction_id=interaction))

        wrong = []
        if started != 1 or count(InteractionEnded, "interaction_id")[interaction] != 1:
            wrong.append(f"started {started}, ended {count(InteractionEnded, 'interaction_id')[interaction]}")
        pairs: tuple[tuple[type[Fact], type[Fact], str], ...] = (
            (OfferMade, OfferEnded, "offer_id"),
            (InteractionConnected, SegmentEnded, "segment"),
            (PartyInvited, PartyLeft, "party_id"),
        )
        for begin, end, field in pairs:
            if (begun := count(begin, field)) != (ended := count(end, field)) or any(n > 1 for n in begun.values()):
                wrong.append(f"{begin.__name__} {begun}, {end.__name__} {ended}")
        done = len(self.of(RecordingPublished, interaction_id=interaction))
        done += len(self.of(RecordingFailed, interaction_id=interaction))
        if (done != 1 and self.of(RecordingStarted, interaction_id=interaction, part="conversation")) or done > 1:
            wrong.append(f"{done} recordings")
        last = [f for f in self.facts if getattr(f, "interaction_id", "") == interaction]
        after = last[last.index(self.of(InteractionEnded, interaction_id=interaction)[0]) + 1 :] if not wrong else []
        wrong += [f"{type(f).__name__} after the end" for f in after if type(f) in self._OF_THE_LIVING]
        return wrong

    _OF_THE_LIVING = (
        InteractionConnected,
        OfferMade,
        OfferEnded,
        SegmentEnded,
        RecordingStarted,
        PartyInvited,
        PartyLeft,
    )
