"""Conversations: how interactions and agents come together without an offer, and how they part."""

from cti.acd.agent import Agent, Assignment
from cti.acd.events import AgentEngaged, CallerLeft, CallerPostponed, CallerQueued, ConversationEnded
from cti.acd.interaction import Interaction, InteractionTrigger
from cti.acd.line import Line, check_values
from cti.acd.offers import Offers
from cti.acd.roster import Roster
from cti.agents.capacity import AskedMedium, counted_as, has_room
from cti.agents.state import AgentState, Trigger
from cti.errors import IllegalTransition
from cti.events import Medium


class Talk:
    """Each method is what the engine does about one event; `now` is the engine's time."""

    def __init__(self, line: Line, roster: Roster, offers: Offers) -> None:
        self._line = line
        self._roster = roster
        self._offers = offers

    def queued(self, event: CallerQueued, now: float) -> None:
        self._line.configured(event.queue)
        check_values(event)
        interaction = self._line.find(event.interaction_id)
        if interaction is None:
            interaction = self._line.admit(event.interaction_id)
        else:
            self._offers.stop_ringing(interaction, "revoked", now)
            self._end_all(interaction, now)
            self._line.leave(interaction, now)
        self._line.join(interaction, event, now)

    def left(self, event: CallerLeft, now: float) -> None:
        interaction = self._line.find(event.interaction_id)
        if interaction is None:
            return
        self._offers.stop_ringing(interaction, "caller_gone", now)
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
        if agent.talk(event.interaction_id):
            return
        for offer in self._offers.ringing_at(agent):
            if offer.interaction.interaction_id == event.interaction_id:
                self._offers.answer(offer, now)
                offer.connected = True
                return
        medium = self.medium(event.interaction_id, event.queue, event.medium)
        talking = [one.medium for one in agent.doing(AgentState.BUSY)]
        if talking and not has_room(agent.profile, counted_as(medium), talking, self._roster.interruption):
            raise IllegalTransition("agent", agent.state, Trigger.ENGAGE)
        for offer in self._offers.ringing_at(agent):
            self._offers.withdraw(offer, "revoked", now)
            self._offers.give_back([offer.interaction], now)
        if agent.state is AgentState.NOT_READY:
            agent.pending, agent.pending_reason = AgentState.NOT_READY, agent.reason
        agent.handling = agent.doing(AgentState.BUSY)
        work = self.attach(agent, event.interaction_id, event.queue, medium, now)
        work.wrap_up_s = event.wrap_up_s
        self._roster.move(agent, work, Trigger.ENGAGE, now=now)

    def medium(self, interaction_id: str, queue: str, said: AskedMedium) -> Medium:
        """What was said, or known of the interaction, or is what that queue has; `ValueError` for no medium."""
        interaction = self._line.find(interaction_id)
        medium = said or (interaction.medium if interaction else "") or self._offers.rules(queue).medium
        counted_as(medium)
        return medium

    def attach(self, agent: Agent, interaction_id: str, queue: str, medium: Medium, now: float) -> Assignment:
        """The agent talks with this customer, who no longer waits and is offered to nobody; to be moved to BUSY."""
        interaction = self._line.admit(interaction_id, queue)
        self._offers.stop_ringing(interaction, "revoked", now)
        self._line.leave(interaction, now)
        interaction.move(InteractionTrigger.ENGAGE)
        interaction.agents.append(agent.agent_id)
        interaction.medium = interaction.asked_medium = medium
        return Assignment(interaction_id, counted_as(medium), interaction.queue)

    def ended(self, event: ConversationEnded, now: float) -> None:
        agent = self._roster.find(event.agent_id)
        interaction = self._line.find(event.interaction_id)
        if agent is None or interaction is None:
            return
        if work := agent.talk(interaction.interaction_id):
            self._end(agent, work, interaction, now, wrap_up=event.wrap_up)
            if not interaction.agents:
                interaction.move(InteractionTrigger.RELEASE)

    def _end(
        self, agent: Agent, work: Assignment, interaction: Interaction, now: float, *, wrap_up: bool = True
    ) -> None:
        interaction.agents.remove(agent.agent_id)
        if offer := self._offers.find(work.offer_id):
            self._offers.drop(offer)
        if not wrap_up:
            self._roster.finish(agent, work, Trigger.END_TALK, now=now)
            return
        own = self._offers.rules(work.queue).wrap_up_s if work.wrap_up_s is None else work.wrap_up_s
        self._roster.end_talk(agent, work, own, now)

    def _end_all(self, interaction: Interaction, now: float) -> None:
        for agent_id in tuple(interaction.agents):
            agent = self._roster.get(agent_id, Trigger.END_TALK)
            if work := agent.talk(interaction.interaction_id):
                self._end(agent, work, interaction, now)
