"""Where the blows fall: a private Asterisk, the daemon as a process of its own, and agents who are many SIPp phones."""

import asyncio
import contextlib
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from cti.desk import commands as ask
from cti.events import Fact
from cti.private_asterisk import AgentEndpoint, AsteriskSettings, PrivateAsterisk, private_asterisk
from cti.private_asterisk.model import REPOSITORY
from cti.settings import Settings
from cti.simulated.phone import free_udp_port
from cti.store.projections import decode_fact
from cti.store.store import Store
from cti.store.users import User
from tests.harness.books import Books
from tests.harness.desk import cheap_hash, log_in
from tests.harness.house import configured
from tests.harness.postgres import Postgres
from tests.harness.process import DaemonProcess, daemon_process

FIRST_EXTENSION = 1001
STRAIGHT, MENU = "4000", "4001"
QUEUE = {"label": {"zh": "售后服务", "en": "After-sales"}, "ring_s": 20, "wrap_up_s": 0}
AGI_PORT = 4573
"""Of a daemon in a place of its own, where every port is free."""
SIGNING_IN = 8
"""How many agents log in side by side."""


@dataclass(frozen=True, slots=True)
class Between:
    """How Asterisk and the daemon reach each other: two addresses, and what stands before the daemon's command."""

    asterisk: str = "127.0.0.1"
    daemon: str = "127.0.0.1"
    front: tuple[str, ...] = ()


class Ledger(Protocol):
    """What the daemon has stored, read beside it."""

    def facts(self) -> list[Fact]: ...


@dataclass(frozen=True, slots=True)
class PostgresBooks:
    postgres: Postgres
    url: str

    def facts(self) -> list[Fact]:
        """The ledger, in the order of publication."""
        bodies = [row["body"] for row in self.postgres.rows("SELECT body FROM facts ORDER BY id", self.url)]
        return [fact for body in bodies if isinstance(fact := decode_fact(body), Fact)]


@dataclass(slots=True)
class Stand:
    """`daemon` and `asterisk` are those that were started last; `contacts`: agent id -> where its SIPp answers."""

    root: Path
    asterisk: PrivateAsterisk
    settings: Settings
    agents_port: int
    contacts: dict[str, str]
    between: Between
    books: Ledger
    _asterisk: contextlib.AsyncExitStack
    start_s: float = 0.0
    """How long the daemon took to start, the last time."""
    _daemon: DaemonProcess | None = None
    _stack: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)

    @property
    def server(self) -> str:
        return f"127.0.0.1:{self.asterisk.sip_port}"

    @property
    def daemon(self) -> DaemonProcess:
        assert self._daemon is not None
        return self._daemon

    async def start(self) -> None:
        """The daemon, until it is ready."""
        fixed = [part for agent, contact in self.contacts.items() for part in ("--contact", f"{agent}={contact}")]
        process = daemon_process(self.root, *fixed, front=self.between.front)
        began = time.monotonic()
        self._daemon = await self._stack.enter_async_context(process)
        self.start_s = time.monotonic() - began

    async def sign_in(self) -> None:
        """Every agent is ready; a daemon that starts again knows that by itself."""
        few = asyncio.Semaphore(SIGNING_IN)

        async def one(agent: str) -> None:
            async with few, log_in(self.daemon.url, agent) as desk:
                await desk.ask(ask.SignIn, phone="desk")
                await desk.wait("me", reachable=True)
                await desk.ask(ask.Ready)

        async with asyncio.TaskGroup() as all_of_them:
            for agent in self.contacts:
                all_of_them.create_task(one(agent), name=f"sign in {agent}")

    async def kill_asterisk(self) -> None:
        """SIGKILL to Asterisk and all that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.asterisk.pid, signal.SIGKILL)
        await self._asterisk.aclose()

    async def start_asterisk(self) -> None:
        """As it was, on the same ports."""
        again = private_asterisk(self.asterisk.settings, installation=self.asterisk.installation)
        self.asterisk = await self._asterisk.enter_async_context(again)

    async def aclose(self) -> None:
        await self._stack.aclose()
        await self._asterisk.aclose()


@contextlib.asynccontextmanager
async def open_stand(
    root: Path, *, agents: int, between: Between | None = None, postgres: Postgres | None = None, **changes: Any
) -> AsyncIterator[Stand]:
    """All agents are ready when the body starts. `changes`: keys of config/laidian.yaml."""
    if postgres is not None:
        changes["database"] = await asyncio.to_thread(postgres.create)
    between = between or Between()
    port = free_udp_port()
    extensions = [str(FIRST_EXTENSION + number) for number in range(agents)]
    contacts = {extension: f"sip:{extension}@127.0.0.1:{port}" for extension in extensions}
    given = AsteriskSettings(
        run_dir=root / "asterisk",
        recordings_dir=root / "var" / "spool",
        rtp_ports=2000,
        agi_host=between.daemon,
        agi_port=0 if between == Between() else AGI_PORT,
        templates_dir=_templates(root / "templates", between),
        agents=tuple(AgentEndpoint(extension=e, contact=contacts[e], phone_secret="chaos") for e in extensions),
    )
    async with contextlib.AsyncExitStack() as closing:
        running = contextlib.AsyncExitStack()
        asterisk = await running.enter_async_context(private_asterisk(given))
        settings = _configured(root, asterisk, between, changes)
        books = Books(root / "var" / "laidian.db") if postgres is None else PostgresBooks(postgres, changes["database"])
        stand = Stand(root, asterisk, settings, port, contacts, between, books, running)
        closing.push_async_callback(stand.aclose)
        await _add_agents(settings, extensions)
        await stand.start()
        await stand.sign_in()
        yield stand


def _templates(folder: Path, between: Between) -> Path:
    """With a manager that listens where the daemon is, when that is somewhere else."""
    shutil.copytree(REPOSITORY / "asterisk", folder)
    if between.asterisk != Between().asterisk:
        manager = folder / "manager.conf"
        own = manager.read_text().replace("bindaddr = 127.0.0.1", "bindaddr = 0.0.0.0")
        manager.write_text(own.replace("writetimeout", f"permit = {between.daemon}/255.255.255.255\nwritetimeout", 1))
    return folder


def _configured(root: Path, asterisk: PrivateAsterisk, between: Between, changes: dict[str, Any]) -> Settings:
    flows = root / "config" / "flows"
    flows.mkdir(parents=True)
    for file in (Path(__file__).parent / "flows").glob("*.yaml"):
        shutil.copy(file, flows)
    hotlines = {STRAIGHT: "straight", MENU: "menu", "*": "menu"}
    settings = configured(root, asterisk, queues={"after_sales": QUEUE}, hotlines=hotlines, **changes)
    if between.asterisk == Between().asterisk:
        return settings
    elsewhere = {
        "agi": {"host": between.daemon, "port": asterisk.agi_port, "peers": [f"{between.asterisk}/32"]},
        "ami": {"host": between.asterisk, "port": asterisk.ami_port},
        "web": {"host": between.daemon, "port": 0},
    }
    return configured(root, asterisk, queues={"after_sales": QUEUE}, hotlines=hotlines, **changes, **elsewhere)


async def _add_agents(settings: Settings, extensions: list[str]) -> None:
    store = await Store.open(settings.database_url, spool=settings.path(settings.spool) / "facts", region="CN")
    try:
        for login in extensions:
            user = User(
                login=login, name=login, role="agent", password_hash=cheap_hash(login), extension=login,
                queues=("after_sales",),
            )  # fmt: skip
            await store.users.add(user, at=time.time())
    finally:
        await store.close()
