"""All parts of a daemon, made and joined; none runs yet."""

from functools import partial
from importlib.metadata import version
from zoneinfo import ZoneInfo

from cti.acd.engine import Engine
from cti.ami.client import Account, Timing
from cti.bus import Bus
from cti.daemon.daemon import Daemon
from cti.daemon.leaving import Leaving
from cti.daemon.phones import phone_book
from cti.daemon.reload import Reload
from cti.daemon.start import on_up
from cti.desk.desk import Desk
from cti.desk.hub import Hub
from cti.floor.commands import Commands
from cti.floor.disk import MB, Disk
from cti.floor.floor import Floor
from cti.floor.hotline import Hotline
from cti.floor.recorder import Recorder
from cti.floor.roster import Roster
from cti.floor.rules import Rules, SoftphoneRules
from cti.floor.supervising import Supervision
from cti.nodes.node import Node
from cti.nodes.nodes import Nodes
from cti.privacy.personal_data import personal_data
from cti.privacy.retention import Retention
from cti.recording.keys import Keyring
from cti.recording.private import private_folder
from cti.recording.publish import Publisher
from cti.recording.room import Room
from cti.settings import NodeSettings, Settings
from cti.settings.configuration import Configuration
from cti.settings.rules import admission_rules, outbound_rules
from cti.store.away import database_alarm
from cti.store.lookups import StoredLookups
from cti.store.store import Store
from cti.switch.asterisk import AsteriskSwitch
from cti.tls import client_context
from cti.watch.telling import tell, told


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
                on_up=lambda node: on_up(daemon, node),
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
    phones = phone_book(settings, roster, nodes)
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
