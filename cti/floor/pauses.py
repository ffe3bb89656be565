"""What of a conversation is recorded: by the rules of its queue, and not while it is paused.

A pause is silence in the one recording, on both sides, so that its time goes on; supervisors who have barged in are not
recorded meanwhile. Why it is silent and until when stands on the customer's channel, too: Asterisk stays silent when
the daemon dies, and the next one goes by what it finds there. Until then nothing is recorded that should not be.
"""

import asyncio

import structlog

from cti.errors import Conflict, CtiError
from cti.events import RecordingPause, RecordingPaused, RecordingResumed
from cti.floor.conversation import Conversation, Pause, Take
from cti.floor.means import Means
from cti.switch.port import NOTE

log = structlog.get_logger(__name__)

BEGINS_WITHIN_S = 2.0
"""How soon after it was ordered a recording has begun, if it does."""
AGAIN_S = 1.0
_REASONS: dict[str, RecordingPause] = {"agent": "agent", "flow": "flow", "queue": "queue"}


def note_text(pause: Pause) -> str:
    """One line for a channel variable."""
    until = "" if pause.until is None else f"{pause.until:.3f}"
    return f"{pause.began:.3f}:{until}:{pause.why}:{pause.agent_id}"


def read_note(text: str) -> Pause | None:
    """What `note_text` wrote; None for anything else."""
    began, _, rest = text.partition(":")
    until, _, rest = rest.partition(":")
    why, _, agent_id = rest.partition(":")
    try:
        return Pause(_REASONS[why], agent_id, float(began), float(until) if until else None)
    except (KeyError, ValueError):
        return None


