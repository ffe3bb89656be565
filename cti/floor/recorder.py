"""Starts and ends recordings, and has them published when the conversation is over.

One raw file per interaction, taken on the *customer's* channel: it goes on through hold, transfer and take-over, and
all that the customer heard is in it - but for a supervisor who barges in, whose own leg is recorded meanwhile and mixed
in.
"""

import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import structlog

from cti.acd.interaction import InteractionState
from cti.bus import Bus
from cti.errors import ActionFailed, CtiError
from cti.events import RecordingFailed, RecordingPublished, RecordingStarted
from cti.floor.conversation import Conversation, Message, Take
from cti.floor.orders import Orders
from cti.recording.publish import BargePart, Publisher, RecordingJob
from cti.recording.room import Room
from cti.recording.spool import raw_name
from cti.switch.port import Switch

log = structlog.get_logger(__name__)

NO_ROOM: Final = "the disk for recordings is full"


class Recorder:
    def __init__(
        self,
        *,
        switch: Switch,
        bus: Bus,
        spool: Path,
        publisher: Publisher,
        kept: Callable[[], Awaitable[object]],
        clock: Callable[[], float] = time.time,
        room: Room | None = None,
    ) -> None:
        """`kept` returns when every fact that was published so far is safe; raw files go only then.

        Nothing is begun for which there is no `room`.
        """
        self._room = room
        self._unpublished: list[RecordingJob] = []
        self._switch = switch
        self._bus = bus
        self._spool = spool
        self._publisher = publisher
        self._kept = kept
        self._clock = clock

    def start(self, conversation: Conversation, orders: Orders) -> None:
        """Record from now on; a conversation that is being recorded goes on in the same file."""
        if conversation.take is None and self._is_full():
            self._failed(conversation.interaction_id, CtiError(NO_ROOM))
        elif conversation.take is None:
            file = raw_name(conversation.interaction_id)
            conversation.take = Take(file, conversation.channel, self._clock())
            orders.start(
                f"record {file}",
                self._start(conversation, conversation.take),
                lambda error: self._not_started(conversation, error),
            )

    def _not_started(self, conversation: Conversation, error: CtiError) -> None:
        """Told once: here, or by `publish` when the conversation is over already. The next segment tries again."""
        if conversation.take is not None:
            conversation.take = None
            self._failed(conversation.interaction_id, error)

    def start_barge(self, conversation: Conversation, channel: str, orders: Orders) -> None:
        """A supervisor on `channel` can be heard from now on, and is recorded as long as the conversation is."""
        conversation.audible.add(channel)
        if conversation.take is not None and conversation.pause is None:
            self._record_barge(conversation, channel, orders)

    def record_barges(self, conversation: Conversation, orders: Orders) -> None:
        """The conversation is being recorded (again): so are all who have barged in."""
        for channel in conversation.audible:
            self._record_barge(conversation, channel, orders)

    def _record_barge(self, conversation: Conversation, channel: str, orders: Orders) -> None:
        file = raw_name(conversation.interaction_id, len(conversation.barges) + 1)
        take = Take(file, channel, self._clock())
        conversation.barges.append(take)
        orders.start(f"record {file}", self._start(conversation, take, "barge"))

    def stop_barge(self, conversation: Conversation, channel: str, orders: Orders) -> None:
        conversation.audible.discard(channel)
        if conversation.take is not None and conversation.pause is None:
            orders.start(f"stop recording {channel}", self._switch.stop_recording(channel))

    async def start_message(self, conversation: Conversation) -> None:
        """Record a caller who talks to nobody; raises what the switch raises, with nothing changed."""
        if self._is_full():
            raise ActionFailed("record", NO_ROOM)
        alone = conversation.take is None
        if alone:
            take = Take(raw_name(conversation.interaction_id), conversation.channel, self._clock())
            await self._start(conversation, take)
            conversation.take = take
        elif conversation.pause is not None:  # whoever leaves a message wants it heard
            await self._switch.unsilence(conversation.channel)
        conversation.message = Message(self._clock(), alone)

    def drop_message(self, conversation: Conversation, orders: Orders) -> None:
        """Nothing was said: there is no recording, unless the caller had talked before."""
        message, conversation.message = conversation.message, None
        take = conversation.take
        if message is None or take is None or not message.alone:
            return
        conversation.take = None
        orders.start(f"drop {take.file}", self._drop(conversation, take))

    async def _drop(self, conversation: Conversation, take: Take) -> None:
        interaction = conversation.interaction_id
        await self._publisher.discard(RecordingJob(interaction_id=interaction, started_at=take.began, ended_at=None))
        self._failed(interaction, CtiError("no message was left"))

    def stop(self, conversation: Conversation, orders: Orders) -> None:
        """The conversation is over, and the customer is still there."""
        if conversation.take is not None:
            self.ends(conversation)
            orders.start("stop recording", self._switch.stop_recording(conversation.channel))

    def ends(self, conversation: Conversation) -> None:
        """The conversation is over, and the customer is being hung up on, which ends the recording too."""
        if conversation.take is not None:
            conversation.take.ended = self._clock()

    def finish(self, conversation: Conversation, orders: Orders) -> None:
        """The customer is gone: publish what was recorded."""
        take, conversation.take = conversation.take, None
        if take is not None:
            job = RecordingJob(
                interaction_id=conversation.interaction_id,
                started_at=take.began,
                ended_at=take.ended or self._clock(),
                barges=tuple(BargePart(file=b.file, started_at=b.began) for b in conversation.barges),
            )
            orders.start(f"publish {take.file}", self.publish(job))

    async def _start(self, conversation: Conversation, take: Take, part: str = "conversation") -> None:
        await self._switch.record(take.channel, str(self._spool / take.file))
        take.began = self._clock()
        take.runs.set()
        if conversation.state is InteractionState.ENDED:
            return
        self._bus.publish(
            RecordingStarted(
                at=take.began,
                interaction_id=conversation.interaction_id,
                file=take.file,
                channel=take.channel,
                part="barge" if part == "barge" else "conversation",
            )
        )

    async def publish(self, job: RecordingJob) -> None:
        """Also for what a crash left behind. The fact says where it is; the raw files go once it is out."""
        try:
            done = await self._publisher.publish(job)
        except (CtiError, OSError) as error:
            self._failed(job.interaction_id, error)
            if isinstance(error, OSError):
                self._unpublished.append(job)
            return
        if done.doubts:
            log.warning("a recording is doubtful", interaction=job.interaction_id, doubts=done.doubts)
        self._bus.publish(
            RecordingPublished(
                at=self._clock(),
                interaction_id=done.interaction_id,
                path=done.path,
                started_at=done.started_at,
                duration_s=done.duration_s,
                size=done.size,
                sha256=done.sha256,
                channels=done.channels,
            )
        )
        await self._kept()
        await self._publisher.discard(job)

    def publish_again(self, orders: Orders) -> None:
        """There is room again: what the disk did not take."""
        jobs, self._unpublished = self._unpublished, []
        for job in jobs:
            orders.start(f"publish {job.interaction_id}", self.publish(job))

    def _is_full(self) -> bool:
        return self._room is not None and self._room.tight

    def _failed(self, interaction_id: str, error: Exception) -> None:
        log.warning("a recording failed", interaction=interaction_id, reason=str(error))
        self._bus.publish(RecordingFailed(at=self._clock(), interaction_id=interaction_id, reason=str(error)))
