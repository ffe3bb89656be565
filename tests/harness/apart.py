"""A house whose daemon is a process of its own beside Asterisk: it can die, stay away, and come back."""

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cti.customers.numbers import canonical
from cti.desk import commands as ask
from cti.events import InteractionConnected, InteractionQueued, InteractionStarted
from cti.private_asterisk import PrivateAsterisk
from cti.private_asterisk.model import REPOSITORY
from cti.settings import Settings
from cti.simulated.phone import Phone
from tests.harness.books import Books
from tests.harness.desk import Desk, log_in
from tests.harness.house import add_people, configured, open_asterisk
from tests.harness.phones import agent_phone, caller_phone, outside_phone
from tests.harness.process import DaemonProcess, daemon_process


@dataclass(slots=True)
class Apart:
    """`daemon` is the one that was started last."""

    root: Path
    asterisk: PrivateAsterisk
    settings: Settings
    books: Books
    _stack: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)
    _daemon: DaemonProcess | None = None

    @property
    def daemon(self) -> DaemonProcess:
        assert self._daemon is not None
        return self._daemon

    async def start(self) -> DaemonProcess:
        self._daemon = await self._stack.enter_async_context(daemon_process(self.root))
        return self._daemon

    async def aclose(self) -> None:
        await self._stack.aclose()

    @property
    def server(self) -> str:
        return f"127.0.0.1:{self.asterisk.sip_port}"

    def agent(self, agent_id: str) -> Phone:
        """The hard phone of an agent; registers. The daemon must have run once."""
        secrets = json.loads((self.root / "var" / "desk-phones.json").read_text())
        return agent_phone(self.server, agent_id, secrets[agent_id])

    def caller(self, number: str = "13900000001", name: str = "") -> Phone:
        return caller_phone(self.server, number, name)

    def outside(self) -> Phone:
        return outside_phone(self.server, self.asterisk.settings.trunk_port)

    def desk(self, login: str) -> contextlib.AbstractAsyncContextManager[Desk]:
        """Somebody logged in at the daemon that runs now."""
        return log_in(self.daemon.url, login)

    async def ready(self, agent_id: str) -> None:
        """Signs in with the hard phone, which must have registered, and is ready; the desk is closed again."""
        async with self.desk(agent_id) as desk:
            await desk.ask(ask.SignIn, phone="desk")
            await desk.wait("me", reachable=True)
            await desk.ask(ask.Ready)

    async def enter_menu(self, caller: Phone) -> None:
        await caller.dial("4000")
        await caller.wait_established()
        await caller.wait_sound(0.3)

    async def interaction_of(self, caller: Phone) -> str:
        """Of the first call of this caller's number."""
        number = canonical(caller.setup.user, "CN")
        return (await self.books.wait(InteractionStarted, customer_number=number)).interaction_id

    async def enter_queue(self, caller: Phone, digits: str = "2") -> InteractionQueued:
        """Dials the hotline and presses `digits` while it speaks."""
        await self.enter_menu(caller)
        await caller.send_digits(digits)
        interaction = await self.interaction_of(caller)
        return await self.books.wait(InteractionQueued, interaction_id=interaction)

    async def talk(
        self, caller: Phone, agent: Phone, agent_id: str = "1001", digits: str = "2"
    ) -> InteractionConnected:
        """The two are connected, each playing a tone of its own if it was told to."""
        await agent.answer_all(after=0.1)
        await self.ready(agent_id)
        queued = await self.enter_queue(caller, digits)
        return await self.books.wait(InteractionConnected, interaction_id=queued.interaction_id)


@contextlib.asynccontextmanager
async def open_apart(
    root: Path, *, patience_s: int = 60, dialplan: Path = REPOSITORY / "dialplan", **changes: Any
) -> AsyncIterator[Apart]:
    """A daemon runs when the body starts. `changes`: keys of config/laidian.yaml, and `queues`."""
    async with open_asterisk(root, patience_s=patience_s, dialplan_dir=dialplan) as asterisk:
        settings = configured(root, asterisk, **changes)
        await add_people(settings)
        house = Apart(root, asterisk, settings, Books(root / "var" / "laidian.db"))
        try:
            await house.start()
            yield house
        finally:
            await house.aclose()
