"""Who was together with whom, and when, by Asterisk's own events: a second manager connection that only listens."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from cti.ami.client import Account, AmiClient
from cti.ami.messages import Event
from tests.chaos.stand import Stand

WANTED = frozenset({"Newchannel", "BridgeEnter", "BridgeLeave"})
TRUNK = "PJSIP/trunk-"


@dataclass(slots=True)
class Heard:
    """A caller's channel by what Asterisk said of it; `talks` are (since, until), until 0 while it goes on.

    Unix seconds by Asterisk's clock.
    """

    channel: str
    number: str
    talks: list[tuple[float, float]] = field(default_factory=list)

    def talks_at(self, at: float) -> bool:
        return any(since <= at and (not until or at < until) for since, until in self.talks)


@dataclass(slots=True)
class Witness:
    """`callers` by the unique id of their channel, in the order in which they came."""

    callers: dict[str, Heard] = field(default_factory=dict)

    def hear(self, event: Event) -> None:
        if not event.get("Channel", "").startswith(TRUNK):
            return
        channel, at = event["Uniqueid"], float(event.get("Timestamp", "0"))
        caller = self.callers.setdefault(channel, Heard(channel, event.get("CallerIDNum", "")))
        match event.name:
            case "BridgeEnter":
                caller.talks.append((at, 0.0))
            case "BridgeLeave" if caller.talks:
                caller.talks[-1] = (caller.talks[-1][0], at)

    def of(self, number: str) -> list[Heard]:
        return [caller for caller in self.callers.values() if caller.number == number]


@contextlib.asynccontextmanager
async def witness(stand: Stand) -> AsyncIterator[Witness]:
    seen, up = Witness(), asyncio.Event()

    async def on_up(_client: AmiClient) -> None:
        up.set()

    asterisk = stand.asterisk
    account = Account(port=asterisk.ami_port, username=asterisk.ami_user, secret=asterisk.ami_secret)
    client = AmiClient(account, wanted=WANTED, on_event=seen.hear, on_up=on_up)
    running = asyncio.create_task(client.run(), name="witness")
    try:
        async with asyncio.timeout(15):
            await up.wait()
        yield seen
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
