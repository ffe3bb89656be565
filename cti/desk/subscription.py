"""One browser's view of the hub: a snapshot, then changes, with sequence numbers of its own."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol

from cti.desk import frames
from cti.desk.audience import Actor
from cti.errors import CtiError


class SubscriptionClosed(CtiError):
    """Nothing more will come: the browser could not keep up, or the hub ends. It reconnects for a new snapshot."""


class Outlet(Protocol):
    """The way to the browser, for who cannot wait."""

    def free(self) -> bool:
        """Whether everything that was written before has left."""

    def write(self, message: bytes) -> None:
        """At once; only when it is free."""


class Subscription:
    """Filled by the hub, emptied by the socket's writer: `next()`, write, `written()`, again.

    With an `outlet` the hub writes by itself (`push`) while the way is free, so that a change is on its way before the
    event loop turns to anything else; the writer then has the snapshot to write, and what a slow browser leaves over.

    A newer change of the same entity takes the place of one that still waits, so that a slow browser jumps to the
    present instead of replaying the past; one that falls further behind than `limit` entities is closed.
    """

    def __init__(
        self,
        actor: Actor,
        *,
        limit: int,
        outlet: Outlet | None = None,
        on_fresh: "Callable[[Subscription], None] | None" = None,
    ) -> None:
        """`on_fresh`: called when there is something to `push`."""
        self.actor = actor
        self._outlet = outlet
        self._on_fresh = on_fresh
        self._writing = False
        self.seq = 0
        self._limit = limit
        self._waiting: dict[tuple[str, str], bytes] = {}
        self._notices: list[bytes] = []
        self._snapshot_due = True
        self._queued = 1
        self._taken = 0
        self._written = 0
        self._closed: str | None = None
        self._wake = asyncio.Event()
        self._wake.set()
        self._watchers: list[tuple[int, asyncio.Future[bool]]] = []

    @property
    def snapshot_due(self) -> bool:
        """No snapshot was taken yet; what changes until then will be in it."""
        return self._snapshot_due

    def queue(self, topic: str, key: str, part: bytes) -> None:
        if self._closed is not None or self._snapshot_due:
            return
        self._waiting.pop((topic, key), None)
        self._waiting[topic, key] = part
        self._queued += 1
        if len(self._waiting) > self._limit:
            self.close("the browser could not keep up")
        self._alert()

    def queue_all(self, parts: Iterable[tuple[tuple[str, str], bytes]]) -> None:
        """Some at once; nobody waits for these to be `flushed`."""
        if self._closed is not None or self._snapshot_due:
            return
        self._waiting.update(parts)
        if len(self._waiting) > self._limit:
            self.close("the browser could not keep up")
        self._alert()

    def notify(self, message: bytes) -> None:
        if self._closed is None and len(self._notices) < self._limit:
            self._notices.append(message)
            self._alert()

    def _alert(self) -> None:
        if self._on_fresh is None:
            self._wake.set()
        else:
            self._on_fresh(self)

    def pass_on(self, parts: "dict[tuple[str, str], bytes]", told: bytes) -> None:
        """What all of an audience are told alike: `told` (`frames.changes`) at once if nothing else waits, else `parts`
        are queued.
        """
        if self._waiting or self._notices or not self._is_free() or self._outlet is None:
            self.queue_all(parts.items())
            return
        self.seq += 1
        self._outlet.write(frames.numbered(self.seq, told))

    def push(self, at: float) -> None:
        """Write what waits, or leave it to the writer: while that is at work, and when the way is not free."""
        if self._outlet is None or not self._is_free():
            self._wake.set()
            return
        for message in self.take(at, []):
            self._outlet.write(message)
        self.written()

    def _is_free(self) -> bool:
        if self._writing or self._snapshot_due or self._closed is not None:
            return False
        return self._outlet is not None and self._outlet.free()

    async def ready(self) -> None:
        """Wait until there is something to write; raises SubscriptionClosed."""
        await self._wake.wait()
        if self._closed is not None:
            raise SubscriptionClosed(self._closed)

    def take(self, at: float, topics: list[bytes]) -> list[bytes]:
        """The messages to write now. `topics` is the present state, used when the snapshot is due."""
        self._wake.clear()
        self._writing = True
        self._taken = self._queued
        messages = []
        if self._snapshot_due:
            self._snapshot_due = False
            self.seq += 1
            messages.append(frames.snapshot(self.seq, at, self.actor, topics))
        elif self._waiting:
            self.seq += 1
            messages.append(frames.numbered(self.seq, frames.changes(at, self._waiting.values())))
        self._waiting.clear()
        messages += self._notices
        self._notices.clear()
        return messages

    def written(self) -> None:
        """What `take()` gave last is on the wire."""
        self._writing = False
        self._written = self._taken
        self._settle()

    async def flushed(self) -> bool:
        """True when everything queued so far is on the wire, False when the subscription was closed before."""
        if self._written >= self._queued:
            return self._closed is None
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._watchers.append((self._queued, future))
        self._settle()
        return await future

    def close(self, reason: str) -> None:
        if self._closed is None:
            self._closed = reason
            self._wake.set()
            self._settle()

    def _settle(self) -> None:
        still = []
        for target, future in self._watchers:
            if future.done():
                continue
            if self._written >= target:
                future.set_result(True)
            elif self._closed is not None:
                future.set_result(False)
            else:
                still.append((target, future))
        self._watchers = still
