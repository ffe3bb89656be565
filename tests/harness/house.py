"""The whole house: a private Asterisk, the daemon in this process, demo-like people, and phones around it."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from cti.daemon.daemon import Daemon
from cti.daemon.running import running
from cti.desk import commands as ask
from cti.desk.audience import Actor
from cti.events import Fact, InteractionConnected, InteractionQueued, Role
from cti.private_asterisk import AsteriskSettings, PrivateAsterisk
from cti.private_asterisk.model import REPOSITORY
from cti.settings import Settings, read
from cti.simulated.phone import Phone
from cti.store.store import Store
from cti.store.users import User
from tests.harness.asterisk import open_private
from tests.harness.desk import cheap_hash
from tests.harness.phones import TRUNK_HOST, agent_phone, caller_phone, outside_phone
from tests.harness.ports import udp_port

AnyFact = TypeVar("AnyFact", bound=Fact)

QUEUES: Mapping[str, dict[str, object]] = {
    "after_sales": {"label": {"zh": "售后服务", "en": "After-sales"}, "ring_s": 5, "wrap_up_s": 30},
    "complaints": {"label": {"zh": "投诉", "en": "Complaints"}, "priority": 8, "ring_s": 5, "wrap_up_s": 30},
    "operator": {"label": {"zh": "总机", "en": "Operator"}, "priority": 3, "ring_s": 5, "wrap_up_s": 30},
    "after_sales_en": {"label": {"zh": "英文售后", "en": "English"}, "ring_s": 5, "wrap_up_s": 30},
}

PEOPLE: tuple[tuple[str, str, Role, tuple[str, ...]], ...] = (
    ("1001", "李娜", "agent", ("after_sales", "operator")),
    ("1002", "王强", "agent", ("complaints",)),
    ("1003", "Emma Clarke", "agent", ("after_sales_en",)),
    ("2001", "陈静", "supervisor", ()),
    ("9001", "管理员", "admin", ()),
)


@dataclass(slots=True)
class House:
    """`facts` is everything that went over the bus, in order."""

    asterisk: PrivateAsterisk
    daemon: Daemon
    facts: list[Fact] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, fact: Fact) -> None:
        self.facts.append(fact)
        self._news.set()

    def of(self, kind: type[AnyFact], **having: object) -> list[AnyFact]:
        """The facts of a kind whose fields have these values."""
        return [
            fact
            for fact in self.facts
            if isinstance(fact, kind) and all(getattr(fact, name) == value for name, value in having.items())
        ]

    async def wait(self, kind: type[AnyFact], *, within: float = 30, count: int = 1, **having: object) -> AnyFact:
        """The `count`-th such fact, as soon as there is one; AssertionError with what came instead."""
        try:
            async with asyncio.timeout(within):
                while len(found := self.of(kind, **having)) < count:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            came = "\n".join(repr(fact)[:200] for fact in self.facts[-25:])
            raise AssertionError(f"no {kind.__name__} {having} within {within} s; the last facts:\n{came}") from None
        return found[count - 1]

    @property
    def server(self) -> str:
        return f"127.0.0.1:{self.asterisk.sip_port}"

    def agent(self, agent_id: str) -> Phone:
        """The hard phone of an agent or supervisor; registers."""
        extension = self.daemon.roster.profile(agent_id).extension
        return agent_phone(self.server, extension, self.daemon.phones.hard_secret(agent_id))

    def caller(self, number: str = "13900000001", name: str = "", *, keep: Path | None = None) -> Phone:
        return caller_phone(self.server, number, name, keep)

    def outside(self) -> Phone:
        return outside_phone(self.server, self.asterisk.settings.trunk_port)

    def actor(self, agent_id: str) -> Actor:
        member = self.daemon.roster.member(agent_id)
        return Actor(agent_id=agent_id, role=member.role, login=agent_id, name=member.profile.name)

    async def ask(self, who: str, command: type[ask.Command], /, **arguments: Any) -> dict[str, Any] | None:
        """What the websocket does with a command of this person."""
        return await self.daemon.commands.execute(command(id=1, **arguments), self.actor(who))  # type: ignore[arg-type]

    async def enter_queue(self, caller: Phone, digits: str = "2", *, count: int = 1) -> InteractionQueued:
        """Dials the hotline and presses `digits` while it speaks; the `count`-th caller to be queued."""
        await caller.dial("4000")
        await caller.wait_established()
        await caller.wait_sound(0.3)
        await caller.send_digits(digits)
        return await self.wait(InteractionQueued, count=count)

    async def talk(
        self, caller: Phone, agent: Phone, agent_id: str = "1001", digits: str = "2"
    ) -> InteractionConnected:
        """The two are connected, each playing a tone of its own if it was told to."""
        await agent.answer_all(after=0.1)
        await self.ready(agent_id)
        queued = await self.enter_queue(caller, digits, count=len(self.of(InteractionQueued)) + 1)
        return await self.wait(InteractionConnected, interaction_id=queued.interaction_id)

    async def ready(self, agent_id: str) -> None:
        """Signs in with the hard phone, which must have registered, and is ready."""
        await until(lambda: f"d{agent_id}" in self.daemon.roster.reachable, f"the phone of {agent_id} is registered")
        await self.ask(agent_id, ask.SignIn, phone="desk")
        await self.ask(agent_id, ask.Ready)


async def until(true: Callable[[], object], what: str, within: float = 30) -> None:
    """Polls, for what has no event of its own."""
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline, f"not within {within} s: {what}"
        await asyncio.sleep(0.02)


def write_config(root: Path, **changes: Any) -> None:
    """`root/config` like the repository's, on loopback with free ports, and quick."""
    (root / "config").mkdir(parents=True, exist_ok=True)
    for name, target in (("config/flows", "config/flows"), ("ivr_prompts", "ivr_prompts")):
        if not (root / name).exists():
            (root / name).symlink_to(REPOSITORY / target)
    settings = yaml.safe_load((REPOSITORY / "config" / "laidian.yaml").read_text())
    if not (root / "config" / "flows").is_symlink():
        settings["agent_flows"] = []  # those of the repository are not in flows of one's own
    queues = changes.pop("queues", QUEUES)
    if opening := changes.pop("opening_hours", None):
        (root / "config" / "opening_hours.yaml").write_text(yaml.safe_dump({"opening_hours": opening}))
    for key, value in changes.items():
        settings[key] = {**settings.get(key, {}), **value} if isinstance(value, dict) else value
    (root / "config" / "laidian.yaml").write_text(yaml.safe_dump(settings, allow_unicode=True))
    (root / "config" / "queues.yaml").write_text(yaml.safe_dump({"queues": dict(queues)}, allow_unicode=True))


