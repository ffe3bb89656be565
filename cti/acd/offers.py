"""The live offers: as many for an agent as have room, one for an interaction (but where a queue rings all)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cti.acd.agent import Agent, Assignment
from cti.acd.decisions import Decision, MakeOffer, RevokeOffer, RevokeReason
from cti.acd.estimate import WaitEstimate
from cti.acd.events import Miss, OfferAnswered, OfferConnected, OfferFailed, PickedUp
from cti.acd.interaction import Interaction, InteractionState, InteractionTrigger
from cti.acd.line import Line
from cti.acd.matching import Pair
from cti.acd.order import points_at
from cti.acd.queue import AfterMiss, QueueRules
from cti.acd.reasons import OFFERS_KEPT, PICKED_UP, Candidate, OfferReasons
from cti.acd.roster import Deadlines, Roster
from cti.agents.capacity import may_join
from cti.agents.state import AgentState, Trigger
from cti.errors import Conflict

_UNKNOWN = QueueRules(name="-", wrap_up_s=0.0)
"""For a conversation that came from no queue we know: no wrap-up."""


@dataclass(slots=True)
class Offer:
    """`connected`: the two have been bridged, and it can no longer fail. Kept until the agent's part is over."""

    offer_id: str
    interaction: Interaction
    agent: Agent
    work: Assignment
    answered: bool = False
    connected: bool = False


