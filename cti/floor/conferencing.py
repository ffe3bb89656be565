"""Agent, customer and party in one room: all hear each other, until one of them goes.

When the agent goes the others talk on, and the conversation is the party's; when the party goes agent and customer do;
when the customer goes it is over for all (`parting.py`).
"""

from cti.acd.interaction import InteractionState, InteractionTrigger
from cti.desk import commands as ask
from cti.errors import Conflict, CtiError, NotFound
from cti.events import ChannelHungUp
from cti.floor.conversation import Conversation, Leg
from cti.floor.giving import Giving
from cti.floor.holding import Holding
from cti.floor.means import Means
from cti.floor.parties import Parties


class Conferencing:
    """Its commands raise Conflict when the call is not in that state (any more), and what the switch raises."""

    def __init__(self, means: Means, parties: Parties, holding: Holding, giving: Giving) -> None:
        self._means = means
        self._parties = parties
        self._holding = holding
        self._giving = giving

    async def join(self, conversation: Conversation, leg: Leg, _command: ask.Conference) -> None:
        party = conversation.party
        if party is None or party.state == "ringing":
            raise Conflict("nobody else is in this call yet: consult somebody first", "nobody")
        if party.state == "joined":
            raise Conflict("you are in a conference already", party.state)
        before, held = party.state, conversation.state is InteractionState.HELD
        party.state = "joined"  # from now on whoever is with the customer is not given them
        if held:
            conversation.move(InteractionTrigger.RESUME)
        conversation.left_first = conversation.channel
        try:
            await self._means.switch.to_conference(conversation.channel, "" if before == "consulting" else leg.channel)
        except BaseException:
            if conversation.party is party:
                party.state = before
            if conversation.leg is leg and held and conversation.state is InteractionState.CONNECTED:
                conversation.move(InteractionTrigger.HOLD)
            raise
        self._holding.still_on(conversation, leg)
        if held:
            self._holding.resumed(conversation, leg)
        if conversation.party is party:
            self._parties.change(conversation, party, "joined")

    async def drop(self, conversation: Conversation, leg: Leg, command: ask.DropParty) -> None:
        party = conversation.party
        if party is None or party.party_id != command.party_id:
            raise NotFound("party", command.party_id)
        if party.state != "joined":
            raise Conflict("there is no conference: cancel the consultation instead", party.state)
        self._parties.end(conversation, self._means.clock(), "dropped")
        await self._together(conversation, leg)

    async def leave(self, conversation: Conversation, _leg: Leg, _command: ask.LeaveConference | ask.HangUp) -> None:
        party = conversation.party
        if party is None or party.state != "joined":
            raise Conflict("you are not in a conference", "nobody")
        await self._giving.give(conversation, party)

    # --- somebody has gone -----------------------------------------------------------------------------------------

    def party_gone(self, conversation: Conversation, at: float) -> None:
        """Agent and customer talk on, without a conference; or nobody is left but the customer."""
        leg = conversation.leg
        if leg is None or leg.channel not in self._means.conversations.by_leg:
            self._giving.nobody_left(conversation, at)
            return
        order = self._together(conversation, leg)
        self._means.orders.start("out of the conference", order, lambda _: None)

    async def _together(self, conversation: Conversation, leg: Leg) -> None:
        """Until the two are in a bridge again the customer is in none; should it fail they are in the room still."""
        conversation.left_first = conversation.channel
        try:
            await self._means.switch.take_over(leg.channel, conversation.channel)
        except CtiError:
            conversation.left_first = ""
            raise

    def on_hung_up(self, fact: ChannelHungUp) -> None:
        """The agent's phone has left the conference: as if the agent had asked to."""
        conversation = self._means.conversations.by_leg.get(fact.channel)
        party = conversation.party if conversation is not None else None
        if conversation is None or party is None or party.state != "joined" or conversation.taking is not None:
            return
        if conversation.leg is not None and conversation.leg.channel == fact.channel:
            self._means.orders.start(f"give {party.channel}", self._giving.give(conversation, party))
