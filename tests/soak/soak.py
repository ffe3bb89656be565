"""Many short calls through menu, queue, agent and recording, and what the daemon has kept of them afterwards: nothing.

`make soak` (CALLS=20000 RATE=25, about 15 minutes) prints one sentence and one JSON line at its end, and exits with 0
only if it passes:

- memory: resident memory every 5 s, of which the median of each tenth of the calls is kept. The first half of the calls
  is warm-up: what is remembered on purpose, such as the latest 10,000 ids and 8,192 numbers, is full after it. After
  it no tenth is more than 5 % above the first after the middle. Judged from 5,000 calls on; what a call cost in the
  second half by a straight line through the samples is said too, for 5 % would hide about a kilobyte a call;
- leaks: when all is over there are as many channels, bridges, tasks, sockets, open files and raw recordings as before;
- calls: all but one in a thousand at most are clean for SIPp, handled in the books, and recorded.

Recordings are removed as the calls go on, so that any disk is large enough.
"""

import asyncio
import contextlib
import json
import statistics
import sys
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Final

import aiohttp
import click
import msgspec
from prometheus_client.parser import text_string_to_metric_families

from cti.logs import logs
from cti.simulated.sipp import SippCounts
from tests.bench import load, ours
from tests.bench.stage import MENU, Stage, open_stage
from tests.harness.sockets import targets

SAMPLE_S: Final = 5.0
PRUNE_S: Final = 15.0
WARM_CALLS: Final = 20
SETTLE_S: Final = 60.0
GROWTH: Final = 0.05
JUDGED_FROM: Final = 5000
LOST: Final = 0.001
CALL_S: Final = 4.0
LATE_S: Final = 120.0


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What there is at one moment. `files`: regular files that the daemon has open, but for the database's."""

    channels: int
    bridges: int
    agi_connections: int
    interactions: int
    tasks: int
    sockets: int
    files: int
    raw: int
    asterisk_channels: int

    def beyond(self, before: "Kept") -> dict[str, int]:
        """What is more than it was."""
        pairs = ((name, getattr(self, name) - getattr(before, name)) for name in self.__struct_fields__)
        return {name: more for name, more in pairs if more > 0}


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """`growth` None: too few calls to judge. `rss`: MB, the median of each tenth of the calls, 0 where nobody looked.

    `bytes_a_call`: the slope of memory in the second half of the calls, None where nothing is known.
    `still_there`: Asterisk's own lines about the channels that are left (at most five).
    `unusable` recordings failed and said so; each keeps its raw file, for somebody to look at.
    """

    result: str
    calls: int
    rate: float
    seconds: float
    failed: int
    handled: int
    recordings: int
    growth: float | None
    bytes_a_call: float | None
    outcomes: dict[str, int]
    unusable: int
    leaked: dict[str, int]
    left_over: dict[str, int]
    still_there: tuple[str, ...]
    rss: tuple[float, ...]


