"""`/metrics`: everything is looked up when Prometheus asks, but for the facts, which are counted as they come."""

import asyncio
import os
import platform
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Protocol

import structlog
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from cti.acd.engine import Engine
from cti.agi.server import FastAgiServer
from cti.bus import Bus
from cti.calls.mirror import Mirror
from cti.desk.hub import Hub
from cti.desk.views import AlarmView, QueueView
from cti.floor.floor import Floor
from cti.mqtt.publisher import Publisher
from cti.store.store import Store
from cti.watch import daemon_metrics, floor_metrics
from cti.watch.counts import FactCounts
from cti.watch.daemon_metrics import Disk, Link, LinkClocks, Size
from cti.watch.pulse import Pulse, felt

log = structlog.get_logger(__name__)

DISKS_DEADLINE_S: Final = 2.0
"""A file system of the network that hangs must not take the other figures with it."""


class Watched(Protocol):
    """What is looked at: `cti.daemon`. `agi` and `mqtt` are None until they run; `mqtt` also where it is off."""

    @property
    def bus(self) -> Bus: ...
    @property
    def hub(self) -> Hub: ...
    @property
    def store(self) -> Store: ...
    @property
    def tracker(self) -> Mirror: ...
    @property
    def engine(self) -> Engine: ...
    @property
    def floor(self) -> Floor: ...
    @property
    def agi(self) -> FastAgiServer | None: ...
    @property
    def mqtt(self) -> Publisher | None: ...
    def links(self) -> Mapping[str, Link]:
        """Name of the Asterisk -> the link to it."""


class Metrics(Collector):
    """Call it for what Prometheus reads (text format 0.0.4). `folders`: what we keep there -> a path on that disk."""

    def __init__(self, watched: Watched, pulse: Pulse, version: str, folders: Mapping[str, Path]) -> None:
        self._watched, self._pulse, self._version, self._folders = watched, pulse, version, folders
        self._clocks = {node: LinkClocks(link.age) for node, link in watched.links().items()}
        self._disks: dict[str, Disk] = {}
        self._looking: asyncio.Future[dict[str, Disk]] | None = None
        self.counts = FactCounts()
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    async def __call__(self) -> bytes:
        await self._look_at_disks()
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """A part that fails is left out and logged: the rest is needed all the more then."""
        for part in (self._floor, self._links, self._books, self._sizes):
            yield from _whole(part)

    def _floor(self) -> Iterator[Metric]:
        floor, hub = self._watched.floor, self._watched.hub
        yield from floor_metrics.counted(self.counts)
        views = [view for view in floor.desk.queues.views() if isinstance(view, QueueView)]
        yield from floor_metrics.queues(views, time.time())
        yield from floor_metrics.agents(self._watched.engine.agents(), len(floor.roster.members))
        yield from floor_metrics.interactions(one.state for one in floor.conversations.by_id.values())
        door = floor.admission
        yield from floor_metrics.door(strain=door.strain(), shut=door.shut, refused=door.refused)
        yield from floor_metrics.alarms(a for a in hub.entities("alarms").values() if isinstance(a, AlarmView))

    def _links(self) -> Iterator[Metric]:
        links = self._watched.links()
        yield from daemon_metrics.build(self._version, platform.python_version(), links.values())
        yield from daemon_metrics.pulse(self._pulse)
        yield from daemon_metrics.ami(links, self._clocks)
        if self._watched.mqtt is not None:
            yield from daemon_metrics.mqtt(self._watched.mqtt)

    def _books(self) -> Iterator[Metric]:
        yield from daemon_metrics.books(self._watched.store.writer.status)
        yield from daemon_metrics.disks(self._disks)

    def _sizes(self) -> Iterator[Metric]:
        agi, (channels, bridges) = self._watched.agi, self._watched.tracker.size
        yield from daemon_metrics.sizes(
            Size(
                channels=channels,
                bridges=bridges,
                agi_connections=agi.sessions if agi is not None else 0,
                tasks=len(asyncio.all_tasks()),
                threads=threading.active_count(),
            )
        )
        yield from daemon_metrics.agi(agi.refused if agi is not None else 0)
        yield from daemon_metrics.browsers(*self._watched.hub.browsers)

    async def _look_at_disks(self) -> None:
        """One look at a time: a disk that hangs takes one thread, however often we are asked."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.ensure_future(asyncio.to_thread(_disks, self._folders))
        try:
            async with asyncio.timeout(DISKS_DEADLINE_S):
                self._disks = await asyncio.shield(self._looking)
        except TimeoutError:
            log.warning("a disk does not answer", folders=sorted(self._folders))
            self._disks = {}


def _whole(part: Callable[[], Iterator[Metric]]) -> list[Metric]:
    try:
        return list(part())
    except Exception:
        log.exception("metrics are missing", part=part.__name__)
        return []


def _disks(folders: Mapping[str, Path]) -> dict[str, Disk]:
    found = {}
    for name, path in folders.items():
        try:
            stat = os.statvfs(_there(path))
        except OSError as error:
            log.warning("a folder cannot be looked at", folder=str(path), reason=error.strerror)
            continue
        found[name] = Disk(free=stat.f_bavail * stat.f_frsize, size=stat.f_blocks * stat.f_frsize)
    return found


def _there(path: Path) -> Path:
    """Itself, or the folder in which it will be made."""
    return next(folder for folder in (path, *path.absolute().parents) if folder.exists())


@asynccontextmanager
async def watching(watched: Watched, *, version: str, folders: Mapping[str, Path]) -> AsyncIterator[Metrics]:
    async with felt() as pulse:
        metrics = Metrics(watched, pulse, version, folders)
        unsubscribe = watched.bus.subscribe(metrics.counts.on_fact, metrics.counts.hears)
        try:
            yield metrics
        finally:
            unsubscribe()
