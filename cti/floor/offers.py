"""One caller, one agent, one phone that rings: an offer from its decision to its one end.

The screen-pop goes first, with a deadline; then the phone is rung. What becomes of it comes in as mirror facts.

Where a queue rings all, several such legs ring for one caller, and whoever has the caller first has won. That is for
Asterisk to say, not for us: of two who answer in the same instant the dialplan lets one fetch the caller (`ld-agent`),
not always the one of whom we hear first. So an answer alone wins only when no other leg rings; else being together with
the caller does (`docs/decisions/0012-ring-all.md`).
"""

import asyncio
from typing import Protocol

import structlog

from cti.acd import events as acd
from cti.acd.decisions import MakeOffer, RevokeOffer
from cti.acd.interaction import InteractionState, InteractionTrigger
from cti.errors import CtiError
from cti.events import ChannelAnswered, EndpointReachable, LinkLost, OfferEnd, OfferEnded, OfferMade, OriginateFailed
from cti.floor.conversation import Conversation, Leg
from cti.floor.distributor import Distributor
from cti.floor.explaining import Explaining
from cti.floor.ids import agent_channel, customer_channel
from cti.floor.legs import Legs
from cti.floor.means import Means
from cti.floor.roster import PREFIXES
from cti.switch.port import CallerId, Ring

log = structlog.get_logger(__name__)

POP_DEADLINE_S = 0.05
"""How long a ring waits for the screen-pop to be written to the agent's socket: it never holds a caller up."""
SHOWN_DEADLINE_S = 1.0
"""How long a ring waits for the page to say that it has painted the pop. A page in the background says so at once."""
SILENT_DEADLINE_S = 0.15
"""The same where it may be a program that shows nothing: beside a hard phone, until it has said once that it did; and
wherever nothing was said the last time."""

RING_AGAIN_S = 60.0
"""How long a phone that was registered anew rings, should the daemon be gone: its offer ends when it would have."""

DIAL_GRACE_S = 15.0
"""How much longer than a customer's phone rings an agent's leg waits, should nobody tell it that it is in vain."""


class Pops(Protocol):
    """Where the screen-pop goes (`cti.desk.hub.Hub`)."""

    async def flushed(self, agent_id: str, deadline_s: float) -> bool: ...


