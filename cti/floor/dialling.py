"""An agent has answered for a customer who was promised a call: the customer is dialled, once.

The books first: an attempt is stored before its `Originate` goes out, and an attempt that is stored is never made
again, whatever dies when. The customer's leg has a name of its own for each attempt: Asterisk refuses a second one.
"""

import asyncio
from collections.abc import Mapping

import structlog

from cti.acd.interaction import InteractionState
from cti.calendars.calendar import is_open
from cti.errors import CtiError, DeadlineExceeded
from cti.events import CallbackDialled, CallbackPause, ChannelAnswered, ChannelHungUp, OriginateFailed
from cti.floor.callback_plan import next_attempt, pause_of
from cti.floor.callbacks import Callbacks
from cti.floor.causes import NORMAL_CLEARING, miss_of
from cti.floor.conversation import Conversation, Leg, Place, Promise
from cti.floor.ids import customer_channel
from cti.floor.means import Means
from cti.floor.permits import NotDialled
from cti.floor.ticket import ticket_text
from cti.switch.permit import Permit
from cti.switch.port import CallerId, Dial

log = structlog.get_logger(__name__)

KEPT_S = 5.0
"""How long an agent who has answered waits for the books."""
OVERDUE_S = 10.0
"""How much longer than it may ring a leg is believed to be still to come."""


class Dialling:
    def __init__(self, means: Means, callbacks: Callbacks) -> None:
        self._means = means
        self._callbacks = callbacks

    def on_answered(self, fact: ChannelAnswered) -> None:
        conversations = self._means.conversations
        conversation = conversations.by_leg.get(fact.channel) or conversations.by_channel.get(fact.channel)
        if conversation is None or (promise := conversation.promise) is None:
            return
        leg = conversation.leg
        if fact.channel == promise.dialling:
            self._callbacks.reached(conversation)
        elif leg is not None and leg.channel == fact.channel and conversation.state is InteractionState.CONNECTED:
            self._begin(conversation, promise, leg)

    def on_hung_up(self, fact: ChannelHungUp) -> None:
        conversations = self._means.conversations
        conversation = conversations.by_channel.get(fact.channel) or conversations.by_leg.get(fact.channel)
        if conversation is None or (promise := conversation.promise) is None or not promise.dialling:
            return
        if fact.channel == promise.dialling:
            self._not_reached(conversation, promise, pause_of(fact.cause))
        elif conversation.leg is not None and conversation.leg.channel == fact.channel:
            miss = "declined" if fact.cause == NORMAL_CLEARING else miss_of(fact.cause)
            self._callbacks.postpone(conversation, self._again_at(promise), "agent_gone", miss)

    def on_originate_failed(self, fact: OriginateFailed) -> None:
        conversation = self._means.conversations.by_channel.get(fact.channel)
        if conversation is not None and conversation.promise is not None:
            self._not_reached(conversation, conversation.promise, "unreachable")

    # --- one attempt -----------------------------------------------------------------------------------------------

    def _again_at(self, promise: Promise) -> float:
        return self._means.clock() + promise.rules.retry_s

    def _not_reached(self, conversation: Conversation, promise: Promise, why: CallbackPause) -> None:
        self._callbacks.postpone(conversation, self._again_at(promise), why)

    def _begin(self, conversation: Conversation, promise: Promise, leg: Leg) -> None:
        means, now = self._means, self._means.clock()
        if next_attempt(promise.rules, promise.attempts, now) != now:
            self._callbacks.postpone(conversation, now, "hours")
            return
        interaction, attempt = conversation.interaction_id, promise.attempts + 1
        channel = customer_channel(interaction, attempt)
        try:
            permit = means.permits.ask(
                promise.number,
                user="",
                purpose="callback",
                channel=channel,
                interaction_id=interaction,
                allow=promise.rules.allow,
            )
        except NotDialled as refusal:
            log.warning("a callback comes later", interaction=interaction, reason=str(refusal))
            self._callbacks.postpone(conversation, self._again_at(promise), "limit")
            return
        promise.attempts, promise.dialling = attempt, channel
        means.conversations.attach(conversation, channel)
        means.bus.publish(
            CallbackDialled(
                at=now,
                interaction_id=conversation.interaction_id,
                attempts=promise.attempts,
                number=promise.number,
                channel=channel,
                agent_id=leg.agent_id,
                until=now + promise.rules.ring_s + promise.rules.retry_s,
            )
        )
        means.orders.start(
            f"dial {channel}",
            self._dial(conversation, promise, leg, permit),
            lambda error: self._not_dialled(conversation, channel, error),
        )
        self.watch(conversation, channel, KEPT_S + promise.rules.ring_s + OVERDUE_S)

    async def _dial(self, conversation: Conversation, promise: Promise, leg: Leg, permit: Permit) -> None:
        channel = promise.dialling
        try:
            async with asyncio.timeout(KEPT_S):
                await self._means.kept()
        except TimeoutError:
            raise DeadlineExceeded("the attempt could not be stored") from None
        if promise.dialling != channel:  # called off meanwhile
            return
        if not is_open(promise.rules.permitted, self._means.clock()):
            self._callbacks.postpone(conversation, self._means.clock(), "hours")
            return
        place = conversation.place or Place("")
        ticket = {"LD_PLACE": ticket_text(conversation, place, self._means.clock())}
        await self._means.switch.dial(dial_of(conversation, channel, permit, leg, promise.rules.ring_s, ticket))

    def _not_dialled(self, conversation: Conversation, channel: str, error: CtiError) -> None:
        log.warning("a customer could not be called back", channel=channel, reason=str(error))
        if (promise := conversation.promise) is not None and promise.dialling == channel:
            self._not_reached(conversation, promise, "unreachable")

    def watch(self, conversation: Conversation, channel: str, for_s: float) -> None:
        """A leg that never comes to be, unheard because the link was down, is waited for no longer than this."""
        asyncio.get_running_loop().call_later(for_s, self._overdue, conversation, channel)

    def _overdue(self, conversation: Conversation, channel: str) -> None:
        promise = conversation.promise
        if promise is None or promise.dialling != channel:
            return
        if self._means.link:
            self._not_reached(conversation, promise, "no_answer")
        else:
            self.watch(conversation, channel, OVERDUE_S)


def dial_of(  # noqa: PLR0917  # who calls whom, and how
    conversation: Conversation, channel: str, permit: Permit, leg: Leg, ring_s: float, more: Mapping[str, str]
) -> Dial:
    """The order that calls a customer for the agent on `leg`. The customer sees the number that is `dialled`.

    With LD_PLACE in `more` a daemon that starts anew knows who this is.
    """
    return Dial(
        channel=channel,
        permit=permit,
        context="ld-called",
        caller=CallerId(conversation.dialled),
        ring_s=ring_s,
        variables={
            "LD_AGENT": leg.channel,
            "LD_DID": conversation.dialled,
            "LD_INTERACTION": conversation.interaction_id,
            **more,
        },
    )
