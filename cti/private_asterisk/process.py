"""Starts one Asterisk as a child process, waits until it is booted, and stops it without leaving anything behind."""

import asyncio
import contextlib
import os
import resource
import shutil
import signal
import tempfile
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from cti.errors import Unusable
from cti.private_asterisk import ports, render
from cti.private_asterisk.installation import Installation, find_or_build
from cti.private_asterisk.model import AgentEndpoint, AsteriskSettings

BOOT_S = 30.0
STOP_S = 5.0
LONGEST_SOCKET = 100  # a unix socket's path may have 107 bytes
OPEN_FILES = 65536
NO_PORT = (
    "address already in use",
    "could not be started",
    "unable to bind",
    "failed to bind",
    "cannot assign requested",
)


@dataclass(frozen=True, slots=True)
class PrivateAsterisk:
    """A running Asterisk: its addresses, its files and its command line."""

    settings: AsteriskSettings
    installation: Installation
    pid: int
    log_file: Path
    cdr_file: Path
    recordings_dir: Path

    @property
    def sip_port(self) -> int:
        return self.settings.sip_port

    @property
    def ws_port(self) -> int:
        return self.settings.ws_port

    @property
    def ami_port(self) -> int:
        return self.settings.ami_port

    @property
    def ami_user(self) -> str:
        return self.settings.ami_user

    @property
    def ami_secret(self) -> str:
        return self.settings.ami_secret

    @property
    def witness_secret(self) -> str:
        """The secret of the manager account "witness", which exists only if the settings asked for it."""
        return self.settings.witness_secret

    @property
    def agi_port(self) -> int:
        """Where the dialplan expects the daemon's FastAGI server, at `settings.agi_host`."""
        return self.settings.agi_port

    async def cli(self, command: str) -> str:
        """The output of a command of Asterisk's own console. Raises Unusable when Asterisk does not answer."""
        return await _console(self.settings, self.installation, command)

    async def write_agents(self, *agents: AgentEndpoint) -> None:
        """Replaces all agents' endpoints and has Asterisk take them over; calls that go on are not touched."""
        render.write_agents(self.settings, agents)
        await self.cli("module reload res_pjsip.so")
        await self.cli("queue reload all")


@contextlib.asynccontextmanager
async def private_asterisk(
    settings: AsteriskSettings,
    *,
    installation: Installation | None = None,
    outlive_parent: bool = False,
) -> AsyncIterator[PrivateAsterisk]:
    """Runs Asterisk for the time of the `async with`.

    It ends with the body, with Ctrl-C, and - unless `outlive_parent` - also when this process is killed. Raises
    Unusable with one sentence (port in use, too old, module missing, what its log said) when it cannot run.
    """
    installed = installation if installation is not None else await asyncio.to_thread(find_or_build)
    with _control_dir(settings.run_dir.resolve()) as control_dir:
        settings = _with_ports(replace(settings, control_dir=control_dir))
        _prepare(settings, installed)
        child = await _spawn(settings, installed, outlive_parent=outlive_parent)
        try:
            await _booted(settings, installed, child)
            yield _running(settings, installed, child.pid)
        finally:
            await asyncio.shield(_stop(child))


def _secure(given: AsteriskSettings, name: str, host: str, port: int) -> int:
    return 0 if given.certificate is None else ports.claim_port(name, host, port, ports.TCP)


def _with_ports(given: AsteriskSettings) -> AsteriskSettings:
    run_dir = given.run_dir.resolve()
    return replace(
        given,
        run_dir=run_dir,
        sip_port=ports.claim_port("SIP port", given.bind, given.sip_port, ports.UDP),
        ws_port=ports.claim_port("SIP-over-websocket port", given.bind, given.ws_port, ports.TCP),
        sip_tls_port=_secure(given, "port of SIP over TLS", given.bind, given.sip_tls_port),
        wss_port=_secure(given, "port of secure websockets", given.bind, given.wss_port),
        ami_tls_port=_secure(given, "port of AMI over TLS", "127.0.0.1", given.ami_tls_port),
        ami_port=ports.claim_port("AMI port", "127.0.0.1", given.ami_port, ports.TCP),
        agi_port=given.agi_port or ports.claim_port("FastAGI port", given.agi_host, 0, ports.TCP),
        rtp_first=given.rtp_first or ports.pick_rtp_range(given.rtp_ports),
        recordings_dir=(given.recordings_dir or run_dir / "recordings").resolve(),
    )


@contextlib.contextmanager
def _control_dir(run_dir: Path) -> Iterator[Path]:
    if len(str(run_dir / "asterisk.ctl")) <= LONGEST_SOCKET:
        yield run_dir
        return
    with tempfile.TemporaryDirectory(prefix="laidian-ctl-") as short:
        yield Path(short)


