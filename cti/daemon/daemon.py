"""The composition root, the only file that knows everything: builds the parts, runs them, stops them in order."""

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import structlog
from msgspec.structs import replace

from cti.acd import events as acd
from cti.acd.engine import Engine
from cti.agents.state import AgentState
from cti.agi.reached import reached
from cti.agi.server import FastAgiServer
from cti.ami.client import Account, AmiClient, Timing
from cti.ami.probe import probe
from cti.bus import Bus
from cti.calls.mirror import Mirror
from cti.daemon.control import Routes, controlled
from cti.daemon.leaving import Going, Leaving
from cti.daemon.life_sign import LifeSign
from cti.daemon.people import Person, introduce, midnight, seed_queues, workers
from cti.daemon.reload import Reload, Reloaded
from cti.daemon.remember import remember
from cti.desk.desk import Desk
from cti.desk.hub import Hub
from cti.errors import CtiError, Unusable
from cti.events import DaemonStarted, SupervisionChanged, SupervisionStarted
from cti.floor.commands import Commands
from cti.floor.disk import MB, Disk
from cti.floor.floor import Floor
from cti.floor.hotline import Hotline
from cti.floor.ids import interaction_of
from cti.floor.phones import Phone, PhoneBook
from cti.floor.reconcile import reconcile
from cti.floor.recorder import Recorder
from cti.floor.roster import Roster
from cti.floor.rules import Rules, SoftphoneRules
from cti.floor.supervising import Supervision
from cti.floor.toll import DAY_S
from cti.mqtt.publisher import Publisher as MqttPublisher
from cti.mqtt.service import publishing
from cti.nodes.node import Node
from cti.nodes.nodes import Nodes
from cti.privacy.personal_data import PersonalData, Who, personal_data
from cti.privacy.retention import Gone, Retention, daily
from cti.private_asterisk import AgentEndpoint, AsteriskSettings
from cti.private_asterisk.ports import TCP, claim_port
from cti.private_asterisk.render import write_agents
from cti.recording.keys import Keyring
from cti.recording.private import private_folder
from cti.recording.publish import Publisher
from cti.recording.room import Room
from cti.reports.explaining import Names
from cti.settings import NodeSettings, Settings
from cti.settings.configuration import Configuration, examine
from cti.settings.rules import admission_rules, outbound_rules
from cti.site.board import StoredBoard
from cti.site.explain import Explanations
from cti.site.site import make_site, names, work_codes
from cti.site.watch import folders, readiness, scraping
from cti.store.audit_anchor import anchoring
from cti.store.away import database_alarm
from cti.store.callbacks import KeptPromise
from cti.store.erasure import Erased
from cti.store.figures import AgentNow
from cti.store.inbox import Keeping
from cti.store.interactions import OpenInteraction
from cti.store.lookups import StoredLookups
from cti.store.store import Store
from cti.switch.asterisk import AsteriskSwitch
from cti.tls import client_context, load, server_context
from cti.watch.service import Metrics, watching
from cti.watch.telling import tell, told
from cti.web.app import build as build_web
from cti.web.explained import Explanation
from cti.web.http import listening

log = structlog.get_logger(__name__)

MODULES = ("chan_pjsip", "app_chanspy", "app_mixmonitor", "app_bridgewait", "res_agi", "res_musiconhold")
OTHERS_S = 10.0
"""How long the start waits for all nodes, once one is there."""
FLUSH_S = 0.1
"""How often the queue tiles are brought up to date."""
ALARMS_S = 1.0
"""How often the queues' figures are compared with their limits."""
TEXTS_DAYS_S = 7 * 86_400.0
"""Who has not read a text within so many days is not shown it again after a restart."""
OUTLOOK_S = 2.0
"""How often the screens are told anew how long people will wait."""
DRAIN_S = 5.0
WRAP_UP_AFTER_RESTART_S = 30.0
UNFINISHED_S = 14 * 86_400.0
"""Forms that were left unfinished for longer are no longer shown to their agents after a restart."""


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """What `laidian status` tells."""

    version: str
    url: str
    started_at: float
    link: bool
    waiting: int
    talking: int
    signed_in: int


