"""The floor: where the distributor's decisions become orders to Asterisk, and what Asterisk did becomes facts.

Everything happens on one event loop. Mirror facts come in by `on_mirror`, the distributor's decisions are carried out
in order, and each business fact is published once on the bus. Nothing here waits: orders run beside (`orders.py`).
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import structlog

from cti.acd import events as acd
from cti.acd.decisions import AgentChanged, Decision, MakeOffer, RevokeOffer, WaitExpired
from cti.acd.engine import Engine
from cti.acd.interaction import InteractionState, InteractionTrigger
from cti.agents.agent import AgentProfile
from cti.bus import Bus
from cti.desk.desk import Desk
from cti.desk.views import CallView
from cti.errors import CtiError, NotFound
from cti.events import (
    AgentStateChanged,
    BridgeEntered,
    BridgeLeft,
    ChannelAnswered,
    ChannelCreated,
    ChannelHungUp,
    EndpointReachable,
    Fact,
    InteractionConnected,
    InteractionEnded,
    InteractionQueued,
    InteractionTransferred,
    LinkLost,
    LinkRestored,
    OfferEnd,
    OfferEnded,
    OfferMade,
    OriginateFailed,
    Outcome,
    SegmentEnded,
)
from cti.floor.causes import CALLER_GONE_GRACE_S, NORMAL_CLEARING, miss_of
from cti.floor.conversation import Conversation, Conversations, EndedBy, Leg, Place, Segment
from cti.floor.ids import agent_channel
from cti.floor.orders import Orders
from cti.floor.recorder import Recorder
from cti.floor.roster import Roster
from cti.switch.port import CallerId, Ring, Switch

log = structlog.get_logger(__name__)

POP_DEADLINE_S = 0.05
"""How long a ring waits for the screen-pop to be written to the agent's socket: it never holds a caller up."""
SHOWN_DEADLINE_S = 0.15
"""How long it waits then for the page to say that it has painted the pop; a page in the background never says so."""


_ASKS_FOR_A_STATE = (acd.AgentReady, acd.AgentNotReady, acd.AgentSignedOut, acd.AgentEngaged)
RELEASED_S = 120.0
"""How long a leg that is no longer wanted is watched for: longer than any phone rings."""
RELEASE_AGAIN_S = 1.0


class Pops(Protocol):
    """Where the screen-pop goes (`cti.desk.hub.Hub`)."""

    async def flushed(self, agent_id: str, deadline_s: float) -> bool: ...


