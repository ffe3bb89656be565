"""A second program that watches the same Asterisk: panoramisk 1.4 with a manager account that sees everything.

What it says it saw is compared with the facts of our own mirror. It shares no code with it.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any

from panoramisk import Manager  # type: ignore[import-untyped]

from cti.events import BridgeEntered, BridgeLeft, ChannelAnswered, ChannelCreated, ChannelHungUp, Fact
from cti.private_asterisk import PrivateAsterisk

UP = "6"
Seen = tuple[str, float, str]
"""(unique id, unix seconds, what: a name, a bridge, a cause)."""


@dataclass(slots=True)
class Account:
    """What somebody who watched has to say about each kind of event, in the order of time."""

    created: list[Seen] = field(default_factory=list)
    answered: list[Seen] = field(default_factory=list)
    entered: list[Seen] = field(default_factory=list)
    left: list[Seen] = field(default_factory=list)
    hung_up: list[Seen] = field(default_factory=list)


def our_account(facts: Iterable[Fact]) -> Account:
    """The same as the mirror's facts tell it."""
    account = Account()
    for fact in facts:
        match fact:
            case ChannelCreated():
                account.created.append((fact.channel, fact.at, fact.name))
            case ChannelAnswered():
                account.answered.append((fact.channel, fact.at, ""))
            case BridgeEntered():
                account.entered.append((fact.channel, fact.at, fact.bridge))
            case BridgeLeft():
                account.left.append((fact.channel, fact.at, fact.bridge))
            case ChannelHungUp():
                account.hung_up.append((fact.channel, fact.at, f"{fact.cause} {fact.cause_text}"))
    return account


class Witness:
    """`account` grows while it watches."""

    def __init__(self) -> None:
        self.account = Account()
        self._up: set[str] = set()

    def on_event(self, _manager: Manager, event: Any) -> None:
        uniqueid, at = event.uniqueid, float(event.timestamp or 0)
        match event.event:
            case "Newchannel":
                self.account.created.append((uniqueid, at, event.channel))
            case "Newstate" if event.channelstate == UP and uniqueid not in self._up:
                self._up.add(uniqueid)
                self.account.answered.append((uniqueid, at, ""))
            case "BridgeEnter":
                self.account.entered.append((uniqueid, at, event.bridgeuniqueid))
            case "BridgeLeave":
                self.account.left.append((uniqueid, at, event.bridgeuniqueid))
            case "Hangup":
                self.account.hung_up.append((uniqueid, at, f"{event.cause} {event['cause-txt']}"))

    async def until_all_gone(self, channels: int, within: float = 20) -> None:
        """Until at least so many channels have come and every one has gone."""
        deadline = time.monotonic() + within
        while len(self.account.created) < channels or len(self.account.hung_up) < len(self.account.created):
            assert time.monotonic() < deadline, f"not over within {within:g} s: {self.account}"
            await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def watching(asterisk: PrivateAsterisk) -> AsyncIterator[Witness]:
    """The Asterisk must run with `AsteriskSettings(witness=True)`."""
    witness = Witness()
    ready = asyncio.Event()
    manager = Manager(
        loop=asyncio.get_running_loop(),
        host="127.0.0.1",
        port=asterisk.ami_port,
        username="witness",
        secret=asterisk.witness_secret,
        on_login=lambda _: ready.set(),
        on_disconnect=lambda *_: None,
        reconnect_timeout=3600,
    )
    manager.register_event("*", witness.on_event)
    await manager.connect()
    async with asyncio.timeout(20):
        await ready.wait()
    try:
        yield witness
    finally:
        manager.close()