class Offers:
    def __init__(self, means: Means, distributor: Distributor, legs: Legs, pops: Pops, explaining: Explaining) -> None:
        self._means = means
        self._distributor = distributor
        self._explaining = explaining
        self._legs = legs
        self._pops = pops
        self._paints: dict[str, asyncio.Event] = {}
        self._paints_pops: dict[str, bool] = {}

    # --- ringing ---------------------------------------------------------------------------------------------------

    def make(self, offer: MakeOffer) -> None:
        means = self._means
        conversation = means.conversations.by_id.get(offer.interaction_id)
        if conversation is None:
            log.error("an offer for nobody", interaction=offer.interaction_id)
            self._distributor.feed(acd.CallerLeft(interaction_id=offer.interaction_id))
            return
        endpoint = means.roster.endpoint(offer.agent_id)
        leg = Leg(agent_channel(offer.offer_id), offer.agent_id, offer.offer_id)
        if not conversation.ringing:
            conversation.move(InteractionTrigger.OFFER)
        conversation.ringing[leg.channel] = leg
        conversation.offers += 1
        conversation.waited_s = offer.waited_s
        means.conversations.by_leg[leg.channel] = conversation
        means.bus.publish(
            OfferMade(
                at=means.clock(),
                interaction_id=offer.interaction_id,
                offer_id=offer.offer_id,
                agent_id=offer.agent_id,
                queue=offer.queue,
                waited_s=offer.waited_s,
                ring_until=offer.ring_until,
                why=self._explaining.offer(offer),
            )
        )
        ring = _ring_of(conversation, leg, endpoint, offer.ring_until - means.clock())
        means.orders.start(f"ring {leg.channel}", self._ring(ring, leg), lambda error: self._not_rung(leg, error))

    async def _ring(self, ring: Ring, leg: Leg) -> None:
        await self._popped(leg)
        conversation = self._means.conversations.by_leg.get(leg.channel)
        if conversation is not None and leg.channel in conversation.ringing:  # and nobody was quicker than the pop
            await self._means.switch.ring(ring)

    async def _popped(self, leg: Leg) -> None:
        """Until the pop is on the agent's screen, or nobody says so in time."""
        painted = self._paints[leg.offer_id] = asyncio.Event()
        try:
            async with asyncio.timeout(self._patience_s(leg.agent_id)):
                if await self._pops.flushed(leg.agent_id, SHOWN_DEADLINE_S):
                    await painted.wait()
        except TimeoutError:
            self._paints_pops[leg.agent_id] = False
            log.info("the pop was not seen to be painted", offer=leg.offer_id)
        finally:
            del self._paints[leg.offer_id]

    def _patience_s(self, agent_id: str) -> float:
        in_the_page = self._means.roster.member(agent_id).phone == "web"
        return SHOWN_DEADLINE_S if self._paints_pops.get(agent_id, in_the_page) else SILENT_DEADLINE_S

    def pop_shown(self, agent_id: str, offer_id: str) -> None:
        """The agent's page has painted the pop of this offer."""
        self._paints_pops[agent_id] = True
        if painted := self._paints.get(offer_id):
            painted.set()

    def on_reachable(self, fact: EndpointReachable) -> None:
        """A page that was reloaded while its phone rang has registered anew: it rings again."""
        means = self._means
        agent_id = means.roster.owner(fact.endpoint)
        conversation = means.conversations.of_agent(agent_id) if agent_id is not None else None
        leg = conversation.leg_of(agent_id) if conversation is not None and agent_id is not None else None
        if not fact.reachable or conversation is None or leg is None or not leg.offer_id or leg.answered:
            return
        if not fact.endpoint.startswith(PREFIXES["web"]) or conversation.ringing.pop(leg.channel, None) is None:
            return
        conversation.old_legs.add(leg.channel)
        self._legs.release(leg.channel)
        conversation.returns += 1
        leg = Leg(f"{agent_channel(leg.offer_id)}r{conversation.returns}", leg.agent_id, leg.offer_id)
        conversation.ringing[leg.channel] = leg
        means.conversations.by_leg[leg.channel] = conversation
        ring = _ring_of(conversation, leg, fact.endpoint, RING_AGAIN_S)
        means.orders.start(
            f"ring {leg.channel} again", means.switch.ring(ring), lambda error: self._not_rung(leg, error)
        )

    def on_link_lost(self, fact: LinkLost) -> None:
        """Of several telephone systems one is gone: of its agents, who are rung there, nobody is to blame for it."""
        if not fact.partial:
            return  # time stands still until it is back
        means = self._means
        legs = [(leg, one.channel) for one in means.conversations.by_id.values() for leg in one.ringing.values()]
        for leg, customer in legs:
            if fact.node in (means.node_of(customer), means.node_of(leg.channel)):
                self._distributor.feed(acd.OfferFailed(offer_id=leg.offer_id, reason="unreachable"))

    # --- how it ends -----------------------------------------------------------------------------------------------

    def revoke(self, revoked: RevokeOffer) -> None:
        means = self._means
        conversation = means.conversations.by_id.get(revoked.interaction_id)
        rung = conversation.legs() if conversation is not None else ()
        own = agent_channel(revoked.offer_id)
        channel = next((leg.channel for leg in rung if leg.offer_id == revoked.offer_id), own)
        self._legs.release(channel)
        if revoked.reason == "stale":
            return
        if conversation is not None and (leg := conversation.leg_on(channel)) is not None:
            conversation.ringing.pop(channel, None)
            conversation.old_legs.add(channel)
            if leg is conversation.leg:
                conversation.leg = None
            nobody = not conversation.ringing and conversation.leg is None
            if nobody and conversation.state in (InteractionState.OFFERED, InteractionState.CONNECTED):
                conversation.move(InteractionTrigger.RETURN)
        means.bus.publish(
            OfferEnded(
                at=means.clock(),
                interaction_id=revoked.interaction_id,
                offer_id=revoked.offer_id,
                agent_id=revoked.agent_id,
                reason=revoked.reason,
            )
        )

    def on_answered(self, fact: ChannelAnswered) -> None:
        conversation = self._means.conversations.by_leg.get(fact.channel)
        leg = conversation.leg_on(fact.channel) if conversation is not None else None
        if conversation is None or leg is None:
            return
        leg.answered = True
        if len(conversation.ringing) == 1 or conversation.promise:  # who is called back is fetched by nobody yet
            self.win(conversation, leg)

    def win(self, conversation: Conversation, leg: Leg) -> None:
        """This agent has the caller, or is about to: no other phone rings for it any more."""
        if conversation.ringing.pop(leg.channel, None) is None:
            return
        conversation.leg = leg
        conversation.move(InteractionTrigger.ANSWER)
        self._distributor.feed(acd.OfferAnswered(offer_id=leg.offer_id))

    def on_originate_failed(self, fact: OriginateFailed) -> None:
        conversation = self._means.conversations.by_leg.pop(fact.channel, None)
        leg = conversation.ringing.get(fact.channel) if conversation is not None else None
        if leg is not None:
            self._distributor.feed(acd.OfferFailed(offer_id=leg.offer_id, reason="unreachable"))

    def _not_rung(self, leg: Leg, error: CtiError) -> None:
        log.warning("the agent's phone could not be rung", agent=leg.agent_id, reason=str(error))
        self._distributor.feed(acd.OfferFailed(offer_id=leg.offer_id, reason="unreachable"))

    def failed(self, conversation: Conversation, leg: Leg, miss: acd.Miss) -> None:
        """The leg ended and the two were never together."""
        if conversation.leg_on(leg.channel) is leg and not leg.bridged:
            self._distributor.feed(acd.OfferFailed(offer_id=leg.offer_id, reason=miss))

    def ended(self, conversation: Conversation, leg: Leg, at: float, reason: OfferEnd) -> None:
        """An offer that was answered ends here: when the two are together, or when it is clear that they never will."""
        self._means.bus.publish(
            OfferEnded(
                at=at,
                interaction_id=conversation.interaction_id,
                offer_id=leg.offer_id,
                agent_id=leg.agent_id,
                reason=reason,
            )
        )

    def unheard(self, conversation: Conversation, leg: Leg | None, at: float, reason: OfferEnd) -> None:
        """The phone was answered, but the two were never together: the agent has nothing to wrap up."""
        if leg is None or not leg.offer_id or not leg.answered or leg.bridged:
            return
        self.ended(conversation, leg, at, reason)
        feed, interaction = self._distributor.feed, conversation.interaction_id
        feed(acd.ConversationEnded(agent_id=leg.agent_id, interaction_id=interaction))
        try:
            feed(acd.WrapUpFinished(agent_id=leg.agent_id, interaction_id=interaction))
        except CtiError as error:
            log.info("no wrap-up to end", agent=leg.agent_id, reason=str(error))


def _ring_of(conversation: Conversation, leg: Leg, endpoint: str, ring_s: float) -> Ring:
    card = conversation.card
    return Ring(
        channel=leg.channel,
        endpoint=endpoint,
        context="ld-callback" if conversation.promise else "ld-agent",
        caller=CallerId(conversation.number, card.name if card else conversation.caller_name),
        ring_s=ring_s,
        variables=_variables(conversation),
    )


def _variables(conversation: Conversation) -> dict[str, str]:
    """Whom the leg is to fetch; a customer who will be called back has a leg that is still to come."""
    promise = conversation.promise
    if promise is None:
        return {"LD_CUSTOMER": conversation.channel}
    called = customer_channel(conversation.interaction_id, promise.attempts + 1)
    return {"LD_CUSTOMER": called, "LD_DIAL_MAX": str(int(promise.rules.ring_s + DIAL_GRACE_S))}
