"""What is changed while calls go on: who works in which queue with which skills, and where and how soon a caller waits.

Everything counts at once: whoever fits now is offered what waits, in the same moment. What concerns an agent is stored
first, so that a restart knows it, and refused with the reason while the database is away.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import floor as whole
from typing import Protocol

from cti.acd import events as acd
from cti.acd.interaction import InteractionState
from cti.acd.order import MINUTE_S
from cti.acd.queue import QueueRules
from cti.acd.views import InteractionView
from cti.desk import commands as ask
from cti.desk.audience import Actor
from cti.errors import Conflict, Forbidden, NotFound
from cti.events import InteractionPrioritised
from cti.floor.announcing import Told
from cti.floor.conversation import Conversation, Place
from cti.floor.floor import Floor
from cti.floor.ticket import ticket_text

Audit = Callable[[Actor, str, str, str, str], None]
"""Who did what to whom, in detail, and to which interaction."""


class People(Protocol):
    """Where agents are kept (`cti.store.users.UserRepository`). Both raise NotFound and NotConnected."""

    async def assign(
        self,
        login: str,
        *,
        queues: Sequence[str] | None,
        skills: Mapping[str, int] | None,
        groups: Sequence[str] | None,
        tiers: Mapping[str, int] | None,
    ) -> None:
        """What is None stays as it is."""

    async def absent_from(self, login: str, queues: Sequence[str]) -> None:
        """The agent has left these of the own queues, and no other."""


class LiveChanges:
    def __init__(self, floor: Floor, people: People, audit: Audit) -> None:
        self._floor = floor
        self._people = people
        self._audit = audit
        self._one_at_a_time = asyncio.Lock()

    # --- agents

    async def join(self, command: ask.JoinQueue, actor: Actor) -> None:
        async with self._one_at_a_time:
            await self._be_absent(actor, command.queue, absent=False)
        self._audit(actor, "queue.join", actor.agent_id, command.queue, "")

    async def leave(self, command: ask.LeaveQueue, actor: Actor) -> None:
        async with self._one_at_a_time:
            await self._be_absent(actor, command.queue, absent=True)
        self._audit(actor, "queue.leave", actor.agent_id, command.queue, "")

    async def _be_absent(self, actor: Actor, queue: str, *, absent: bool) -> None:
        member = self._floor.roster.member(actor.agent_id)
        own = member.configured.queues
        if queue not in own:
            raise Forbidden(f"{queue} is not one of your queues; a supervisor can assign it to you")
        left = (set(member.absent_from) & set(own)) - {queue}
        left |= {queue} if absent else set()
        await self._people.absent_from(actor.agent_id, sorted(left))
        self._floor.roster.absent(actor.agent_id, left)
        self._tell(actor.agent_id)

    async def assign(self, command: ask.Assign, actor: Actor) -> None:
        self._known((*(command.queues or ()), *(command.tiers or {})))
        async with self._one_at_a_time:
            member = self._floor.roster.member(command.agent_id)
            await self._people.assign(
                command.agent_id,
                queues=command.queues,
                skills=command.skills,
                groups=command.groups,
                tiers=command.tiers,
            )
            self._floor.roster.assign(command.agent_id, command.queues, command.skills, command.groups, command.tiers)
            self._tell(command.agent_id)
        now = member.configured
        detail = f"queues {', '.join(now.queues)}; skills {_levels(now.skills)}; groups {', '.join(now.groups)}"
        self._audit(actor, "agent.assign", command.agent_id, detail, "")

    def _known(self, queues: Sequence[str]) -> None:
        there = {rules.name for rules in self._floor.engine.queues()}
        for queue in queues:
            if queue not in there:
                raise NotFound("queue", queue)

    def _tell(self, agent_id: str) -> None:
        """The screens first, for the distributor may make an offer at once."""
        member = self._floor.roster.member(agent_id)
        self._floor.desk.add_agent(member.profile, member.role, absent_from=tuple(sorted(member.absent_from)))
        self._floor.feed(acd.AgentProfileChanged(profile=self._floor.roster.profile(agent_id)))

    # --- callers who wait

    async def prioritise(self, command: ask.Prioritise, actor: Actor) -> None:
        conversation, place = self._waiting(command.interaction_id)
        view = self._floor.engine.interaction(command.interaction_id)
        place.priority = self._to_the_front(view, place) if command.priority is None else command.priority
        self._floor.feed(acd.InteractionChanged(interaction_id=view.interaction_id, priority=place.priority))
        self._floor.bus.publish(
            InteractionPrioritised(
                at=self._floor.clock(),
                interaction_id=view.interaction_id,
                queue=place.queue,
                priority=place.priority + self._floor.places.own_priority(place.queue),
                queued_at=view.queued_at,
            )
        )
        self._keep_ticket(conversation, place)
        detail = "to the front" if command.priority is None else f"priority {command.priority}"
        self._audit(actor, "interaction.prioritise", conversation.number, detail, view.interaction_id)

    def _to_the_front(self, view: InteractionView, place: Place) -> int:
        """The own priority with which nobody in this queue comes before, by the order of `cti/acd/order.py`."""
        rules = next(rules for rules in self._floor.engine.queues() if rules.name == view.queue)
        others = [one for one in self._floor.engine.waiting(view.queue) if one.interaction_id != view.interaction_id]
        if not others:
            return place.priority
        first = max(_standing(one, rules) for one in others)
        behind = first - _standing(view, rules)
        return place.priority + max(0, whole(behind) + 1)

    async def move(self, command: ask.MoveToQueue, actor: Actor) -> None:
        """The caller waits elsewhere from now on, as long as ever; what the new queue asks counts, and its limits."""
        self._known((command.queue,))
        conversation, place = self._waiting(command.interaction_id)
        if conversation.state is not InteractionState.QUEUED:
            raise Conflict("an agent's phone is ringing for this caller just now", conversation.state)
        if conversation.promise is not None:
            raise Conflict("this customer has hung up and is to be called back", conversation.state)
        if place.queue == command.queue:
            raise Conflict("this caller waits in that queue already", conversation.state)
        there = replace(
            place, queue=command.queue, skills={}, entered_at=None, only_agent="", only_group="", told=Told()
        )
        self._floor.places.enqueue(conversation, there)
        self._keep_ticket(conversation, there)
        detail = f"{place.queue} to {command.queue}"
        self._audit(actor, "interaction.move", conversation.number, detail, conversation.interaction_id)

    def _waiting(self, interaction_id: str) -> tuple[Conversation, Place]:
        conversation = self._floor.conversations.by_id.get(interaction_id)
        if conversation is None:
            raise Conflict("this call is over", "ended")
        if not conversation.waiting or conversation.place is None:
            raise Conflict("this caller does not wait any more", conversation.state)
        return conversation, conversation.place

    def _keep_ticket(self, conversation: Conversation, place: Place) -> None:
        """For a daemon that starts anew while this caller waits; who is to be called back has no channel to keep it."""
        if conversation.promise is not None:
            return
        floor = self._floor
        ticket = ticket_text(conversation, place, floor.clock())
        order = floor.switch.set_variable(conversation.channel, "LD_PLACE", ticket)
        floor.orders.start(f"keep the place of {conversation.interaction_id}", order)


def _standing(view: InteractionView, rules: QueueRules) -> float:
    """Points as they compare within a queue: who is due earlier has more of them, where waiting gives points."""
    due = view.queued_at + (rules.target_s if rules.serve == "target" else 0.0)
    return view.priority + view.points - rules.ageing / MINUTE_S * due


def _levels(skills: Mapping[str, int]) -> str:
    return ", ".join(f"{skill} {level}" for skill, level in skills.items())