@dataclass(slots=True, kw_only=True)
class Daemon:
    """Everything that runs. `url` is what a browser opens; `agi_port` where Asterisk asks.

    `settings` are those of the start, `reload.settings` those in force.
    """

    settings: Settings
    bus: Bus
    hub: Hub
    desk: Desk
    store: Store
    roster: Roster
    engine: Engine
    nodes: Nodes
    floor: Floor
    disk: Disk
    supervision: Supervision
    commands: Commands
    hotline: Hotline
    phones: PhoneBook
    publisher: Publisher
    reload: Reload
    keys: Keyring
    personal: PersonalData
    leaving: Leaving
    retention: Retention
    demo: bool = False
    url: str = ""
    agi_port: int = 0
    agi: FastAgiServer | None = None
    mqtt: MqttPublisher | None = None
    started_at: float = field(default_factory=time.time)
    up: asyncio.Event = field(default_factory=asyncio.Event)

    starting: asyncio.Lock = field(default_factory=asyncio.Lock)
    left: dict[str, list[OpenInteraction]] = field(default_factory=dict)
    """By node that was away when the daemon started: what had not ended there."""

    @property
    def tracker(self) -> Mirror:
        """What Asterisk does now."""
        return self.nodes

    def status(self) -> Status:
        conversations = self.floor.conversations.by_id.values()
        return Status(
            version=version("laidian"),
            url=self.url,
            started_at=self.started_at,
            link=self.floor.link,
            waiting=sum(one.waiting for one in conversations),
            talking=sum(one.talking for one in conversations),
            signed_in=len(self.engine.agents()),
        )

    def links(self) -> dict[str, AmiClient]:
        """By the name of the Asterisk."""
        return {node.name or "asterisk": node.ami for node in self.nodes.nodes}

    # --- the AMI link ----------------------------------------------------------------------------------------------

    async def on_up(self, node: Node) -> None:
        """At the start, when all nodes are there or enough was waited: the store is made equal to what goes on, too.

        Later the endpoints are written anew: an Asterisk that was started anew may know none of them, and who logged in
        meanwhile has a new secret.
        """
        if not self.up.is_set():
            if not all(one.up for one in self.nodes.nodes):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.up.wait(), OTHERS_S)
            async with self.starting:
                if not self.up.is_set():
                    await self._start_over()
                    self.up.set()
                    return
        if node.name in self.left:
            await self._match_later(node.name)
        self.floor.orders.start("the agents' endpoints", self._write_phones())

    def _leave(self, opens: Sequence[OpenInteraction]) -> list[OpenInteraction]:
        """Of a node that is away nothing can be said yet: its part is left for later. Returns the others."""
        loop = asyncio.get_running_loop()
        for one in self.nodes.nodes:
            theirs = [open_ for open_ in opens if not one.up and self.nodes.of(open_.channel) is one]
            if theirs and self.nodes.several:
                self.left[one.name] = theirs
                loop.call_later(self.settings.ami.lost_after_s, self._give_up, one.name)
        left = {open_.interaction_id for theirs in self.left.values() for open_ in theirs}
        return [open_ for open_ in opens if open_.interaction_id not in left]

    def _give_up(self, name: str) -> None:
        self.floor.orders.start(f"match what was open on {name}", self._match_later(name))

    async def _match_later(self, name: str) -> None:
        if opens := self.left.pop(name, []):
            await self._match(opens, await self.store.callbacks.pending())
            self.floor.expected.line_up()

    async def _match(self, opens: Sequence[OpenInteraction], promised: Mapping[str, KeptPromise]) -> list[str]:
        settings = self.settings
        dirs = {one.name: settings.path(one.sip.asterisk_dir) for one in settings.all_nodes}
        memory = await remember(opens, promised, self.nodes, self.floor.switch, dirs)
        return reconcile(self.floor, self.nodes, opens, settings.path(settings.spool), memory)

    async def _write_phones(self) -> None:
        await asyncio.to_thread(self.phones.write)
        await self.phones.reload_now()

    async def _start_over(self) -> None:
        """Give the agents their old states back and match open interactions with what goes on."""
        await self.store.writer.drain(DRAIN_S)  # what the spool holds counts: nobody is called back twice
        self.desk.forms.restore(await self.store.unfinished.forms(time.time() - UNFINISHED_S))
        self.desk.tasks.restore(await self.store.unfinished.tasks(midnight(self.settings)))
        opens, promised = await self.store.interactions.open(), await self.store.callbacks.pending()
        here = self._leave(opens)
        queues = {one.interaction_id: one.queue for one in opens}
        for now in await self.store.figures.agents_now():
            if now.agent_id in self.roster.members and now.state != AgentState.LOGGED_OUT:
                self._sign_in_again(now, queues.get(now.interaction_id, ""))
        going_on = await self._match(here, promised)
        going_on += [open_.interaction_id for theirs in self.left.values() for open_ in theirs]
        self.floor.colleagues.take_up(self.tracker)
        await self._supervisors()
        for conversation in self.floor.conversations.by_id.values():
            self.hotline.recognise(conversation)
        self.floor.alarms.resume(await self.store.alarms.open())
        self.floor.permits.resume(await self.store.dials.since(time.time() - DAY_S), self.tracker.channel)
        self.desk.texts.begin_day(midnight(self.settings))
        for fact in await self.store.texts.since(time.time() - TEXTS_DAYS_S):
            self.desk.on_fact(fact)
        for job in self.publisher.leftovers():
            if job.interaction_id not in going_on:
                self.floor.orders.start(f"publish {job.interaction_id}", self.floor.recorder.publish(job))
        log.info("started", going_on=len(going_on), open_before=len(opens))

    async def _supervisors(self) -> None:
        """Those whose legs listen to somebody still, in the mode that the ledger told of last."""
        for view in self.tracker.channels():
            interaction, supervisor = interaction_of(view.channel), self.roster.by_endpoint(view.endpoint)
            if not view.channel.startswith("lds-") or interaction is None or supervisor is None:
                continue
            told = [
                fact
                for fact in await self.store.interactions.ledger(interaction)
                if isinstance(fact, SupervisionStarted | SupervisionChanged) and fact.supervisor_id == supervisor
            ]
            if told:
                self.supervision.adopt(view.channel, supervisor, told[-1].mode, told[-1].at)
        self.supervision.settle()

    def _sign_in_again(self, now: AgentNow, queue: str) -> None:
        """`queue` brought what the agent was doing, "" for none. Whoever was only rung is ready, as before."""
        self.roster.guess_phone(now.agent_id)
        again = acd.AgentSignedIn(
            profile=self.roster.profile(now.agent_id), reachable=self.roster.is_reachable(now.agent_id)
        )
        match now.state:
            case AgentState.READY | AgentState.OFFERED:
                again = replace(again, state=AgentState.READY, reason="", since=now.since)
            case AgentState.NOT_READY:
                again = replace(again, state=AgentState.NOT_READY, reason=now.reason, since=now.since)
            case AgentState.WRAP_UP:
                again = replace(again, state=AgentState.WRAP_UP, until=now.until)
            case _:  # the talk may be over: time to write it up; or back to it, in `reconcile`
                rules = self.engine.queue(queue)
                wrap_up_s = WRAP_UP_AFTER_RESTART_S if rules is None else rules.wrap_up_s
                again = replace(again, state=AgentState.WRAP_UP, until=time.time() + wrap_up_s)
        self.floor.feed(again)
        self.floor.show_phone(now.agent_id)

    def explanations(self) -> Explanations:
        """Why an interaction waits, and why its offers went where they went."""

        def named() -> Names:
            return names(self.reload.settings, {who: each.profile.name for who, each in self.roster.members.items()})

        return Explanations(self.floor.explaining, self.store.interactions, named)

    # --- what runs beside ------------------------------------------------------------------------------------------

    async def flush_desk(self) -> None:
        while True:
            self.desk.flush(time.time())
            await asyncio.sleep(FLUSH_S)

    async def watch_alarms(self) -> None:
        while True:
            self.floor.alarms.look()
            await asyncio.sleep(ALARMS_S)

    async def show_outlook(self) -> None:
        while True:
            self.floor.explaining.show_outlook()
            await asyncio.sleep(OUTLOOK_S)


