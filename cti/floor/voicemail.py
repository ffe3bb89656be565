"""The voicemail: a caller speaks to nobody, and the message is published like every recording."""

from collections.abc import Callable
from typing import Literal

import structlog

from cti.errors import CtiError, HungUp
from cti.floor.conversation import Conversation
from cti.floor.floor import Floor
from cti.floor.session import Session
from cti.ivr.line import AgiLine

log = structlog.get_logger(__name__)

LONGEST_MESSAGE_S = 120.0
DONE = "#"


class Mailbox:
    def __init__(self, floor: Floor, clock: Callable[[], float]) -> None:
        self._floor = floor
        self._clock = clock

    async def take(
        self, session: Session, line: AgiLine, conversation: Conversation
    ) -> Literal["left", "nothing", "impossible"]:
        """Invite, beep, and record until `DONE` or `LONGEST_MESSAGE_S`; the caller is still there then.

        A caller who hangs up meanwhile (`HungUp`) has left a message all the same (`Parting`). "impossible": Asterisk
        does not record, and the caller was not asked to speak yet.
        """
        await session.set_music(on=False)  # it would go on under the message
        await line.play(("voicemail_invitation",), DONE)
        try:
            await self._floor.recorder.start_message(conversation)
        except HungUp:
            raise
        except CtiError as error:
            log.warning("no message can be recorded", interaction=conversation.interaction_id, reason=str(error))
            return "impossible"
        await line.play(("beep",), "")
        return await self._listen(line, conversation)

    async def _listen(self, line: AgiLine, conversation: Conversation) -> Literal["left", "nothing"]:
        message = conversation.message
        if message is None:  # the caller has gone, and this session is about to hear of it
            return "nothing"
        message.began = self._clock()
        until = message.began + LONGEST_MESSAGE_S
        while (left_s := until - self._clock()) > 0:
            if await line.wait_for_digit(left_s) == DONE:
                break
        self._floor.recorder.stop(conversation, self._floor.orders)
        if message.counts(self._clock()):
            conversation.message = None
            conversation.outcome = "voicemail"
            return "left"
        self._floor.recorder.drop_message(conversation, self._floor.orders)
        return "nothing"
