"""How old events are when they reach us (pain 1: they arrive minutes late and nobody notices).

Asterisk stamps events by its own clock (`timestampevents = yes`), which on another machine is not ours: the answer to
every ping carries that clock too, and what it differs by is taken off.
"""

from collections.abc import Callable

from cti.ami.messages import Message


class EventAge:
    """Ages in seconds; `now` is unix seconds by our clock.

    `on_age` is told every age that is measured, `on_round_trip` how long each ping took.
    """

    __slots__ = ("_offset_s", "last_s", "on_age", "on_round_trip", "worst_s")

    def __init__(self) -> None:
        self._offset_s = 0.0
        self.last_s = 0.0
        self.worst_s = 0.0
        self.on_age: Callable[[float], None] = _nobody_listens
        self.on_round_trip: Callable[[float], None] = _nobody_listens

    def set_clock(self, answer: Message, sent: float, now: float) -> None:
        """Learn Asterisk's clock from the answer to a ping that left at `sent`."""
        self.on_round_trip(max(0.0, now - sent))
        stamp = _stamp(answer)
        if stamp is not None:
            self._offset_s = stamp - (sent + now) / 2

    def observe(self, event: Message, now: float) -> None:
        """Measure one event; without a time stamp nothing is learnt."""
        stamp = _stamp(event)
        if stamp is not None:
            self.last_s = max(0.0, now + self._offset_s - stamp)
            self.worst_s = max(self.worst_s, self.last_s)
            self.on_age(self.last_s)

    def take_worst(self) -> float:
        """The worst age since the last time this was asked."""
        worst, self.worst_s = self.worst_s, 0.0
        return worst


def _nobody_listens(_seconds: float) -> None:
    pass


def _stamp(message: Message) -> float | None:
    try:
        return float(message["Timestamp"])
    except (KeyError, ValueError):
        return None
