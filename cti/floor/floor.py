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
from cti.errors import CtiError
from cti.events import (
    AgentStateChanged,
    BridgeEntered,
    BridgeLeft,
    ChannelAnswered,
    ChannelHungUp,
    EndpointReachable,
    Fact,
    InteractionConnected,
    InteractionEnded,
    InteractionQueued,
    OfferEnded,
    OfferMade,
    OriginateFailed,
    Outcome,
    SegmentEnded,
)
from cti.floor.causes import CALLER_GONE_GRACE_S, miss_of
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
        self._mirror: Mapping[type[Fact], Callable[[Any], None]] = {
            ChannelAnswered: self._on_answered,
            BridgeEntered: self._on_bridge_entered,
            BridgeLeft: self._on_bridge_left,
            ChannelHungUp: self._on_hung_up,
            OriginateFailed: self._on_originate_failed,
            EndpointReachable: self._on_reachable,
        }

    # --- the distributor -------------------------------------------------------------------------------------------

    def feed(self, event: acd.Event) -> None:
        """Tell the distributor something and carry out what it decides."""
        for decision in self.engine.handle(event, self.clock()):
            self._carry_out(decision)
        self._arm()

    def _arm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        deadline = self.engine.next_deadline()
        if deadline is not None:
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

    def _offer(self, offer: MakeOffer) -> None:
        conversation = self.conversations.by_id[offer.interaction_id]
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
        self.orders.start(f"stop ringing {channel}", self.switch.hang_up(channel))
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
        if conversation is not None:
            conversation.move(InteractionTrigger.EXPIRE)
            conversation.outcome = "overflowed"
            self.orders.start("end the wait", self.switch.to_daemon(conversation.channel))

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
                priority=place.priority,
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

    def _on_answered(self, fact: ChannelAnswered) -> None:
        conversation = self.conversations.by_leg.get(fact.channel)
        if conversation is None:
            return
        leg = conversation.leg
        if leg is None or leg.channel != fact.channel:  # answered too late: its offer is over
            self.orders.start(f"release {fact.channel}", self.switch.hang_up(fact.channel))
            return
        leg.answered = True
        if not leg.offer_id:
            return
        if conversation.state is InteractionState.OFFERED:
            conversation.move(InteractionTrigger.ANSWER)
        self.feed(acd.OfferAnswered(offer_id=leg.offer_id))
        if conversation.leg is leg:
            self.bus.publish(
                OfferEnded(
                    at=fact.at,
                    interaction_id=conversation.interaction_id,
                    offer_id=leg.offer_id,
                    agent_id=leg.agent_id,
                    reason="answered",
                )
            )

    def _on_bridge_entered(self, fact: BridgeEntered) -> None:
        conversation = self.conversations.by_leg.get(fact.channel) or self.conversations.by_channel.get(fact.channel)
        if conversation is None or conversation.leg is None:
            return
        pair = {fact.channel, *fact.peers}
        if conversation.channel in pair and conversation.leg.channel in pair:
            conversation.left_first = ""
            if not conversation.leg.bridged:
                conversation.leg.bridged = True
                self._connected(conversation, conversation.leg, fact.at)

    def _connected(self, conversation: Conversation, leg: Leg, at: float) -> None:
        how = "offer" if leg.offer_id else "take_over"
        if leg.offer_id and conversation.segments:
            how = "transfer"
        conversation.segments += 1
        conversation.segment = Segment(conversation.segments, leg.agent_id, at)
        if leg.offer_id:
            self.feed(acd.OfferConnected(offer_id=leg.offer_id))
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

    def _on_bridge_left(self, fact: BridgeLeft) -> None:
        """Who leaves the bridge first is who hung up: the two `Hangup` events come from two threads, in any order."""
        conversation = self.conversations.by_leg.get(fact.channel) or self.conversations.by_channel.get(fact.channel)
        if conversation is not None and not conversation.left_first:
            conversation.left_first = fact.channel

    def _on_hung_up(self, fact: ChannelHungUp) -> None:
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

    def _on_originate_failed(self, fact: OriginateFailed) -> None:
        conversation = self.conversations.by_leg.pop(fact.channel, None)
        if conversation is not None and conversation.leg is not None and conversation.leg.channel == fact.channel:
            self.feed(acd.OfferFailed(offer_id=conversation.leg.offer_id, reason="unreachable"))

    def _on_reachable(self, fact: EndpointReachable) -> None:
        self.roster.heard(fact.endpoint, reachable=fact.reachable)
        agent_id = self.roster.owner(fact.endpoint)
        if agent_id is not None:
            self.show_phone(agent_id)
            self.feed(acd.ReachabilityChanged(agent_id=agent_id, reachable=fact.reachable))

    def call_of(self, agent_id: str) -> CallView | None:
        """What the agent's desk shows: the call, or the wrap-up after it."""
        return self.desk.call(agent_id)

    def show_phone(self, agent_id: str) -> None:
        self.desk.phone(agent_id, self.roster.member(agent_id).phone, reachable=self.roster.is_reachable(agent_id))

    def _leg_gone(self, conversation: Conversation, leg: Leg, fact: ChannelHungUp) -> None:
        if leg.bridged:
            if conversation.left_first != conversation.channel or conversation.state is InteractionState.HELD:
                self._agent_left(conversation, fact.at)
        elif leg.answered:  # most often the caller has just gone, and says so in a moment
            loop = asyncio.get_running_loop()
            loop.call_later(CALLER_GONE_GRACE_S, self._leg_failed, conversation, leg, fact.cause)
        else:
            self._leg_failed(conversation, leg, fact.cause)

    def _leg_failed(self, conversation: Conversation, leg: Leg, cause: int) -> None:
        if conversation.leg is leg and not leg.bridged:
            self.feed(acd.OfferFailed(offer_id=leg.offer_id, reason=miss_of(cause)))

    def _agent_left(self, conversation: Conversation, at: float) -> None:
        """The agent's phone hung up. A customer on hold whose agent vanished without a word gets the place back."""
        lost = conversation.state is InteractionState.HELD and conversation.ended_by is None
        conversation.ended_by = conversation.ended_by or "agent"
        ended_by: EndedBy = conversation.ended_by
        conversation.leg = None
        self.end_segment(conversation, at, "lost" if lost else "supervisor" if ended_by == "supervisor" else "agent")
        if lost and conversation.place is not None:
            conversation.ended_by = None
            conversation.next_place = Place(
                conversation.place.queue, conversation.place.priority, conversation.started_at
            )
            self.orders.start("bring back", self.switch.to_daemon(conversation.channel))
            return
        conversation.outcome = "handled"
        held = conversation.state is InteractionState.HELD
        conversation.move(InteractionTrigger.RELEASE)
        self.recorder.stop(conversation, self.orders)
        if held:
            self.orders.start("release", self.switch.hang_up(conversation.channel))

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
        ended_by: EndedBy = conversation.ended_by or "customer"
        leg = conversation.leg
        self.end_segment(conversation, fact.at, "customer")
        self.feed(acd.CallerLeft(interaction_id=conversation.interaction_id))
        if leg is not None and leg.bridged:
            self.orders.start("release", self.switch.hang_up(leg.channel))
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