class Floor:
    def __init__(
        self,
        *,
        engine: Engine,
        switch: Switch,
        bus: Bus,
        pops: Pops,
        desk: Desk,
        roster: Roster,
        recorder: Recorder,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.engine = engine
        self.switch = switch
        self.bus = bus
        self.roster = roster
        self.recorder = recorder
        self.clock = clock
        self.orders = Orders()
        self.conversations = Conversations()
        self._pops = pops
        self.desk = desk
        self._alarm: asyncio.TimerHandle | None = None
        self._paints: dict[str, asyncio.Event] = {}
        self._released: set[str] = set()
        self.link = True
        self._mirror: Mapping[type[Fact], Callable[[Any], None]] = {
            ChannelCreated: self._on_created,
            ChannelAnswered: self._on_answered,
            BridgeEntered: self._on_bridge_entered,
            BridgeLeft: self._on_bridge_left,
            ChannelHungUp: self._on_hung_up,
            OriginateFailed: self._on_originate_failed,
            EndpointReachable: self._on_reachable,
            LinkLost: self._on_link_lost,
            LinkRestored: self._on_link_restored,
        }

    # --- the distributor -------------------------------------------------------------------------------------------

    def feed(self, event: acd.Event) -> None:
        """Tell the distributor something and carry out what it decides."""
        try:
            for decision in self.engine.handle(event, self.clock()):
                self._carry_out(decision)
        finally:
            self._arm()
        if isinstance(event, _ASKS_FOR_A_STATE):
            self._show_pending(event.agent_id)

    def _arm(self) -> None:
        """While the link is down no time passes for the distributor: who was rung may have answered, unheard."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        deadline = self.engine.next_deadline()
        if deadline is not None and self.link:
            delay = max(0.0, deadline - self.clock())
            self._alarm = asyncio.get_running_loop().call_later(delay, self.feed, acd.Tick())

    def _carry_out(self, decision: Decision) -> None:
        match decision:
            case MakeOffer():
                self._offer(decision)
            case RevokeOffer():
                self._revoke(decision)
            case AgentChanged():
                self._publish_state(decision)
            case WaitExpired():
                self._expire(decision)

    def _publish_state(self, changed: AgentChanged) -> None:
        self.bus.publish(
            AgentStateChanged(
                at=self.clock(),
                agent_id=changed.agent_id,
                state=changed.state.value,
                previous=changed.previous.value,
                reason=changed.reason,
                since=changed.since,
                until=changed.until,
                interaction_id=changed.interaction_id,
            )
        )

        self._show_pending(changed.agent_id)

    def _show_pending(self, agent_id: str) -> None:
        try:
            agent = self.engine.agent(agent_id)
        except NotFound:
            self.desk.pending(agent_id, "")
            return
        reason = f":{agent.pending_reason}" if agent.pending_reason else ""
        self.desk.pending(agent_id, f"{agent.pending}{reason}" if agent.pending else "")

    def _offer(self, offer: MakeOffer) -> None:
        conversation = self.conversations.by_id.get(offer.interaction_id)
        if conversation is None:
            log.error("an offer for nobody", interaction=offer.interaction_id)
            self.feed(acd.CallerLeft(interaction_id=offer.interaction_id))
            return
        profile = self.roster.profile(offer.agent_id)
        leg = Leg(agent_channel(offer.offer_id), offer.agent_id, offer.offer_id)
        conversation.leg = leg
        conversation.offers += 1
        conversation.waited_s = offer.waited_s
        self.conversations.by_leg[leg.channel] = conversation
        conversation.move(InteractionTrigger.OFFER)
        self.bus.publish(
            OfferMade(
                at=self.clock(),
                interaction_id=offer.interaction_id,
                offer_id=offer.offer_id,
                agent_id=offer.agent_id,
                queue=offer.queue,
                waited_s=offer.waited_s,
                ring_until=offer.ring_until,
            )
        )
        ring = self._ring_of(conversation, leg, profile, offer.ring_until - self.clock())
        self.orders.start(f"ring {leg.channel}", self._ring(ring, leg), lambda error: self._not_rung(leg, error))

    def _ring_of(self, conversation: Conversation, leg: Leg, profile: AgentProfile, ring_s: float) -> Ring:
        card = conversation.card
        return Ring(
            channel=leg.channel,
            endpoint=self.roster.endpoint(profile.agent_id),
            context="ld-agent",
            caller=CallerId(conversation.number, card.name if card else conversation.caller_name),
            ring_s=ring_s,
            variables={"LD_CUSTOMER": conversation.channel},
        )

    async def _ring(self, ring: Ring, leg: Leg) -> None:
        await self._popped(leg)
        if leg.channel in self.conversations.by_leg:  # the caller may have gone while the pop was on its way
            await self.switch.ring(ring)

    async def _popped(self, leg: Leg) -> None:
        """Until the pop is on the agent's screen, or nobody says so in time."""
        painted = self._paints[leg.offer_id] = asyncio.Event()
        try:
            if await self._pops.flushed(leg.agent_id, POP_DEADLINE_S):
                async with asyncio.timeout(SHOWN_DEADLINE_S):
                    await painted.wait()
        except TimeoutError:
            log.info("the pop was not seen to be painted", offer=leg.offer_id)
        finally:
            del self._paints[leg.offer_id]

    def pop_shown(self, offer_id: str) -> None:
        """The agent's page has painted the pop of this offer."""
        if painted := self._paints.get(offer_id):
            painted.set()

    def _not_rung(self, leg: Leg, error: CtiError) -> None:
        log.warning("the agent's phone could not be rung", agent=leg.agent_id, reason=str(error))
        self.feed(acd.OfferFailed(offer_id=leg.offer_id, reason="unreachable"))

    def _revoke(self, revoked: RevokeOffer) -> None:
        channel = agent_channel(revoked.offer_id)
        self.release(channel)
        if revoked.reason == "stale":
            return
        conversation = self.conversations.by_id.get(revoked.interaction_id)
        if conversation is not None and conversation.leg is not None and conversation.leg.channel == channel:
            conversation.leg = None
            conversation.old_legs.add(channel)
            if conversation.state in (InteractionState.OFFERED, InteractionState.CONNECTED):
                conversation.move(InteractionTrigger.RETURN)
        self.bus.publish(
            OfferEnded(
                at=self.clock(),
                interaction_id=revoked.interaction_id,
                offer_id=revoked.offer_id,
                agent_id=revoked.agent_id,
                reason=revoked.reason,
            )
        )

    def _expire(self, expired: WaitExpired) -> None:
        conversation = self.conversations.by_id.get(expired.interaction_id)
        if conversation is None:
            return
        conversation.move(InteractionTrigger.EXPIRE)
        place = conversation.place
        if place is not None and place.only_agent:  # who was transferred to a colleague in vain is not let go for it
            anybody = Place(place.queue, place.priority, place.queued_at, place.skills)
            self.enqueue(conversation, anybody, again=True)
            return
        conversation.outcome = "overflowed"
        self.orders.start("end the wait", self.switch.to_daemon(conversation.channel))

    # --- legs that are no longer wanted ----------------------------------------------------------------------------

    def release(self, channel: str) -> None:
        """End a leg of ours, also one that is still to come: while its `Originate` is under way no hang-up finds it."""
        if channel not in self._released:
            self._released.add(channel)
            asyncio.get_running_loop().call_later(RELEASED_S, self._released.discard, channel)
        self._hang_up(channel)

    def _hang_up(self, channel: str) -> None:
        if channel in self._released and self.link:
            self.orders.start(f"release {channel}", self.switch.hang_up(channel), lambda _: self._try_again(channel))

    def _try_again(self, channel: str) -> None:
        asyncio.get_running_loop().call_later(RELEASE_AGAIN_S, self._hang_up, channel)

    # --- places and engagements ------------------------------------------------------------------------------------

    def engage(self, agent_id: str, conversation: Conversation) -> None:
        """Somebody has the customer without an offer (take-over); supervisors who are not signed in are no agents."""
        try:
            self.feed(
                acd.AgentEngaged(
                    agent_id=agent_id,
                    interaction_id=conversation.interaction_id,
                    queue=conversation.place.queue if conversation.place else "",
                )
            )
        except CtiError as error:
            log.info("engaged without being signed in", agent=agent_id, reason=str(error))

    def own_priority(self, queue: str) -> int:
        """What a queue adds to the priority of whoever waits in it."""
        return next((rules.priority for rules in self.engine.queues() if rules.name == queue), 0)

    def enqueue(self, conversation: Conversation, place: Place, *, again: bool) -> None:
        """The interaction waits from now on. `again`: it comes back to a place that it had, `place.queued_at`."""
        now = self.clock()
        queued_at = place.queued_at if place.queued_at is not None else now
        place.queued_at = queued_at
        conversation.place = place
        conversation.move(InteractionTrigger.QUEUE)
        self.bus.publish(
            InteractionQueued(
                at=now,
                interaction_id=conversation.interaction_id,
                queue=place.queue,
                priority=place.priority + self.own_priority(place.queue),
                queued_at=queued_at,
            )
        )
        self.feed(
            acd.CallerQueued(
                interaction_id=conversation.interaction_id,
                queue=place.queue,
                queued_at=queued_at,
                priority=place.priority,
                skills=place.skills,
                only_agent=place.only_agent,
                entered_at=queued_at if again and not place.only_agent else None,
                offers=conversation.offers,
            )
        )

    # --- what Asterisk did -----------------------------------------------------------------------------------------

    def on_mirror(self, fact: Fact) -> None:
        """Subscribe this to the bus for the mirror facts."""
        method = self._mirror.get(type(fact))
        if method is not None:
            method(fact)

    def _on_created(self, fact: ChannelCreated) -> None:
        self._hang_up(fact.channel)

    def _on_answered(self, fact: ChannelAnswered) -> None:
        self._hang_up(fact.channel)
        conversation = self.conversations.by_leg.get(fact.channel)
        leg = conversation.leg if conversation is not None else None
        if conversation is None or leg is None or leg.channel != fact.channel:
            return
        leg.answered = True
        if not leg.offer_id:
            return
        if conversation.state is InteractionState.OFFERED:
            conversation.move(InteractionTrigger.ANSWER)
        self.feed(acd.OfferAnswered(offer_id=leg.offer_id))

    def _on_bridge_entered(self, fact: BridgeEntered) -> None:
        conversation = self.conversations.by_leg.get(fact.channel) or self.conversations.by_channel.get(fact.channel)
        pair = {fact.channel, *fact.peers}
        if conversation is None or conversation.channel not in pair:
            return
        if conversation.taking is not None and conversation.taking.channel in pair:
            self._taken_over(conversation, conversation.taking, fact.at)
        leg = conversation.leg
        if leg is not None and leg.channel in pair:
            conversation.left_first = ""
            if not leg.bridged:
                leg.bridged = True
                self._connected(conversation, leg, fact.at)

    def _taken_over(self, conversation: Conversation, leg: Leg, at: float) -> None:
        """Only now, not when it was ordered: until they are together the agent has the customer."""
        self._release_leg(conversation, conversation.leg)  # after a hold it waits outside of any bridge
        conversation.leg, conversation.taking = leg, None
        self.end_segment(conversation, at, "take_over")
        conversation.move(InteractionTrigger.ENGAGE)
        self.engage(leg.agent_id, conversation)

    def _connected(self, conversation: Conversation, leg: Leg, at: float) -> None:
        how = "offer" if leg.offer_id else "take_over"
        if leg.offer_id and conversation.segments:
            how = "transfer"
        conversation.segments += 1
        conversation.segment = Segment(conversation.segments, leg.agent_id, at)
        if leg.offer_id:
            self.feed(acd.OfferConnected(offer_id=leg.offer_id))
            self._offer_ended(conversation, leg, at, "answered")
        self.bus.publish(
            InteractionConnected(
                at=at,
                interaction_id=conversation.interaction_id,
                agent_id=leg.agent_id,
                segment=conversation.segments,
                queue=conversation.place.queue if conversation.place else "",
                waited_s=conversation.waited_s,
                how=how,  # type: ignore[arg-type]  # one of the three above
            )
        )
        # Not earlier: while Bridge() pulls the customer out of AGI, the customer's unique id is for a moment that of an
        # empty channel ("Surrogate/..."), and a recording on that one is lost.
        self.recorder.start(conversation, self.orders)

    def _offer_ended(self, conversation: Conversation, leg: Leg, at: float, reason: OfferEnd) -> None:
        """An offer that was answered ends here: when the two are together, or when it is clear that they never will."""
        self.bus.publish(
            OfferEnded(
                at=at,
                interaction_id=conversation.interaction_id,
                offer_id=leg.offer_id,
                agent_id=leg.agent_id,
                reason=reason,
            )
        )

    def _on_bridge_left(self, fact: BridgeLeft) -> None:
        """Who leaves the bridge first is who hung up: the two `Hangup` events come from two threads, in any order."""
        conversation = self.conversations.by_leg.get(fact.channel) or self.conversations.by_channel.get(fact.channel)
        if conversation is None or conversation.left_first:
            return
        if fact.channel == conversation.channel or (conversation.leg and fact.channel == conversation.leg.channel):
            conversation.left_first = fact.channel

    def _on_hung_up(self, fact: ChannelHungUp) -> None:
        self._released.discard(fact.channel)
        conversation = self.conversations.by_channel.get(fact.channel)
        if conversation is not None:
            self._customer_gone(conversation, fact)
            return
        conversation = self.conversations.by_leg.pop(fact.channel, None)
        if conversation is None:
            return
        conversation.old_legs.discard(fact.channel)
        if conversation.leg is not None and conversation.leg.channel == fact.channel:
            self._leg_gone(conversation, conversation.leg, fact)
        elif conversation.taking is not None and conversation.taking.channel == fact.channel:
            self.not_taken(conversation, fact.at)

    def not_taken(self, conversation: Conversation, at: float) -> None:
        """The take-over came to nothing: the agent goes on, or is gone and the customer must not be left alone."""
        conversation.taking = None
        leg = conversation.leg
        if leg is None or leg.channel not in self.conversations.by_leg:
            self.lost(conversation, at)

    def _on_originate_failed(self, fact: OriginateFailed) -> None:
        self._released.discard(fact.channel)
        conversation = self.conversations.by_leg.pop(fact.channel, None)
        if conversation is not None and conversation.leg is not None and conversation.leg.channel == fact.channel:
            self.feed(acd.OfferFailed(offer_id=conversation.leg.offer_id, reason="unreachable"))

    def _on_reachable(self, fact: EndpointReachable) -> None:
        self.roster.heard(fact.endpoint, reachable=fact.reachable)
        agent_id = self.roster.owner(fact.endpoint)
        if agent_id is not None:
            self.show_phone(agent_id)
            self.feed(acd.ReachabilityChanged(agent_id=agent_id, reachable=self.reachable(agent_id)))

    def reachable(self, agent_id: str) -> bool:
        """Whether the agent's phone could be rung now: it is registered, and we can tell Asterisk to."""
        return self.link and self.roster.is_reachable(agent_id)

    def _on_link_lost(self, _fact: LinkLost) -> None:
        self.link = False
        self._reconsider()

    def _on_link_restored(self, _fact: LinkRestored) -> None:
        """The mirror is right again: whoever could not be rung for want of a link can be."""
        self.link = True
        for channel in tuple(self._released):
            self._hang_up(channel)
        self._reconsider()
        self._arm()

    def _reconsider(self) -> None:
        for agent in self.engine.agents():
            self.feed(acd.ReachabilityChanged(agent_id=agent.agent_id, reachable=self.reachable(agent.agent_id)))

    def call_of(self, agent_id: str) -> CallView | None:
        """What the agent's desk shows: the call, or the wrap-up after it."""
        return self.desk.call(agent_id)

    def show_phone(self, agent_id: str) -> None:
        self.desk.phone(agent_id, self.roster.member(agent_id).phone, reachable=self.roster.is_reachable(agent_id))

    def _leg_gone(self, conversation: Conversation, leg: Leg, fact: ChannelHungUp) -> None:
        loop = asyncio.get_running_loop()
        held = conversation.state is InteractionState.HELD
        if leg.bridged and conversation.taking is not None:
            return  # the supervisor has the customer in a moment, or `not_taken` sees to it
        if leg.bridged and (held or conversation.left_first != conversation.channel):
            self._agent_left(conversation, fact.at)
        elif leg.bridged:  # the caller has hung up, and says so in a moment
            loop.call_later(CALLER_GONE_GRACE_S, self._left_alone, conversation, leg)
        elif leg.answered:  # most often the caller has just gone
            miss = "declined" if fact.cause == NORMAL_CLEARING else miss_of(fact.cause)
            loop.call_later(CALLER_GONE_GRACE_S, self._leg_failed, conversation, leg, miss)
        else:
            self._leg_failed(conversation, leg, miss_of(fact.cause))

    def _leg_failed(self, conversation: Conversation, leg: Leg, miss: acd.Miss) -> None:
        if conversation.leg is leg and not leg.bridged:
            self.feed(acd.OfferFailed(offer_id=leg.offer_id, reason=miss))

    def _left_alone(self, conversation: Conversation, leg: Leg) -> None:
        if conversation.leg is leg and conversation.interaction_id in self.conversations.by_id:
            self.lost(conversation, self.clock())

    def _agent_left(self, conversation: Conversation, at: float) -> None:
        """The agent's phone hung up. A customer on hold whose agent vanished without a word gets the place back."""
        held = conversation.state is InteractionState.HELD
        if held and conversation.ended_by is None:
            self.lost(conversation, at)
            return
        conversation.ended_by = conversation.ended_by or "agent"
        conversation.leg = None
        self.end_segment(conversation, at, "supervisor" if conversation.ended_by == "supervisor" else "agent")
        self._part(conversation, held)

    def _part(self, conversation: Conversation, alone: bool) -> None:
        """The conversation is over for the customer too, who is let go here when nobody else does it."""
        conversation.outcome = "handled"
        conversation.move(InteractionTrigger.RELEASE)
        self.recorder.stop(conversation, self.orders)
        if alone:
            self.orders.start("release", self.switch.hang_up(conversation.channel))

    def lost(self, conversation: Conversation, at: float) -> None:
        """Nobody has the customer any more, who is still there: back to the head of the queue."""
        self.let_go(conversation, at, "lost")
        place = conversation.place
        if place is None:
            self._part(conversation, alone=True)
            return
        conversation.move(InteractionTrigger.RELEASE)
        conversation.next_place = Place(place.queue, place.priority, conversation.started_at)
        self.orders.start("bring back", self.switch.to_daemon(conversation.channel))

    def let_go(self, conversation: Conversation, at: float, ended_by: str) -> None:
        """The agent no longer has the customer; what becomes of the customer is for the caller of this to say."""
        leg, conversation.leg = conversation.leg, None
        conversation.ended_by = None
        self._release_leg(conversation, leg)
        self._unheard(conversation, leg, at, "revoked")
        self.end_segment(conversation, at, ended_by)

    def _unheard(self, conversation: Conversation, leg: Leg | None, at: float, reason: OfferEnd) -> None:
        """The phone was answered, but the two were never together: the agent has nothing to wrap up."""
        if leg is None or not leg.offer_id or not leg.answered or leg.bridged:
            return
        self._offer_ended(conversation, leg, at, reason)
        self.feed(acd.ConversationEnded(agent_id=leg.agent_id, interaction_id=conversation.interaction_id))
        try:
            self.feed(acd.WrapUpFinished(agent_id=leg.agent_id, interaction_id=conversation.interaction_id))
        except CtiError as error:
            log.info("no wrap-up to end", agent=leg.agent_id, reason=str(error))

    def _release_leg(self, conversation: Conversation, leg: Leg | None) -> None:
        if leg is not None and leg.channel in self.conversations.by_leg:
            conversation.old_legs.add(leg.channel)
            self.release(leg.channel)

    def gone_on(self, conversation: Conversation) -> None:
        """The transfer that was under way has been done: the agent is free (to wrap up), the customer on the way."""
        move, now = conversation.move_on, self.clock()
        if move is None:
            return
        conversation.move_on = None
        self.bus.publish(
            InteractionTransferred(
                at=now,
                interaction_id=conversation.interaction_id,
                from_agent=move.leg.agent_id,
                kind=move.kind,
                target=conversation.outside or move.target,
            )
        )
        self._release_leg(conversation, move.leg)
        conversation.move(InteractionTrigger.RELEASE)
        self.end_segment(conversation, now, "transfer")

    def give_up(self, conversation: Conversation) -> None:
        """We cannot serve this customer, who is in Asterisk's own queue from now on."""
        if conversation.waiting:
            self.feed(acd.CallerLeft(interaction_id=conversation.interaction_id))
            conversation.move(InteractionTrigger.EXPIRE)
        conversation.outcome = conversation.outcome or "failed"

    def end_segment(self, conversation: Conversation, at: float, ended_by: str) -> None:
        """The agent's part is over: a fact for the books, and the distributor begins the wrap-up."""
        segment = conversation.segment
        if segment is None:
            return
        conversation.segment = None
        self.bus.publish(
            SegmentEnded(
                at=at,
                interaction_id=conversation.interaction_id,
                agent_id=segment.agent_id,
                segment=segment.number,
                talk_s=max(0.0, at - segment.began),
                hold_s=segment.hold_s(at),
                ended_by=ended_by,  # type: ignore[arg-type]  # one of the fact's words, by every caller
            )
        )
        self.feed(acd.ConversationEnded(agent_id=segment.agent_id, interaction_id=conversation.interaction_id))

    def _customer_gone(self, conversation: Conversation, fact: ChannelHungUp) -> None:
        outcome: Outcome = conversation.outcome or (
            "handled" if conversation.segments or conversation.outside else "abandoned"
        )
        leg = conversation.leg
        if conversation.ended_by is None and leg is not None and leg.bridged and conversation.left_first == leg.channel:
            conversation.ended_by = "agent"
        ended_by: EndedBy = conversation.ended_by or "customer"
        self.end_segment(conversation, fact.at, ended_by if ended_by in ("agent", "supervisor") else "customer")
        self._unheard(conversation, leg, fact.at, "caller_gone")
        self.feed(acd.CallerLeft(interaction_id=conversation.interaction_id))
        for own in (conversation.leg, conversation.taking):
            self._release_leg(conversation, own)
        self.recorder.finish(conversation, self.orders)
        self.forget(conversation)
        self.bus.publish(
            InteractionEnded(
                at=fact.at,
                interaction_id=conversation.interaction_id,
                outcome=outcome,
                ended_by=ended_by,
                cause=fact.cause,
                certain=fact.cause_text != "",  # Asterisk names every cause, also 0 ("Unknown": gone while in AGI)
            )
        )

    def reap(self, channel: str) -> None:
        """A channel that is no longer in the mirror and whose hang-up nobody told us: as if it had hung up now."""
        conversation = self.conversations.by_channel.get(channel)
        if conversation is not None:
            fact = ChannelHungUp(
                at=self.clock(), channel=channel, name="", linkedid=conversation.linkedid, cause=0, cause_text=""
            )
            self._customer_gone(conversation, fact)

    def forget(self, conversation: Conversation) -> None:
        conversation.state = InteractionState.ENDED
        self.conversations.remove(conversation)
