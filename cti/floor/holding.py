"""The customer hears music while the agent waits, and is fetched back."""

from cti.acd.interaction import InteractionState, InteractionTrigger
from cti.errors import Conflict
from cti.events import InteractionHeld, InteractionResumed
from cti.floor.conversation import Conversation, Leg
from cti.floor.means import Means


class Holding:
    """Both orders raise what the switch raises, with the state as before, and Conflict when somebody has hung up."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def still_on(self, conversation: Conversation, leg: Leg) -> None:
        """While Asterisk answered, either of the two may have hung up."""
        if conversation.leg is not leg or conversation.interaction_id not in self._means.conversations.by_id:
            raise Conflict("this call is over", "ended")

    async def hold(self, conversation: Conversation, leg: Leg) -> None:
        conversation.move(InteractionTrigger.HOLD)
        try:
            await self._means.switch.hold(conversation.channel, leg.channel)
        except BaseException:
            if conversation.leg is leg and conversation.state is InteractionState.HELD:
                conversation.move(InteractionTrigger.RESUME)
            raise
        self.still_on(conversation, leg)
        self.held(conversation, leg)

    async def resume(self, conversation: Conversation, leg: Leg) -> None:
        """Until the two are in a bridge again the customer is in none: should the agent go now, nobody has them."""
        conversation.move(InteractionTrigger.RESUME)
        conversation.left_first = conversation.channel
        try:
            await self._means.switch.resume(leg.channel)
        except BaseException:
            if conversation.leg is leg and conversation.state is InteractionState.CONNECTED:
                conversation.move(InteractionTrigger.HOLD)
            raise
        self.still_on(conversation, leg)
        self.resumed(conversation, leg)

    # --- the same by other orders ----------------------------------------------------------------------------------

    def held(self, conversation: Conversation, leg: Leg) -> None:
        """The customer hears music from now on."""
        now = self._means.clock()
        if conversation.segment is not None:
            conversation.segment.held_since = now
        fact = InteractionHeld(at=now, interaction_id=conversation.interaction_id, agent_id=leg.agent_id)
        self._means.bus.publish(fact)

    def resumed(self, conversation: Conversation, leg: Leg) -> None:
        """The customer talks with the agent again."""
        now, segment = self._means.clock(), conversation.segment
        if segment is not None and segment.held_since is not None:
            segment.held_s += now - segment.held_since
            segment.held_since = None
        fact = InteractionResumed(at=now, interaction_id=conversation.interaction_id, agent_id=leg.agent_id)
        self._means.bus.publish(fact)
