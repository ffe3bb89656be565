"""The customer becomes the party's: an attended transfer is completed, or the agent leaves a conference.

The party's leg fetches the customer, and only when the two are together has the agent lost them (`Talks.on_entered`).
A party who still rings gets the customer when they answer: the agent is free at once, and the customer hears music. If
they do not answer, the customer comes back to the agent who gave them away, if free, else to the head of the queue.
"""

from collections.abc import Coroutine
from typing import Any

import structlog

from cti.acd.interaction import InteractionState, InteractionTrigger
from cti.agents.state import AgentState
from cti.errors import Conflict, CtiError, NotFound
from cti.events import InteractionTransferred
from cti.floor.conversation import Conversation, Leg, Party, Place
from cti.floor.legs import Legs
from cti.floor.means import Means
from cti.floor.parties import Parties
from cti.floor.parting import Parting
from cti.floor.talks import Talks

log = structlog.get_logger(__name__)


class Giving:
    def __init__(self, means: Means, legs: Legs, parties: Parties, talks: Talks, parting: Parting) -> None:
        self._means = means
        self._legs = legs
        self._parties = parties
        self._talks = talks
        self._parting = parting

    def give(self, conversation: Conversation, party: Party) -> Coroutine[Any, Any, None]:
        """To a party who has answered; under way when this returns, and the order is to be awaited.

        Raises what the switch raises: then all is as before, or nobody has the customer.
        """
        taker = party.target if party.kind == "agent" else ""
        taking = conversation.taking = Leg(party.channel, taker, answered=True)
        return self._give(conversation, party, taking)

    async def _give(self, conversation: Conversation, party: Party, taking: Leg) -> None:
        try:
            await self._means.switch.take_over(party.channel, conversation.channel)
        except BaseException:
            if conversation.taking is taking:
                self._not_given(conversation, party)
            raise

    def _not_given(self, conversation: Conversation, party: Party) -> None:
        if party.given:
            self._parties.end(conversation, self._means.clock(), "over")
            self._recall(conversation, party)
        else:
            self._parting.not_taken(conversation, self._means.clock())

    async def give_when_answered(self, conversation: Conversation, leg: Leg, party: Party) -> None:
        """The customer's music ends with the party's leg from now on, no longer with the agent's."""
        switch = self._means.switch
        await switch.set_variable(conversation.channel, "LD_HOLDER", party.channel)
        if conversation.leg is not leg or conversation.interaction_id not in self._means.conversations.by_id:
            raise Conflict("this call is over", "ended")
        if conversation.party is not party:
            await switch.set_variable(conversation.channel, "LD_HOLDER", leg.channel)
            raise Conflict(f"{party.name} has just gone", "nobody")
        if party.state != "ringing":
            await self.give(conversation, party)
            return
        party.given, now = True, self._means.clock()
        self._means.bus.publish(
            InteractionTransferred(
                at=now,
                interaction_id=conversation.interaction_id,
                from_agent=leg.agent_id,
                kind=party.kind,
                target=party.target,
            )
        )
        conversation.leg = None
        self._legs.take_from(conversation, leg)
        conversation.move(InteractionTrigger.RELEASE)
        self._talks.end_segment(conversation, now, "transfer")

    # --- it came to nothing ----------------------------------------------------------------------------------------

    def taker_gone(self, conversation: Conversation, party: Party, at: float) -> None:
        """The party, already ended, was about to have the customer, who may have been set down for that."""
        if party.given:
            self._recall(conversation, party)
            return
        self._parting.not_taken(conversation, at)
        leg = conversation.leg
        if leg is not None and conversation.state is InteractionState.HELD:
            order = self._means.switch.on_hold(conversation.channel, leg.channel)
            self._means.orders.start("hold again", order)

    def nobody_left(self, conversation: Conversation, at: float) -> None:
        """The agent has left the conference, and now the party too: as when an agent hangs up."""
        self._parting.agent_left(conversation, at)

    def _recall(self, conversation: Conversation, party: Party) -> None:
        """Whoever gave the customer away gets them back if nothing else is to be done there."""
        now, giver = self._means.clock(), self._means.roster.members.get(party.by)  # nobody knows whom, after a restart
        own = giver.profile.queues if giver is not None else ()
        had = conversation.place or (Place(own[0]) if own else None)
        if had is None:  # a call of the agent's own, who works in no queue where the customer could wait
            self._means.orders.start("release", self._means.switch.hang_up(conversation.channel))
            return
        conversation.next_place = Place(
            had.queue,
            had.priority,
            conversation.started_at,
            had.skills,
            entered_at=now,
            only_agent=party.by if self._is_free(party.by) else "",
        )
        self._means.orders.start("bring back", self._means.switch.to_daemon(conversation.channel), self._by_itself)

    def _is_free(self, agent_id: str) -> bool:
        try:
            return self._means.engine.agent(agent_id).state is AgentState.READY
        except NotFound:
            return False

    @staticmethod
    def _by_itself(error: CtiError) -> None:
        log.info("the customer comes back when the music finds its holder gone", reason=str(error))
