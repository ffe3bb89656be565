"""Callers whom a starting daemon finds in Asterisk, in no agent's hands: who waited is put in line again, others come.

Who stands in the music of the dialplan with a place in a queue needs no knock at our door to be served: an agent's leg
fetches them from there. So the whole line stands as it was before the first phone rings (`line_up`), and nobody is
served before somebody else only for having knocked first.

Everybody else comes back over `/resume` within a second, or hangs up where they are: in the fallback queue, on hold, or
with an outside number. Then their interaction is closed here, and what was recorded of it is published.
"""

from collections.abc import Callable
from dataclasses import dataclass

from cti.events import BridgeEntered, ChannelHungUp, Fact, InteractionEnded, InteractionQueued, InteractionStarted
from cti.floor.conversation import Conversation, Place, Take
from cti.floor.means import Means
from cti.floor.places import Places
from cti.recording.publish import BargePart, RecordingJob


@dataclass(slots=True)
class Expectation:
    """`segments` and `offers` of the time before; `take` is a recording that goes on; `talked`: with anybody at all.

    `waits` is the place that the store knows, (queue, queued_at), None for who was not waiting.
    """

    interaction_id: str
    started_at: float
    segments: int
    offers: int
    take: Take | None
    barges: tuple[Take, ...]
    talked: bool
    waits: tuple[str, float] | None = None

    def knows(self, place: Place) -> bool:
        """Whether the store has it already that they wait there."""
        return self.waits is not None and place.queued_at is not None and self.waits == (place.queue, place.queued_at)


class Expected:
    """Subscribe `on_fact` to the bus."""

    def __init__(self, means: Means, places: Places, waits_on: Callable[[InteractionQueued], None]) -> None:
        """`waits_on` is told of who waits on, as of whom begins to."""
        self._means = means
        self._places = places
        self._waits_on = waits_on
        self._by_channel: dict[str, Expectation] = {}
        self._line: list[tuple[Conversation, Place, bool]] = []

    def add(self, channel: str, expectation: Expectation) -> None:
        self._by_channel[channel] = expectation

    def stand_by(self, conversation: Conversation, place: Place, expectation: Expectation) -> None:
        """A caller who is known to wait; to be put in line by `line_up`."""
        self._go_on(conversation, expectation)
        self._means.conversations.add(conversation)
        self._line.append((conversation, place, expectation.knows(place)))

    def line_up(self) -> None:
        """The longest first: whoever is idle gets the caller whose turn it is."""
        line, self._line = self._line, []
        for conversation, place, known in sorted(line, key=lambda one: one[1].queued_at or 0.0):
            if self._means.conversations.by_id.get(conversation.interaction_id) is conversation:
                queued = self._places.enqueue(conversation, place, told=known)
                if known:
                    self._waits_on(queued)

    def back(self, channel: str) -> Expectation | None:
        """They are on the line: the store knows that their interaction has begun. None: it does not."""
        return self._by_channel.pop(channel, None)

    def take_up(self, conversation: Conversation, expectation: Expectation, started: InteractionStarted) -> None:
        """The interaction goes on with this session: told to the desk, as the store knows it."""
        self._go_on(conversation, expectation)
        self._means.desk.on_fact(started)

    @staticmethod
    def _go_on(conversation: Conversation, expectation: Expectation) -> None:
        """The numbers of segments and offers go on where they were, and so does a recording in the same file."""
        conversation.segments = max(conversation.segments, expectation.segments)
        conversation.offers = max(conversation.offers, expectation.offers)
        conversation.take = conversation.take or expectation.take
        conversation.barges = conversation.barges or list(expectation.barges)

    def on_fact(self, fact: Fact) -> None:
        match fact:
            case BridgeEntered(peers=peers) if peers:
                for channel in (fact.channel, *peers):
                    if channel in self._by_channel:
                        self._by_channel[channel].talked = True
            case ChannelHungUp(channel=channel) if channel in self._by_channel:
                self._gone(self._by_channel.pop(channel), fact)

    def _gone(self, expectation: Expectation, fact: ChannelHungUp) -> None:
        interaction, means = expectation.interaction_id, self._means
        means.bus.publish(
            InteractionEnded(
                at=fact.at,
                interaction_id=interaction,
                outcome="handled" if expectation.talked else "abandoned",
                ended_by="unknown",
                cause=fact.cause,
                certain=False,
            )
        )
        if expectation.take is not None:
            barges = tuple(BargePart(file=barge.file, started_at=barge.began) for barge in expectation.barges)
            began = expectation.take.began
            job = RecordingJob(interaction_id=interaction, started_at=began, ended_at=None, barges=barges)
            means.orders.start(f"publish {interaction}", means.recorder.publish(job))
