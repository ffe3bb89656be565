"""Somebody of the demo who is not signed in, played at a hard phone because nobody else is ready."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from cti.desk.commands import Ready, SaveWrapUp, SignIn, SignOut
from cti.desk.views import AgentView
from cti.errors import ActionFailed, CtiError, Unusable
from cti.floor.roster import PREFIXES
from cti.settings import Settings
from cti.simulated.person import Person, log_in
from cti.simulated.phone import Phone
from cti.store.demo import demo_password
from cti.web.resources import AgentList

AGENT_HZ = 1000
RING_S = 1.0
NOTICED_S = 5.0
POLL_S = 0.2


class CallFailed(CtiError):
    """The hotline did not do what a caller may expect."""


class NotOfTheDemo(CtiError):
    """This agent has a password of their own, or no hard phone."""


@dataclass(slots=True)
class StandIn:
    """Answers after a second of ringing and plays `AGENT_HZ`. `interaction_id`: whose form is closed at the end."""

    agent_id: str
    phone: Phone
    person: Person
    supervisor: Person
    interaction_id: str = ""

    @property
    def talks(self) -> bool:
        return any(call.up for call in self.phone.calls)

    async def ready(self) -> None:
        """Signs in and is ready as soon as the daemon knows the phone. Raises CallFailed when it never does."""
        await self.person.ask(SignIn(id=0, phone="desk"))
        deadline = time.monotonic() + NOTICED_S
        while time.monotonic() < deadline:
            agents = (await self.supervisor.get("/agents", AgentList)).items
            if any(agent.agent_id == self.agent_id and agent.reachable for agent in agents):
                await self.person.ask(Ready)
                return
            await asyncio.sleep(POLL_S)
        raise CallFailed(f"the daemon did not notice that the phone {self.phone.setup.user} has registered")

    async def leave(self) -> None:
        """As it was before: the form is closed, and the agent has gone."""
        with suppress(CtiError):
            if self.interaction_id:
                form = SaveWrapUp(id=0, interaction_id=self.interaction_id, note="make call", final=True)
                await self.person.ask(form)
        with suppress(CtiError):
            await self.person.ask(SignOut)


@asynccontextmanager
async def at_work(
    settings: Settings, view: AgentView, supervisor: Person, *, url: str, server: str
) -> AsyncIterator[StandIn]:
    """At the phone, not yet signed in. Raises NotOfTheDemo, and Unusable when the phone cannot register at `server`."""
    secret = _secrets(settings.path(Path("var/desk-phones.json"))).get(view.agent_id)
    if secret is None:
        raise NotOfTheDemo(f"{view.agent_id} has no hard phone")
    async with AsyncExitStack() as stack:
        try:
            person = await stack.enter_async_context(log_in(url, view.agent_id, demo_password(view.agent_id)))
        except ActionFailed as error:
            raise NotOfTheDemo(str(error)) from None
        phone = Phone(PREFIXES["desk"] + view.extension, server=server, secret=secret)
        await stack.enter_async_context(phone)
        await phone.play(AGENT_HZ)
        await phone.answer_all(after=RING_S)
        agent = StandIn(view.agent_id, phone, person, supervisor)
        stack.push_async_callback(agent.leave)
        yield agent


def _secrets(file: Path) -> dict[str, str]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError) as error:
        raise Unusable(f"the hard phones' secrets cannot be read from {file}: {error}") from error
