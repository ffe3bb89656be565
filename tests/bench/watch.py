"""Who watches both sides in the same way: a second manager connection that only listens, and the kernel's clocks."""

import asyncio
import contextlib
import os
import statistics
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cti.ami.client import Account, AmiClient
from cti.ami.messages import Event
from tests.bench.stage import Stage

WANTED = frozenset({"Newstate", "BridgeEnter", "BridgeLeave"})
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Witness:
    """The agents' talks by Asterisk's own time stamps (unix seconds)."""

    first_up: float = 0.0
    talks: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    _since: dict[str, float] = field(default_factory=dict)

    def hear(self, event: Event) -> None:
        name, at = event.get("Channel", ""), float(event.get("Timestamp", "0"))
        endpoint = name.removeprefix("PJSIP/").rpartition("-")[0]
        if event.name == "Newstate":
            if endpoint == "trunk" and event.get("ChannelStateDesc") == "Up" and not self.first_up:
                self.first_up = at
        elif endpoint != "trunk":
            if event.name == "BridgeEnter":
                self._since[name] = at
            elif (since := self._since.pop(name, None)) is not None:
                self.talks.setdefault(endpoint, []).append((since, at))

    @property
    def count(self) -> int:
        return sum(map(len, self.talks.values()))

    def gaps(self) -> list[float]:
        """Seconds between the end of an agent's talk and the beginning of the same agent's next.

        Callers arrive faster than they are served, so whoever has a next one could have had it at once. How long agents
        stand idle when nobody waits any more is not counted.
        """
        return [
            after[0] - before[1]
            for talks in self.talks.values()
            for before, after in zip(sorted(talks), sorted(talks)[1:], strict=False)
        ]

    def makespan(self) -> float:
        """From the first caller answered to the end of the last talk."""
        return max(end for talks in self.talks.values() for _, end in talks) - self.first_up


@contextlib.asynccontextmanager
async def witness(stage: Stage) -> AsyncIterator[Witness]:
    seen = Witness()
    async with listening(stage, seen.hear):
        yield seen


@contextlib.asynccontextmanager
async def listening(stage: Stage, hear: Callable[[Event], None]) -> AsyncIterator[AmiClient]:
    """A manager connection of the bench's own, which tells `hear` the events that are WANTED."""
    up = asyncio.Event()

    async def on_up(_client: AmiClient) -> None:
        up.set()

    asterisk = stage.asterisk
    account = Account(port=asterisk.ami_port, username=asterisk.ami_user, secret=asterisk.ami_secret)
    client = AmiClient(account, wanted=WANTED, on_event=hear, on_up=on_up)
    running = asyncio.create_task(client.run(), name="witness")
    try:
        async with asyncio.timeout(15):
            await up.wait()
        yield client
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def cpu_s(pid: int) -> float:
    """User and system time of a process and all its threads, so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def percentile(values: Iterable[float], share: float) -> float:
    """Nearest rank: the least value that `share` of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(len(ordered) * share * 1000) // 1000) - 1)]


def median(values: Iterable[float]) -> float:
    return statistics.median(values)
