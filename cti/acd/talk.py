"""Conversations: how interactions and agents come together without an offer, and how they part."""

from cti.acd.decisions import RevokeReason
from cti.acd.events import AgentEngaged, CallerLeft, CallerPostponed, CallerQueued, ConversationEnded
from cti.acd.interaction import Interaction, InteractionState, InteractionTrigger
from cti.acd.line import Line, check_numbers
from cti.acd.offers import Offers
from cti.acd.roster import Agent, Roster
from cti.agents.state import AgentState, Trigger
from cti.errors import IllegalTransition


class Talk:
    """Each method is what the engine does about one event; `now` is the engine's time."""

    def __init__(self, line: Line, roster: Roster, offers: Offers) -> None:
        self._line = line
        self._roster = roster
        self._offers = offers

    def queued(self, event: CallerQueued, now: float) -> None:
        self._line.configured(event.queue)
        check_numbers(event)
        interaction = self._line.admit(event.interaction_id)
        self._stop_ringing(interaction, "revoked", now)
        self._end_all(interaction, now)
        self._line.leave(interaction, now)
        self._line.join(interaction, event, now)

    def left(self, event: CallerLeft, now: float) -> None:
        interaction = self._line.find(event.interaction_id)
        if interaction is None:
            return
        self._stop_ringing(interaction, "caller_gone", now)
        self._end_all(interaction, now)
        self._line.forget(interaction, now)
        interaction.move(InteractionTrigger.END)

    def postponed(self, event: CallerPostponed, now: float) -> None:
        interaction = self._line.find(event.interaction_id)
        if interaction is None:
            return
        for offer_id in tuple(interaction.offer_ids):
            offer = self._offers.find(offer_id)
            if offer is not None and offer.answered and not offer.connected:
                self._offers.excuse(offer, event.miss, now)
        self.left(CallerLeft(interaction_id=event.interaction_id), now)

    def engaged(self, event: AgentEngaged, now: float) -> None:
        agent = self._roster.get(event.agent_id, Trigger.ENGAGE)
        if agent.state is AgentState.BUSY:
            if agent.interaction_id != event.interaction_id:
                raise IllegalTransition("agent", agent.state, Trigger.ENGAGE)
            return
        if offer := self._offers.ringing_at(agent):
            if offer.interaction.interaction_id == event.interaction_id:
                self._offers.answer(offer, now)
                offer.connected = True
                return
            self._offers.withdraw(offer, "revoked", now)
            self._offers.give_back(offer.interaction, now)
        if agent.state is AgentState.NOT_READY:
            agent.pending, agent.pending_reason = AgentState.NOT_READY, agent.reason
        self.attach(agent, event.interaction_id, event.queue, now)
        self._roster.move(agent, Trigger.ENGAGE, now=now, interaction_id=event.interaction_id)

    def attach(self, agent: Agent, interaction_id: str, queue: str, now: float) -> None:
        """The agent talks with this customer, who no longer waits and is offered to nobody."""
        interaction = self._line.admit(interaction_id, queue)
        self._stop_ringing(interaction, "revoked", now)
        self._line.leave(interaction, now)
        interaction.move(InteractionTrigger.ENGAGE)
        interaction.agents.append(agent.agent_id)
        agent.queue = interaction.queue

    def ended(self, event: ConversationEnded, now: float) -> None:
        agent = self._roster.find(event.agent_id)
        interaction = self._line.find(event.interaction_id)
        if agent is None or interaction is None:
            return
        if agent.state is AgentState.BUSY and agent.interaction_id == interaction.interaction_id:
            self._end(agent, interaction, now)
            if not interaction.agents:
                interaction.move(InteractionTrigger.RELEASE)

    def _stop_ringing(self, interaction: Interaction, reason: RevokeReason, now: float) -> None:
        """Revoke the offers that ring for this interaction, if any do; it is QUEUED then, and waits no more."""
        if interaction.state is not InteractionState.OFFERED:
            return
        for offer_id in tuple(interaction.offer_ids):
            if offer := self._offers.find(offer_id):
                self._offers.withdraw(offer, reason, now)
        interaction.move(InteractionTrigger.RETURN)

    def _end(self, agent: Agent, interaction: Interaction, now: float) -> None:
        interaction.agents.remove(agent.agent_id)
        if offer := self._offers.find(agent.offer_id):
            self._offers.drop(offer)
        self._roster.end_talk(agent, self._offers.rules(agent.queue).wrap_up_s, now)

    def _end_all(self, interaction: Interaction, now: float) -> None:
        for agent_id in tuple(interaction.agents):
            self._end(self._roster.get(agent_id, Trigger.END_TALK), interaction, now)
