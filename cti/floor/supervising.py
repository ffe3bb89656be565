"""Supervisors on a call: listen, whisper, barge in, take over.

The supervisor's own phone is rung into ChanSpy on the agent's leg; the mode is switched live on that leg. A take-over
bridges the supervisor's leg with the customer, and the agent's leg ends.
"""

from dataclasses import dataclass

import structlog

from cti.acd.interaction import InteractionState, InteractionTrigger
from cti.errors import Conflict
from cti.events import (
    ChannelAnswered,
    ChannelHungUp,
    Fact,
    SpyMode,
    SpyStarted,
    SupervisionChanged,
    SupervisionEnded,
    SupervisionStarted,
)
from cti.floor.conversation import Conversation, Leg
from cti.floor.floor import Floor
from cti.floor.ids import supervisor_channel
from cti.switch.port import CallerId, Ring

log = structlog.get_logger(__name__)

RING_S = 30.0


@dataclass(slots=True)
class Spying:
    """A supervisor's leg. `mode` is what is wanted; `running` says that ChanSpy can be switched."""

    supervisor_id: str
    agent_id: str
    interaction_id: str
    channel: str
    mode: SpyMode
    answered: bool = False
    running: bool = False
    barging: bool = False


class Supervision:
    """At most one leg per supervisor. Subscribe `on_mirror` to the bus beside the floor's."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._by_supervisor: dict[str, Spying] = {}
        self._by_channel: dict[str, Spying] = {}

    def of(self, supervisor_id: str) -> Spying | None:
        return self._by_supervisor.get(supervisor_id)

    async def supervise(self, supervisor_id: str, agent_id: str, mode: SpyMode) -> None:
        """Start, or switch the mode. Raises Conflict when the agent is not talking or the phone is not reachable."""
        conversation = self._conversation_of(agent_id)
        spying = self._by_supervisor.get(supervisor_id)
        if spying is not None and spying.interaction_id != conversation.interaction_id:
            await self.stop(supervisor_id)
            spying = None
        if agent_id == supervisor_id:
            raise Conflict("you cannot supervise your own call")
        if spying is None:
            await self._ring(supervisor_id, agent_id, mode, conversation)
        elif spying.mode != mode:
            spying.mode = mode
            if spying.running:
                await self._apply(spying, conversation)

    async def stop(self, supervisor_id: str) -> None:
        spying = self._by_supervisor.get(supervisor_id)
        if spying is None:
            raise Conflict("you are not on a call as a supervisor")
        await self._floor.switch.hang_up(spying.channel)

    def _conversation_of(self, agent_id: str) -> Conversation:
        conversation = self._floor.conversations.of_agent(agent_id)
        if conversation is None or conversation.leg is None or not conversation.leg.bridged:
            raise Conflict("this agent is not in a conversation")
        return conversation

    async def _ring(self, supervisor_id: str, agent_id: str, mode: SpyMode, conversation: Conversation) -> None:
        floor = self._floor
        if not floor.roster.is_reachable(supervisor_id):
            raise Conflict("your phone is not registered: sign in with the phone in this page or on your desk")
        conversation.supervisions += 1
        channel = supervisor_channel(conversation.interaction_id, conversation.supervisions)
        spying = Spying(supervisor_id, agent_id, conversation.interaction_id, channel, mode)
        self._by_supervisor[supervisor_id] = self._by_channel[channel] = spying
        leg = conversation.leg
        ring = Ring(
            channel=channel,
            endpoint=floor.roster.endpoint(supervisor_id),
            context="ld-spy",
            caller=CallerId(floor.roster.profile(agent_id).extension, floor.roster.profile(agent_id).name),
            ring_s=RING_S,
            variables={"LD_SPY": leg.channel if leg is not None else ""},
            auto_answer=True,
        )
        try:
            await floor.switch.ring(ring)
        except BaseException:
            self._forget(spying)
            raise

    async def _apply(self, spying: Spying, conversation: Conversation) -> None:
        if spying.mode == "take_over":
            await self._take_over(spying, conversation)
            return
        await self._floor.switch.spy_mode(spying.channel, spying.mode)
        self._barge(spying, conversation, now=spying.mode == "barge")
        self._floor.bus.publish(
            SupervisionChanged(
                at=self._floor.clock(),
                interaction_id=spying.interaction_id,
                supervisor_id=spying.supervisor_id,
                agent_id=spying.agent_id,
                mode=spying.mode,
            )
        )

    def _barge(self, spying: Spying, conversation: Conversation, *, now: bool) -> None:
        if now and not spying.barging:
            self._floor.recorder.start_barge(conversation, spying.channel, self._floor.orders)
        elif spying.barging and not now:
            self._floor.recorder.stop_barge(spying.channel, self._floor.orders)
        spying.barging = now

    async def _take_over(self, spying: Spying, conversation: Conversation) -> None:
        """The supervisor's leg is bridged with the customer; the agent's leg is released by the dialplan."""
        floor = self._floor
        self._barge(spying, conversation, now=False)
        agent_leg, state = conversation.leg, conversation.state
        conversation.leg = Leg(spying.channel, spying.supervisor_id, answered=True)
        floor.conversations.by_leg[spying.channel] = conversation
        if agent_leg is not None:
            conversation.old_legs.add(agent_leg.channel)
        try:
            await floor.switch.take_over(spying.channel, conversation.channel)
        except BaseException:
            conversation.leg = agent_leg
            floor.conversations.by_leg.pop(spying.channel, None)
            raise
        at = floor.clock()
        floor.end_segment(conversation, at, "take_over")
        if state is InteractionState.HELD and agent_leg is not None:
            await floor.switch.hang_up(agent_leg.channel)  # it waits in the dialplan, outside of any bridge
        conversation.move(InteractionTrigger.ENGAGE)
        floor.engage(spying.supervisor_id, conversation)
        self._end(spying)

    def on_mirror(self, fact: Fact) -> None:
        match fact:
            case ChannelAnswered(channel=channel) if spying := self._by_channel.get(channel):
                spying.answered = True
            case SpyStarted(channel=channel) if spying := self._by_channel.get(channel):
                self._started(spying)
            case ChannelHungUp(channel=channel) if spying := self._by_channel.get(channel):
                self._end(spying)

    def _started(self, spying: Spying) -> None:
        floor = self._floor
        conversation = floor.conversations.by_id.get(spying.interaction_id)
        if conversation is None:
            return
        spying.running = True
        floor.bus.publish(
            SupervisionStarted(
                at=floor.clock(),
                interaction_id=spying.interaction_id,
                supervisor_id=spying.supervisor_id,
                agent_id=spying.agent_id,
                mode="listen",
            )
        )
        if spying.mode != "listen":
            floor.orders.start(f"switch {spying.channel}", self._apply(spying, conversation))

    def _end(self, spying: Spying) -> None:
        self._forget(spying)
        if spying.running:
            self._floor.bus.publish(
                SupervisionEnded(
                    at=self._floor.clock(),
                    interaction_id=spying.interaction_id,
                    supervisor_id=spying.supervisor_id,
                    agent_id=spying.agent_id,
                )
            )

    def _forget(self, spying: Spying) -> None:
        self._by_channel.pop(spying.channel, None)
        if self._by_supervisor.get(spying.supervisor_id) is spying:
            del self._by_supervisor[spying.supervisor_id]
