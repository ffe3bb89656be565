"""The daemon as a process of its own, so that it can be killed."""

import asyncio
import contextlib
import os
import re
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LAIDIAN = Path(sys.executable).with_name("laidian")
READY_S = 180.0
READY = re.compile(r"ready: web (\S+), FastAGI port (\d+)")


def all_processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]


def parent_of(pid: int) -> int:
    """0 when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def tail(log_file: Path) -> str:
    return log_file.read_text(errors="replace")[-3000:]


@dataclass(slots=True)
class DaemonProcess:
    """A running `laidian daemon`; `url` is what a browser opens."""

    process: Process
    url: str
    agi_port: int
    log_file: Path

    @property
    def log(self) -> str:
        """What it and its predecessors in the same folder wrote to stderr."""
        return self.log_file.read_text(errors="replace")

    def children(self) -> list[int]:
        """Process ids of its own children."""
        return [pid for pid in all_processes() if parent_of(pid) == self.process.pid]

    def cpu_s(self) -> float:
        """Seconds of processor time that it has used, in user and system mode."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def kill(self) -> None:
        """SIGKILL: it cannot do anything about it."""
        self.process.kill()
        await self.process.wait()

    async def stop(self, within: float = 15) -> int:
        """SIGTERM; the exit code, negative for a signal. AssertionError, and a kill, when it does not end."""
        self.process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(within):
                return await self.process.wait()
        except TimeoutError:
            await self.kill()
            raise AssertionError(
                f"the daemon did not end within {within:g} s of SIGTERM:\n{tail(self.log_file)}"
            ) from None


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that ran to its end."""

    code: int
    out: str
    err: str


async def run_laidian(*arguments: str, env: Mapping[str, str] | None = None, within: float = READY_S) -> Ended:
    """Run a command that is expected to end by itself; AssertionError, and a kill, when it does not."""
    process = await asyncio.create_subprocess_exec(
        LAIDIAN, *arguments, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, env={**os.environ, **(env or {})}
    )
    try:
        async with asyncio.timeout(within):
            out, err = await process.communicate()
    except TimeoutError:
        process.kill()
        out, err = await process.communicate()
        raise AssertionError(f"laidian {' '.join(arguments)} did not end:\n{out.decode()}\n{err.decode()}") from None
    return Ended(process.returncode or 0, out.decode(), err.decode())


@contextlib.asynccontextmanager
async def daemon_process(root: Path, *arguments: str, front: Sequence[str] = ()) -> AsyncIterator[DaemonProcess]:
    """Ready for calls when the body starts; whatever is left of it at the end of the body is killed.

    `front` stands before the command, and ends by becoming it (`ip netns exec chaos`).
    """
    log_file = root / "daemon.log"
    with log_file.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *front, LAIDIAN, "daemon", "--root", str(root), *arguments, stdin=DEVNULL, stdout=PIPE, stderr=log
        )
    try:
        ready = await _ready(process)
        assert ready, f"the daemon is not ready (exit code {process.returncode}):\n{tail(log_file)}"
        yield DaemonProcess(process, *ready, log_file)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _ready(process: Process) -> tuple[str, int] | None:
    """None for one that has ended, or is not ready in time."""
    assert process.stdout is not None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(READY_S):
            while line := await process.stdout.readline():
                if found := READY.match(line.decode()):
                    return found[1], int(found[2])
            await process.wait()  # it closes its output a moment before it has ended
    return None
