"""Agent and customer together: a segment begins when Asterisk has bridged the two, and ends once."""

from collections.abc import Callable

from cti.acd import events as acd
from cti.acd.interaction import InteractionTrigger
from cti.events import (
    AgentReattached,
    BridgeEntered,
    BridgeLeft,
    InteractionConnected,
    InteractionTransferred,
    SegmentEnded,
)
from cti.floor.conversation import Conversation, Leg, Party, Segment
from cti.floor.distributor import Distributor
from cti.floor.ids import party_of
from cti.floor.legs import Legs
from cti.floor.means import Means
from cti.floor.offers import Offers
from cti.floor.parties import Parties
from cti.floor.pauses import Pauses
from cti.floor.places import Places


class Talks:
    def __init__(  # noqa: PLR0917  # the parts that it works with
        self,
        means: Means,
        distributor: Distributor,
        legs: Legs,
        offers: Offers,
        places: Places,
        parties: Parties,
        pauses: Pauses,
    ) -> None:
        self._parties = parties
        self.on_attached: Callable[[Conversation, Leg | None, Leg], None] = lambda *_: None
        self._means = means
        self._distributor = distributor
        self._legs = legs
        self._offers = offers
        self._places = places
        self._pauses = pauses

    def _conversation_on(self, channel: str) -> Conversation | None:
        conversations = self._means.conversations
        return conversations.by_leg.get(channel) or conversations.by_channel.get(channel)

    def on_entered(self, fact: BridgeEntered) -> None:
        conversation = self._conversation_on(fact.channel)
        pair = {fact.channel, *fact.peers}
        if conversation is None or conversation.channel not in pair:
            return
        party, taking = conversation.party, conversation.taking
        takes = taking is not None and party is not None and taking.channel == party.channel
        if party is not None and party.channel in pair and (takes or party.state != "joined"):
            self._given(conversation, party, fact.at)
        elif taking is not None and taking.channel in pair:
            self._taken_over(conversation, taking, fact.at)
        for ringing in [leg for leg in conversation.ringing.values() if leg.channel in pair]:
            ringing.answered = True
            self._offers.win(conversation, ringing)
        leg = conversation.leg
        if leg is not None and leg.channel in pair:
            conversation.left_first = ""
            if not leg.bridged:
                leg.bridged = True
                self._connected(conversation, leg, fact.at)

    def on_left(self, fact: BridgeLeft) -> None:
        """Who leaves the bridge first is who hung up: the two `Hangup` events come from two threads, in any order."""
        conversation = self._conversation_on(fact.channel)
        if conversation is None or conversation.left_first:
            return
        if fact.channel == conversation.channel or (conversation.leg and fact.channel == conversation.leg.channel):
            conversation.left_first = fact.channel

    def _taken_over(self, conversation: Conversation, leg: Leg, at: float) -> None:
        """Only now, not when it was ordered: until they are together the agent has the customer."""
        if conversation.leg is not None and conversation.leg.agent_id == leg.agent_id:
            self.attached(conversation, leg, at)
            return
        self._legs.take_from(conversation, conversation.leg)  # after a hold it waits outside of any bridge
        conversation.leg, conversation.taking = leg, None
        self.end_segment(conversation, at, "take_over")
        conversation.move(InteractionTrigger.ENGAGE)
        self._places.engage(leg.agent_id, conversation)

    def attached(self, conversation: Conversation, leg: Leg, at: float) -> None:
        """The same agent on another leg: nothing else changes."""
        old, conversation.leg, conversation.taking = conversation.leg, leg, None
        leg.answered = leg.bridged = True
        conversation.left_first = ""
        interaction, agent_id = conversation.interaction_id, leg.agent_id
        self._means.bus.publish(
            AgentReattached(at=at, interaction_id=interaction, agent_id=agent_id, channel=leg.channel)
        )
        if old is not None:
            conversation.old_legs.add(old.channel)
        self.on_attached(conversation, old, leg)

    def release(self, conversation: Conversation, leg: Leg) -> None:
        self._legs.take_from(conversation, leg)

    def _given(self, conversation: Conversation, party: Party, at: float) -> None:
        """The customer is the party's, who is a colleague and has the conversation from now on, or somebody outside."""
        leg, conversation.taking = conversation.leg, None
        self._legs.take_from(conversation, leg)
        if not party.given:
            self._means.bus.publish(
                InteractionTransferred(
                    at=at,
                    interaction_id=conversation.interaction_id,
                    from_agent=party.by,
                    kind=party.kind,
                    target=party.target,
                )
            )
        self._parties.stays(conversation, party, at)
        conversation.ended_by = None
        if party.kind == "agent":
            conversation.leg = Leg(party.channel, party.target, answered=True, muted=party.muted)
            self.end_segment(conversation, at, "transfer")
            conversation.move(InteractionTrigger.ENGAGE)
            self._places.engage(party.target, conversation)
            return
        conversation.leg, conversation.outside, conversation.left_first = None, party.target, ""
        self._means.conversations.by_leg.pop(party.channel, None)
        self.end_segment(conversation, at, "transfer")
        if conversation.talking:
            conversation.move(InteractionTrigger.RELEASE)

    def _connected(self, conversation: Conversation, leg: Leg, at: float) -> None:
        how = "offer" if leg.offer_id else "dialled" if conversation.outgoing else "take_over"
        if conversation.segments and (leg.offer_id or party_of(leg.channel)):
            how = "transfer"
        conversation.segments += 1
        conversation.segment = Segment(conversation.segments, leg.agent_id, at)
        if leg.offer_id:
            self._distributor.feed(acd.OfferConnected(offer_id=leg.offer_id))
            self._offers.ended(conversation, leg, at, "answered")
        # Not earlier: while Bridge() pulls the customer out of AGI, the customer's unique id is for a moment that of an
        # empty channel ("Surrogate/..."), and a recording on that one is lost.
        self._pauses.connected(conversation)
        self._means.bus.publish(
            InteractionConnected(
                at=at,
                interaction_id=conversation.interaction_id,
                agent_id=leg.agent_id,
                segment=conversation.segments,
                queue=conversation.place.queue if conversation.place else "",
                waited_s=conversation.waited_s,
                how=how,  # type: ignore[arg-type]  # one of the fact's words
                may_record=conversation.may_record,
            )
        )

    def end_segment(self, conversation: Conversation, at: float, ended_by: str) -> None:
        """The agent's part is over: the distributor begins the wrap-up, which all screens are to show at once, and then
        comes a fact for the books.
        """
        segment = conversation.segment
        if segment is None:
            return
        conversation.segment = None
        self._pauses.agent_left(conversation)
        ended = acd.ConversationEnded(agent_id=segment.agent_id, interaction_id=conversation.interaction_id)
        self._distributor.feed(ended)
        self._means.bus.publish(
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
