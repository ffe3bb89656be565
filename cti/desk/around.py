"""What agents see of the floor around them, told to each browser once in a while instead of at once.

Five hundred agents who are each told of every state of five hundred colleagues would cost the floor more than the
calls. A change is kept here once, and each browser takes what came since its last turn. Turns are spread over the time,
so that never all browsers are written to in the same moment.
"""

import asyncio
import itertools

from cti.desk.subscription import Subscription

DEFAULT_PACE_S = 1.0
SLOTS = 50

Place = tuple[str, str]
"""Topic and key."""


class Around:
    """Each browser is in one of `SLOTS`, and has its turn once in `pace_s`, while there are changes."""

    def __init__(self, pace_s: float) -> None:
        self._pace_s = pace_s
        self._slots: list[dict[Subscription, None]] = [{} for _ in range(SLOTS)]
        self._slot_of: dict[Subscription, int] = {}
        self._next_slot = itertools.cycle(range(SLOTS))
        self._changed: dict[Place, tuple[int, bytes]] = {}
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
        self._changed.pop((topic, key), None)
        self._changed[topic, key] = self._turn, part
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
            parts = [(place, part) for place, (_, part) in self._changed.items()]
            for subscription in browsers:
                subscription.queue_all(parts)
        self._turn += 1
        while self._changed:
            oldest = next(iter(self._changed))
            if self._changed[oldest][0] > self._turn - SLOTS:
                self._timer = asyncio.get_running_loop().call_later(self._pace_s / SLOTS, self._take_turn)
                return
            del self._changed[oldest]
        self._idle.set()
