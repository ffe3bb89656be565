"""Transfers that an agent asks for: where to, the order to Asterisk, and what happens when it comes to nothing."""

from cti.agents.state import AgentState
from cti.customers.numbers import canonical
from cti.desk import commands as ask
from cti.errors import ActionFailed, Conflict, NotFound
from cti.floor.conversation import Conversation, Leg, Move, Place
from cti.floor.floor import Floor
from cti.switch.permit import Permit


class Transferring:
    """`region` is where numbers without a country code are dialled, as in `cti.customers.numbers`."""

    def __init__(self, floor: Floor, region: str) -> None:
        self._floor = floor
        self._region = region

    async def blind(self, conversation: Conversation, leg: Leg, command: ask.Transfer) -> None:
        """Blind: the agent is free (to wrap up) at once, and the customer is on the way.

        The customer may come over `/transfer` before Asterisk's answer does, or after an answer that said nothing
        (`DeadlineExceeded`): whoever is first completes the transfer (`Parting.gone_on`).

        Raises NotFound, NotDialled or Conflict for a target that cannot be or a queue that is closed, Conflict when
        the customer hung up meanwhile, and what the switch raises when nothing came of it: the two then talk on, or
        the customer without an agent is `lost`.
        """
        target = self._target(command, conversation, leg)
        move = conversation.move_on = Move(leg, command.kind, command.target)
        if isinstance(target, Place):
            conversation.next_place, conversation.outside = target, ""
            order = self._floor.switch.to_daemon(conversation.channel)
        else:
            conversation.next_place, conversation.outside = None, target.number
            order = self._floor.switch.to_number(conversation.channel, target)
        conversation.old_legs.add(leg.channel)
        conversation.leg = None
        try:
            await order
        except BaseException as error:
            if conversation.move_on is move:
                self._not_moved(conversation, leg, done=not isinstance(error, ActionFailed))
                raise
        if conversation.interaction_id not in self._floor.conversations.by_id:
            raise Conflict("this call is over", "ended")
        if conversation.move_on is move:
            self._floor.parting.gone_on(conversation)

    def _not_moved(self, conversation: Conversation, leg: Leg, *, done: bool) -> None:
        """`done`: perhaps it was all the same, and the customer comes over `/transfer` after all."""
        conversation.move_on = None
        if not done:
            conversation.next_place = None
        conversation.outside = ""
        if conversation.interaction_id not in self._floor.conversations.by_id:
            return
        if leg.channel in self._floor.conversations.by_leg:
            conversation.leg = leg
            conversation.old_legs.discard(leg.channel)
        else:
            self._floor.parting.lost(conversation, self._floor.clock())

    def _target(self, command: ask.Transfer, conversation: Conversation, leg: Leg) -> Place | Permit:
        """The skills that a menu asked for count in the queue that it chose, and when a colleague is in vain."""
        queue = conversation.place.queue if conversation.place else ""
        skills = conversation.place.skills if conversation.place else {}
        match command.kind:
            case "queue":
                if command.target not in {rules.name for rules in self._floor.engine.queues()}:
                    raise NotFound("queue", command.target)
                if not self._floor.places.is_open(command.target):
                    raise Conflict(f"the queue {command.target} is closed now", "closed")
                return Place(command.target, skills=skills if command.target == queue else {})
            case "agent":
                self._signed_in(command.target)
                own = self._floor.roster.profile(command.target).queues
                if not queue and not own:
                    raise Conflict(f"{command.target} works in no queue")
                return Place(queue or own[0], skills=skills, only_agent=command.target)
            case "number":
                number = canonical(command.target, self._region)
                if not number.lstrip("+").isdigit():
                    raise NotFound("number", command.target)
                return self._floor.means.permits.ask(
                    number,
                    user=leg.agent_id,
                    purpose="transfer",
                    channel=conversation.channel,
                    interaction_id=conversation.interaction_id,
                )
            case "group":
                return self._of_group(command.target, conversation)

    def _of_group(self, group: str, conversation: Conversation) -> Place:
        """At the head, with the whole of the wait so far, for anybody of the group, whatever their queues.

        The limits count from now on: `entered_at`.
        """
        floor = self._floor
        if not any(group in member.profile.groups for member in floor.roster.members.values()):
            raise NotFound("group", group)
        present = [view.profile for view in floor.engine.agents() if group in view.profile.groups]
        if not present:
            raise Conflict(f"nobody of the group {group} is signed in", "logged_out")
        place, own = conversation.place, [queue for profile in present for queue in profile.queues]
        if place is None and not own:
            raise Conflict(f"nobody of the group {group} works in a queue")
        return Place(
            place.queue if place is not None else own[0],
            place.priority if place is not None else 0,
            conversation.started_at,
            entered_at=floor.clock(),
            only_group=group,
        )

    def _signed_in(self, agent_id: str) -> None:
        profile = self._floor.roster.profile(agent_id)
        try:
            state = self._floor.engine.agent(agent_id).state
        except NotFound:
            state = AgentState.LOGGED_OUT
        if state is AgentState.LOGGED_OUT:
            raise Conflict(f"{profile.name} is not signed in", state)