class Watcher:
    """Asks the daemon for its figures, and the kernel for its files."""

    def __init__(self, stage: Stage, side: ours.Side) -> None:
        self._stage, self._side = stage, side
        self.rss: list[tuple[float, float]] = []
        """(calls that had ended, MB)."""

    async def figures(self) -> dict[str, float]:
        async with aiohttp.ClientSession() as http, http.get(f"{self._side.url}/metrics") as response:
            text = await response.text()
        found: dict[str, float] = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                found[sample.name] = found.get(sample.name, 0.0) + sample.value
        return found

    async def sample(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(SAMPLE_S)
            seen = await self.figures()
            ended = seen["laidian_interactions_ended_total"]
            self.rss.append((ended, seen["process_resident_memory_bytes"] / 2**20))

    async def kept(self) -> Kept:
        seen = await self.figures()
        sockets, files = _open(self._side.process.pid)
        return Kept(
            channels=int(seen["laidian_channels"]),
            bridges=int(seen["laidian_bridges"]),
            agi_connections=int(seen["laidian_agi_connections"]),
            interactions=int(seen["laidian_interactions"]),
            tasks=int(seen["laidian_tasks"]),
            sockets=sockets,
            files=files,
            raw=sum(1 for _ in self._stage.asterisk.recordings_dir.glob("*.raw")),
            asterisk_channels=_active(await self._stage.asterisk.cli("core show channels count")),
        )

    async def channels(self) -> tuple[str, ...]:
        """Asterisk's own lines: name, context, extension, priority, state, application, data, ..., unique id."""
        told = await self._stage.asterisk.cli("core show channels concise")
        return tuple(line.strip() for line in told.splitlines() if "!" in line)[:5]

    async def settled(self, before: Kept | None = None) -> Kept:
        """Once nothing goes on (and, with `before`, nothing is more than it was), or when the time is up."""
        deadline = time.monotonic() + SETTLE_S
        while True:
            now = await self.kept()
            quiet = not (now.channels or now.interactions or now.raw or now.asterisk_channels)
            if (quiet and not (before and now.beyond(before))) or time.monotonic() > deadline:
                return now
            await asyncio.sleep(0.5)


def _open(pid: int) -> tuple[int, int]:
    """Sockets and regular files that a process has open; a database's pool is bounded, and not counted."""
    sockets = files = 0
    for target in targets(pid):
        sockets += target.startswith("socket:")
        files += target.startswith("/") and ".db" not in target and not target.startswith("/dev/")
    return sockets, files


def _active(told: str) -> int:
    """Of "0 active channels"; Asterisk prints it first."""
    return int(told.split(maxsplit=1)[0])


async def _prune(folder: Path) -> None:
    """Published recordings are gone half a minute later. Until cancelled."""
    while True:
        await asyncio.sleep(PRUNE_S)
        await asyncio.to_thread(_remove_old, folder, time.time() - PRUNE_S)


def _remove_old(folder: Path, before: float) -> None:
    for file in folder.rglob("*.wav"):
        if file.stat().st_mtime < before:
            file.unlink(missing_ok=True)


@contextlib.asynccontextmanager
async def _beside(*works: "asyncio.Task[None]") -> AsyncIterator[None]:
    try:
        yield
    finally:
        for work in works:
            work.cancel()
        broken = [one for one in await asyncio.gather(*works, return_exceptions=True) if isinstance(one, Exception)]
        if broken:
            raise broken[0]


async def _call(stage: Stage, calls: int, rate: float) -> SippCounts:
    async with load.callers(stage, MENU, calls=calls, rate=rate, keys=load.KEY) as callers:
        return await callers.wait(calls / rate * 1.5 + CALL_S + LATE_S)


def tenths(rss: list[tuple[float, float]], calls: int) -> tuple[float, ...]:
    """The median of each tenth of the calls, the last with all that came after it; 0 where nobody looked."""
    by_tenth: list[list[float]] = [[] for _ in range(10)]
    for ended, mb in rss:
        by_tenth[min(int(10 * ended / calls), 9)].append(mb)
    return tuple(statistics.median(samples) if samples else 0.0 for samples in by_tenth)


def growth_of(medians: Sequence[float]) -> float | None:
    """How much the largest of the last four tenths is above the one before them; None when one is not known."""
    middle, *later = medians[5:]
    return max(later) / middle - 1 if middle and all(later) else None


def slope(rss: list[tuple[float, float]], calls: int) -> float | None:
    """Bytes a call in the second half, by least squares; None with too few samples."""
    half = [(ended, mb * 2**20) for ended, mb in rss if ended >= calls / 2]
    try:
        return statistics.linear_regression(*zip(*half, strict=True)).slope
    except (statistics.StatisticsError, TypeError):
        return None


async def soak(calls: int, rate: float) -> Verdict:
    """On a stage of its own."""
    async with contextlib.AsyncExitStack() as stack:
        stage = await stack.enter_async_context(open_stage(round(rate * 1.6) + 20))
        side = await stack.enter_async_context(ours.serving(stage))
        await stack.enter_async_context(load.agents(stage, speaking=True))
        watcher = Watcher(stage, side)
        await _call(stage, WARM_CALLS, min(rate, 5.0))
        before = await watcher.settled()
        began = time.monotonic()
        sampling = asyncio.create_task(watcher.sample(), name="sample")
        pruning = asyncio.create_task(_prune(stage.root / "var" / "recordings"), name="prune")
        async with _beside(sampling, pruning):
            counts = await _call(stage, calls, rate)
        seconds = time.monotonic() - began
        after = await watcher.settled(before)
        still_there = await watcher.channels()
        books, _ = await side.settled(calls + WARM_CALLS - counts.failed, SETTLE_S)
    return judge(
        calls=calls,
        rate=rate,
        seconds=seconds,
        counts=counts,
        books=books,
        rss=watcher.rss,
        before=before,
        after=after,
        still_there=still_there,
    )


def judge(
    *,
    calls: int,
    rate: float,
    seconds: float,
    counts: SippCounts,
    books: ours.Books,
    rss: list[tuple[float, float]],
    before: Kept,
    after: Kept,
    still_there: tuple[str, ...] = (),
) -> Verdict:
    medians, a_call = tenths(rss, calls), slope(rss, calls)
    growth = growth_of(medians) if calls >= JUDGED_FROM else None
    handled, leaked = books.outcomes.get("handled", 0), after.beyond(before)
    if leaked.get("raw", 0) <= books.problems:
        leaked.pop("raw", None)
    enough = calls + WARM_CALLS - int(LOST * calls)
    fine = (
        not leaked
        and counts.created == calls
        and counts.failed <= LOST * calls
        and handled >= enough
        and books.recordings >= enough
        and (growth is None or growth <= GROWTH)
        and (growth is not None or calls < JUDGED_FROM)
    )
    return Verdict(
        result="PASS" if fine else "FAIL",
        calls=counts.created,
        rate=rate,
        seconds=round(seconds, 1),
        failed=counts.failed,
        handled=handled,
        recordings=books.recordings,
        growth=None if growth is None else round(growth, 4),
        bytes_a_call=None if a_call is None else round(a_call),
        outcomes=books.outcomes,
        unusable=books.problems,
        leaked=leaked,
        still_there=still_there,
        left_over={k: v for k, v in msgspec.structs.asdict(after).items() if v},
        rss=tuple(round(mb, 1) for mb in medians),
    )


def told(verdict: Verdict) -> str:
    """The verdict as a sentence for people (and docs/figures.md)."""
    grown = "not judged" if verdict.growth is None else f"{verdict.growth:+.1%} after warm-up"
    slope_said = "" if verdict.bytes_a_call is None else f", {verdict.bytes_a_call} bytes a call"
    leaks = ", ".join(f"{count} {name}" for name, count in verdict.leaked.items()) or "no channel, task, socket or file"
    return (
        f"Soak {verdict.result}: {verdict.calls:,} calls at {verdict.rate:g}/s in {verdict.seconds:,.0f} s, "
        f"{verdict.failed} failed, {verdict.handled:,} handled, {verdict.recordings:,} recorded; "
        f"memory {grown} ({verdict.rss[5]:g} to {verdict.rss[9]:g} MB{slope_said}); leaked: {leaks}."
    )


@click.command()
@click.option("--calls", default=20_000, show_default=True)
@click.option("--rate", default=25.0, show_default=True, help="Calls a second.")
def main(*, calls: int, rate: float) -> None:
    """Soak the daemon; the last line is the verdict."""
    logs.configure()
    verdict = asyncio.run(soak(calls, rate))
    click.echo(told(verdict))
    click.echo(json.dumps({"soak": msgspec.to_builtins(verdict)}))
    sys.exit(verdict.result != "PASS")


if __name__ == "__main__":
    main()
