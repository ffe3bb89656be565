"""Runs SIPp: hundreds of silent callers and agents from one process each.

async with sipp(scenarios.agent(hang_up_after_ms=1000), server=server, port=5090) as agents:
    result = await run_sipp(scenarios.caller(keys="2"), server=server, host="127.0.0.2", calls=200, rate=20)
"""

import asyncio
import contextlib
import csv
import shutil
import signal
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec

from cti.errors import DeadlineExceeded, Unusable
from cti.simulated.phone import free_udp_port

STOP_S = 1.5
_BAD_EXIT = {254, 255}
"""SIPp's codes for "could not start"; others tell how the calls went, which its counts tell better."""


class SippCounts(msgspec.Struct, frozen=True, kw_only=True):
    """`answered_ms` is the mean from INVITE to 200 for a caller, 0 when no call was answered."""

    created: int
    successful: int
    failed: int
    most_at_once: int
    elapsed_s: float
    answered_ms: float

    @property
    def clean(self) -> bool:
        return self.failed == 0 and self.successful == self.created


class Sipp:
    """One running SIPp; see `sipp`."""

    def __init__(self, process: Process, folder: Path, port: int) -> None:
        self.port = port
        self._process = process
        self._folder = folder

    async def wait(self, within: float) -> SippCounts:
        """Until all its calls are over. Raises DeadlineExceeded, Unusable when it could not run at all."""
        try:
            async with asyncio.timeout(within):
                code = await self._process.wait()
        except TimeoutError as error:
            raise DeadlineExceeded(f"SIPp's calls were not over after {within:g} s: {self.counts()}") from error
        if code in _BAD_EXIT:
            raise Unusable(f"SIPp did not run: {await self._complaint()}")
        return self.counts()

    async def stop(self) -> None:
        """Let it end its calls (SIGUSR1), then make it go."""
        for ask in (signal.SIGUSR1, signal.SIGTERM, signal.SIGKILL):
            if self._process.returncode is not None:
                return
            self._process.send_signal(ask)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOP_S):
                    await self._process.wait()

    def counts(self) -> SippCounts:
        """What its statistics said last; it writes them every second and at its end."""
        return parse_counts(_read(self._folder / "stat.csv"))

    def errors(self) -> str:
        """What SIPp found wrong with single calls."""
        return "".join(_read(path) for path in sorted(self._folder.glob("*errors*")))

    async def _complaint(self) -> str:
        said = b"" if self._process.stderr is None else await self._process.stderr.read()
        lines = (said.decode("utf-8", "replace") + self.errors()).strip().splitlines()
        return lines[-1] if lines else "it said nothing"


@contextlib.asynccontextmanager
async def sipp(
    scenario: str,
    *,
    server: str,
    host: str = "127.0.0.1",
    port: int = 0,
    service: str = "4000",
    calls: int | None = None,
    rate: float = 10.0,
    at_once: int | None = None,
    rows: Sequence[str] = (),
) -> AsyncIterator[Sipp]:
    """SIPp with one of `scenarios`, for the time of the `async with`.

    `server` is "host:port"; `service` the number that callers dial; `calls` how many there are, None for no end;
    `rate` new calls a second; `at_once` how many may be up, None for any number. `rows`: one for each call in turn,
    with what [field0], [field1] and so on are in it, divided by ";". Raises Unusable without SIPp.
    """
    program = shutil.which("sipp")
    if program is None:
        raise Unusable("SIPp is missing: apt-get install sip-tester")
    port = port or free_udp_port(host)
    with tempfile.TemporaryDirectory(prefix="sipp-") as name:
        folder = Path(name)
        (folder / "scenario.xml").write_text(scenario, encoding="utf-8")
        limits = [*(["-m", str(calls)] if calls else []), *(["-l", str(at_once)] if at_once else [])]
        address = ["-i", host, "-p", str(port), "-mi", host, "-s", service, "-r", f"{rate:g}", *limits]
        files = ["-sf", "scenario.xml", "-trace_stat", "-stf", "stat.csv", "-fd", "1", "-trace_err"]
        if rows:
            (folder / "rows.csv").write_text("\n".join(("SEQUENTIAL", *rows, "")), encoding="utf-8")
            files += ["-inf", "rows.csv"]
        quiet = ["-nostdin", "-timeout_error", "-recv_timeout", "600000", "-max_socket", "50000"]
        process = await asyncio.create_subprocess_exec(
            program, *files, *address, *quiet, server, cwd=folder, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE
        )
        running = Sipp(process, folder, port)
        try:
            yield running
        finally:
            await asyncio.shield(running.stop())


async def run_sipp(scenario: str, *, server: str, calls: int, within: float = 60.0, **how: object) -> SippCounts:
    """All calls of a scenario to their end; `how` and errors as for `sipp` and `Sipp.wait`."""
    async with sipp(scenario, server=server, calls=calls, **how) as running:  # type: ignore[arg-type]
        return await running.wait(within)


def parse_counts(statistics: str) -> SippCounts:
    """The last line of a file that `-trace_stat` wrote ((C) columns are cumulative); zeros for an empty one."""
    rows = list(csv.DictReader(statistics.splitlines(), delimiter=";"))
    last = rows[-1] if rows else {}

    def count(column: str) -> int:
        text = last.get(column) or "0"
        return int(text) if text.isdecimal() else 0

    return SippCounts(
        created=count("TotalCallCreated"),
        successful=count("SuccessfulCall(C)"),
        failed=count("FailedCall(C)"),
        most_at_once=max(
            (int(row["CurrentCall"]) for row in rows if row.get("CurrentCall", "").isdecimal()), default=0
        ),
        elapsed_s=round(_epoch(last.get("CurrentTime") or "") - _epoch(last.get("StartTime") or ""), 3),
        answered_ms=_seconds(last.get("ResponseTime1(C)") or "") * 1000,
    )


def _seconds(clock: str) -> float:
    """Of `00:00:01:250000` (SIPp 3.6) or `00:00:01.250`; 0 for anything else."""
    parts = clock.replace(".", ":").split(":")
    if len(parts) != 4 or not all(part.isdecimal() for part in parts):  # noqa: PLR2004 (h, m, s, fraction)
        return 0.0
    hours, minutes, seconds, fraction = parts
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{fraction}")


def _epoch(stamp: str) -> float:
    """The last part of date, clock and unix seconds, which tabs divide."""
    return float(stamp.rpartition("\t")[2] or 0)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