def account(settings: Settings, of: NodeSettings | None = None) -> Account:
    """Of the only node, or the first one, unless it is said of which."""
    of = of or settings.all_nodes[0]
    ami = of.ami
    return Account(
        host=ami.host,
        port=ami.port,
        username=ami.username,
        secret=settings.ami_secret(of),
        tls=client_context(settings.path(ami.ca_file) if ami.ca_file else None) if ami.tls else None,
        server_name=ami.server_name,
    )


def build(configuration: Configuration, store: Store, *, demo: bool, keys: Keyring) -> Daemon:
    """All parts, joined, none running."""
    settings = configuration.settings
    spool = settings.path(settings.spool)
    private_folder(spool)
    private_folder(settings.path(settings.recordings))
    hub, roster = Hub(), Roster()
    bus = Bus(afterwards=hub.push)
    desk = Desk(hub, version=version("laidian"), demo=demo, zone=ZoneInfo(settings.time_zone))
    for rule in configuration.rules:
        desk.queues.configure(rule.name, dict(rule.label), rule.target_s)
    engine = Engine(configuration.rules)
    daemon: Daemon
    nodes = Nodes(bus.publish)
    for one in settings.all_nodes:
        nodes.add(
            Node(
                one.name,
                account(settings, one),
                Timing(ping_every_s=one.ami.ping_every_s, ping_deadline_s=one.ami.ping_deadline_s),
                lost_after_s=one.ami.lost_after_s,
                publish=partial(nodes.tell, one.name),
                customers=lambda: daemon.floor.conversations.by_channel,
                on_up=lambda node: daemon.on_up(node),  # noqa: PLW0108  # the daemon is made below
            )
        )
    switch = AsteriskSwitch(nodes)
    publisher = Publisher(spool, settings.path(settings.recordings), key=keys.first)
    room = Room((spool, settings.path(settings.recordings)), least=int(settings.recording.min_free_mb * MB))
    kept = partial(store.writer.kept, soon=False)
    recorder = Recorder(switch=switch, bus=bus, spool=spool, publisher=publisher, kept=kept, room=room)
    rules, reasons = _rules(configuration), {reason.code for reason in settings.not_ready_reasons}
    floor = Floor(
        engine=engine,
        switch=switch,
        bus=bus,
        pops=hub,
        desk=desk,
        roster=roster,
        recorder=recorder,
        rules=rules,
        kept=store.writer.kept,
        softphones=SoftphoneRules(patience_s=settings.softphone.page_patience_s),
        node_of=nodes.name_of,
    )
    floor.admission.event_age = lambda: max(node.ami.age.last_s for node in nodes.nodes)
    floor.alarms.of_house.append(database_alarm(lambda: store.writer.status, settings.store.spool_limit))
    supervision = Supervision(floor)
    phones = _phone_book(settings, roster, nodes)
    hotline = Hotline(
        floor=floor,
        desk=desk,
        directory=store.customers,
        lookups=StoredLookups(store.database),
        rules=rules,
        alive=lambda channel: nodes.channel(channel) is not None,
    )
    reload = Reload(
        configuration=configuration,
        floor=floor,
        desk=desk,
        rules=rules,
        reasons=reasons,
        phones=phones,
        store=store,
        disconnect=hub.disconnect,
    )
    daemon = Daemon(
        settings=settings,
        bus=bus,
        hub=hub,
        desk=desk,
        store=store,
        roster=roster,
        engine=engine,
        nodes=nodes,
        floor=floor,
        disk=Disk(floor, room, refuse=settings.recording.disk_full == "refuse"),
        supervision=supervision,
        commands=Commands(
            floor,
            supervision,
            store.users,
            reasons=reasons,
            region=settings.region,
            recognise=hotline.recognise,
            directory=store.customers,
        ),
        hotline=hotline,
        phones=phones,
        publisher=publisher,
        reload=reload,
        keys=keys,
        personal=personal_data(settings, store, keys, publish=bus.publish, tasks=desk.tasks.tasks.values),
        leaving=Leaving(floor, hotline, drain_s=settings.drain_s),
        retention=Retention(store, lambda: reload.settings),
        demo=demo,
    )
    bus.subject = floor.subject
    bus.subscribe(tell, told())
    bus.subscribe(store.writer.on_fact)
    bus.subscribe(desk.on_fact, desk.hears)
    bus.subscribe(floor.on_mirror, floor.hears)
    bus.subscribe(supervision.on_mirror, supervision.HEARS)
    bus.subscribe(reload.on_fact, reload.HEARS)
    return daemon


