"""A PostgreSQL of our own, which a test can kill, freeze, and have back.

    with private_postgres() as postgres:
        url = postgres.create()             # an empty database; what `database:` of config/laidian.yaml takes
        postgres.kill()                     # SIGKILL of every process of it: connections are refused
        postgres.start()                    # it recovers; what was committed is there
        postgres.freeze(); postgres.thaw()  # SIGSTOP, SIGCONT: connections are taken and never answered
        postgres.rows("SELECT ...", url)

It lives in a folder of its own under the system's temporary folder and listens on a Unix socket there, nowhere else.
Root may not run PostgreSQL: then it runs as the user `postgres`, whom Debian's package brings. Nothing is synced to
disk, so that it is quick; a kill -9 loses nothing by that. All calls block (`start` for about a second: call it by
`asyncio.to_thread`).
"""

import contextlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.harness.process import all_processes, parent_of

READY_S = 60.0
ROLE = "laidian"
_SETTINGS = (
    "listen_addresses=",
    "fsync=off",
    "full_page_writes=off",
    "shared_buffers=16MB",
    "max_connections=40",
    "log_min_messages=fatal",
)


class Postgres:
    """`folder` holds the data and the socket; `log` is what the server wrote."""

    def __init__(self, folder: Path, binaries: Path) -> None:
        self.folder = folder
        self._binaries = binaries
        self._names = (f"t{n}" for n in itertools.count(1))
        self._process: subprocess.Popen[bytes] | None = None
        self._frozen: list[int] = []

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def initialise(self) -> None:
        self._run(
            "initdb", "-D", str(self.folder / "data"), "-U", ROLE, "-A", "trust", "-E", "UTF8", "--no-locale", "-N"
        )

    def start(self) -> None:
        """Takes connections when this returns."""
        assert self._process is None, "it runs already"
        settings = (*_SETTINGS, f"unix_socket_directories={self.folder}")
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._binaries / "postgres", "-D", self.folder / "data", *(f"--{setting}" for setting in settings)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                **_as_somebody(),
            )
        deadline = time.monotonic() + READY_S
        ready = (self._binaries / "pg_isready", "-q", "-h", self.folder)
        while subprocess.run(ready, check=False).returncode:
            assert self._process.poll() is None, f"PostgreSQL ended at once:\n{self.log}"
            assert time.monotonic() < deadline, f"PostgreSQL is not ready within {READY_S:g} s:\n{self.log}"
            time.sleep(0.05)

    def kill(self) -> None:
        """SIGKILL of the server and of every connection's process."""
        process, self._process, self._frozen = self._process, None, []
        assert process is not None, "it does not run"
        family = self._family(process.pid)
        for pid in family:
            _signal(pid, signal.SIGKILL)
        process.wait()
        deadline = time.monotonic() + 10
        while any(parent_of(pid) for pid in family[1:]):  # init collects the orphans
            assert time.monotonic() < deadline, "processes of PostgreSQL are left"
            time.sleep(0.01)

    def stop(self) -> None:
        """In order, connections are cut off; nothing when it does not run."""
        self.thaw()
        if process := self._process:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
            self._process = None

    def freeze(self) -> None:
        """SIGSTOP: new connections are taken by the kernel, and nobody is ever answered."""
        assert self._process is not None, "it does not run"
        _signal(self._process.pid, signal.SIGSTOP)  # first, so that it has no more children
        self._frozen = self._family(self._process.pid)
        for pid in self._frozen[1:]:
            _signal(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        for pid in reversed(self._frozen):
            _signal(pid, signal.SIGCONT)
        self._frozen = []

    def create(self, *, like: str = "template1") -> str:
        """The URL of a new database, a copy of that of the URL or name `like` (to which nobody may be connected)."""
        name = next(self._names)
        self._sql("postgres", f'CREATE DATABASE "{name}" TEMPLATE "{_name(like)}"')
        return f"postgresql+asyncpg://{ROLE}@/{name}?host={self.folder}"

    def rows(self, query: str, url: str) -> list[dict[str, Any]]:
        """Column -> value as JSON has it. Waits as long as a frozen server does."""
        answer = self._sql(_name(url), f"SELECT coalesce(json_agg(q), '[]') FROM ({query}) q")
        return list(json.loads(answer))

    def _sql(self, database: str, statement: str) -> bytes:
        where = ("-h", str(self.folder), "-U", ROLE, "-d", database)
        return self._run("psql", *where, "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement)

    def _run(self, program: str, *arguments: str) -> bytes:
        done: subprocess.CompletedProcess[bytes] = subprocess.run(
            [self._binaries / program, *arguments], check=False, capture_output=True, cwd=self.folder, **_as_somebody()
        )
        assert done.returncode == 0, f"{program} failed:\n{done.stderr.decode(errors='replace')}"
        return done.stdout

    def _family(self, pid: int) -> list[int]:
        """The server, then its children (which have no children)."""
        return [pid, *(one for one in all_processes() if parent_of(one) == pid)]


def _name(url: str) -> str:
    return url.rpartition("/")[2] if "?" not in url else url.partition("?")[0].rpartition("/")[2]


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _as_somebody() -> dict[str, Any]:
    """Arguments of `subprocess` with which it does not run as root."""
    return {} if os.geteuid() else {"user": "postgres", "group": "postgres", "extra_groups": ()}


def _binaries() -> Path:
    """Debian keeps them out of the PATH, by major version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("postgres")
    assert on_path, "there is no PostgreSQL: make setup installs the Debian package"
    return Path(on_path).parent


@contextlib.contextmanager
def private_postgres() -> Iterator[Postgres]:
    """Running when the body starts; stopped and removed, with all its databases, after it."""
    folder = Path(tempfile.mkdtemp(prefix="laidian-pg-"))
    if not os.geteuid():
        shutil.chown(folder, "postgres", "postgres")
    postgres = Postgres(folder, _binaries())
    try:
        postgres.initialise()
        postgres.start()
        yield postgres
    finally:
        postgres.stop()
        shutil.rmtree(folder)
