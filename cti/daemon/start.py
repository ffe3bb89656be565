"""What a daemon takes over once Asterisk is there: who talks and waits, who worked here, who was promised a call."""

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence

import structlog
from msgspec.structs import replace

from cti.acd import events as acd
from cti.agents.state import AgentState
from cti.daemon.daemon import Daemon
from cti.daemon.people import midnight
from cti.daemon.remember import remember
from cti.events import SupervisionChanged, SupervisionStarted
from cti.floor.ids import interaction_of
from cti.floor.reconcile import reconcile
from cti.floor.toll import DAY_S
from cti.nodes.node import Node
from cti.store.callbacks import KeptPromise
from cti.store.figures import AgentNow
from cti.store.interactions import OpenInteraction

log = structlog.get_logger(__name__)

OTHERS_S = 10.0
"""How long the start waits for all nodes, once one is there."""
DRAIN_S = 5.0
TEXTS_DAYS_S = 7 * 86_400.0
"""Who has not read a text within so many days is not shown it again after a restart."""
WRAP_UP_AFTER_RESTART_S = 30.0
UNFINISHED_S = 14 * 86_400.0
"""Forms that were left unfinished for longer are no longer shown to their agents after a restart."""


async def on_up(daemon: Daemon, node: Node) -> None:
    """At the start, when all nodes are there or enough was waited: the store is made equal to what goes on, too.

    Later the endpoints are written anew: an Asterisk that was started anew may know none of them, and who logged in
    meanwhile has a new secret.
    """
    if not daemon.up.is_set():
        if not all(one.up for one in daemon.nodes.nodes):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(daemon.up.wait(), OTHERS_S)
        async with daemon.starting:
            if not daemon.up.is_set():
                await _start_over(daemon)
                daemon.up.set()
                return
    if node.name in daemon.left:
        await _match_later(daemon, node.name)
    daemon.floor.orders.start("the agents' endpoints", _write_phones(daemon))


def _leave(daemon: Daemon, opens: Sequence[OpenInteraction]) -> list[OpenInteraction]:
    """Of a node that is away nothing can be said yet: its part is left for later. Returns the others."""
    loop = asyncio.get_running_loop()
    for one in daemon.nodes.nodes:
        theirs = [open_ for open_ in opens if not one.up and daemon.nodes.of(open_.channel) is one]
        if theirs and daemon.nodes.several:
            daemon.left[one.name] = theirs
            loop.call_later(daemon.settings.ami.lost_after_s, _give_up, daemon, one.name)
    left = {open_.interaction_id for theirs in daemon.left.values() for open_ in theirs}
    return [open_ for open_ in opens if open_.interaction_id not in left]


def _give_up(daemon: Daemon, name: str) -> None:
    daemon.floor.orders.start(f"match what was open on {name}", _match_later(daemon, name))


async def _match_later(daemon: Daemon, name: str) -> None:
    if opens := daemon.left.pop(name, []):
        await _match(daemon, opens, await daemon.store.callbacks.pending())
        daemon.floor.expected.line_up()


async def _match(daemon: Daemon, opens: Sequence[OpenInteraction], promised: Mapping[str, KeptPromise]) -> list[str]:
    settings = daemon.settings
    dirs = {one.name: settings.path(one.sip.asterisk_dir) for one in settings.all_nodes}
    memory = await remember(opens, promised, daemon.nodes, daemon.floor.switch, dirs)
    return reconcile(daemon.floor, daemon.nodes, opens, settings.path(settings.spool), memory)


async def _write_phones(daemon: Daemon) -> None:
    await asyncio.to_thread(daemon.phones.write)
    await daemon.phones.reload_now()


async def _start_over(daemon: Daemon) -> None:
    """Give the agents their old states back and match open interactions with what goes on."""
    await daemon.store.writer.drain(DRAIN_S)  # what the spool holds counts: nobody is called back twice
    daemon.desk.forms.restore(await daemon.store.unfinished.forms(time.time() - UNFINISHED_S))
    daemon.desk.tasks.restore(await daemon.store.unfinished.tasks(midnight(daemon.settings)))
    opens, promised = await daemon.store.interactions.open(), await daemon.store.callbacks.pending()
    here = _leave(daemon, opens)
    queues = {one.interaction_id: one.queue for one in opens}
    for now in await daemon.store.figures.agents_now():
        if now.agent_id in daemon.roster.members and now.state != AgentState.LOGGED_OUT:
            _sign_in_again(daemon, now, queues.get(now.interaction_id, ""))
    going_on = await _match(daemon, here, promised)
    going_on += [open_.interaction_id for theirs in daemon.left.values() for open_ in theirs]
    daemon.floor.colleagues.take_up(daemon.tracker)
    await _supervisors(daemon)
    for conversation in daemon.floor.conversations.by_id.values():
        daemon.hotline.recognise(conversation)
    daemon.floor.alarms.resume(await daemon.store.alarms.open())
    daemon.floor.permits.resume(await daemon.store.dials.since(time.time() - DAY_S), daemon.tracker.channel)
    daemon.desk.texts.begin_day(midnight(daemon.settings))
    for fact in await daemon.store.texts.since(time.time() - TEXTS_DAYS_S):
        daemon.desk.on_fact(fact)
    for job in daemon.publisher.leftovers():
        if job.interaction_id not in going_on:
            daemon.floor.orders.start(f"publish {job.interaction_id}", daemon.floor.recorder.publish(job))
    log.info("started", going_on=len(going_on), open_before=len(opens))


async def _supervisors(daemon: Daemon) -> None:
    """Those whose legs listen to somebody still, in the mode that the ledger told of last."""
    for view in daemon.tracker.channels():
        interaction, supervisor = interaction_of(view.channel), daemon.roster.by_endpoint(view.endpoint)
        if not view.channel.startswith("lds-") or interaction is None or supervisor is None:
            continue
        told = [
            fact
            for fact in await daemon.store.interactions.ledger(interaction)
            if isinstance(fact, SupervisionStarted | SupervisionChanged) and fact.supervisor_id == supervisor
        ]
        if told:
            daemon.supervision.adopt(view.channel, supervisor, told[-1].mode, told[-1].at)
    daemon.supervision.settle()


def _sign_in_again(daemon: Daemon, now: AgentNow, queue: str) -> None:
    """`queue` brought what the agent was doing, "" for none. Whoever was only rung is ready, as before."""
    daemon.roster.guess_phone(now.agent_id)
    again = acd.AgentSignedIn(
        profile=daemon.roster.profile(now.agent_id), reachable=daemon.roster.is_reachable(now.agent_id)
    )
    match now.state:
        case AgentState.READY | AgentState.OFFERED:
            again = replace(again, state=AgentState.READY, reason="", since=now.since)
        case AgentState.NOT_READY:
            again = replace(again, state=AgentState.NOT_READY, reason=now.reason, since=now.since)
        case AgentState.WRAP_UP:
            again = replace(again, state=AgentState.WRAP_UP, until=now.until)
        case _:  # the talk may be over: time to write it up; or back to it, in `reconcile`
            rules = daemon.engine.queue(queue)
            wrap_up_s = WRAP_UP_AFTER_RESTART_S if rules is None else rules.wrap_up_s
            again = replace(again, state=AgentState.WRAP_UP, until=time.time() + wrap_up_s)
    daemon.floor.feed(again)
    daemon.floor.show_phone(now.agent_id)
