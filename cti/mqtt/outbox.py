"""What waits to be published. Pure. Bounded, so that a broker that is away costs the daemon neither time nor memory."""

from collections import deque
from typing import Final

import msgspec

DEFAULT_LIMIT: Final = 10_000
"""Facts that wait: a minute of a floor that takes 15 calls a second."""


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """`payload` empty and `retain`: the broker forgets the retained state."""

    topic: str
    payload: bytes
    retain: bool = False
    expires_after_s: int | None = None


class Outbox:
    """Facts in their order, the oldest dropped when there are too many; of every state only the latest.

    `take()` gives a batch that stays here until `sent()`, so that a lost connection loses nothing: the batch is taken
    again afterwards (at least once, hence the `id` in every payload).
    """

    def __init__(self, limit: int = DEFAULT_LIMIT) -> None:
        self._limit = limit
        self._facts: deque[Outgoing] = deque()
        self._states: dict[str, bytes] = {}
        self._unsent: dict[str, None] = {}
        self._taken: tuple[Outgoing, ...] = ()
        self.dropped = 0

    def fact(self, message: Outgoing) -> None:
        self._facts.append(message)
        if len(self._facts) > self._limit:
            self._facts.popleft()
            self.dropped += 1

    def state(self, topic: str, payload: bytes) -> None:
        """Replace a retained state; empty: it is gone."""
        if self._states.get(topic) != payload:
            self._states[topic] = payload
            self._unsent[topic] = None

    def connected(self) -> None:
        """A new connection: the broker may have forgotten everything, so every state is sent again."""
        self._unsent.update(dict.fromkeys(self._states))

    def take(self, most: int) -> tuple[Outgoing, ...]:
        """The batch that was taken last and not sent, or the next one: states, then facts. Empty: nothing waits."""
        if not self._taken:
            states = [self._state(topic) for topic in list(self._unsent)[:most]]
            facts = [self._facts.popleft() for _ in range(min(most - len(states), len(self._facts)))]
            self._taken = (*states, *facts)
        return self._taken

    def sent(self) -> None:
        """What was taken last is with the broker."""
        self._taken = ()

    @property
    def waiting(self) -> int:
        return len(self._facts) + len(self._unsent) + len(self._taken)

    def _state(self, topic: str) -> Outgoing:
        del self._unsent[topic]
        payload = self._states[topic]
        if not payload:
            del self._states[topic]
        return Outgoing(topic=topic, payload=payload, retain=True)
