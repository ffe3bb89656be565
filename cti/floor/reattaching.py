"""A page with a call was reloaded, or the phone was taken to another tab: the call comes after its agent.

Asterisk does not see that the page is gone, so its leg stays as it is and the customer waits. The page that is there
now asks for its call (`call.reattach`): a new leg to it, answered by itself, takes the place of the old one, by the way
of a take-over (`ld-takeover`); a customer on hold stays there. It is the same agent, segment and recording. After a
moment without a page the customer hears music, and goes back to the head of the queue when no page comes in time.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from cti.acd import events as acd
from cti.acd.interaction import InteractionState
from cti.agents.agent import TAB_LOST
from cti.errors import Conflict, CtiError
from cti.events import AgentLost, ChannelAnswered, ChannelHungUp, EndpointReachable, OriginateFailed
from cti.floor.conversation import Conversation, Leg
from cti.floor.distributor import Distributor
from cti.floor.means import Means
from cti.floor.parting import Parting
from cti.floor.roster import PREFIXES
from cti.floor.stations import Stations
from cti.floor.talks import Talks
from cti.switch.port import CallerId, Ring

log = structlog.get_logger(__name__)

RING_S = 8.0
MUSIC_AFTER_S = 2.0
"""A reload takes less: the customer hears a moment of silence then, and not two bars of music."""

Follow = Callable[[str, Leg, Leg], Awaitable[None]]
"""Who listens to an old leg goes over to the new one; the first argument is the interaction."""


class Reattaching:
    """`on_page` and `on_page_lost` are told by the stations, the others are mirror facts."""

    def __init__(  # the parts that it works with
        self, means: Means, distributor: Distributor, stations: Stations, talks: Talks, parting: Parting
    ) -> None:
        self._means = means
        self._distributor = distributor
        self._stations = stations
        self._talks = talks
        self._parting = parting
        self._followers: list[Follow] = []
        self._under_way: dict[str, Conversation] = {}
        stations.listen(changed=self.on_page, lost=self.on_page_lost)

    def follow(self, follower: Follow) -> None:
        self._followers.append(follower)

    # --- the page is there -----------------------------------------------------------------------------------------

    def begin(self, conversation: Conversation, leg: Leg) -> None:
        """Call the agent's page, which is to have this conversation from now on. Raises Conflict."""
        means = self._means
        if means.roster.member(leg.agent_id).phone != "web":
            raise Conflict("only a phone in the browser comes back by itself", "desk")
        if self._endpoint(leg.agent_id) not in means.roster.reachable:
            raise Conflict("your phone is not registered", "registration")
        if conversation.party is not None:
            raise Conflict(f"you have brought {conversation.party.name} into this call", conversation.party.state)
        held = conversation.state is InteractionState.HELD
        conversation.returns += 1
        taking = Leg(f"ld-{conversation.interaction_id}-r{conversation.returns}", leg.agent_id)
        conversation.taking = taking
        means.conversations.by_leg[taking.channel] = conversation
        self._under_way[taking.channel] = conversation
        ring = Ring(
            channel=taking.channel,
            endpoint=self._endpoint(leg.agent_id),
            context="ld-agent-waits" if held else "ld-takeover",
            caller=CallerId(conversation.number, conversation.caller_name),
            ring_s=RING_S,
            variables={"LD_CUSTOMER": conversation.channel},
            auto_answer=True,
            purpose="reattach",
        )
        means.orders.start(
            f"reattach {taking.channel}", means.switch.ring(ring), lambda error: self._not_rung(taking.channel, error)
        )

    def _endpoint(self, agent_id: str) -> str:
        return PREFIXES["web"] + self._means.roster.profile(agent_id).extension

    def on_answered(self, fact: ChannelAnswered) -> None:
        """A customer on hold has nobody to be bridged with yet: the new leg waits in the place of the old one."""
        conversation = self._under_way.get(fact.channel)
        if conversation is None or (leg := conversation.taking) is None or leg.channel != fact.channel:
            return
        leg.answered = True
        if conversation.state is InteractionState.HELD:
            self._means.orders.start(f"hold by {leg.channel}", self._holds(conversation, leg))

    async def _holds(self, conversation: Conversation, leg: Leg) -> None:
        await self._means.switch.set_variable(conversation.channel, "LD_HOLDER", leg.channel)
        if conversation.taking is leg:
            self._talks.attached(conversation, leg, self._means.clock())

    def on_attached(self, conversation: Conversation, old: Leg | None, leg: Leg) -> None:
        """The two are together again; the old leg is let go once nobody listens to it."""
        self._under_way.pop(leg.channel, None)
        conversation.kept = False
        if old is not None:
            name = f"follow {leg.channel}"
            self._means.orders.start(name, self._let_go(conversation, old, leg))

    async def _let_go(self, conversation: Conversation, old: Leg, leg: Leg) -> None:
        for follower in self._followers:
            try:
                await follower(conversation.interaction_id, old, leg)
            except CtiError as error:
                log.warning("a listener could not follow", channel=leg.channel, reason=str(error))
        self._talks.release(conversation, old)

    # --- it did not come to be -------------------------------------------------------------------------------------

    def on_gone(self, fact: ChannelHungUp | OriginateFailed) -> None:
        conversation = self._under_way.pop(fact.channel, None)
        if conversation is None or conversation.taking is None or conversation.taking.channel != fact.channel:
            return
        self._means.conversations.by_leg.pop(fact.channel, None)
        self._parting.not_taken(conversation, fact.at)

    def _not_rung(self, channel: str, error: CtiError) -> None:
        log.warning("a page could not get its call back", channel=channel, reason=str(error))
        self.on_gone(OriginateFailed(at=self._means.clock(), channel=channel, reason=0))

    # --- the page is gone ------------------------------------------------------------------------------------------

    def _talk_of(self, agent_id: str) -> tuple[Conversation, Leg] | None:
        """What this agent talks about in the page, alone with the customer."""
        conversation = self._means.conversations.of_agent(agent_id)
        leg = conversation.leg if conversation is not None else None
        if conversation is None or leg is None or leg.agent_id != agent_id or not leg.bridged:
            return None
        alone = conversation.party is None and conversation.taking is None and conversation.talking
        return (conversation, leg) if alone and self._means.roster.member(agent_id).phone == "web" else None

    def _gone(self, agent_id: str) -> bool:
        """No page, and no phone: a page that only lost its line to us may talk on."""
        present = self._stations.of(agent_id).present
        return not present and self._endpoint(agent_id) not in self._means.roster.reachable

    def on_page(self, agent_id: str) -> None:
        if not self._stations.asked_for or agent_id not in self._means.roster.members:
            return
        talk = self._talk_of(agent_id)
        if talk is None:
            return
        conversation, leg = talk
        if self._gone(agent_id):
            asyncio.get_running_loop().call_later(MUSIC_AFTER_S, self._keep, agent_id, leg)
        elif conversation.kept and self._stations.of(agent_id).present:
            self._come_back(conversation, leg)

    def on_reachable(self, fact: EndpointReachable) -> None:
        agent_id = self._means.roster.owner(fact.endpoint)
        if agent_id is not None:
            self.on_page(agent_id)

    def _come_back(self, conversation: Conversation, leg: Leg) -> None:
        try:
            self.begin(conversation, leg)
        except Conflict as refusal:
            log.info("a page is back, and its phone is not yet", agent=leg.agent_id, reason=str(refusal))

    def _keep(self, agent_id: str, leg: Leg) -> None:
        """The customer hears music from now on, unless the agent put them on hold before."""
        talk = self._talk_of(agent_id)
        if talk is None or talk[1] is not leg or not self._gone(agent_id) or talk[0].kept:
            return
        conversation, means = talk[0], self._means
        conversation.kept = True
        now = means.clock()
        means.bus.publish(AgentLost(at=now, interaction_id=conversation.interaction_id, agent_id=agent_id))
        if conversation.state is InteractionState.CONNECTED:
            means.orders.start(f"keep {leg.channel}", means.switch.hold(conversation.channel, leg.channel))

    def on_page_lost(self, agent_id: str) -> None:
        """Nobody came: the customer is given to somebody else, and this agent no other one."""
        if agent_id not in self._means.roster.members:
            return
        talk = self._talk_of(agent_id)
        if talk is not None and self._gone(agent_id):
            self._distributor.feed(acd.AgentNotReady(agent_id=agent_id, reason=TAB_LOST))
            self._parting.lost(talk[0], self._means.clock())
