"""What agents see of the floor around them, told to each browser once in a while instead of at once.

Five hundred agents who are each told of every state of five hundred colleagues would cost the floor more than the
calls. A change is kept here once, and each browser takes what came since its last turn. Turns are spread over the time,
so that never all browsers are written to in the same moment.
"""

import asyncio
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cti.desk.subscription import Subscription

DEFAULT_PACE_S = 1.0
SLOTS = 50

Place = tuple[str, str]
"""Topic and key."""


@dataclass(frozen=True, slots=True)
class Change:
    """The newest of an entity, since `turn`. One of `OF_QUEUE` is in `queue` now ("" for nowhere) and was in `left`.

    `part` is for who sees it; `dropped` for who saw it, and does not any more.
    """

    turn: int
    part: bytes
    queue: str = ""
    left: frozenset[str] = frozenset()
    dropped: bytes = b""

    def part_for(self, own: frozenset[str]) -> bytes | None:
        """What an agent of these queues is told, None for nothing."""
        if self.queue in own:
            return self.part
        return None if self.left.isdisjoint(own) else self.dropped


class Around:
    """Each browser is in one of `SLOTS`, and has its turn once in `pace_s`, while there are changes."""

    def __init__(self, pace_s: float, queues_of: Callable[[str], frozenset[str]]) -> None:
        """`queues_of` an agent, now."""
        self._pace_s = pace_s
        self._queues_of = queues_of
        self._slots: list[dict[Subscription, None]] = [{} for _ in range(SLOTS)]
        self._slot_of: dict[Subscription, int] = {}
        self._next_slot = itertools.cycle(range(SLOTS))
        self._changed: dict[Place, Change] = {}
        self._turn = 0
        self._timer: asyncio.TimerHandle | None = None
        self._idle = asyncio.Event()
        self._idle.set()

    def add(self, subscription: Subscription) -> None:
        slot = self._slot_of[subscription] = next(self._next_slot)
        self._slots[slot][subscription] = None

    def discard(self, subscription: Subscription) -> None:
        slot = self._slot_of.pop(subscription, None)
        if slot is not None:
            self._slots[slot].pop(subscription, None)

    def put(self, topic: str, key: str, part: bytes) -> None:
        """The newest change of this entity; all browsers get it at their next turn."""
        self._put((topic, key), Change(self._turn, part))

    def put_in_queue(  # noqa: PLR0917  # an entity, where it was and is
        self, topic: str, key: str, was_in: str, queue: str, part: bytes, dropped: bytes
    ) -> None:
        """The newest change of an entity of `OF_QUEUE`; the browsers get it of those who see or saw it."""
        before = self._changed.get((topic, key))
        left = (before.left if before else frozenset[str]()) | {was_in} - {queue, ""}
        self._put((topic, key), Change(self._turn, part, queue, left, dropped))

    def gone_from(self, topic: str, queues: frozenset[str]) -> Iterator[tuple[Place, bytes]]:
        """What is not there any more of these queues, and perhaps still on the screens."""
        for place, change in self._changed.items():
            if place[0] == topic and change.queue not in queues and not change.left.isdisjoint(queues):
                yield place, change.dropped

    def _put(self, place: Place, change: Change) -> None:
        self._changed.pop(place, None)
        self._changed[place] = change
        if self._timer is None:
            self._idle.clear()
            self._timer = asyncio.get_running_loop().call_later(self._pace_s / SLOTS, self._take_turn)

    async def settled(self) -> None:
        """Wait until all browsers have been given all that changed."""
        await self._idle.wait()

    def _take_turn(self) -> None:
        """One slot's browsers; what all slots have had since it came is forgotten."""
        self._timer = None
        browsers = self._slots[self._turn % SLOTS]
        if browsers:
            of_queues = [(place, change) for place, change in self._changed.items() if change.dropped]
            parts = [(place, change.part) for place, change in self._changed.items() if not change.dropped]
            for subscription in browsers:
                subscription.queue_all(parts)
                if of_queues:
                    own = self._queues_of(subscription.actor.agent_id)
                    seen = ((place, change.part_for(own)) for place, change in of_queues)
                    subscription.queue_all([(place, part) for place, part in seen if part is not None])
        self._turn += 1
        while self._changed:
            oldest = next(iter(self._changed))
            if self._changed[oldest].turn > self._turn - SLOTS:
                self._timer = asyncio.get_running_loop().call_later(self._pace_s / SLOTS, self._take_turn)
                return
            del self._changed[oldest]
        self._idle.set()
