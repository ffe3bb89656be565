"""Callback in queue: the customer hangs up, the interaction keeps its place, and when its turn comes they are dialled.

From the promise on the interaction has no channel (`Conversation.promise`). It waits in the distributor like any other,
with its old `queued_at`; an agent is rung first, and has the pop, before `cti/floor/dialling.py` dials the customer.
What has come to nothing is tried again after a pause, in which it waits nowhere and keeps its place all the same.
Nobody is dialled outside the permitted hours, more often than `CallbackRules.attempts`, or twice for one attempt.

A promise ends when the customer answers ("connected": from then on they are a customer like any other), when they call
again and that call takes over the place ("merged"), when a supervisor cancels it, and when the attempts are used up
("gave_up"). The three latter end the interaction with the outcome `callback_requested`.
"""

import asyncio

import structlog

from cti.acd import events as acd
from cti.acd.interaction import InteractionState, InteractionTrigger
from cti.calendars.calendar import is_open
from cti.errors import Conflict
from cti.events import (
    CallbackEnded,
    CallbackPause,
    CallbackPaused,
    CallbackRequested,
    ChannelHungUp,
    InteractionEnded,
    LinkRestored,
)
from cti.floor.callback_dialogue import agreed_number
from cti.floor.callback_plan import may_dial, next_attempt
from cti.floor.conversation import Conversation, EndedBy, Place, Promise
from cti.floor.distributor import Distributor
from cti.floor.legs import Legs
from cti.floor.means import Means
from cti.floor.offers import Offers
from cti.floor.places import Places
from cti.floor.session import Session, pass_on
from cti.ivr.line import AgiLine

log = structlog.get_logger(__name__)

MINUTE_S = 60.0
"""Permitted hours begin and end with a minute; a queue that lets nobody in is asked again after one."""
SAFE_S = 2.0
"""How long a caller who is about to hang up waits for the promise to be safe on disk."""