def _rules(configuration: Configuration) -> Rules:
    settings = configuration.settings
    return Rules(
        flows=configuration.flows,
        agent_flows=frozenset(one.flow for one in settings.agent_flows),
        hotlines=settings.hotlines,
        base={name: queue.priority for name, queue in settings.queues.items()},
        sounds=str(settings.prompts),
        region=settings.region,
        cares=configuration.cares,
        outbound=outbound_rules(settings),
        admission=admission_rules(settings),
        forms=configuration.forms,
    )


def _phone_book(settings: Settings, roster: Roster, nodes: Nodes) -> PhoneBook:
    run_dirs = [settings.path(one.sip.asterisk_dir) for one in settings.all_nodes]

    def render(phones: tuple[Phone, ...]) -> None:
        endpoints = tuple(
            AgentEndpoint(
                extension=phone.extension,
                phone_secret=phone.phone_secret,
                browser_secret=phone.browser_secret,
                contact=phone.contact,
                name=phone.name,
            )
            for phone in phones
        )
        for run_dir in run_dirs:
            write_agents(AsteriskSettings(run_dir=run_dir), endpoints)

    async def reload() -> None:
        reloaded = await asyncio.gather(*(node.reload_endpoints() for node in nodes.nodes), return_exceptions=True)
        if failed := [error for error in reloaded if isinstance(error, BaseException)]:
            raise failed[0]

    return PhoneBook(roster, keep=settings.path(Path("var/desk-phones.json")), render=render, reload=reload)


