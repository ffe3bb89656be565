"""Calls that an agent asks for: whom they may call or pick up, and who has the time."""

from collections.abc import Callable

from cti.acd import events as acd
from cti.agents.state import AgentState
from cti.customers.numbers import canonical
from cti.desk import commands as ask
from cti.desk.audience import Actor
from cti.errors import Conflict, Forbidden, NotFound
from cti.floor.conversation import Conversation
from cti.floor.floor import Floor
from cti.rights import may_pick_from

_SELF = {"busy": "are in a call", "offered": "are being rung", "wrap_up": "have a wrap-up to finish"}
_OTHER = {"busy": "is in a call", "offered": "is being rung for a call", "wrap_up": "is wrapping up a call"}


class Calling:
    """`recognise` has the customer of a conversation looked up."""

    def __init__(self, floor: Floor, recognise: Callable[[Conversation], None]) -> None:
        self._floor = floor
        self._recognise = recognise

    async def dial(self, command: ask.DialOut, actor: Actor) -> dict[str, str | int | float | bool | None]:
        """Raises Conflict for an agent who is not free or has no phone, Forbidden or NotFound for whom not to call."""
        if command.kind == "agent":
            return {"interaction_id": self._colleague(command.target, actor.agent_id)}
        self._free(actor.agent_id)
        conversation = self._customer(command.target, actor.agent_id)
        return {"interaction_id": conversation.interaction_id}

    def _colleague(self, target: str, agent_id: str) -> str:
        """Nobody has to be signed in for this: everybody who has a phone can call and be called."""
        floor, roster = self._floor, self._floor.roster
        found = target if target in roster.members else roster.by_extension(target)
        if found is None:
            raise NotFound("colleague", target)
        if found == agent_id:
            raise Conflict("that is you")
        self._linked()
        name = roster.profile(found).name or found
        if (doing := self._doing(agent_id)) is not None:
            raise Conflict(f"you cannot call now: you {_SELF[doing]}", doing)
        if (doing := self._doing(found)) is not None:
            raise Conflict(f"{name} {_OTHER[doing]}", doing)
        for whom, whose in ((agent_id, "your"), (found, f"{name}'s")):
            if roster.callable_at(whom) is None:
                raise Conflict(f"{whose} phone is not registered, so it cannot be rung", "unreachable")
        return floor.colleagues.call(agent_id, found).call_id

    def _doing(self, agent_id: str) -> str | None:
        """What keeps somebody from a call, None for nothing."""
        floor = self._floor
        try:
            state = floor.engine.agent(agent_id).state
        except NotFound:
            state = AgentState.LOGGED_OUT
        if state in {AgentState.BUSY, AgentState.OFFERED, AgentState.WRAP_UP}:
            return state
        talks = floor.conversations.of_agent(agent_id) is not None or floor.colleagues.of_agent(agent_id) is not None
        return AgentState.BUSY if talks or floor.own_calls.has(agent_id) else None

    def _linked(self) -> None:
        if not self._floor.link:
            raise Conflict("the telephone system cannot be reached at the moment", "unreachable")

    async def pick_up(self, command: ask.PickUp, actor: Actor) -> None:
        """Raises Conflict for a caller who waits no more, or an agent who is not free, Forbidden for another queue."""
        floor = self._floor
        conversation = floor.conversations.by_id.get(command.interaction_id)
        if conversation is None or conversation.place is None or not conversation.waiting:
            raise Conflict("this caller waits no more", conversation.state if conversation else "ended")
        queue, own = conversation.place.queue, floor.roster.member(actor.agent_id).configured.queues
        if not may_pick_from(actor, queue, own):
            raise Forbidden(f"the queue {queue} is not yours")
        self._state(actor.agent_id)
        node = floor.means.node_of(conversation.channel)
        if node and node not in floor.roster.profile(actor.agent_id).nodes:
            raise Conflict(f"this caller is on {node}, where your phone is not registered", "unreachable")
        floor.feed(acd.PickedUp(agent_id=actor.agent_id, interaction_id=command.interaction_id))

    def _state(self, agent_id: str) -> AgentState:
        """Conflict for who is not signed in."""
        try:
            return self._floor.engine.agent(agent_id).state
        except NotFound:
            raise Conflict("sign in first", AgentState.LOGGED_OUT) from None

    def _customer(self, target: str, agent_id: str) -> Conversation:
        floor, rules = self._floor, self._floor.rules
        number = canonical(target, rules.region)
        if not number.lstrip("+").isdigit():
            raise NotFound("number", target)
        conversation = floor.outbound.place(agent_id, number)
        self._recognise(conversation)
        floor.outbound.ring(conversation)
        return conversation

    def _free(self, agent_id: str) -> None:
        """Whether the agent could have a call now: at work with nothing in hand, and with a phone that rings."""
        floor = self._floor
        state = self._state(agent_id)
        talks = floor.conversations.of_agent(agent_id) is not None or floor.colleagues.of_agent(agent_id) is not None
        if talks or state in {AgentState.BUSY, AgentState.OFFERED}:
            raise Conflict("finish the call that you have first", state)
        if state is AgentState.WRAP_UP:
            raise Conflict("finish the wrap-up first", state)
        self._linked()
        if not floor.roster.is_reachable(agent_id):
            raise Conflict("your phone is not registered, so it cannot be rung", "unreachable")