class Offers:
    """`emit` receives the decisions; the rest is shared with the engine."""

    def __init__(
        self,
        line: Line,
        roster: Roster,
        deadlines: Deadlines,
        estimate: WaitEstimate,
        emit: Callable[[Decision], None],
    ) -> None:
        self._offers: dict[str, Offer] = {}
        self._turns = 0
        self._estimate = estimate
        self._line = line
        self._roster = roster
        self._deadlines = deadlines
        self._emit = emit

    def find(self, offer_id: str) -> Offer | None:
        return self._offers.get(offer_id)

    def ringing_at(self, agent: Agent) -> list[Offer]:
        """In the order in which they began to ring."""
        ringing, known = AgentState.OFFERED, self._offers
        return [offer for work in agent.handling if work.state is ringing and (offer := known.get(work.offer_id))]

    def rules(self, queue: str) -> QueueRules:
        return self._line.rules(queue) or _UNKNOWN

    # --- what the engine does about an event of an offer

    def answered(self, event: OfferAnswered, now: float) -> None:
        offer = self._offers.get(event.offer_id)
        if offer is None:
            interaction_id = event.offer_id.rpartition("-")[0]
            self._emit(RevokeOffer(offer_id=event.offer_id, interaction_id=interaction_id, agent_id="", reason="stale"))
        elif not offer.answered:
            self.answer(offer, now)

    def connected(self, event: OfferConnected, _now: float) -> None:
        offer = self._offers.get(event.offer_id)
        if offer is not None and offer.answered:
            offer.connected = True

    def failed(self, event: OfferFailed, now: float) -> None:
        offer = self._offers.get(event.offer_id)
        if offer is not None and not offer.connected:
            self.fail(offer, event.reason, now)

    # --- an offer's life

    def make(self, pair: Pair, now: float) -> None:
        """One offer, or one for each agent who is rung at once: then the first who answers has the caller."""
        self._line.pause(pair.interaction)
        pair.interaction.move(InteractionTrigger.OFFER)
        for agent_id in pair.agent_ids:
            self._ring(pair.interaction, self._roster.get(agent_id, Trigger.OFFER), now)
        self._explain(pair, now)

    def pick_up(self, event: PickedUp, now: float) -> None:
        agent = self._roster.get(event.agent_id, Trigger.OFFER)
        interaction = self._line.find(event.interaction_id)
        if interaction is None or interaction.state not in {InteractionState.QUEUED, InteractionState.OFFERED}:
            raise Conflict("this caller waits no more", interaction.state if interaction else "ended")
        if agent.agent_id in interaction.agents:  # rings there already: for nobody else, then
            others = [self._offers[one] for one in tuple(interaction.offer_ids)]
            for other in [one for one in others if one.agent is not agent]:
                self.withdraw(other, "revoked", now)
            return
        self._roster.check_free(agent, interaction.need.medium)
        self.stop_ringing(interaction, "revoked", now)
        self.make(Pair(interaction, [agent.agent_id], PICKED_UP, (Candidate(agent.agent_id),), idle=1, fitting=1), now)

    def _ring(self, interaction: Interaction, agent: Agent, now: float) -> None:
        interaction.offers += 1
        offer_id = f"{interaction.interaction_id}-{interaction.offers}"
        work = Assignment(interaction.interaction_id, interaction.need.medium, interaction.queue, offer_id)
        offer = Offer(offer_id, interaction, agent, work)
        interaction.offer_ids.append(offer.offer_id)
        interaction.agents.append(agent.agent_id)
        self._offers[offer.offer_id] = offer
        ring_until = now + self.rules(work.queue).ring_s
        self._deadlines.put(("ring", offer.offer_id), (ring_until,))
        self._turns += 1
        agent.turn = self._turns
        self._roster.offer(agent, work, now=now, until=ring_until)
        self._emit(
            MakeOffer(
                offer_id=offer.offer_id,
                interaction_id=interaction.interaction_id,
                agent_id=agent.agent_id,
                queue=work.queue,
                medium=interaction.medium or "voice",
                ring_until=ring_until,
                waited_s=max(0.0, now - interaction.queued_at),
            )
        )

    def _explain(self, pair: Pair, now: float) -> None:
        interaction, need = pair.interaction, pair.interaction.need
        for agent_id, offer_id in zip(pair.agent_ids, interaction.offer_ids, strict=True):
            why = OfferReasons(
                offer_id=offer_id,
                at=now,
                chosen_by=pair.chosen_by,
                points=points_at(interaction.rank, need.ageing, now),
                doors=need.doors,
                skills=need.required,
                candidates=pair.ranked,
                idle=pair.idle,
                fitting=pair.fitting,
                agent_id=agent_id,
            )
            interaction.why = (*interaction.why, why)[-OFFERS_KEPT:]

    def answer(self, offer: Offer, now: float) -> None:
        offer.answered = True
        self._deadlines.discard(("ring", offer.offer_id))
        for other_id in tuple(offer.interaction.offer_ids):
            if other_id != offer.offer_id:
                self.withdraw(self._offers[other_id], "revoked", now)
        self._estimate.answered(offer.interaction.interaction_id, now)
        self._line.leave(offer.interaction, now)
        offer.interaction.move(InteractionTrigger.ANSWER)
        self._roster.move(offer.agent, offer.work, Trigger.ANSWER, now=now)
        for other in self.ringing_at(offer.agent):
            if not may_join(other.work.medium, offer.work.medium, self._roster.interruption):
                self.withdraw(other, "revoked", now)
                self.give_back([other.interaction], now)

    def fail(self, offer: Offer, reason: Miss, now: float) -> None:
        """The agent let the offer pass. The interaction takes its place again, unless another agent has it."""
        self._miss(offer, reason, now)
        self.give_back([offer.interaction], now)

    def _miss(self, offer: Offer, reason: Miss, now: float) -> None:
        """What the miss means for the agent; who is not ready any more for this one is so for no other that rings."""
        rules, agent = self.rules(offer.work.queue), offer.agent
        after: AfterMiss = "not_ready"
        if reason == "rona":
            after = rules.rona
        elif reason == "declined":
            after = rules.declined
        self.revoke(offer, reason)
        others = self.call_off(agent) if after == "not_ready" else []
        self._roster.miss(agent, offer.work, reason=reason, after=after, rest_s=rules.rest_s, now=now)
        self.give_back(others, now)

    def excuse(self, offer: Offer, miss: Miss | None, now: float) -> None:
        """An answered offer that leads to nobody; what becomes of the interaction is for the caller to say."""
        if miss is not None:
            self._miss(offer, miss, now)
        else:
            self.revoke(offer, "caller_gone")
            self._roster.excuse(offer.agent, offer.work, now)

    def give_back(self, interactions: Iterable[Interaction], now: float) -> None:
        """Offers of these are over: each takes its place again, unless somebody else is rung for it or talks."""
        for interaction in interactions:
            if not interaction.agents:
                self._line.wait(interaction, InteractionTrigger.RETURN, now)

    def call_off(self, agent: Agent) -> list[Interaction]:
        """Revoke all that rings at the agent, who is about to be moved or settled, and out of whose hands it is.

        The interactions are to be given back once that is done.
        """
        ringing = self.ringing_at(agent)
        for offer in ringing:
            self.revoke(offer, "revoked")
            agent.handling.remove(offer.work)
        return [offer.interaction for offer in ringing]

    def withdraw(self, offer: Offer, reason: RevokeReason, now: float) -> None:
        """A ringing offer is no longer wanted. Its agent keeps the place among the idle; see `revoke` for the rest."""
        self.revoke(offer, reason)
        self._roster.withdraw(offer.agent, offer.work, now)

    def stop_ringing(self, interaction: Interaction, reason: RevokeReason, now: float) -> None:
        """Revoke the offers that ring for this interaction, if any do; it is QUEUED then, and waits no more."""
        if interaction.state is not InteractionState.OFFERED:
            return
        for offer_id in tuple(interaction.offer_ids):
            self.withdraw(self._offers[offer_id], reason, now)
        interaction.move(InteractionTrigger.RETURN)

    def revoke(self, offer: Offer, reason: RevokeReason) -> None:
        """The offer is over; what becomes of agent and interaction is for the caller to say."""
        self.drop(offer)
        offer.interaction.agents.remove(offer.agent.agent_id)
        self._emit(
            RevokeOffer(
                offer_id=offer.offer_id,
                interaction_id=offer.interaction.interaction_id,
                agent_id=offer.agent.agent_id,
                reason=reason,
            )
        )

    def drop(self, offer: Offer) -> None:
        """Forget the offer; it has led to a conversation that is over, or is being revoked."""
        del self._offers[offer.offer_id]
        self._deadlines.discard(("ring", offer.offer_id))
        if offer.offer_id in offer.interaction.offer_ids:
            offer.interaction.offer_ids.remove(offer.offer_id)