@asynccontextmanager
async def running(settings: Settings, *, contacts: Mapping[str, str] | None = None) -> AsyncIterator[Daemon]:
    """The whole daemon, ready for calls when the body starts. `contacts`: agent id -> fixed SIP address (tests).

    Raises ConfigError or Unusable with what is wrong; what depends on the people is only warned of. The stop is in
    order: no new callers, then what is under way, then the books.
    """
    # Before anything is touched: a second daemon finds out here, not after it has turned off the phones of the first.
    claim_port("the web port", settings.web.host, settings.web.port, TCP)
    claim_port("the FastAGI port", settings.agi.host, settings.agi.port, TCP)
    examine(settings, time.time())
    keys = await asyncio.to_thread(settings.recording_keys)
    await _probe(settings)
    store = await Store.open(
        settings.database_url,
        spool=settings.path(settings.spool) / "facts",
        region=settings.region,
        keeping=Keeping(fsync=settings.store.fsync, limit=settings.store.spool_limit),
    )
    async with AsyncExitStack() as stack:
        stack.push_async_callback(store.close)
        store.writer.own()
        people = await _people(store)
        configuration = examine(settings, time.time(), [person.profile for person in people])
        for warning in configuration.warnings:
            log.warning("the configuration is odd", problem=str(warning))
        daemon = build(configuration, store, demo=await store.users.any_demo(), keys=keys)
        stack.callback(daemon.publisher.close)
        seen = watching(daemon, version=version("laidian"), folders=folders(settings))
        metrics = await stack.enter_async_context(seen)
        introduce(people, await store.figures.agents(midnight(settings)), roster=daemon.roster, desk=daemon.desk)
        await seed_queues(settings, desk=daemon.desk, store=store)
        for agent_id, contact in (contacts or {}).items():
            daemon.phones.pin(agent_id, contact)
        await asyncio.to_thread(daemon.phones.write)
        await stack.enter_async_context(anchoring(store.audit, settings.path(settings.audit.anchor_file)))
        sign = LifeSign(settings.path(settings.spool) / "alive")
        for gap in await store.outages.since(midnight(settings)):
            daemon.desk.unwatched(gap.since, gap.until)
        before = sign.last()
        daemon.bus.publish(
            DaemonStarted(
                at=time.time(),
                away_since=before.at if before is not None else None,
                planned=before is not None and before.planned,
            )
        )
        stack.push_async_callback(_stop, asyncio.create_task(sign.beat(), name="sign of life"))
        writer = asyncio.create_task(store.writer.run(), name="writer")
        stack.push_async_callback(_stop, writer)
        stack.push_async_callback(_drain, daemon)
        link = asyncio.create_task(daemon.nodes.run(), name="ami")
        stack.push_async_callback(_stop, link)
        async with asyncio.timeout(30):
            await daemon.up.wait()
        await _reload_phones(daemon)
        for name, work in (
            ("flush desk", daemon.flush_desk()),
            ("show outlook", daemon.show_outlook()),
            ("watch alarms", daemon.watch_alarms()),
            ("admission", daemon.floor.admission.feel()),
            ("watch the disk", daemon.disk.watch()),
        ):
            stack.push_async_callback(_stop, asyncio.create_task(work, name=name))
        await stack.enter_async_context(daily(daemon.retention, lambda: daemon.reload.settings))
        mqtt = publishing(settings, bus=daemon.bus, hub=daemon.hub, version=version("laidian"))
        daemon.mqtt = await stack.enter_async_context(mqtt)
        daemon.url = await stack.enter_async_context(_web(daemon, metrics))
        agi = FastAgiServer(
            {**daemon.hotline.routes(), "doctor": reached},
            host=settings.agi.host,
            port=settings.agi.port,
            peers=[str(network) for network in settings.agi.peers],
        )
        daemon.floor.expected.line_up()
        await stack.enter_async_context(agi)
        daemon.agi, daemon.agi_port = agi, agi.port
        await stack.enter_async_context(controlled(_commands(daemon), settings.path(settings.control_socket)))
        yield daemon
        log.info("stopping")


