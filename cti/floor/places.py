"""Places in the queues: who waits where, whose wait is over, and who has the customer without having waited."""

import structlog

from cti.acd import events as acd
from cti.acd.decisions import WaitExpired
from cti.acd.interaction import InteractionTrigger
from cti.calendars.calendar import is_open
from cti.errors import CtiError
from cti.events import InteractionOverflowed, InteractionQueued
from cti.floor.conversation import Conversation, Leaving, Place
from cti.floor.distributor import Distributor
from cti.floor.means import Means
from cti.floor.standing import take_standing

CALLBACK_WAIT_S = 1e9
"""Nobody who was promised a call is shown out for having waited long."""

log = structlog.get_logger(__name__)


class Places:
    def __init__(self, means: Means, distributor: Distributor) -> None:
        self._means = means
        self._distributor = distributor

    def own_priority(self, queue: str) -> int:
        """What a queue adds to the priority of whoever waits in it."""
        rules = self._means.engine.queue(queue)
        return rules.priority if rules is not None else 0

    def serves(self, queue: str) -> bool:
        """Whether the queue is configured (still)."""
        return any(rules.name == queue for rules in self._means.engine.queues())

    def is_open(self, queue: str) -> bool:
        """By its opening hours, now."""
        opening = self._means.rules.care(queue).opening
        return opening is None or is_open(opening, self._means.clock())

    def enqueue(self, conversation: Conversation, place: Place, *, told: bool = False) -> InteractionQueued:
        """The interaction waits from now on, and this is its fact; whoever is not let in is `leaving` by then.

        `told`: the store knows it from the daemon before, so that only the desk is to hear of it.
        """
        now = self._means.clock()
        queued_at = place.queued_at if place.queued_at is not None else now
        entered_at, place.queued_at = place.entered_at, queued_at
        place.entered_at = now if entered_at is None else entered_at
        take_standing(place, conversation.card, self._means.rules.care(place.queue))
        conversation.place, conversation.leaving = place, None
        conversation.move(InteractionTrigger.QUEUE)
        queued = InteractionQueued(
            at=now,
            interaction_id=conversation.interaction_id,
            queue=place.queue,
            priority=place.priority + self.own_priority(place.queue),
            queued_at=queued_at,
        )
        if told:
            self._means.desk.on_fact(queued)
        else:
            self._means.bus.publish(queued)
        self._distributor.feed(
            acd.CallerQueued(
                interaction_id=conversation.interaction_id,
                queue=place.queue,
                queued_at=queued_at,
                priority=place.priority,
                skills=place.skills,
                node=self._means.node_of(conversation.channel),
                only_agent=place.only_agent,
                only_group=place.only_group,
                vip=place.vip,
                branch=place.branch,
                preferred_agent=place.preferred_agent,
                entered_at=entered_at,
                offers=conversation.offers,
                max_wait_s=CALLBACK_WAIT_S if conversation.promise or conversation.inherited else None,
            )
        )
        return queued

    def customer_known(self, conversation: Conversation) -> None:
        """The card was read only after the customer had begun to wait. The branch counts from the next queue on."""
        place = conversation.place
        if place is None or not conversation.waiting:
            return
        paused = conversation.promise is not None and conversation.promise.until is not None
        if take_standing(place, conversation.card, self._means.rules.care(place.queue)) and not paused:
            self._distributor.feed(
                acd.InteractionChanged(
                    interaction_id=conversation.interaction_id, vip=place.vip, preferred_agent=place.preferred_agent
                )
            )

    def expire(self, expired: WaitExpired) -> None:
        """The caller waits no longer; a session finds the way out, the one that entered the queue or `/transfer`."""
        conversation = self._means.conversations.by_id.get(expired.interaction_id)
        if conversation is None:
            return
        conversation.move(InteractionTrigger.EXPIRE)
        place = conversation.place
        if place is not None and (place.only_agent or place.only_group):  # transferred in vain, and not let go for it
            now = self._means.clock()
            self.enqueue(
                conversation, Place(place.queue, place.priority, place.queued_at, place.skills, entered_at=now)
            )
            return
        leaving = Leaving(expired.queue, expired.way_out, expired.why)
        self.leave(conversation, leaving)
        self._means.orders.start("end the wait", self._end_wait(conversation, leaving))

    def leave(self, conversation: Conversation, leaving: Leaving) -> None:
        """This queue does not serve the caller (any more)."""
        conversation.leaving = leaving
        self._means.bus.publish(
            InteractionOverflowed(
                at=self._means.clock(),
                interaction_id=conversation.interaction_id,
                queue=leaving.queue,
                why=leaving.why,
                way_out=leaving.way_out,
            )
        )

    async def _end_wait(self, conversation: Conversation, leaving: Leaving) -> None:
        """Out of the music. Who is not let in needs no order: their session has begun before this does."""
        if conversation.leaving is leaving and not leaving.begun:
            await self._means.switch.to_daemon(conversation.channel)

    def give_up(self, conversation: Conversation) -> None:
        """We cannot serve this customer, who is in Asterisk's own queue from now on."""
        if conversation.waiting:
            self._distributor.feed(acd.CallerLeft(interaction_id=conversation.interaction_id))
            conversation.move(InteractionTrigger.EXPIRE)
        conversation.outcome = conversation.outcome or "failed"

    def engage(self, agent_id: str, conversation: Conversation) -> None:
        """Somebody has the customer without an offer (take-over); supervisors who are not signed in are no agents."""
        try:
            self.occupy(agent_id, conversation)
        except CtiError as error:
            log.info("engaged without being signed in", agent=agent_id, reason=str(error))

    def occupy(self, agent_id: str, conversation: Conversation) -> None:
        """The same for who must be signed in and have room: raises `IllegalTransition`, and nothing has changed."""
        queue = conversation.place.queue if conversation.place else ""
        of_no_queue = conversation.direction == "out" and not queue
        self._distributor.feed(
            acd.AgentEngaged(
                agent_id=agent_id,
                interaction_id=conversation.interaction_id,
                queue=queue,
                wrap_up_s=self._means.rules.outbound.wrap_up_s if of_no_queue else None,
            )
        )
