"""An agent asks somebody while the customer hears music: called, talked with, put aside, given the customer, or let go.

The orders are the agent's; what the party's phone does comes in as mirror facts. An agent's own phone that hangs up
meanwhile is for `parting.py`: the customer on hold gets the place at the head of the queue.
"""

import asyncio

import structlog

from cti.acd.interaction import InteractionState, InteractionTrigger
from cti.desk import commands as ask
from cti.errors import Conflict, CtiError
from cti.events import ChannelAnswered, ChannelHungUp, OriginateFailed, PartyLeftReason, PartyState
from cti.floor.causes import CALL_REJECTED, NO_ANSWER, NO_USER_RESPONSE, NORMAL_CLEARING, USER_BUSY
from cti.floor.conferencing import Conferencing
from cti.floor.conversation import Conversation, Leg, Party
from cti.floor.giving import Giving
from cti.floor.holding import Holding
from cti.floor.means import Means
from cti.floor.parties import PARTY_RINGS_S, Parties

log = structlog.get_logger(__name__)

_REASONS: dict[int, PartyLeftReason] = {
    NORMAL_CLEARING: "declined",
    CALL_REJECTED: "declined",
    NO_USER_RESPONSE: "no_answer",
    NO_ANSWER: "no_answer",
}


class Consulting:
    """Its commands raise Conflict when the call is not in that state (any more), and what the switch raises."""

    def __init__(
        self, means: Means, parties: Parties, holding: Holding, giving: Giving, conferencing: Conferencing
    ) -> None:
        self._means = means
        self._parties = parties
        self._holding = holding
        self._giving = giving
        self._conferencing = conferencing

    # --- what the agent asks for -----------------------------------------------------------------------------------

    async def consult(self, conversation: Conversation, leg: Leg, command: ask.Consult) -> None:
        """Reserved first, so that no offer rings there; then the customer's music; only then the party's phone."""
        if conversation.party is not None:
            raise Conflict("somebody is in this call already: one at a time can be brought in", "party")
        party = self._parties.invite(conversation, leg.agent_id, self._parties.whom(command, leg.agent_id))
        held = conversation.state is InteractionState.HELD
        if not held:
            conversation.move(InteractionTrigger.HOLD)
        conversation.left_first = conversation.channel
        try:
            await self._means.switch.consult(leg.channel, "" if held else conversation.channel)
        except BaseException:
            if conversation.party is party:
                self._parties.end(conversation, self._means.clock(), "unreachable")
            if conversation.leg is leg and not held and conversation.state is InteractionState.HELD:
                conversation.move(InteractionTrigger.RESUME)
            raise
        self._holding.still_on(conversation, leg)
        if not held:
            self._holding.held(conversation, leg)
        if conversation.party is party:  # a colleague may have refused already
            ring = self._parties.ring(conversation, party)
            self._means.orders.start(
                f"ring {party.channel}", ring, lambda _: self._gone(conversation, party, "unreachable")
            )
            self.watch(conversation, party)

    async def swap(self, conversation: Conversation, leg: Leg, _command: ask.Swap) -> None:
        party = self._party(conversation)
        match party.state:
            case "consulting":
                await self._holding.resume(conversation, leg)
                self._changed(conversation, party, "aside")
            case "aside":
                await self._back_to(conversation, leg, party)
            case "ringing":
                raise Conflict(f"{party.name} has not answered yet", party.state)
            case "joined":
                raise Conflict("you are in a conference", party.state)

    async def _back_to(self, conversation: Conversation, leg: Leg, party: Party) -> None:
        held = conversation.state is InteractionState.HELD
        if not held:
            conversation.move(InteractionTrigger.HOLD)
        conversation.left_first = conversation.channel
        try:
            await self._means.switch.to_party(leg.channel, "" if held else conversation.channel)
        except BaseException:
            if conversation.leg is leg and not held and conversation.state is InteractionState.HELD:
                conversation.move(InteractionTrigger.RESUME)
            raise
        self._holding.still_on(conversation, leg)
        if not held:
            self._holding.held(conversation, leg)
        self._changed(conversation, party, "consulting")

    async def complete(self, conversation: Conversation, leg: Leg, _command: ask.CompleteTransfer) -> None:
        party = self._party(conversation)
        if party.state == "ringing":
            await self._giving.give_when_answered(conversation, leg, party)
        else:
            await self._giving.give(conversation, party)

    async def cancel(self, conversation: Conversation, leg: Leg, _command: ask.CancelConsult) -> None:
        party = self._party(conversation)
        if party.state == "joined":
            raise Conflict("you are in a conference: drop somebody, or leave", party.state)
        self._parties.end(conversation, self._means.clock(), "dropped")
        if conversation.state is InteractionState.HELD:
            await self._holding.resume(conversation, leg)

    @staticmethod
    def _party(conversation: Conversation) -> Party:
        if conversation.party is None:
            raise Conflict("nobody else is in this call", "nobody")
        return conversation.party

    def _changed(self, conversation: Conversation, party: Party, state: PartyState) -> None:
        if conversation.party is party and party.state != "joined":
            self._parties.change(conversation, party, state)

    # --- what the party's phone does -------------------------------------------------------------------------------

    def _party_on(self, channel: str) -> tuple[Conversation, Party] | None:
        conversation = self._means.conversations.by_leg.get(channel)
        party = conversation.party if conversation is not None else None
        return (conversation, party) if conversation and party and party.channel == channel else None

    def on_answered(self, fact: ChannelAnswered) -> None:
        found = self._party_on(fact.channel)
        if found is None or found[1].state != "ringing":
            return
        conversation, party = found
        if party.given:
            self._means.orders.start(f"give {party.channel}", self._giving.give(conversation, party))
        elif conversation.leg is not None:
            self.answered(conversation, conversation.leg, party)

    def answered(self, conversation: Conversation, leg: Leg, party: Party) -> None:
        """They are in the room; the agent's leg comes to them. Should it not, they are there, and hear music."""
        self._parties.change(conversation, party, "consulting")
        order = self._means.switch.to_party(leg.channel, "")
        self._means.orders.start(f"to {party.channel}", order, lambda _: self._changed(conversation, party, "aside"))

    def on_originate_failed(self, fact: OriginateFailed) -> None:
        if found := self._party_on(fact.channel):
            self._gone(*found, "unreachable")

    def on_hung_up(self, fact: ChannelHungUp) -> None:
        if found := self._party_on(fact.channel):
            self._means.conversations.by_leg.pop(fact.channel, None)
            self._gone(*found, _reason(found[1], fact.cause))

    def turn_down(self, conversation: Conversation, party: Party) -> None:
        """The colleague who was brought in does not want to be, or not any more."""
        self._gone(conversation, party, "declined" if party.state == "ringing" else "hung_up")

    def take_up(self, conversation: Conversation, party: Party) -> None:
        """After a start: a phone that was answered meanwhile could bring nobody together by itself."""
        leg = conversation.leg
        if party.state == "ringing":
            self.watch(conversation, party)
        elif party.given:
            self._means.orders.start(f"give {party.channel}", self._giving.give(conversation, party))
        elif party.state == "aside" and leg is not None and conversation.state is InteractionState.HELD:
            self.answered(conversation, leg, party)

    def watch(self, conversation: Conversation, party: Party) -> None:
        """A phone that rings too long, or of which nobody ever told that it rings."""
        asyncio.get_running_loop().call_later(PARTY_RINGS_S, self._overdue, conversation, party)

    def _overdue(self, conversation: Conversation, party: Party) -> None:
        if conversation.party is not party or party.state != "ringing":
            return
        if self._means.link:
            self._gone(conversation, party, "no_answer")
        else:
            self.watch(conversation, party)

    def _gone(self, conversation: Conversation, party: Party, reason: PartyLeftReason) -> None:
        """Unless they were let go before. The customer stays where they are, unless they were to be the party's."""
        if conversation.party is not party:
            return
        now, state, taking = self._means.clock(), party.state, conversation.taking
        self._parties.end(conversation, now, reason)
        leg = conversation.leg
        if party.given or (taking is not None and taking.channel == party.channel and state != "joined"):
            self._giving.taker_gone(conversation, party, now)
        elif state == "joined":
            self._conferencing.party_gone(conversation, now)
        elif leg is not None and state in {"ringing", "consulting"}:
            self._means.orders.start("tell that they are gone", self._means.switch.not_reached(leg.channel), _silent)


def _silent(_error: CtiError) -> None:
    """The agent hears ringing, or nothing, instead of busy; the desk shows it."""


def _reason(party: Party, cause: int) -> PartyLeftReason:
    if party.state != "ringing":
        return "hung_up"
    if cause == USER_BUSY:
        return "declined" if party.kind == "agent" else "busy"
    return _REASONS.get(cause, "unreachable")
