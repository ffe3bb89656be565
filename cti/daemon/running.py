"""Runs the parts of a daemon, and stops them in order."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version

import structlog

from cti.agi.reached import reached
from cti.agi.server import FastAgiServer
from cti.ami.probe import probe
from cti.daemon.asked import commands
from cti.daemon.build import account, build
from cti.daemon.control import controlled
from cti.daemon.daemon import Daemon
from cti.daemon.life_sign import LifeSign, Sign
from cti.daemon.people import Person, introduce, midnight, seed_queues, workers
from cti.daemon.start import DRAIN_S
from cti.daemon.web import web
from cti.errors import CtiError, Unusable
from cti.events import DaemonStarted
from cti.mqtt.service import publishing
from cti.privacy.retention import daily
from cti.private_asterisk.ports import TCP, claim_port
from cti.settings import Settings
from cti.settings.configuration import examine
from cti.site.watch import folders
from cti.store.audit_anchor import anchoring
from cti.store.inbox import Keeping
from cti.store.store import Store
from cti.watch.service import watching

log = structlog.get_logger(__name__)

MODULES = ("chan_pjsip", "app_chanspy", "app_mixmonitor", "app_bridgewait", "res_agi", "res_musiconhold")
FLUSH_S = 0.1
"""How often the queue tiles are brought up to date."""
ALARMS_S = 1.0
"""How often the queues' figures are compared with their limits."""
OUTLOOK_S = 2.0
"""How often the screens are told anew how long people will wait."""


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
    store = await _store(settings)
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
        await _bring_in(daemon, people, contacts or {})
        await stack.enter_async_context(anchoring(store.audit, settings.path(settings.audit.anchor_file)))
        sign = LifeSign(settings.path(settings.spool) / "alive")
        await _tell_of_the_gap(daemon, sign.last())
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
            ("flush desk", _flush_desk(daemon)),
            ("show outlook", _show_outlook(daemon)),
            ("watch alarms", _watch_alarms(daemon)),
            ("admission", daemon.floor.admission.feel()),
            ("watch the disk", daemon.disk.watch()),
        ):
            stack.push_async_callback(_stop, asyncio.create_task(work, name=name))
        await stack.enter_async_context(daily(daemon.retention, lambda: daemon.reload.settings))
        mqtt = publishing(settings, bus=daemon.bus, hub=daemon.hub, version=version("laidian"))
        daemon.mqtt = await stack.enter_async_context(mqtt)
        daemon.url = await stack.enter_async_context(web(daemon, metrics))
        agi = _agi(daemon)
        daemon.floor.expected.line_up()
        await stack.enter_async_context(agi)
        daemon.agi, daemon.agi_port = agi, agi.port
        await stack.enter_async_context(controlled(commands(daemon), settings.path(settings.control_socket)))
        yield daemon
        log.info("stopping")


async def _store(settings: Settings) -> Store:
    return await Store.open(
        settings.database_url,
        spool=settings.path(settings.spool) / "facts",
        region=settings.region,
        keeping=Keeping(fsync=settings.store.fsync, limit=settings.store.spool_limit),
    )


async def _bring_in(daemon: Daemon, people: Iterable[Person], contacts: Mapping[str, str]) -> None:
    """Onto the floor and the screens, each with a phone."""
    settings, store = daemon.settings, daemon.store
    introduce(people, await store.figures.agents(midnight(settings)), roster=daemon.roster, desk=daemon.desk)
    await seed_queues(settings, desk=daemon.desk, store=store)
    for agent_id, contact in contacts.items():
        daemon.phones.pin(agent_id, contact)
    await asyncio.to_thread(daemon.phones.write)


async def _tell_of_the_gap(daemon: Daemon, before: Sign | None) -> None:
    """For how long nobody watched, today and just now."""
    for gap in await daemon.store.outages.since(midnight(daemon.settings)):
        daemon.desk.unwatched(gap.since, gap.until)
    daemon.bus.publish(
        DaemonStarted(
            at=time.time(),
            away_since=before.at if before is not None else None,
            planned=before is not None and before.planned,
        )
    )


def _agi(daemon: Daemon) -> FastAgiServer:
    agi = daemon.settings.agi
    return FastAgiServer(
        {**daemon.hotline.routes(), "doctor": reached},
        host=agi.host,
        port=agi.port,
        peers=[str(network) for network in agi.peers],
    )


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


async def _people(store: Store) -> tuple[Person, ...]:
    people, problems = workers(await store.users.list())
    for problem in problems:
        log.warning("somebody cannot work here", problem=str(problem))
    return people


async def _reload_phones(daemon: Daemon) -> None:
    try:
        await daemon.phones.reload_now()
    except CtiError as error:
        log.warning("the agents' endpoints could not be loaded", reason=str(error))


async def _flush_desk(daemon: Daemon) -> None:
    while True:
        daemon.desk.flush(time.time())
        await asyncio.sleep(FLUSH_S)


async def _watch_alarms(daemon: Daemon) -> None:
    while True:
        daemon.floor.alarms.look()
        await asyncio.sleep(ALARMS_S)


async def _show_outlook(daemon: Daemon) -> None:
    while True:
        daemon.floor.explaining.show_outlook()
        await asyncio.sleep(OUTLOOK_S)


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _drain(daemon: Daemon) -> None:
    late = await daemon.floor.orders.drain(DRAIN_S)
    if late:
        log.error("orders were cut off", orders=late)
    if not await daemon.store.writer.drain(DRAIN_S):
        log.error("facts are left in the spool")
