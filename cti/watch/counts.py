"""Facts counted from the start of the daemon on. Pure. What can be looked up when somebody asks is not counted here."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from cti.events import (
    AgentStateChanged,
    CommandAudited,
    Fact,
    InteractionConnected,
    InteractionEnded,
    InteractionOverflowed,
    InteractionStarted,
    OfferEnded,
    RecordingFailed,
    RecordingPublished,
    RecordingStarted,
    SegmentEnded,
)
from cti.watch.histogram import TALK_S, WAIT_S, Histogram


class FactCounts:
    """Subscribe `on_fact` to the bus for `hears`.

    Keys are words of `cti/events.py` and queues, never people or numbers.
    """

    def __init__(self) -> None:
        self.started: Counter[tuple[str, str]] = Counter()
        """By (medium, direction)."""
        self.ended: Counter[str] = Counter()
        self.offers: Counter[str] = Counter()
        self.overflows: Counter[tuple[str, str]] = Counter()
        """By (queue, why)."""
        self.missed = 0
        """Agents who were taken out because they did not answer."""
        self.waits: defaultdict[str, Histogram] = defaultdict(lambda: Histogram(WAIT_S))
        """By queue, of those whom the distributor brought to an agent."""
        self.talks = Histogram(TALK_S)
        self.published = self.failed = self.refused = 0
        self._recorded: set[str] = set()
        self._unpublished: set[str] = set()
        self._reactions: Mapping[type[Fact], Callable[[Any], None]] = {
            InteractionStarted: self._started,
            InteractionConnected: self._connected,
            InteractionOverflowed: self._overflowed,
            InteractionEnded: self._ended,
            SegmentEnded: self._talked,
            OfferEnded: self._offered,
            AgentStateChanged: self._state,
            RecordingStarted: self._recording,
            RecordingPublished: self._published,
            RecordingFailed: self._failed,
            CommandAudited: self._audited,
        }

    @property
    def hears(self) -> tuple[type[Fact], ...]:
        """The kinds of facts that are counted."""
        return tuple(self._reactions)

    @property
    def recordings_pending(self) -> int:
        """Of interactions that are over, and not yet published."""
        return len(self._unpublished)

    def on_fact(self, fact: Fact) -> None:
        reaction = self._reactions.get(type(fact))
        if reaction is not None:
            reaction(fact)

    def _started(self, fact: InteractionStarted) -> None:
        self.started[fact.medium, fact.direction] += 1

    def _connected(self, fact: InteractionConnected) -> None:
        if fact.how == "offer":
            self.waits[fact.queue].observe(fact.waited_s)

    def _overflowed(self, fact: InteractionOverflowed) -> None:
        self.overflows[fact.queue, fact.why] += 1

    def _ended(self, fact: InteractionEnded) -> None:
        self.ended[fact.outcome] += 1
        if fact.interaction_id in self._recorded:
            self._recorded.discard(fact.interaction_id)
            self._unpublished.add(fact.interaction_id)

    def _talked(self, fact: SegmentEnded) -> None:
        self.talks.observe(fact.talk_s)

    def _offered(self, fact: OfferEnded) -> None:
        self.offers[fact.reason] += 1

    def _state(self, fact: AgentStateChanged) -> None:
        self.missed += fact.state == "not_ready" and fact.reason == "rona" and fact.previous != "not_ready"

    def _recording(self, fact: RecordingStarted) -> None:
        self._recorded.add(fact.interaction_id)

    def _published(self, fact: RecordingPublished) -> None:
        self.published += 1
        self._settled(fact.interaction_id)

    def _failed(self, fact: RecordingFailed) -> None:
        self.failed += 1
        self._settled(fact.interaction_id)

    def _settled(self, interaction_id: str) -> None:
        self._recorded.discard(interaction_id)
        self._unpublished.discard(interaction_id)

    def _audited(self, fact: CommandAudited) -> None:
        self.refused += not fact.allowed
