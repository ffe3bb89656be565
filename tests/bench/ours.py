"""The daemon's side of a bench: `laidian daemon` in a process of its own, with all agents signed in and ready.

`python -m tests.bench.ours ROOT` runs it; `serving` starts that and stops it in order. ROOT/bench.json holds the
agents' fixed contacts. The process is the daemon as it is delivered, log included; the agents' two commands are given
inside it, because a bench of calls needs no log-ins by password.
"""

import asyncio
import contextlib
import json
import logging
import secrets
import sqlite3
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cti.ami.age import EventAge
from cti.ami.messages import Message
from cti.daemon import event_loop
from cti.daemon.daemon import Daemon
from cti.daemon.running import running
from cti.desk import commands as ask
from cti.desk.audience import Actor
from cti.logs import logs
from cti.private_asterisk.model import REPOSITORY
from cti.settings import read
from cti.store.store import Store
from cti.store.users import User
from tests.bench.stage import HERE, MENU, STRAIGHT, Stage
from tests.harness.house import configured, until

QUEUE = {"label": {"zh": "售后服务", "en": "After-sales"}, "ring_s": 20, "wrap_up_s": 0}
SESSIONS = "sessions.json"
"""In the stage's folder: everybody's login and the token of a session."""
SESSION_S = 3600.0
START_S = 40.0
ASK_S = 10.0
STOP_S = 20.0


@dataclass(frozen=True, slots=True)
class House:
    """What is configured: `flows` by name (their text), `queues` as in queues.yaml, and who has which skills.

    Every agent of the stage is in every queue. `supervisors` are people who only look at the board; `browsers` are
    agents who work in a browser, with their queues, which are not the others'.
    """

    flows: Mapping[str, str]
    hotlines: Mapping[str, str]
    queues: Mapping[str, Mapping[str, object]]
    skills: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    supervisors: tuple[str, ...] = ()
    browsers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def queues_of(self, login: str) -> tuple[str, ...]:
        if login in self.supervisors:
            return ()
        apart = {queue for queues in self.browsers.values() for queue in queues}
        return self.browsers.get(login) or tuple(queue for queue in self.queues if queue not in apart)


def one_queue(supervisors: tuple[str, ...] = ()) -> House:
    """One queue, straight or behind a menu of one key, and agents without skills."""
    flows = {file.stem: file.read_text() for file in (HERE / "flows").glob("*.yaml")}
    return House(
        flows, {STRAIGHT: "straight", MENU: "menu", "*": "menu"}, {"after_sales": QUEUE}, supervisors=supervisors
    )


@dataclass(frozen=True, slots=True)
class Books:
    """What the daemon stored: interactions by outcome, recordings published, and those that failed."""

    outcomes: dict[str, int]
    recordings: int
    problems: int


