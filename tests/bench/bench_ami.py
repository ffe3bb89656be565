"""How fast AMI is read: our decoder and mirror against panoramisk 1.4, and against the least that Python can do.

The bytes are those that a real Asterisk sent during thirty overlapping hotline calls (tests/live/ami/record_traces.py):
as the daemon's account gets them, with its event filters - the harder case - and unfiltered, cut into reads of 4 KiB.
Every round decodes them once with a fresh decoder, so that nothing is remembered from the round before; the two sides
alternate, the median counts.
"""

import asyncio
import functools
import gc
import gzip
import re
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from panoramisk.ami_protocol import AMIProtocol  # type: ignore[import-untyped]
from panoramisk.manager import Manager  # type: ignore[import-untyped]

from cti.ami.codec import Decoder
from cti.ami.messages import Event
from cti.calls.tracker import WANTED, Tracker

GROUP = "ami"
TRACES = Path(__file__).parents[1] / "traces"
BANNER = b"Asterisk Call Manager/11.0.0\r\n"
READ_BYTES = 4096
ROUNDS = 15
UNFILTERED = "hotline_30_calls_witness.ami.gz"
FILTERED = "hotline_30_calls_daemon.ami.gz"

Figure = dict[str, object]
Reads = list[bytes]


def reads_of(trace: str) -> Reads:
    return cut(gzip.decompress((TRACES / trace).read_bytes()))


def plain_reads_of(trace: str) -> Reads:
    """Messages only: without the banner, and without the stray empty lines at which a bare split falls over."""
    data = gzip.decompress((TRACES / trace).read_bytes()).removeprefix(BANNER)
    return cut(re.sub(rb"(\r\n\r\n)(?:\r\n)+", rb"\1", data))


def cut(data: bytes) -> Reads:
    return [data[start : start + READ_BYTES] for start in range(0, len(data), READ_BYTES)]


def our_decode(reads: Reads) -> int:
    """As the daemon runs it: what its mirror does not want is skipped."""
    decoder, delivered = Decoder(WANTED), 0
    for data in reads:
        for message in decoder.feed(data):
            if isinstance(message, Event):
                delivered += 1
    return delivered


def our_full_decode(reads: Reads) -> int:
    """Every event, wanted or not."""
    decoder = Decoder(None)
    decoder.feed(BANNER)
    return sum(len(decoder.feed(data)) for data in reads)


def our_track(reads: Reads) -> int:
    """Decode and mirror, to facts."""
    decoder, tracker, facts = Decoder(WANTED), Tracker(), 0
    for data in reads:
        for message in decoder.feed(data):
            if isinstance(message, Event):
                facts += len(tracker.feed(message, 0.0))
    return facts


def bare_split(reads: Reads) -> int:
    """The least that makes a dict of every message: split at empty lines, at line ends, at the first colon."""
    tail, made = b"", 0
    for data in reads:
        *blocks, tail = (tail + data).split(b"\r\n\r\n")
        made += len([dict([line.split(": ", 1) for line in block.decode().split("\r\n")]) for block in blocks])
    return made


class Peer:
    """panoramisk as its documentation shows it, with one listener for all events that does nothing but count."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self.delivered = 0

    def __call__(self, reads: Reads) -> int:
        manager = Manager(loop=self._loop)
        manager.callbacks["FullyBooted"].clear()  # it would start a task that nobody runs here
        manager.register_event("*", self._count)
        protocol: Any = AMIProtocol()
        protocol.connection_made(None)
        protocol.factory, protocol.config, protocol.encoding = manager, manager.config, "utf8"
        self.delivered = 0
        for data in reads:
            protocol.data_received(data)
        return self.delivered

    def _count(self, _manager: object, _event: object) -> None:
        self.delivered += 1

    def close(self) -> None:
        self._loop.close()


def alternate(ours: Callable[[], object], peer: Callable[[], object]) -> tuple[float, float]:
    """Median CPU seconds of both, run in turn."""
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for side, work in zip(took, (ours, peer), strict=True):
            gc.collect()
            began = time.process_time()
            work()
            side.append(time.process_time() - began)
    return statistics.median(took[0]), statistics.median(took[1])


def figure(name: str, peer: str, goal: float, *, reads: Reads, events: int, took_s: tuple[float, float]) -> Figure:
    ours_s, peer_s = took_s
    return {
        "name": name,
        "value": round(events / ours_s),
        "unit": "events/s",
        "peer": peer,
        "peer_value": round(events / peer_s),
        "ratio": round(peer_s / ours_s, 2),
        "goal": goal,
        "bytes": sum(map(len, reads)),
    }


def figures() -> Iterator[Figure]:
    panoramisk = Peer()
    try:
        for suffix, trace in (("", FILTERED), ("_unfiltered", UNFILTERED)):
            reads = reads_of(trace)
            events = panoramisk(reads)
            for name, ours, goal in (("ami_codec", our_decode, 4.0), ("ami_track", our_track, 2.0)):
                took_s = alternate(functools.partial(ours, reads), functools.partial(panoramisk, reads))
                yield figure(name + suffix, "panoramisk 1.4", goal, reads=reads, events=events, took_s=took_s)
            plain = plain_reads_of(trace)
            events = bare_split(plain)
            took_s = alternate(functools.partial(our_full_decode, plain), functools.partial(bare_split, plain))
            yield figure("ami_codec_limit" + suffix, "split into dict", 0.9, reads=plain, events=events, took_s=took_s)
    finally:
        panoramisk.close()


def run() -> list[Figure]:
    return list(figures())


if __name__ == "__main__":
    for one in figures():
        print(one)
