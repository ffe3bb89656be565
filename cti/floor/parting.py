"""Somebody has gone: the agent, the customer, or a leg that never was together with anybody. Who is left, with whom?"""

import asyncio

from cti.acd import events as acd
from cti.acd.interaction import InteractionState, InteractionTrigger
from cti.events import ChannelHungUp, InteractionEnded, InteractionTransferred, Outcome
from cti.floor.causes import CALLER_GONE_GRACE_S, NORMAL_CLEARING, miss_of
from cti.floor.conversation import Conversation, EndedBy, Leg, Place
from cti.floor.distributor import Distributor
from cti.floor.legs import Legs
from cti.floor.means import Means
from cti.floor.offers import Offers
from cti.floor.parties import Parties
from cti.floor.pauses import Pauses
from cti.floor.talks import Talks


class Parting:
    def __init__(  # noqa: PLR0917  # the parts that it works with
        self,
        means: Means,
        distributor: Distributor,
        legs: Legs,
        offers: Offers,
        talks: Talks,
        parties: Parties,
        pauses: Pauses,
    ) -> None:
        self._parties = parties
        self._means = means
        self._distributor = distributor
        self._legs = legs
        self._offers = offers
        self._talks = talks
        self._pauses = pauses

    def on_hung_up(self, fact: ChannelHungUp) -> None:
        conversations = self._means.conversations
        conversation = conversations.by_channel.get(fact.channel)
        if conversation is not None:
            self._customer_gone(conversation, fact)
            return
        conversation = conversations.by_leg.pop(fact.channel, None)
        if conversation is None:
            return
        conversation.old_legs.discard(fact.channel)
        if (leg := conversation.leg_on(fact.channel)) is not None:
            self._leg_gone(conversation, leg, fact)
        elif conversation.taking is not None and conversation.taking.channel == fact.channel:
            self.not_taken(conversation, fact.at)

    # --- the agent's leg -------------------------------------------------------------------------------------------

    def _leg_gone(self, conversation: Conversation, leg: Leg, fact: ChannelHungUp) -> None:
        loop = asyncio.get_running_loop()
        held = conversation.state is InteractionState.HELD
        if leg.bridged and conversation.taking is not None:
            return  # the supervisor or the party has the customer in a moment, or `not_taken` sees to it
        if leg.bridged and (held or conversation.left_first != conversation.channel):
            self.agent_left(conversation, fact.at)
        elif leg.bridged:  # the caller has hung up, and says so in a moment
            loop.call_later(CALLER_GONE_GRACE_S, self._left_alone, conversation, leg)
        elif leg.answered:  # most often the caller has just gone
            miss = "declined" if fact.cause == NORMAL_CLEARING else miss_of(fact.cause)
            loop.call_later(CALLER_GONE_GRACE_S, self._offers.failed, conversation, leg, miss)
        else:
            self._offers.failed(conversation, leg, miss_of(fact.cause))

    def _left_alone(self, conversation: Conversation, leg: Leg) -> None:
        if conversation.leg is leg and conversation.interaction_id in self._means.conversations.by_id:
            self.lost(conversation, self._means.clock())

    def agent_left(self, conversation: Conversation, at: float) -> None:
        """The agent's phone hung up. A customer on hold whose agent vanished without a word gets the place back."""
        held = conversation.state is InteractionState.HELD
        if held and conversation.ended_by is None:
            self.lost(conversation, at)
            return
        self._parties.end(conversation, at, "over")
        conversation.ended_by = conversation.ended_by or "agent"
        conversation.leg = None
        self._talks.end_segment(conversation, at, "supervisor" if conversation.ended_by == "supervisor" else "agent")
        self._part(conversation, held)

    def _part(self, conversation: Conversation, alone: bool) -> None:
        """The conversation is over for the customer too, who is let go. `alone`: whatever was to come.

        Of whom something is still to come the dialplan asks, a moment later (`Hotline.after`); also of whom no order
        could let go.
        """
        means = self._means
        conversation.outcome = "handled"
        conversation.move(InteractionTrigger.RELEASE)
        if conversation.goes_on and not alone:
            means.recorder.stop(conversation, means.orders)
            return
        means.recorder.ends(conversation)
        means.orders.start(
            "release",
            means.switch.hang_up(conversation.channel),
            lambda _: means.recorder.stop(conversation, means.orders),
        )

    # --- the customer goes on without the agent --------------------------------------------------------------------

    def not_taken(self, conversation: Conversation, at: float) -> None:
        """The take-over came to nothing: the agent goes on, or is gone and the customer must not be left alone."""
        conversation.taking = None
        leg = conversation.leg
        alone = leg is None or leg.channel not in self._means.conversations.by_leg
        if alone and conversation.talking:  # else the customer has come back to us meanwhile, by way of /resume
            self.lost(conversation, at)

    def lost(self, conversation: Conversation, at: float) -> None:
        """Nobody has the customer any more, who is still there: back to the head of the queue.

        Whom an agent had called has been in none: to those who work with that agent.
        """
        agent_id = conversation.segment.agent_id if conversation.segment is not None else ""
        place = conversation.place or self._own_queue(agent_id)
        self.let_go(conversation, at, "lost")
        if place is None:
            self._part(conversation, alone=True)
            return
        conversation.move(InteractionTrigger.RELEASE)
        conversation.next_place = Place(
            place.queue, place.priority, conversation.started_at, place.skills, entered_at=at
        )
        self._means.orders.start("bring back", self._means.switch.to_daemon(conversation.channel))

    def _own_queue(self, agent_id: str) -> Place | None:
        member = self._means.roster.members.get(agent_id)
        return Place(member.configured.queues[0]) if member is not None and member.configured.queues else None

    def let_go(self, conversation: Conversation, at: float, ended_by: str) -> None:
        """The agent no longer has the customer; what becomes of the customer is for the caller of this to say."""
        self._parties.end(conversation, at, "over")
        leg, conversation.leg = conversation.leg, None
        conversation.ended_by = None
        self._legs.take_from(conversation, leg)
        self._offers.unheard(conversation, leg, at, "revoked")
        self._talks.end_segment(conversation, at, ended_by)

    def gone_on(self, conversation: Conversation) -> None:
        """The transfer that was under way has been done: the agent is free (to wrap up), the customer on the way."""
        move, now = conversation.move_on, self._means.clock()
        if not conversation.talking:  # nobody has waited for somebody who was to have this customer
            self._parties.end(conversation, now, "over")
        if move is None:
            return
        conversation.move_on = None
        self._means.bus.publish(
            InteractionTransferred(
                at=now,
                interaction_id=conversation.interaction_id,
                from_agent=move.leg.agent_id,
                kind=move.kind,
                target=conversation.outside or move.target,
            )
        )
        self._legs.take_from(conversation, move.leg)
        conversation.move(InteractionTrigger.RELEASE)
        self._talks.end_segment(conversation, now, "transfer")

    # --- the customer ----------------------------------------------------------------------------------------------

    def _customer_gone(self, conversation: Conversation, fact: ChannelHungUp) -> None:
        """`fact.lost`: the telephone system was lost. Perhaps it only seems so, and legs that talk are left alone."""
        outcome = _outcome_of(conversation, fact.at, lost=fact.lost)
        self._pauses.over(conversation, fact.at)
        if conversation.message is not None and not conversation.message.counts(fact.at):
            self._means.recorder.drop_message(conversation, self._means.orders)
        leg = conversation.leg
        ended_by = _ended_by(conversation, lost=fact.lost)
        segment_by = ended_by if ended_by in ("agent", "supervisor", "outage") else "customer"
        self._parties.end(conversation, fact.at, "over")
        self._talks.end_segment(conversation, fact.at, segment_by)
        self._offers.unheard(conversation, leg, fact.at, "caller_gone")
        self._distributor.feed(acd.CallerLeft(interaction_id=conversation.interaction_id))
        for own in () if fact.lost else (conversation.leg, conversation.taking):
            self._legs.take_from(conversation, own)
        self._means.recorder.finish(conversation, self._means.orders)
        conversation.state = InteractionState.ENDED
        self._means.conversations.remove(conversation)
        self._means.bus.publish(
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
        conversation = self._means.conversations.by_channel.get(channel)
        if conversation is not None:
            at, linkedid = self._means.clock(), conversation.linkedid
            fact = ChannelHungUp(at=at, channel=channel, name="", linkedid=linkedid, cause=0, cause_text="")
            self._customer_gone(conversation, fact)


def _ended_by(conversation: Conversation, *, lost: bool) -> EndedBy:
    if conversation.ended_by is not None:
        return conversation.ended_by
    if lost:
        return "outage"
    leg = conversation.leg
    agent = leg is not None and leg.bridged and conversation.left_first == leg.channel
    return "agent" if agent else "customer"


def _outcome_of(conversation: Conversation, at: float, *, lost: bool) -> Outcome:
    """Whoever hangs up on a way out has overflowed, whatever was before."""
    if conversation.outcome is not None:
        return conversation.outcome
    if conversation.message is not None and conversation.message.counts(at):
        return "voicemail"
    if conversation.leaving is not None:
        return "overflowed"
    return "handled" if conversation.segments or conversation.outside else "failed" if lost else "abandoned"