class Pauses:
    def __init__(self, means: Means) -> None:
        self._means = means

    # --- by the rules ----------------------------------------------------------------------------------------------

    def connected(self, conversation: Conversation) -> None:
        """Agent and customer hear each other: the queue says whether that is recorded."""
        means, pause, queue = self._means, conversation.pause, _queue(conversation)
        mode = means.rules.care(queue).recording
        if mode == "always":
            means.recorder.start(conversation, means.orders)
            if pause is not None and pause.why == "queue":
                self._by_itself(conversation, pause)
        elif conversation.take is not None and pause is None:  # of an earlier queue, which goes on in silence
            means.orders.start("pause recording", self._begin(conversation, "queue", "", None))
        conversation.may_record = mode == "on_demand" and (conversation.take is None or _by_queue(conversation))

    async def start(self, conversation: Conversation, agent_id: str) -> None:
        """Record from now on, because the agent asks for it. Raises Conflict where that cannot be."""
        means, pause = self._means, conversation.pause
        if means.rules.care(_queue(conversation)).recording == "never":
            raise Conflict("calls of this queue are not recorded", conversation.state)
        if not conversation.may_record:
            raise Conflict("this conversation is being recorded already", conversation.state)
        if pause is not None:
            await self._go_on(conversation, pause, agent_id)
        else:
            means.recorder.start(conversation, means.orders)
            await self._begun(conversation, conversation.take)
            means.recorder.record_barges(conversation, means.orders)
        conversation.may_record = False

    # --- by people -------------------------------------------------------------------------------------------------

    async def pause(self, conversation: Conversation, agent_id: str, seconds: float | None) -> float:
        """Silence for so long, None and at most as long as the queue allows; again for another end. The end."""
        limit_s = self._means.rules.care(_queue(conversation)).pause_limit_s
        until = self._means.clock() + min(limit_s, limit_s if seconds is None else seconds)
        if conversation.take is None or _by_queue(conversation):
            raise Conflict("this conversation is not being recorded", conversation.state)
        await self._begin(conversation, "agent", agent_id, until)
        return until

    async def resume(self, conversation: Conversation, agent_id: str) -> None:
        pause = conversation.pause
        if pause is None or pause.why != "agent":
            raise Conflict("the recording is not paused", conversation.state)
        await self._go_on(conversation, pause, agent_id)

    # --- by a flow -------------------------------------------------------------------------------------------------

    async def enter_flow(self, conversation: Conversation, agent_id: str) -> None:
        """Silent when this returns, if anything is recorded at all; raises what the switch raises."""
        if conversation.take is not None and not _by_queue(conversation):
            await self._begin(conversation, "flow", agent_id, None)

    def leave_flow(self, conversation: Conversation) -> None:
        if (pause := conversation.pause) is not None and pause.why == "flow":
            self._by_itself(conversation, pause)

    # --- when somebody goes ----------------------------------------------------------------------------------------

    def agent_left(self, conversation: Conversation) -> None:
        """Nobody is there any more who would let it go on."""
        if (pause := conversation.pause) is not None and pause.why == "agent":
            self._by_itself(conversation, pause)

    def over(self, conversation: Conversation, at: float) -> None:
        """The customer is gone, and the recording with them."""
        pause, conversation.pause = conversation.pause, None
        if pause is not None:
            self._tell_resumed(conversation, pause, at, "")

    async def recover(self, conversation: Conversation) -> None:
        """After a restart: what is silent stays so until its time, or goes on at once when that has passed."""
        pause = read_note(await self._means.switch.variable(conversation.channel, NOTE))
        if pause is None or conversation.pause is not None or not self._lives(conversation):
            return
        if pause.why == "flow" and conversation.leg is None:  # the flow is over, and there is nobody to come back to
            pause.until = self._means.clock()
        if pause.until is None or pause.until > self._means.clock():
            await self._means.switch.silence(conversation.channel, note_text(pause))
        conversation.pause = pause
        self._tell_paused(conversation, pause)
        self._end_in_time(conversation, pause)

    # --- inside ----------------------------------------------------------------------------------------------------

    def _lives(self, conversation: Conversation) -> bool:
        return self._means.conversations.by_id.get(conversation.interaction_id) is conversation

    async def _begun(self, conversation: Conversation, take: Take | None) -> None:
        """Asterisk records: before that there is nothing that could be silent."""
        try:
            async with asyncio.timeout(BEGINS_WITHIN_S):
                while take is not None and not take.runs.is_set():
                    await take.runs.wait()
        except TimeoutError:
            raise Conflict("the recording does not begin; try again", conversation.state) from None
        if not self._lives(conversation):
            raise Conflict("this call is over", "ended")

    async def _begin(self, conversation: Conversation, why: RecordingPause, agent_id: str, until: float | None) -> None:
        """A pause that is under way goes on as this one."""
        means = self._means
        await self._begun(conversation, conversation.take)
        async with conversation.silencing:
            before = conversation.pause
            began = before.began if before is not None else means.clock()
            pause = Pause(why, agent_id, began, until)
            await means.switch.silence(conversation.channel, note_text(pause))
            conversation.pause = pause
            if not self._lives(conversation):
                raise Conflict("this call is over", "ended")
            self._tell_paused(conversation, pause)
            self._end_in_time(conversation, pause)
            if before is None:
                for channel in tuple(conversation.audible):
                    await means.switch.stop_recording(channel)

    def _end_in_time(self, conversation: Conversation, pause: Pause) -> None:
        if pause.until is not None:
            left_s = max(0.0, pause.until - self._means.clock())
            asyncio.get_running_loop().call_later(left_s, self._by_itself, conversation, pause)

    def _by_itself(self, conversation: Conversation, pause: Pause) -> None:
        """Until it is done: a recording must not stay silent because Asterisk could not be told just then."""
        if conversation.pause is not pause or not self._lives(conversation):
            return

        def again(_: CtiError) -> None:
            asyncio.get_running_loop().call_later(AGAIN_S, self._by_itself, conversation, pause)

        self._means.orders.start("resume recording", self._go_on(conversation, pause, ""), again)

    async def _go_on(self, conversation: Conversation, pause: Pause, agent_id: str) -> None:
        """Nothing, when this pause is over or has become another one meanwhile."""
        means = self._means
        async with conversation.silencing:
            if conversation.pause is not pause:
                return
            await means.switch.unsilence(conversation.channel)
            if not self._lives(conversation):
                return
            conversation.pause = None
            self._tell_resumed(conversation, pause, means.clock(), agent_id)
            means.recorder.record_barges(conversation, means.orders)

    def _tell_paused(self, conversation: Conversation, pause: Pause) -> None:
        self._means.bus.publish(
            RecordingPaused(
                at=pause.began,
                interaction_id=conversation.interaction_id,
                agent_id=pause.agent_id,
                why=pause.why,
                until=pause.until,
            )
        )

    def _tell_resumed(self, conversation: Conversation, pause: Pause, at: float, agent_id: str) -> None:
        self._means.bus.publish(
            RecordingResumed(at=at, interaction_id=conversation.interaction_id, agent_id=agent_id, since=pause.began)
        )


def _queue(conversation: Conversation) -> str:
    return conversation.place.queue if conversation.place else ""


def _by_queue(conversation: Conversation) -> bool:
    return conversation.pause is not None and conversation.pause.why == "queue"