async def _probe(settings: Settings) -> None:
    """Of several nodes one must be there; the others come in when they can."""
    nodes, away = settings.all_nodes, list[Unusable]()
    for node in nodes:
        try:
            version = await probe(account(settings, node), modules=MODULES)
        except Unusable as error:
            away.append(error)
            if len(nodes) > 1:
                log.warning("a telephone system is away", node=node.name, reason=str(error))
        else:
            log.info("Asterisk is there", version=version, **({"node": node.name} if node.name else {}))
    if len(away) == len(nodes):
        raise away[0]


def _commands(daemon: Daemon) -> Routes:
    """What the control socket takes."""

    async def status(_names: Mapping[str, str]) -> Status:
        return daemon.status()

    async def explain(asked: Mapping[str, str]) -> Explanation:
        return await daemon.explanations().explain(asked["interaction"])

    async def reload(_names: Mapping[str, str]) -> Reloaded:
        return await daemon.reload()

    async def retain(asked: Mapping[str, str]) -> Gone:
        return await daemon.retention.run(Who(actor=asked["by"], role="admin"))

    async def erase(asked: Mapping[str, str]) -> Erased:
        who, customer_id = Who(actor=asked["by"], role="admin"), asked["customer"]
        done = await daemon.personal.erase(int(customer_id), who, asked["reason"])
        await daemon.commands.who_calls.refresh((int(customer_id),))
        return done

    async def restart(_names: Mapping[str, str]) -> Going:
        return daemon.leaving.restart()

    return {
        ("GET", "/status"): status,
        ("POST", "/restart"): restart,
        ("GET", "/explain/{interaction}"): explain,
        ("POST", "/reload"): reload,
        ("POST", "/retention/{by}"): retain,
        ("POST", "/erase/{customer:[0-9]+}/{by}/{reason:.*}"): erase,
    }


async def _people(store: Store) -> tuple[Person, ...]:
    people, problems = workers(await store.users.list())
    for problem in problems:
        log.warning("somebody cannot work here", problem=str(problem))
    return people


def _certificate(daemon: Daemon) -> ssl.SSLContext | None:
    """What the web server shows, read again at each reload; None: it speaks plain HTTP."""
    settings = daemon.settings
    if (files := settings.web.tls) is None:
        return None
    certificate, key = settings.path(files.certificate), settings.path(files.key) if files.key else None
    context = server_context(certificate, key)
    daemon.reload.renew.append(lambda: load(context, certificate, key))
    return context


@asynccontextmanager
async def _web(daemon: Daemon, metrics: Metrics) -> AsyncIterator[str]:
    settings = daemon.settings
    site = make_site(
        settings,
        daemon.store,
        hub=daemon.hub,
        floor=daemon.commands,
        explanations=daemon.explanations(),
        phones=daemon.phones,
        where=lambda agent_id: settings.all_nodes[daemon.nodes.for_page(agent_id)].sip,
        stations=daemon.floor.stations,
        publish=daemon.bus.publish,
        codes=lambda: work_codes(daemon.reload.settings),
        board=StoredBoard(
            daemon.store,
            targets=lambda: {name: queue.target_s for name, queue in daemon.reload.settings.queues.items()},
            midnight=lambda: midnight(daemon.reload.settings),
        ),
        current=lambda: daemon.reload.settings,
        refresh=daemon.commands.who_calls.refresh,
        personal=daemon.personal,
        readiness=readiness(
            settings, daemon.store, asterisk=lambda: daemon.floor.link, agi=lambda: daemon.agi is not None
        ),
        scraping=scraping(settings, metrics),
        version=version("laidian"),
        demo=daemon.demo,
        keys=daemon.keys,
    )
    await site.gate.remember_failures()
    tls = _certificate(daemon)
    async with listening(build_web(site), settings.web.host, settings.web.port, tls) as url:
        yield url


async def _reload_phones(daemon: Daemon) -> None:
    try:
        await daemon.phones.reload_now()
    except CtiError as error:
        log.warning("the agents' endpoints could not be loaded", reason=str(error))


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _drain(daemon: Daemon) -> None:
    late = await daemon.floor.orders.drain(DRAIN_S)
    if late:
        log.error("orders were cut off", orders=late)
    if not await daemon.store.writer.drain(DRAIN_S):
        log.error("facts are left in the spool")
