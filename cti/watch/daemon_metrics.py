"""What whoever runs the daemon wants to know: links, lags, books, sockets, disks. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

import msgspec
from prometheus_client.metrics_core import Metric

from cti.ami.age import EventAge
from cti.store.writer import WriterStatus
from cti.watch.family import counter, gauge, histogram
from cti.watch.histogram import SHORT_S, Histogram
from cti.watch.pulse import Pulse


class Link(Protocol):
    """`cti.ami.client.AmiClient`."""

    @property
    def connected(self) -> bool: ...
    @property
    def sessions(self) -> int: ...
    @property
    def asterisk_version(self) -> str: ...
    @property
    def age(self) -> EventAge: ...


class LinkClocks:
    """The ages of events and the round trips of pings on one link, from now on."""

    def __init__(self, age: EventAge) -> None:
        self.ages, self.round_trips = Histogram(SHORT_S), Histogram(SHORT_S)
        age.on_age, age.on_round_trip = self.ages.observe, self.round_trips.observe


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """What grows with the calls and must shrink with them."""

    channels: int
    bridges: int
    agi_connections: int
    tasks: int
    threads: int


class Disk(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes of the file system on which a folder of ours is; `free` for us, not for root."""

    free: int
    size: int


class Broker(Protocol):
    """`cti.mqtt.publisher.Publisher`."""

    @property
    def connected(self) -> bool: ...
    @property
    def waiting(self) -> int: ...
    @property
    def dropped(self) -> int: ...


def build(version: str, python: str, links: Iterable[Link]) -> Iterator[Metric]:
    asterisk = ",".join(sorted({link.asterisk_version for link in links if link.asterisk_version}))
    one = [((version, python, asterisk), 1)]
    yield gauge("build_info", "Which versions run; always 1.", one, ("version", "python", "asterisk"))


def pulse(felt: Pulse) -> Iterator[Metric]:
    yield histogram("event_loop_lag_seconds", "By how much a timer of the event loop fires late.", felt.lag)
    pauses = (((str(generation),), pauses) for generation, pauses in enumerate(felt.pauses))
    yield histogram("gc_pause_seconds", "How long the garbage collector held the daemon up.", pauses, ("generation",))


def ami(links: Mapping[str, Link], clocks: Mapping[str, LinkClocks]) -> Iterator[Metric]:
    """Both by the name of the Asterisk."""
    of = ("node",)
    up = (((node,), link.connected) for node, link in links.items())
    yield gauge("ami_connected", "Whether the manager link to Asterisk is up.", up, of)
    sessions = (((node,), link.sessions) for node, link in links.items())
    yield counter("ami_sessions", "Manager sessions that came up: more than one is a link that was lost.", sessions, of)
    ages = (((node,), one.ages) for node, one in clocks.items())
    yield histogram("event_age_seconds", "How old the oldest event of a read from Asterisk was.", ages, of)
    trips = (((node,), one.round_trips) for node, one in clocks.items())
    yield histogram("ami_round_trip_seconds", "From a ping of Asterisk's manager to its answer.", trips, of)


def sizes(size: Size) -> Iterator[Metric]:
    yield gauge("channels", "Channels of Asterisk in the daemon's mirror.", size.channels)
    yield gauge("bridges", "Bridges of Asterisk in the daemon's mirror.", size.bridges)
    yield gauge("agi_connections", "FastAGI connections: callers in a menu or a queue.", size.agi_connections)
    yield gauge("tasks", "Tasks of the event loop.", size.tasks)
    yield gauge("threads", "Threads of the daemon.", size.threads)


def agi(refused: int) -> Iterator[Metric]:
    text = "FastAGI connections that were closed for what the peer is, sent or did not send."
    yield counter("agi_refused", text, refused)


def browsers(agents: int, supervisors: int) -> Iterator[Metric]:
    """`supervisors`: all who see the whole floor."""
    those = [(("agent",), agents), (("supervisor",), supervisors)]
    yield gauge("browsers", "Browsers and programs on the websocket, by what they see.", those, ("kind",))


def books(status: WriterStatus) -> Iterator[Metric]:
    yield gauge("facts_waiting", "Facts in memory that are not in the database yet.", status.waiting)
    yield counter("facts_stored", "Facts that are in the database.", status.stored)
    yield counter("facts_refused", "Facts that the database will never take; they are set aside.", status.refused)
    yield counter("facts_dropped", "Facts for which neither the database nor the spool had room.", status.dropped)
    yield gauge("spool_bytes", "What the spool of facts holds on disk.", status.spool_bytes)
    yield gauge("spool_unwritable", "1 while facts are in memory only: the spool cannot be written.", status.unwritable)
    yield gauge("database_away", "1 while facts go to the spool instead of the database.", status.away)


def mqtt(broker: Broker) -> Iterator[Metric]:
    yield gauge("mqtt_connected", "Whether the link to the MQTT broker is up.", broker.connected)
    yield gauge("mqtt_waiting", "Messages that wait for the broker.", broker.waiting)
    yield counter("mqtt_dropped", "Facts never published: the MQTT broker was away for too long.", broker.dropped)


def disks(found: Mapping[str, Disk]) -> Iterator[Metric]:
    """By what we keep there."""
    free = (((name,), disk.free) for name, disk in found.items())
    yield gauge("disk_free_bytes", "Free where we keep this.", free, ("folder",))
    size = (((name,), disk.size) for name, disk in found.items())
    yield gauge("disk_size_bytes", "Size of the file system where we keep this.", size, ("folder",))
