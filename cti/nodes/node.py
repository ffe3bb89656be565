"""One Asterisk as the daemon sees it: the link to it, the mirror of what it does, and what becomes of its calls."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection

import structlog

from cti.ami.client import Account, Alarm, AmiClient, Timing
from cti.ami.messages import Event
from cti.calls.tracker import WANTED, Tracker
from cti.errors import Unusable
from cti.events import Fact, LinkLost, LinkRestored

log = structlog.get_logger(__name__)

BOOT_ERROR_S = 1.5
"""How wrong the time of Asterisk's start may be: it is told in whole seconds."""


class Node:
    """`name` is "" for the only one. `run()` keeps the link up until it is cancelled; every fact goes to `publish`.

    While the link is down nobody knows what the node's calls do: they are in doubt, and the mirror stays as it was.
    They are over (`ChannelHungUp.lost`) when the Asterisk that answers afterwards turns out to be another one, started
    since, or when none has answered for `lost_after_s`. Of those, the channels that `customers()` names are told
    first: with the customer gone there is nothing left to decide about a leg.
    `on_up` is awaited once the mirror is right again, before `LinkRestored`.
    """

    def __init__(  # what it is, and whom it tells
        self,
        name: str,
        account: Account,
        timing: Timing,
        *,
        lost_after_s: float,
        publish: Callable[[Fact], None],
        customers: Callable[[], Collection[str]],
        on_up: Callable[["Node"], Awaitable[None]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self.tracker = Tracker()
        self.up = False
        """Whether it can be told something, and the mirror is right."""
        self.booted_at: float | None = None
        """When the Asterisk of the latest session was started."""
        self._lost_after_s = lost_after_s
        self._publish = publish
        self._customers = customers
        self._came_up = on_up
        self._clock = clock
        self._up_at: float | None = None
        self._down_since: float | None = None
        self._giving_up: asyncio.TimerHandle | None = None
        self.ami = AmiClient(
            account,
            wanted=WANTED,
            on_event=self._on_event,
            on_up=self._on_up,
            on_down=self._on_down,
            on_alarm=self._on_alarm,
            timing=timing,
        )

    async def run(self) -> None:
        try:
            await self.ami.run()
        finally:
            self._give_up_later(None)

    async def reload_endpoints(self) -> None:
        """Have Asterisk read what was written of the agents' phones; a fixed contact is told by no event."""
        for module in ("res_pjsip.so", "app_queue.so"):
            await self.ami.action("ModuleLoad", {"Module": module, "LoadType": "reload"})
        endpoints = await self.ami.list_action("PJSIPShowEndpoints")
        for fact in self.tracker.resync_contacts(endpoints, self._clock()):
            self._publish(fact)

    def _on_event(self, event: Event) -> None:
        for fact in self.tracker.feed(event, self._clock()):
            self._publish(fact)

    async def _on_up(self, ami: AmiClient) -> None:
        """After each log-in: the mirror is made equal to what this Asterisk does now."""
        asked_at = self._clock()
        self.booted_at = ami.booted_at
        if self.name:
            await self._check_name(ami)
        if self._is_another():
            log.warning("Asterisk was started anew", node=self.name, channels=len(self.tracker.channels()))
            self._lose()
        channels = await ami.list_action("CoreShowChannels")
        contacts = await ami.list_action("PJSIPShowEndpoints")
        facts = self.tracker.resync(channels, self._clock(), asked_at=asked_at, contacts=contacts)
        self.up = True
        for fact in facts:
            self._publish(fact)
        await self._came_up(self)
        now, since = self._clock(), self._down_since
        self._up_at, self._down_since = now, None
        self._give_up_later(None)
        self._publish(LinkRestored(at=now, down_s=now - since if since is not None else 0.0))

    async def _check_name(self, ami: AmiClient) -> None:
        """Channels of several Asterisks are told apart by it."""
        own = (await ami.action("Getvar", {"Variable": "SYSTEMNAME"})).get("Value", "")
        if own != self.name:
            raise Unusable(
                f"the Asterisk of the node {self.name} calls itself {own!r}: "
                f"it needs systemname = {self.name} in its asterisk.conf"
            )

    def _is_another(self) -> bool:
        """Whether this Asterisk is younger than our last session."""
        return self._up_at is not None and self.booted_at is not None and self.booted_at > self._up_at + BOOT_ERROR_S

    def _on_down(self, reason: str) -> None:
        """Also for a session that had not come up: of an outage the first counts."""
        was_up, self.up = self.up, False
        if self._down_since is not None and not was_up:
            return
        if self._down_since is None:
            self._down_since = self._clock()
            self._give_up_later(self._lost_after_s)
        self._publish(LinkLost(at=self._down_since, reason=reason))

    def _give_up_later(self, after_s: float | None) -> None:
        if self._giving_up is not None:
            self._giving_up.cancel()
        loop = asyncio.get_running_loop()
        self._giving_up = None if after_s is None else loop.call_later(after_s, self._give_up)

    def _give_up(self) -> None:
        log.error("Asterisk stays away: its calls count as ended", node=self.name, after_s=self._lost_after_s)
        self._lose()

    def _lose(self) -> None:
        since = self._down_since if self._down_since is not None else self._clock()
        for fact in self.tracker.lose(since, first=frozenset(self._customers())):
            self._publish(fact)

    def _on_alarm(self, alarm: Alarm) -> None:
        log.warning("alarm", node=self.name, kind=alarm.kind, active=alarm.active, text=alarm.text)
