"""An agent calls a customer: the agent's own phone is rung and answers, then the customer is dialled over the trunk.

The interaction begins with the click: the agent is BUSY from then on and has the customer's card before the customer's
phone rings. It goes on as a callback does whose turn has come (`cti/floor/dialling.py`, `dialplan/callback.conf`), but
it is of no queue, there is one attempt, and that is in the books before it is made. Once the two are together it is a
conversation like any other; until then `Conversation.outgoing` is set, and whatever goes wrong ends it here.
"""

import asyncio
from collections.abc import Callable

import structlog

from cti.acd import events as acd
from cti.acd.interaction import InteractionState, InteractionTrigger
from cti.errors import CtiError, DeadlineExceeded
from cti.events import (
    CallFailed,
    CallPlaced,
    ChannelAnswered,
    ChannelHungUp,
    DialFailure,
    Fact,
    InteractionConnected,
    InteractionEnded,
    InteractionStarted,
    OriginateFailed,
)
from cti.floor.causes import CALL_REJECTED, NORMAL_CLEARING, USER_BUSY, failure_of
from cti.floor.conversation import Conversation, EndedBy, Leg, Outgoing
from cti.floor.dialling import KEPT_S, OVERDUE_S, dial_of
from cti.floor.distributor import Distributor
from cti.floor.identifying import IDENTIFY_S
from cti.floor.ids import agent_channel, interaction_id, outbound_channel
from cti.floor.legs import Legs
from cti.floor.means import Means
from cti.floor.offers import DIAL_GRACE_S, POP_DEADLINE_S, Pops
from cti.floor.places import Places
from cti.switch.port import CallerId, Ring

log = structlog.get_logger(__name__)

Publish = Callable[[Fact], object]

OWN_RING_S = 20.0
"""How long the agent's own phone is rung; the page's softphone answers by itself."""