def configured(root: Path, asterisk: PrivateAsterisk, **changes: Any) -> Settings:
    (root / "var").mkdir(exist_ok=True)
    (root / "var" / "ami.secret").write_text(asterisk.ami_secret)
    (root / "var" / "ami.secret").chmod(0o600)
    write_config(
        root,
        web={"port": 0, **changes.pop("web", {})},
        agi={"port": asterisk.agi_port, **changes.pop("agi", {})},
        ami={"port": asterisk.ami_port, **changes.pop("ami", {})},
        sip={
            "port": asterisk.sip_port,
            "websocket_port": asterisk.ws_port,
            "asterisk_dir": str(asterisk.settings.run_dir),
        },
        **changes,
    )
    return read(root)


async def add_people(settings: Settings, changes: Mapping[str, Mapping[str, Any]] = {}) -> None:
    """`PEOPLE`, with what `changes` say of each (login -> fields of `User`)."""
    store = await Store.open(settings.database_url, spool=settings.path(settings.spool) / "facts", region="CN")
    try:
        for login, name, role, queues in PEOPLE:
            secret = cheap_hash(login)
            user = User(login=login, name=name, role=role, password_hash=secret, extension=login, queues=queues)
            await store.users.add(msgspec.structs.replace(user, **changes.get(login, {})), at=time.time())
    finally:
        await store.close()


@contextlib.asynccontextmanager
async def open_asterisk(
    root: Path, *, witness: bool = False, patience_s: int = 20, **more: Any
) -> AsyncIterator[PrivateAsterisk]:
    """`more`: fields of `AsteriskSettings`."""
    settings = AsteriskSettings(
        run_dir=root / "asterisk",
        trunk_port=udp_port(TRUNK_HOST),
        witness=witness,
        patience_s=patience_s,
        recordings_dir=root / "var" / "spool",
        **more,
    )
    async with open_private(settings) as asterisk:
        yield asterisk


@contextlib.asynccontextmanager
async def open_house(root: Path, *, witness: bool = False, **changes: Any) -> AsyncIterator[House]:
    """`changes`: keys of config/laidian.yaml, `queues`, `opening_hours`, and `people` (see `add_people`)."""
    people = changes.pop("people", {})
    async with open_asterisk(root, witness=witness) as asterisk:
        settings = configured(root, asterisk, **changes)
        await add_people(settings, people)
        async with running(settings) as daemon:
            house = House(asterisk, daemon)
            daemon.bus.subscribe(house.hear)
            yield house
