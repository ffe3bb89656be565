"""Callers whom a starting daemon finds in Asterisk, not talking on a leg of ours: will they come back over `/resume`?

Most do within a second. Those in the fallback queue, on hold, or with an outside number may hang up where they are;
then their interaction is closed here, and what was recorded of it is published.
"""

from dataclasses import dataclass

from cti.events import BridgeEntered, ChannelHungUp, Fact, InteractionEnded, InteractionStarted
from cti.floor.conversation import Take
from cti.floor.floor import Floor
from cti.recording.publish import BargePart, RecordingJob


@dataclass(slots=True)
class Expectation:
    """`segments` and `offers` of the time before; `take` is a recording that goes on; `talked`: with anybody at all."""

    interaction_id: str
    segments: int
    offers: int
    take: Take | None
    barges: tuple[Take, ...]
    talked: bool


class Expected:
    """Subscribe `on_fact` to the bus."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._by_channel: dict[str, Expectation] = {}

    def add(self, channel: str, expectation: Expectation) -> None:
        self._by_channel[channel] = expectation

    def on_fact(self, fact: Fact) -> None:
        match fact:
            case InteractionStarted(channel=channel) if channel in self._by_channel:
                self._back(self._by_channel.pop(channel))
            case BridgeEntered(peers=peers) if peers:
                for channel in (fact.channel, *peers):
                    if channel in self._by_channel:
                        self._by_channel[channel].talked = True
            case ChannelHungUp(channel=channel) if channel in self._by_channel:
                self._gone(self._by_channel.pop(channel), fact)

    def _back(self, expectation: Expectation) -> None:
        """The numbers of segments and offers go on where they were, and so does a recording in the same file."""
        conversation = self._floor.conversations.by_id.get(expectation.interaction_id)
        if conversation is not None:
            conversation.segments = max(conversation.segments, expectation.segments)
            conversation.offers = max(conversation.offers, expectation.offers)
            conversation.take = conversation.take or expectation.take
            conversation.barges = conversation.barges or list(expectation.barges)

    def _gone(self, expectation: Expectation, fact: ChannelHungUp) -> None:
        interaction, floor = expectation.interaction_id, self._floor
        floor.bus.publish(
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
            floor.orders.start(f"publish {interaction}", floor.recorder.publish(job))