class Outbound:
    def __init__(self, means: Means, distributor: Distributor, legs: Legs, places: Places, pops: Pops) -> None:
        self._means = means
        self._distributor = distributor
        self._legs = legs
        self._places = places
        self._pops = pops

    # --- from the click to the customer's phone --------------------------------------------------------------------

    def place(self, agent_id: str, number: str) -> Conversation:
        """The interaction begins; nobody is rung yet. `number` is canonical.

        Raises `NotDialled` for one that may not be dialled, `IllegalTransition` for an agent who is not free.
        """
        means, now, rules = self._means, self._means.clock(), self._means.rules
        interaction = interaction_id(now)
        channel = outbound_channel(interaction)
        permit = means.permits.ask(number, user=agent_id, purpose="call", channel=channel, interaction_id=interaction)
        conversation = Conversation(
            interaction_id=interaction,
            channel="",
            linkedid=channel,
            number=number,
            caller_name="",
            dialled=rules.outbound.caller_id,
            language=rules.flow(rules.outbound.caller_id).language,
            started_at=now,
            direction="out",
            outgoing=Outgoing(rules.outbound.ring_s, permit=permit),
        )
        self._places.occupy(agent_id, conversation)
        conversation.move(InteractionTrigger.ENGAGE)
        leg = conversation.leg = Leg(agent_channel(f"{interaction}-0"), agent_id)
        means.conversations.add(conversation)
        means.conversations.by_leg[leg.channel] = conversation
        self.tell(conversation, means.bus.publish)
        return conversation

    @staticmethod
    def tell(conversation: Conversation, publish: Publish) -> None:
        """The first two facts of it."""
        leg, interaction = conversation.leg, conversation.interaction_id
        publish(
            InteractionStarted(
                at=conversation.started_at,
                interaction_id=interaction,
                medium="voice",
                channel=conversation.linkedid,
                linkedid=conversation.linkedid,
                customer_number=conversation.number,
                caller_name="",
                dialled=conversation.dialled,
                direction="out",
            )
        )
        publish(
            CallPlaced(
                at=conversation.started_at,
                interaction_id=interaction,
                agent_id=leg.agent_id if leg else "",
                number=conversation.number,
                channel=conversation.linkedid,
            )
        )

    def ring(self, conversation: Conversation) -> None:
        """Ring the agent, whose page shows by then whom the call is for, as far as that is known."""
        leg = conversation.leg
        if leg is None:
            return
        self._means.orders.start(
            f"ring {leg.channel}",
            self._ring(conversation, leg),
            lambda error: self._not_made(conversation, "own_phone", error),
        )
        self.watch(conversation, "", KEPT_S + OWN_RING_S + OVERDUE_S)

    async def _ring(self, conversation: Conversation, leg: Leg) -> None:
        await self._pops.flushed(leg.agent_id, POP_DEADLINE_S)
        outgoing = conversation.outgoing
        if outgoing is None:  # called off meanwhile
            return
        await self._means.switch.ring(
            Ring(
                channel=leg.channel,
                endpoint=self._means.roster.endpoint(leg.agent_id),
                context="ld-callback",
                caller=CallerId(conversation.number, conversation.card.name if conversation.card else ""),
                ring_s=OWN_RING_S,
                variables={
                    "LD_CUSTOMER": conversation.linkedid,
                    "LD_DIAL_MAX": str(int(KEPT_S + outgoing.ring_s + DIAL_GRACE_S)),
                },
                auto_answer=True,
            )
        )

    def _begin(self, conversation: Conversation, outgoing: Outgoing, leg: Leg) -> None:
        outgoing.dialling = conversation.linkedid
        self._means.conversations.attach(conversation, outgoing.dialling)
        self._means.orders.start(
            f"dial {outgoing.dialling}",
            self._dial(conversation, outgoing, leg),
            lambda error: self._not_made(conversation, "unreachable", error),
        )
        self.watch(conversation, outgoing.dialling, KEPT_S + outgoing.ring_s + OVERDUE_S)

    async def _dial(self, conversation: Conversation, outgoing: Outgoing, leg: Leg) -> None:
        if conversation.identifying is not None:  # the card first
            await asyncio.wait({conversation.identifying}, timeout=IDENTIFY_S)
            await self._pops.flushed(leg.agent_id, POP_DEADLINE_S)
        try:
            async with asyncio.timeout(KEPT_S):
                await self._means.kept()
        except TimeoutError:
            raise DeadlineExceeded("the call could not be stored") from None
        if conversation.outgoing is outgoing and outgoing.permit is not None:  # not called off meanwhile
            more = {"LD_OUT": "1"}
            order = dial_of(conversation, outgoing.dialling, outgoing.permit, leg, outgoing.ring_s, more)
            await self._means.switch.dial(order)

    def _not_made(self, conversation: Conversation, why: DialFailure, error: CtiError) -> None:
        log.warning("a call could not be made", interaction=conversation.interaction_id, reason=str(error))
        self.end(conversation, why, "system")

    def watch(self, conversation: Conversation, dialling: str, for_s: float) -> None:
        """A leg that never comes to be, unheard because the link was down, is waited for no longer than this."""
        asyncio.get_running_loop().call_later(for_s, self._overdue, conversation, dialling)

    def _overdue(self, conversation: Conversation, dialling: str) -> None:
        outgoing = conversation.outgoing
        if outgoing is None or outgoing.dialling != dialling or outgoing.answered:
            return
        if self._means.link:
            self.end(conversation, "no_answer" if dialling else "own_phone", "system")
        else:
            self.watch(conversation, dialling, OVERDUE_S)

    # --- what becomes of it ----------------------------------------------------------------------------------------

    def _of(self, channel: str) -> tuple[Conversation, Outgoing] | None:
        conversations = self._means.conversations
        conversation = conversations.by_leg.get(channel) or conversations.by_channel.get(channel)
        if conversation is None or conversation.outgoing is None:
            return None
        return conversation, conversation.outgoing

    def on_answered(self, fact: ChannelAnswered) -> None:
        if (found := self._of(fact.channel)) is None:
            return
        conversation, outgoing = found
        leg = conversation.leg
        if fact.channel == outgoing.dialling:
            outgoing.answered = True
        elif leg is not None and leg.channel == fact.channel and not outgoing.dialling:
            self._begin(conversation, outgoing, leg)

    def on_connected(self, fact: InteractionConnected) -> None:
        """From here on it is a conversation like any other."""
        if conversation := self._means.conversations.by_id.get(fact.interaction_id):
            conversation.outgoing = None

    def on_hung_up(self, fact: ChannelHungUp) -> None:
        if (found := self._of(fact.channel)) is None:
            return
        conversation, outgoing = found
        if fact.channel == outgoing.dialling:
            self.end(conversation, failure_of(fact.cause), "system", fact.cause)
        elif outgoing.dialling or fact.cause in {NORMAL_CLEARING, CALL_REJECTED, USER_BUSY}:
            self.end(conversation, "cancelled", conversation.ended_by or "agent")
        else:
            self.end(conversation, "own_phone", "system")

    def on_originate_failed(self, fact: OriginateFailed) -> None:
        if found := self._of(fact.channel):
            self.end(found[0], "unreachable" if fact.channel == found[1].dialling else "own_phone", "system")

    def cancel(self, conversation: Conversation, ended_by: EndedBy) -> None:
        """Whoever rings stops ringing."""
        self.end(conversation, "cancelled", ended_by)

    def end(
        self, conversation: Conversation, why: DialFailure, ended_by: EndedBy, cause: int = NORMAL_CLEARING
    ) -> None:
        """The customer was not reached: nobody is rung for it any more, and the agent has nothing to wrap up."""
        outgoing, leg, means = conversation.outgoing, conversation.leg, self._means
        if outgoing is None or leg is None:
            return
        conversation.outgoing = None
        if not outgoing.dialling:
            means.permits.never(conversation.linkedid)
        for channel in filter(None, (outgoing.dialling, leg.channel)):
            self._legs.release(channel)
        means.conversations.remove(conversation)
        conversation.state = InteractionState.ENDED
        now, interaction = means.clock(), conversation.interaction_id
        means.bus.publish(
            CallFailed(
                at=now, interaction_id=interaction, agent_id=leg.agent_id, number=conversation.number, reason=why
            )
        )
        over = acd.ConversationEnded(agent_id=leg.agent_id, interaction_id=interaction, wrap_up=False)
        self._distributor.feed(over)
        self._distributor.feed(acd.CallerLeft(interaction_id=interaction))
        means.bus.publish(
            InteractionEnded(at=now, interaction_id=interaction, outcome="failed", ended_by=ended_by, cause=cause)
        )