class Callbacks:
    def __init__(self, means: Means, distributor: Distributor, legs: Legs, offers: Offers, places: Places) -> None:
        self._means = means
        self._distributor = distributor
        self._legs = legs
        self._offers = offers
        self._places = places
        self._pending: dict[str, Conversation] = {}
        self._alarm: asyncio.TimerHandle | None = None

    def pending(self) -> tuple[Conversation, ...]:
        """All who have a promise, the oldest promise first."""
        return tuple(self._pending.values())

    def restore(self, conversation: Conversation) -> None:
        """A promise of the time before a restart."""
        self._means.conversations.add(conversation)
        self._pending[conversation.interaction_id] = conversation

    # --- the caller's side -----------------------------------------------------------------------------------------

    def may_ask(self, conversation: Conversation, place: Place) -> bool:
        """Not of who has talked to an agent already: that recording goes on."""
        return self._means.rules.care(place.queue).callback is not None and not conversation.segments

    async def ask(self, session: Session, line: AgiLine, conversation: Conversation, place: Place) -> bool:
        """Agree with a waiting caller on a number. True: the promise is made, and the session is over.

        False: they go on as before.
        """
        rules = self._means.rules.care(place.queue).callback
        if rules is None or not self.may_ask(conversation, place):
            return False
        number = await agreed_number(
            line, conversation.number, region=self._means.rules.region, may_dial=lambda number: may_dial(rules, number)
        )
        if number is None or conversation.talking:
            return False
        if self._of_number(number) is not None:  # one call for a number, however often it was asked for
            self._distributor.feed(acd.CallerLeft(interaction_id=conversation.interaction_id))
            if conversation.waiting:
                conversation.move(InteractionTrigger.EXPIRE)
            conversation.outcome, conversation.ended_by = "callback_requested", "customer"
        else:
            self.promise(conversation, Promise(number, rules))
            await self._until_safe()
        await session.set_variable("LD_PLACE", "")
        await self.take_leave(session, line)
        return True

    async def _until_safe(self) -> None:
        try:
            async with asyncio.timeout(SAFE_S):
                await self._means.kept()
        except TimeoutError:
            log.warning("a promise to call back is not stored yet")

    async def take_leave(self, session: Session, line: AgiLine) -> None:
        await line.play(("callback_promised", "goodbye"), "")
        await pass_on(session, "hangup")

    def promise(self, conversation: Conversation, promise: Promise) -> None:
        """From now on the hang-up of the customer's channel ends nothing. Whoever is rung for it is rung anew."""
        place = conversation.place
        assert place is not None  # noqa: S101  # who is waiting has one
        self._call_off(conversation, promise)
        self._means.conversations.detach(conversation)
        place.entered_at = place.entered_at or self._means.clock()  # no limit of the queue turns them away
        conversation.medium, conversation.promise = "callback", promise
        self._pending[conversation.interaction_id] = conversation
        self._means.bus.publish(
            CallbackRequested(
                at=self._means.clock(),
                interaction_id=conversation.interaction_id,
                number=promise.number,
                queue=place.queue,
                queued_at=place.queued_at or conversation.started_at,
                priority=place.priority,
                skills=place.skills,
                vip=place.vip,
                branch=place.branch,
                preferred_agent=place.preferred_agent,
            )
        )
        self.go_on(conversation, promise, self._means.clock(), "hours")

    # --- whoever calls again ---------------------------------------------------------------------------------------

    def _of_number(self, number: str) -> Conversation | None:
        return next((one for one in self.pending() if one.promise and one.promise.number == number), None)

    def _owed_to(self, caller: Conversation) -> Conversation | None:
        """The callback that was promised to this caller: to the same number, from it, or to the same customer."""
        customer = caller.card.customer_id if caller.card else 0
        for one in self.pending():
            numbers = {one.promise.number if one.promise else "", one.number} - {""}
            if caller.number in numbers or (customer and one.card and one.card.customer_id == customer):
                return one
        return None

    def take_over(self, caller: Conversation, place: Place) -> bool:
        """A caller enters a queue: whom we were to call back has the old place, and is not called besides."""
        owed = self._owed_to(caller)
        if owed is None or owed.place is None:
            return False
        place.queued_at, place.entered_at = owed.place.queued_at, self._means.clock()
        if place.queue == owed.place.queue:
            place.priority = max(place.priority, owed.place.priority)
        caller.inherited = owed.promise
        self.end(owed, "merged", "customer")
        return True

    def on_hung_up(self, fact: ChannelHungUp) -> None:
        """Who called again, was told that the place is kept, and hung up, was not served: the promise stands."""
        caller = self._means.conversations.by_channel.get(fact.channel)
        if caller is None or caller.inherited is None or caller.segments or caller.outcome is not None:
            return
        if caller.waiting:
            promise, caller.inherited = caller.inherited, None
            promise.dialling, promise.until = "", None
            self.promise(caller, promise)

    # --- its turn, and the pauses between --------------------------------------------------------------------------

    def go_on(self, conversation: Conversation, promise: Promise, not_before: float, why: CallbackPause) -> None:
        """It waits in its queue if the customer may be dialled now, else nowhere until then; or it is given up."""
        promise.rules = self._means.rules.care(_queue(conversation)).callback or promise.rules
        at = next_attempt(promise.rules, promise.attempts, not_before)
        if at is None:
            self.end(conversation, "gave_up", "system")
        elif at > self._means.clock():
            self._pause(conversation, promise, at, why)
        else:
            self._enqueue(conversation, promise)
        self._arm()

    def _enqueue(self, conversation: Conversation, promise: Promise) -> None:
        place = conversation.place
        if place is not None and self._places.serves(place.queue):
            promise.until = None
            self._places.enqueue(conversation, place)
        else:  # the queue is configured no more
            log.warning("a callback waits for its queue", interaction=conversation.interaction_id)
            self._pause(conversation, promise, self._means.clock() + MINUTE_S, "queue")

    def _pause(self, conversation: Conversation, promise: Promise, until: float, why: CallbackPause) -> None:
        promise.until = until
        self._means.bus.publish(
            CallbackPaused(
                at=self._means.clock(),
                interaction_id=conversation.interaction_id,
                attempts=promise.attempts,
                until=until,
                reason=why,
            )
        )

    def postpone(
        self, conversation: Conversation, not_before: float, why: CallbackPause, miss: acd.Miss | None = None
    ) -> None:
        """The customer is not reached now: whoever is rung for them, or has answered, is let go."""
        if (promise := conversation.promise) is None:
            return
        self._call_off(conversation, promise, miss)
        self.go_on(conversation, promise, not_before, why)

    def _call_off(self, conversation: Conversation, promise: Promise, miss: acd.Miss | None = None) -> None:
        """Nobody is rung for it, neither agent nor customer, and it waits in no queue."""
        if promise.dialling:
            self._legs.release(promise.dialling)
            self._means.conversations.detach(conversation)
            promise.dialling = ""
        self._distributor.feed(acd.CallerPostponed(interaction_id=conversation.interaction_id, miss=miss))
        if (leg := conversation.leg) is not None:  # of the time before a restart: the distributor knows of no offer
            self._legs.take_from(conversation, leg)
            conversation.leg = None
            conversation.move(InteractionTrigger.RETURN)
            self._offers.unheard(conversation, leg, self._means.clock(), "caller_gone")

    def expire(self, interaction_id: str) -> bool:
        """The queue shows a callback out (nobody works there any more): it comes back later. False: no callback."""
        conversation = self._means.conversations.by_id.get(interaction_id)
        if conversation is None or conversation.promise is None:
            return False
        self.postpone(conversation, self._means.clock() + MINUTE_S, "queue")
        return True

    def _arm(self) -> None:
        """Look again when a pause is over, and at each full minute, when the permitted hours may end."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        promises = [one.promise for one in self.pending() if one.promise is not None]
        if promises and self._means.link:  # else nothing can be done until it is back
            now = self._means.clock()
            due = min((promise.until for promise in promises if promise.until is not None), default=now + MINUTE_S)
            delay = max(0.0, min(due - now, MINUTE_S - now % MINUTE_S))
            self._alarm = asyncio.get_running_loop().call_later(delay, self._look)

    def _look(self) -> None:
        now = self._means.clock()
        for conversation in self.pending():
            promise = conversation.promise
            if promise is None or not self._means.link:
                continue
            if promise.until is not None:
                if promise.until <= now:
                    self.go_on(conversation, promise, now, "hours")
            elif conversation.state is InteractionState.QUEUED and not is_open(promise.rules.permitted, now):
                self.postpone(conversation, now, "hours")
        self._arm()

    def on_link_restored(self, _fact: LinkRestored) -> None:
        self._look()

    # --- its end ---------------------------------------------------------------------------------------------------

    def cancel(self, interaction_id: str) -> None:
        """A supervisor decides that nobody is called. Raises Conflict when nobody was to be called any more."""
        conversation = self._means.conversations.by_id.get(interaction_id)
        if conversation is None or conversation.promise is None:
            raise Conflict("nobody is to be called back for this any more", "ended")
        self.end(conversation, "cancelled", "supervisor")

    def end(self, conversation: Conversation, end: str, ended_by: EndedBy) -> None:
        """The promise and the interaction are over, and the customer was not reached."""
        promise = conversation.promise
        if promise is None:
            return
        self._call_off(conversation, promise)
        conversation.promise = None
        del self._pending[conversation.interaction_id]
        conversation.state = InteractionState.ENDED
        self._means.conversations.remove(conversation)
        self.write_off(conversation.interaction_id, promise.attempts, end, ended_by)
        self._arm()

    def write_off(self, interaction_id: str, attempts: int, end: str, ended_by: EndedBy) -> None:
        """The facts of a promise that ends without the customer."""
        self._publish_end(interaction_id, attempts, end)
        self._means.bus.publish(
            InteractionEnded(
                at=self._means.clock(),
                interaction_id=interaction_id,
                outcome="callback_requested",
                ended_by=ended_by,
            )
        )

    def reached(self, conversation: Conversation) -> None:
        """The customer has answered: the promise is kept, and what follows is a conversation."""
        promise, conversation.promise = conversation.promise, None
        if promise is not None:
            del self._pending[conversation.interaction_id]
            self._publish_end(conversation.interaction_id, promise.attempts, "connected")
            self._arm()

    def _publish_end(self, interaction_id: str, attempts: int, end: str) -> None:
        self._means.bus.publish(
            CallbackEnded(
                at=self._means.clock(),
                interaction_id=interaction_id,
                end=end,  # type: ignore[arg-type]  # one of the fact's words, by every caller
                attempts=attempts,
            )
        )


def _queue(conversation: Conversation) -> str:
    return conversation.place.queue if conversation.place else ""