@dataclass(frozen=True, slots=True)
class Side:
    """`url` is what a browser opens."""

    process: Process
    database: Path
    log: Path
    url: str

    def books(self) -> Books:
        """Read from the database itself, beside the daemon."""
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=5)) as database:
            outcomes = database.execute("select outcome, count(*) from interactions group by outcome").fetchall()
            done, wrong = database.execute(
                "select count(*) filter (where path != ''), count(*) filter (where problem != '') from recordings"
            ).fetchone()
        return Books(dict(outcomes), done, wrong)

    async def settled(self, calls: int, within: float, *, recorded: bool = True) -> tuple[Books, float]:
        """The books once `calls` are handled (and recorded), or when the time is up; and after how many seconds."""
        began = time.monotonic()
        while True:
            books = await asyncio.to_thread(self.books)
            took = time.monotonic() - began
            complete = books.outcomes.get("handled", 0) >= calls and (books.recordings >= calls or not recorded)
            if complete or took > within:
                return books, took
            await asyncio.sleep(0.2)

    async def ask(self, what: str) -> str:
        """A line of JSON from inside: the "ages" of the events since that was asked last, or how many are "waiting".

        Ages are noted from the first time on that they are asked for: a soak's memory is the daemon's own.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{what}\n".encode())
        async with asyncio.timeout(ASK_S):
            return (await self.process.stdout.readline()).decode()

    async def expect_handled(self, calls: int, within: float) -> None:
        """Raises RuntimeError with what is in the books unless `calls` are handled in time."""
        books, _ = await self.settled(calls, within, recorded=False)
        if books.outcomes != {"handled": calls}:
            raise RuntimeError(f"{calls} calls were made, and the books say {books.outcomes}")


@contextlib.asynccontextmanager
async def serving(stage: Stage, house: House | None = None) -> AsyncIterator[Side]:
    """The daemon, from the moment when it serves until it has stopped; by default with `one_queue`."""
    await _prepare(stage, house or one_queue())
    log = stage.root / "daemon.log"
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.bench.ours", str(stage.root),
            cwd=REPOSITORY, stdin=PIPE, stdout=PIPE, stderr=errors, limit=2**24,
        )  # fmt: skip
    try:
        assert process.stdout is not None
        async with asyncio.timeout(START_S):
            line = await process.stdout.readline()
        ready, _, url = line.decode().strip().partition(" ")
        if ready != "ready":
            raise RuntimeError(f"the daemon did not start: {log.read_text()[-2000:]}")
        yield Side(process, stage.root / "var" / "laidian.db", log, url)
    finally:
        await asyncio.shield(_stop(process))


async def _stop(process: Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def _prepare(stage: Stage, house: House) -> None:
    flows = stage.root / "config" / "flows"
    flows.mkdir(parents=True)
    for name, text in house.flows.items():
        (flows / f"{name}.yaml").write_text(text, encoding="utf-8")
    settings = configured(stage.root, stage.asterisk, queues=house.queues, hotlines=dict(house.hotlines))
    store = await Store.open(settings.database_url, spool=settings.path(settings.spool) / "facts", region="CN")
    try:
        tokens = {}
        for login in (*stage.contacts, *house.supervisors, *house.browsers):
            user = User(
                login=login,
                name=f"Agent {login}",
                role="supervisor" if login in house.supervisors else "agent",
                password_hash="",
                extension=login,
                queues=house.queues_of(login),
                skills=dict(house.skills.get(login, {})),
            )
            now = time.time()
            await store.users.add(user, at=now)
            tokens[login] = secrets.token_urlsafe(16)
            await store.sessions.add(tokens[login], login=login, csrf="", at=now, expires_at=now + SESSION_S)
        (stage.root / SESSIONS).write_text(json.dumps(tokens))
    finally:
        await store.close()
    (stage.root / "bench.json").write_text(json.dumps(stage.contacts))


async def _sign_in(daemon: Daemon, agent_id: str) -> None:
    member = daemon.roster.member(agent_id)
    actor = Actor(agent_id=agent_id, role=member.role, login=agent_id, name=member.profile.name)
    await daemon.commands.execute(ask.SignIn(id=1, phone="desk"), actor)
    await daemon.commands.execute(ask.Ready(id=2), actor)


async def _serve(root: Path) -> None:
    contacts = json.loads((root / "bench.json").read_text())
    settings = read(root)
    async with running(settings, contacts=contacts) as daemon:
        await until(lambda: len(daemon.roster.reachable) >= len(contacts), "all phones are reachable", within=START_S)
        for agent_id in contacts:
            await _sign_in(daemon, agent_id)
        event_loop.calm_down(realtime=settings.realtime)
        print("ready", daemon.url, flush=True)
        ages: list[float] | None = None
        while asked := await asyncio.to_thread(sys.stdin.readline):  # until the bench lets go
            print(json.dumps((ages or []) if asked == "ages\n" else daemon.status().waiting), flush=True)
            if asked == "ages\n":
                ages = _noted(daemon.nodes.nodes[0].ami.age)


def _noted(age: EventAge) -> list[float]:
    """What is observed from now on, until that is asked again; the daemon itself keeps the last and the worst."""
    seen: list[float] = []

    class Noted(EventAge):
        __slots__ = ()

        def observe(self, event: Message, now: float) -> None:
            super().observe(event, now)
            seen.append(self.last_s)

    age.__class__ = Noted
    return seen


if __name__ == "__main__":
    logs.configure(logging.INFO)
    event_loop.run(_serve(Path(sys.argv[1])))
