"""Places in the queues: who waits where, whose wait is over, and who has the customer without having waited."""

import structlog

from cti.acd import events as acd
from cti.acd.decisions import WaitExpired
from cti.acd.interaction import InteractionTrigger
from cti.errors import CtiError
from cti.events import InteractionQueued
from cti.floor.conversation import Conversation, Place
from cti.floor.distributor import Distributor
from cti.floor.means import Means

log = structlog.get_logger(__name__)


class Places:
    def __init__(self, means: Means, distributor: Distributor) -> None:
        self._means = means
        self._distributor = distributor

    def own_priority(self, queue: str) -> int:
        """What a queue adds to the priority of whoever waits in it."""
        return next((rules.priority for rules in self._means.engine.queues() if rules.name == queue), 0)

    def enqueue(self, conversation: Conversation, place: Place, *, again: bool) -> None:
        """The interaction waits from now on. `again`: it comes back to a place that it had, `place.queued_at`."""
        now = self._means.clock()
        queued_at = place.queued_at if place.queued_at is not None else now
        place.queued_at = queued_at
        conversation.place = place
        conversation.move(InteractionTrigger.QUEUE)
        self._means.bus.publish(
            InteractionQueued(
                at=now,
                interaction_id=conversation.interaction_id,
                queue=place.queue,
                priority=place.priority + self.own_priority(place.queue),
                queued_at=queued_at,
            )
        )
        self._distributor.feed(
            acd.CallerQueued(
                interaction_id=conversation.interaction_id,
                queue=place.queue,
                queued_at=queued_at,
                priority=place.priority,
                skills=place.skills,
                only_agent=place.only_agent,
                vip=place.vip,
                branch=place.branch,
                preferred_agent=place.preferred_agent,
                entered_at=queued_at if again and not place.only_agent else None,
                offers=conversation.offers,
            )
        )

    def expire(self, expired: WaitExpired) -> None:
        conversation = self._means.conversations.by_id.get(expired.interaction_id)
        if conversation is None:
            return
        conversation.move(InteractionTrigger.EXPIRE)
        place = conversation.place
        if place is not None and place.only_agent:  # who was transferred to a colleague in vain is not let go for it
            anybody = Place(place.queue, place.priority, place.queued_at, place.skills)
            self.enqueue(conversation, anybody, again=True)
            return
        conversation.outcome = "overflowed"
        self._means.orders.start("end the wait", self._means.switch.to_daemon(conversation.channel))

    def give_up(self, conversation: Conversation) -> None:
        """We cannot serve this customer, who is in Asterisk's own queue from now on."""
        if conversation.waiting:
            self._distributor.feed(acd.CallerLeft(interaction_id=conversation.interaction_id))
            conversation.move(InteractionTrigger.EXPIRE)
        conversation.outcome = conversation.outcome or "failed"

    def engage(self, agent_id: str, conversation: Conversation) -> None:
        """Somebody has the customer without an offer (take-over); supervisors who are not signed in are no agents."""
        try:
            self._distributor.feed(
                acd.AgentEngaged(
                    agent_id=agent_id,
                    interaction_id=conversation.interaction_id,
                    queue=conversation.place.queue if conversation.place else "",
                )
            )
        except CtiError as error:
            log.info("engaged without being signed in", agent=agent_id, reason=str(error))
