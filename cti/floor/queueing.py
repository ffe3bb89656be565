"""Waiting in a queue: the caller's side of a place, from the door to the way out, with music and announcements."""

from collections.abc import Callable

from cti.floor.announcing import announce
from cti.floor.conversation import Conversation, Leaving, Place
from cti.floor.floor import Floor
from cti.floor.rules import AdmissionRules, QueueCare, Rules
from cti.floor.session import Session
from cti.floor.standing import take_standing
from cti.floor.ticket import ticket_text
from cti.floor.ways_out import Walk, WaysOut
from cti.ivr.line import AgiLine

LONGEST_WAIT_MS = 600_000
CALL_ME_BACK = "1"
SAYS_WHY = ("voicemail", "announcement")
"""Ways out on which the caller hears the reason anyway."""


class Queueing:
    def __init__(self, floor: Floor, rules: Rules, ways_out: WaysOut, clock: Callable[[], float]) -> None:
        self._floor = floor
        self._rules = rules
        self._ways_out = ways_out
        self._clock = clock

    async def wait(
        self, session: Session, line: AgiLine, conversation: Conversation, place: Place, *, told: bool = False
    ) -> None:
        """Take a place, and stay there; from there to the next place, as long as a way out leads to one.

        `told`: the store knows from the daemon before that they wait here.
        """
        following: Place | None = place
        while following is not None:
            await self._enter(session, line, conversation, following, told=told)
            told = False
            following = await self._remain(session, line, conversation)

    async def turn_away(
        self, session: Session, line: AgiLine, conversation: Conversation, rules: AdmissionRules
    ) -> None:
        """Before any queue: the way out is walked as if the caller had come to that one."""
        conversation.place = Place(rules.queue, queued_at=self._clock())
        self._floor.places.leave(conversation, Leaving(rules.queue, rules.way_out, "overload", begun=True))
        if rules.way_out and not rules.way_out.startswith(SAYS_WHY):
            await line.play(("nobody_free",), "")
        await self.go_on(session, line, conversation)

    async def go_on(self, session: Session, line: AgiLine, conversation: Conversation) -> None:
        """For one who has a place already, or is on the way out of it."""
        following = await self._remain(session, line, conversation)
        if following is not None:
            await self.wait(session, line, conversation, following)

    async def _enter(
        self, session: Session, line: AgiLine, conversation: Conversation, place: Place, *, told: bool
    ) -> None:
        """Into the queue, or before its closed door."""
        now, kept = self._clock(), False
        if place.queued_at is None:
            kept = self._floor.callbacks.take_over(conversation, place)
            place.queued_at = place.queued_at or now
        if self._is_closed(place):
            conversation.place = place
            when_closed = self._rules.care(place.queue).when_closed
            self._floor.places.leave(conversation, Leaving(place.queue, when_closed, "closed", begun=True))
            return
        take_standing(place, conversation.card, self._rules.care(place.queue))
        await session.set_variable("LD_PLACE", ticket_text(conversation, place, now))
        await session.set_music(on=True)
        if self._lives(conversation):
            self._floor.places.enqueue(conversation, place, told=told)
            if conversation.leaving is not None:
                conversation.leaving.begun = True
            if kept:
                await line.play(("callback_place_kept",), "")

    def _is_closed(self, place: Place) -> bool:
        """Asked of those who come in: who waits already is served, and so is who comes for one agent."""
        coming_in = place.entered_at is None and not place.only_agent and not place.only_group
        return coming_in and not self._floor.places.is_open(place.queue)

    async def _remain(self, session: Session, line: AgiLine, conversation: Conversation) -> Place | None:
        if conversation.leaving is None:
            await self._stay(session, line, conversation)
        leaving, place = conversation.leaving, conversation.place
        if leaving is None or place is None:
            return None
        return await self._ways_out.walk(Walk(session, line, conversation, leaving, place))

    def _lives(self, conversation: Conversation) -> bool:
        return self._floor.conversations.by_id.get(conversation.interaction_id) is conversation

    async def _stay(self, session: Session, line: AgiLine, conversation: Conversation) -> None:
        """Music and announcements until an agent's leg pulls the caller out of here, which reads as a hang-up."""
        await session.set_music(on=True)
        pause_s = self._care(conversation).announcements.first_s
        while self._lives(conversation) and conversation.leaving is None:
            pressed = await session.wait_for_digit(min(LONGEST_WAIT_MS, int(pause_s * 1000))) or ""
            pause_s = self._care(conversation).announcements.every_s
            place = conversation.place
            if conversation.waiting and place is not None:
                pressed = pressed or await self._announce(line, conversation, place)
                if CALL_ME_BACK in pressed and self._floor.callbacks.may_ask(conversation, place):
                    if await self._floor.callbacks.ask(session, line, conversation, place):
                        return
                    await line.play(("callback_stay",), "")
                await session.set_music(on=True)

    def _care(self, conversation: Conversation) -> QueueCare:
        return self._rules.care(conversation.place.queue if conversation.place else "")

    async def _announce(self, line: AgiLine, conversation: Conversation, place: Place) -> str:
        """The keys that were pressed meanwhile."""
        engine, care = self._floor.engine, self._care(conversation)
        said, place.told = announce(
            care.announcements,
            place.told,
            position=engine.position(conversation.interaction_id),
            wait_s=engine.wait_estimate(conversation.interaction_id),
            now=self._clock(),
        )
        offer = ("callback_offer",) if self._floor.callbacks.may_ask(conversation, place) else ()
        prompts = ("all_agents_busy", *said.prompts(conversation.language), *offer)
        return await line.play(prompts, CALL_ME_BACK if offer else "")
