"""Waiting in a queue: the caller's side of a place, with music and announcements."""

from collections.abc import Callable

from cti.floor.conversation import Conversation, Place
from cti.floor.floor import Floor
from cti.floor.rules import Rules
from cti.floor.session import Session, pass_on
from cti.floor.ticket import ticket_text
from cti.ivr.line import AgiLine
from cti.ivr.spoken import queue_position

LONGEST_WAIT_MS = 600_000


class Queueing:
    def __init__(self, floor: Floor, rules: Rules, clock: Callable[[], float]) -> None:
        self._floor = floor
        self._rules = rules
        self._clock = clock

    async def wait(self, session: Session, line: AgiLine, conversation: Conversation, place: Place) -> None:
        """Take a place, and stay there."""
        if place.queued_at is None:
            place.queued_at = self._clock()
            again = False
        else:
            again = True
        await session.set_variable("LD_PLACE", ticket_text(conversation, place))
        await session.set_music(on=True)
        if self._lives(conversation):
            self._floor.places.enqueue(conversation, place, again=again)
            await self.stay(session, line, conversation)

    def _lives(self, conversation: Conversation) -> bool:
        return self._floor.conversations.by_id.get(conversation.interaction_id) is conversation

    async def stay(self, session: Session, line: AgiLine, conversation: Conversation) -> None:
        """Music and announcements until an agent's leg pulls the caller out of here, which reads as a hang-up."""
        await session.set_music(on=True)
        care = self._rules.care(conversation.place.queue if conversation.place else "")
        pause_s = care.announcements.first_s
        while self._lives(conversation):
            await session.wait_for_digit(min(LONGEST_WAIT_MS, int(pause_s * 1000)))
            pause_s = care.announcements.every_s
            if conversation.waiting:
                await self._announce(line, conversation)
                await session.set_music(on=True)
            elif conversation.outcome is not None:  # over, but the order that takes the caller from here has failed
                await line.play(("goodbye",), "")
                await pass_on(session, "hangup")
                return

    async def _announce(self, line: AgiLine, conversation: Conversation) -> None:
        position = self._floor.engine.position(conversation.interaction_id)
        if position is not None:
            await line.play(("all_agents_busy", *queue_position(position, conversation.language)), "")
