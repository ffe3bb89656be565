"""Somebody is brought into a call by its agent: who that can be, that they are being rung, and that they are gone.

What they do there is told in `consulting.py` (asked while the customer hears music), `giving.py` (they get the
customer) and `conferencing.py` (all three talk). At most one such party is in a call.
"""

from collections.abc import Callable
from typing import NamedTuple

import structlog

from cti.acd import events as acd
from cti.agents.state import AgentState
from cti.customers.numbers import canonical
from cti.desk import commands as ask
from cti.errors import Conflict, CtiError, NotFound
from cti.events import Fact, PartyChanged, PartyInvited, PartyKind, PartyLeft, PartyLeftReason, PartyState
from cti.floor.conversation import Conversation, Leg, Party
from cti.floor.distributor import Distributor
from cti.floor.ids import party_channel
from cti.floor.legs import Legs
from cti.floor.means import Means
from cti.switch.permit import Permit
from cti.switch.port import CallerId, Dial, Ring

log = structlog.get_logger(__name__)

PARTY_RINGS_S = 40.0
"""Whoever has not answered by then is not there."""

_CALLABLE = (AgentState.READY, AgentState.NOT_READY)


class Whom(NamedTuple):
    kind: PartyKind
    target: str
    name: str


class Parties:
    def __init__(self, means: Means, distributor: Distributor, legs: Legs) -> None:
        self._means = means
        self._distributor = distributor
        self._legs = legs

    def whom(self, command: ask.Consult, agent_id: str) -> Whom:
        """Raises NotFound for nobody, Conflict for a colleague who cannot be asked now."""
        if command.kind == "agent":
            return self._colleague(command.target, agent_id)
        number = canonical(command.target, self._means.rules.region)
        if not number.lstrip("+").isdigit():
            raise NotFound("number", command.target)
        return Whom("number", number, number)

    def _colleague(self, target: str, agent_id: str) -> Whom:
        means, name = self._means, self._means.roster.profile(target).name
        if target == agent_id:
            raise Conflict("you cannot call yourself")
        try:
            agent = means.engine.agent(target)
            state, reachable = agent.state, agent.reachable and means.roster.is_reachable(target)
        except NotFound:
            state, reachable = AgentState.LOGGED_OUT, False
        if state is AgentState.LOGGED_OUT:
            raise Conflict(f"{name} is not signed in", state)
        if state not in _CALLABLE:
            raise Conflict(f"{name} is busy with another call", state)
        if means.conversations.of_agent(target) is not None:
            raise Conflict(f"{name} is busy with another call", "busy")
        if not reachable:
            raise Conflict(f"the phone of {name} cannot be reached", "unreachable")
        return Whom("agent", target, name)

    # --- one party's time in a call --------------------------------------------------------------------------------

    def invite(self, conversation: Conversation, agent_id: str, whom: Whom) -> Party:
        """They belong to the call from now on, and are offered no other; `ring` is what makes the phone ring.

        Raises NotDialled for an outside number that may not be dialled; nothing has changed then.
        """
        means, now = self._means, self._means.clock()
        count = max(
            conversation.parties + 1, int(now - conversation.started_at)
        )  # a restart forgets how many there were
        channel = party_channel(conversation.interaction_id, count, "" if whom.kind == "agent" else whom.target)
        permit = self._permit(conversation, agent_id, whom, channel) if whom.kind == "number" else None
        if whom.kind == "agent":
            queue = conversation.place.queue if conversation.place else ""
            interaction = conversation.interaction_id
            self._distributor.feed(acd.AgentEngaged(agent_id=whom.target, interaction_id=interaction, queue=queue))
        party = Party(str(count), channel, whom.kind, whom.target, whom.name, agent_id, permit=permit)
        conversation.party, conversation.parties = party, count
        means.conversations.by_leg[channel] = conversation
        means.bus.publish(_invited(conversation, party, now))
        return party

    def _permit(self, conversation: Conversation, agent_id: str, whom: Whom, channel: str) -> Permit:
        return self._means.permits.ask(
            whom.target,
            user=agent_id,
            purpose="party",
            channel=channel,
            interaction_id=conversation.interaction_id,
        )

    def tell_again(self, conversation: Conversation, party: Party, tell: Callable[[Fact], object]) -> None:
        """After a start: whom the store knows of already."""
        now = self._means.clock()
        tell(_invited(conversation, party, now))
        if party.state != "ringing":
            tell(_changed(conversation, party, now))

    async def ring(self, conversation: Conversation, party: Party) -> None:
        """A colleague sees who asks; somebody outside sees the number that the customer called."""
        means, variables = self._means, {"LD_CUSTOMER": conversation.channel}
        if party.kind == "agent":
            asking = means.roster.profile(party.by)
            leg = Ring(
                channel=party.channel,
                endpoint=means.roster.endpoint(party.target),
                context="ld-party",
                caller=CallerId(asking.extension, asking.name),
                ring_s=PARTY_RINGS_S,
                variables=variables,
            )
            await means.switch.ring(leg)
            return
        if party.permit is None:  # of the time before a restart: rung already
            return
        call = Dial(
            channel=party.channel,
            permit=party.permit,
            context="ld-party",
            caller=CallerId(conversation.dialled),
            ring_s=PARTY_RINGS_S,
            variables=variables,
        )
        await means.switch.dial(call)

    def change(self, conversation: Conversation, party: Party, state: PartyState) -> None:
        party.state = state
        self._means.bus.publish(_changed(conversation, party, self._means.clock()))

    def end(self, conversation: Conversation, at: float, reason: PartyLeftReason) -> None:
        """Whoever was brought in is out of the call; a colleague was only asked, and has nothing to write down."""
        party, conversation.party = conversation.party, None
        if party is None:
            return
        leg = Leg(party.channel, party.target)
        if conversation.taking is not None and conversation.taking.channel == party.channel:
            conversation.taking = None
        self._legs.take_from(conversation, leg)
        self._told_left(conversation, party, at, reason)
        if party.kind == "agent":
            interaction = conversation.interaction_id
            ended = acd.ConversationEnded(agent_id=party.target, interaction_id=interaction, wrap_up=False)
            try:
                self._distributor.feed(ended)
            except CtiError as error:
                log.info("the colleague had gone before", agent=party.target, reason=str(error))

    def stays(self, conversation: Conversation, party: Party, at: float) -> None:
        """The customer is theirs: no party any more."""
        conversation.party = None
        self._told_left(conversation, party, at, "transferred")

    def _told_left(self, conversation: Conversation, party: Party, at: float, reason: PartyLeftReason) -> None:
        self._means.bus.publish(
            PartyLeft(
                at=at,
                interaction_id=conversation.interaction_id,
                agent_id=party.by,
                party_id=party.party_id,
                reason=reason,
            )
        )


def _invited(conversation: Conversation, party: Party, at: float) -> PartyInvited:
    return PartyInvited(
        at=at,
        interaction_id=conversation.interaction_id,
        agent_id=party.by,
        party_id=party.party_id,
        kind=party.kind,
        target=party.target,
        name=party.name,
    )


def _changed(conversation: Conversation, party: Party, at: float) -> PartyChanged:
    return PartyChanged(
        at=at,
        interaction_id=conversation.interaction_id,
        agent_id=party.by,
        party_id=party.party_id,
        state=party.state,
    )