def _prepare(settings: AsteriskSettings, installed: Installation) -> None:
    try:
        for folder in ("db", "log/cdr-custom", "spool/monitor", "keys"):
            (settings.run_dir / folder).mkdir(parents=True, exist_ok=True)
        if settings.recordings_dir:
            settings.recordings_dir.mkdir(parents=True, exist_ok=True)
        _log_file(settings).write_bytes(b"")
        render.render_all(settings, installed)
    except OSError as error:
        raise Unusable(f"{settings.run_dir} cannot hold Asterisk's files: {error}") from error
    if not any((settings.music_dir or installed.music_dir).glob("*.*")):
        raise Unusable(f"no music on hold in {settings.music_dir or installed.music_dir}; name a folder with some")


def _log_file(settings: AsteriskSettings) -> Path:
    return settings.run_dir / "log" / "messages.log"


def _config(settings: AsteriskSettings) -> str:
    return str(settings.run_dir / "etc" / "asterisk.conf")


def _confined(*, outlive_parent: bool) -> list[str]:
    """What stands before Asterisk's command: many open files, an end with the parent, and little of root's power."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limits = f"--nofile={min(max(soft, OPEN_FILES), hard)}:{hard}"
    front = [] if outlive_parent else ["--pdeathsig", "KILL"]
    if os.geteuid() == 0:
        front.append("--bounding-set=-all,+dac_override,+dac_read_search")
    return ["prlimit", limits, "setpriv", "--no-new-privs", *front, "--"]


async def _spawn(
    settings: AsteriskSettings, installed: Installation, *, outlive_parent: bool
) -> asyncio.subprocess.Process:
    if missing := [tool for tool in ("prlimit", "setpriv") if not shutil.which(tool)]:
        raise Unusable(f"the command {missing[0]} of Debian's package util-linux is missing")
    with (settings.run_dir / "log" / "console.log").open("wb") as console:
        return await asyncio.create_subprocess_exec(
            *_confined(outlive_parent=outlive_parent),
            *installed.command,
            *("-f", "-q", "-C", _config(settings)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            start_new_session=True,  # Ctrl-C is for us: we stop Asterisk in order
            cwd=settings.run_dir,
        )


async def _console(settings: AsteriskSettings, installed: Installation, command: str) -> str:
    child = await asyncio.create_subprocess_exec(
        *installed.command,
        *("-C", _config(settings), "-rx", command),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(BOOT_S):
            output, _ = await child.communicate()
    except TimeoutError as error:
        raise Unusable(f"Asterisk did not answer the console command {command!r} in {BOOT_S:.0f} s") from error
    finally:
        if child.returncode is None:
            child.kill()
    if child.returncode:
        raise Unusable(f"Asterisk's console refused {command!r}: {output.decode(errors='replace').strip()}")
    return output.decode(errors="replace")


async def _booted(settings: AsteriskSettings, installed: Installation, child: Process) -> None:
    control = (settings.control_dir or settings.run_dir) / "asterisk.ctl"
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(BOOT_S):
            while child.returncode is None and not control.exists():  # noqa: ASYNC110 - another process makes it
                await asyncio.sleep(0.05)
            while child.returncode is None:
                try:
                    await _console(settings, installed, "core waitfullybooted")
                except Unusable:  # the socket is there a moment before anybody listens on it
                    await asyncio.sleep(0.1)
                else:
                    return _check_started(settings, child)
            raise Unusable(f"Asterisk ended while it started: {_telling_line(settings)}")
    raise Unusable(f"Asterisk did not come up in {BOOT_S:.0f} s: {_telling_line(settings)}")


def _check_started(settings: AsteriskSettings, child: Process) -> None:
    log = _log_file(settings).read_text(errors="replace")
    if "ASTERISK EXITING" in log or child.returncode is not None:
        raise Unusable(f"Asterisk ended while it started: {_telling_line(settings)}")
    if complaint := port_complaint(log):
        raise Unusable(f"Asterisk could not open a port: {complaint}")


def port_complaint(log: str) -> str:
    """The first line of Asterisk's log that says that it could not listen somewhere, or nothing."""
    return next((line for line in log.splitlines() if any(sign in line.lower() for sign in NO_PORT)), "")


def _telling_line(settings: AsteriskSettings) -> str:
    lines: list[str] = []
    for path in (_log_file(settings), settings.run_dir / "log" / "console.log"):
        with contextlib.suppress(OSError):
            lines += [line for line in path.read_text(errors="replace").splitlines() if line.strip()]
    return next((line for line in lines if "ERROR" in line), lines[-1] if lines else "its log is empty")


def _running(settings: AsteriskSettings, installed: Installation, pid: int) -> PrivateAsterisk:
    return PrivateAsterisk(
        settings=settings,
        installation=installed,
        pid=pid,
        log_file=_log_file(settings),
        cdr_file=settings.run_dir / "log" / "cdr-custom" / "laidian.csv",
        recordings_dir=settings.recordings_dir or settings.run_dir,
    )


async def _stop(child: Process) -> None:
    """SIGTERM lets Asterisk hang up and write its files; what is left of its session after STOP_S is killed."""
    if child.returncode is None:
        child.terminate()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_S):
                await child.wait()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    await child.wait()
