"""The in-process bus: every fact is published once, in order, to every subscriber."""

from collections.abc import Callable

import structlog

from cti.events import Fact
from cti.logs.about import about

log = structlog.get_logger(__name__)

Listener = Callable[[Fact], None]
Unsubscribe = Callable[[], None]


class Bus:
    """Synchronous fan-out. A listener must not block; one that raises is logged and harms nobody else.

    A fact that a listener publishes while another is being delivered is delivered after it, so that every
    subscriber sees the same order. `afterwards` is called when all that one publication set off is delivered.
    """

    def __init__(self, afterwards: Callable[[], None] | None = None) -> None:
        self._afterwards = afterwards
        self.subject: Callable[[Fact], str] = _subject
        """The interaction that a fact is about, "" for none: its listeners' log lines say so."""
        self._listeners: tuple[tuple[type[Fact] | tuple[type[Fact], ...], Listener], ...] = ()
        self._hear: dict[type[Fact], tuple[Listener, ...]] = {}
        """Who hears of facts of exactly this type; worked out at the first one, and anew when the listeners change."""
        self._pending: list[Fact] = []
        self._delivering = False

    def subscribe(self, listener: Listener, kinds: type[Fact] | tuple[type[Fact], ...] = Fact) -> Unsubscribe:
        entry = (kinds, listener)
        self._listeners = (*self._listeners, entry)
        self._hear.clear()

        def unsubscribe() -> None:
            self._listeners = tuple(e for e in self._listeners if e is not entry)
            self._hear.clear()

        return unsubscribe

    def publish(self, fact: Fact) -> None:
        self._pending.append(fact)
        if self._delivering:
            return
        self._delivering = True
        try:
            while self._pending:
                self._deliver(self._pending.pop(0))
        finally:
            self._delivering = False
        if self._afterwards is not None:
            self._afterwards()

    def _deliver(self, fact: Fact) -> None:
        kind = type(fact)
        listeners = self._hear.get(kind)
        if listeners is None:
            listeners = tuple(listener for kinds, listener in self._listeners if issubclass(kind, kinds))
            self._hear[kind] = listeners
        if not listeners:
            return
        with about(self.subject(fact)):
            for listener in listeners:
                try:
                    listener(fact)
                except Exception:
                    log.exception("listener failed", fact=kind.__name__, listener=repr(listener))


def _subject(fact: Fact) -> str:
    return getattr(fact, "interaction_id", "")
