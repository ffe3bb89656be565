"""Supervisors on a call: listen, whisper, barge in, take over.

The supervisor's own phone is rung into ChanSpy on the agent's leg; the mode is switched live on that leg. A take-over
bridges the supervisor's leg with the customer, and the agent's leg ends.
"""

import asyncio
from dataclasses import dataclass
from typing import ClassVar

import structlog

from cti.acd import events as acd
from cti.agents.agent import SUPERVISING
from cti.agents.state import AgentState
from cti.errors import Conflict, CtiError
from cti.events import (
    AgentStateChanged,
    ChannelAnswered,
    ChannelHungUp,
    Fact,
    InteractionConnected,
    LinkLost,
    OriginateFailed,
    SegmentEnded,
    SpyMode,
    SpyStarted,
    SupervisionChanged,
    SupervisionEnded,
    SupervisionStarted,
)
from cti.floor.conversation import Conversation, Leg
from cti.floor.floor import Floor
from cti.floor.ids import interaction_of, supervisor_channel
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
    """At most one leg per supervisor. Subscribe `on_mirror` to the bus for `HEARS`, beside the floor's."""

    HEARS: ClassVar[tuple[type[Fact], ...]] = (
        ChannelAnswered,
        SpyStarted,
        ChannelHungUp,
        OriginateFailed,
        AgentStateChanged,
        LinkLost,
        InteractionConnected,
        SegmentEnded,
    )

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._by_supervisor: dict[str, Spying] = {}
        self._by_channel: dict[str, Spying] = {}
        floor.reattaching.follow(self._follow)

    def of(self, supervisor_id: str) -> Spying | None:
        return self._by_supervisor.get(supervisor_id)

    async def supervise(self, supervisor_id: str, agent_id: str, mode: SpyMode) -> None:
        """Start, or switch the mode. Raises Conflict when the agent is not talking or the phone is not reachable."""
        conversation = self._conversation_of(agent_id)
        if agent_id == supervisor_id:
            raise Conflict("you cannot supervise your own call")
        if self._floor.conversations.of_agent(supervisor_id) is not None:
            raise Conflict("finish your own call first", "busy")
        spying = self._by_supervisor.get(supervisor_id)
        if spying is not None and (spying.interaction_id, spying.agent_id) != (conversation.interaction_id, agent_id):
            self._leave(spying)
            spying = None
        if spying is None:
            await self._ring(supervisor_id, agent_id, mode, conversation)
        elif spying.mode != mode:
            before, spying.mode = spying.mode, mode
            if spying.running:
                try:
                    await self._apply(spying, conversation)
                except BaseException:
                    spying.mode = before
                    raise

    def adopt(self, channel: str, supervisor_id: str, mode: SpyMode, since: float) -> None:
        """After a restart: a leg that listens still. `mode` is what the books said last."""
        interaction = interaction_of(channel) or ""
        conversation = self._floor.conversations.by_id.get(interaction)
        if conversation is None or conversation.leg is None or channel in self._floor.conversations.by_leg:
            return
        agent_id = conversation.leg.agent_id
        spying = Spying(supervisor_id, agent_id, interaction, channel, mode, answered=True, running=True)
        spying.barging = mode == "barge"
        conversation.supervisions = max(conversation.supervisions, int(channel.rpartition("-")[2]))
        self._by_supervisor[supervisor_id] = self._by_channel[channel] = spying
        self._floor.desk.on_fact(
            SupervisionStarted(
                at=since, interaction_id=interaction, supervisor_id=supervisor_id, agent_id=agent_id, mode=mode
            )
        )
        log.info("a supervisor is still on a call", interaction=interaction, supervisor=supervisor_id, mode=mode)

    def settle(self) -> None:
        """After a restart: who was not ready only for a supervision that ended meanwhile is ready again."""
        for agent in self._floor.engine.agents():
            self._step_in(agent.agent_id)

    def _step_out(self, supervisor_id: str) -> None:
        """Who is ready, or about to be, is offered no call while on somebody else's."""
        try:
            state = self._floor.engine.agent(supervisor_id).state
        except CtiError:
            return  # not signed in, and offered nothing anyway
        if state in (AgentState.READY, AgentState.WRAP_UP):
            self._floor.feed(acd.AgentNotReady(agent_id=supervisor_id, reason=SUPERVISING))

    def _step_in(self, supervisor_id: str) -> None:
        """Undoes `_step_out`; somebody who chose another state meanwhile stays in that."""
        try:
            agent = self._floor.engine.agent(supervisor_id)
        except CtiError:
            return
        stepped_out = (agent.state, agent.reason) == (AgentState.NOT_READY, SUPERVISING)
        if stepped_out and supervisor_id not in self._by_supervisor:
            self._floor.feed(acd.AgentReady(agent_id=supervisor_id))

    async def stop(self, supervisor_id: str) -> None:
        spying = self._by_supervisor.get(supervisor_id)
        if spying is None:
            raise Conflict("you are not on a call as a supervisor")
        self._leave(spying)

    def _leave(self, spying: Spying) -> None:
        """End the supervisor's leg, also one that does not ring yet or whose phone listens to nobody."""
        self._floor.legs.release(spying.channel)
        if spying.running:
            self._detach(spying)
        else:
            self._end(spying)

    def _conversation_of(self, agent_id: str) -> Conversation:
        conversation = self._floor.conversations.of_agent(agent_id)
        if conversation is None or conversation.leg is None or not conversation.leg.bridged:
            raise Conflict("this agent is not in a conversation")
        if conversation.leg.agent_id != agent_id:
            raise Conflict("this agent was only brought into a colleague's call: listen to that colleague")
        return conversation

    async def _ring(self, supervisor_id: str, agent_id: str, mode: SpyMode, conversation: Conversation) -> None:
        floor = self._floor
        if not floor.roster.is_reachable(supervisor_id):
            raise Conflict("your phone is not registered: sign in with the phone in this page or on your desk")
        conversation.supervisions += 1
        channel = supervisor_channel(conversation.interaction_id, conversation.supervisions)
        spying = Spying(supervisor_id, agent_id, conversation.interaction_id, channel, mode)
        self._by_supervisor[supervisor_id] = self._by_channel[channel] = spying
        self._step_out(supervisor_id)
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
            self._leave(spying)  # it may come to be all the same
            raise

    async def _apply(self, spying: Spying, conversation: Conversation) -> None:
        if spying.mode == "take_over":
            await self._take_over(spying, conversation)
            return
        await self._floor.switch.spy_mode(spying.channel, spying.mode)
        if self._by_channel.get(spying.channel) is not spying:
            return  # it ended while Asterisk answered
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
            self._floor.recorder.stop_barge(conversation, spying.channel, self._floor.orders)
        spying.barging = now

    async def _take_over(self, spying: Spying, conversation: Conversation) -> None:
        """The supervisor's leg is bridged with the customer; the floor completes it when the two are together."""
        floor = self._floor
        leg = conversation.leg
        if leg is None or not leg.bridged or leg.agent_id != spying.agent_id or not conversation.talking:
            raise Conflict("this agent is not in a conversation")
        if conversation.taking is not None:
            raise Conflict("somebody else is taking this call over", "busy")
        if conversation.party is not None:
            raise Conflict(f"the agent has brought {conversation.party.name} into this call: take it over afterwards")
        if floor.conversations.of_agent(spying.supervisor_id) is not None:
            raise Conflict("finish your own call first", "busy")
        self._barge(spying, conversation, now=False)
        taking = conversation.taking = Leg(spying.channel, spying.supervisor_id, answered=True)
        floor.conversations.by_leg[spying.channel] = conversation
        try:
            await floor.switch.take_over(spying.channel, conversation.channel)
        except BaseException:
            if conversation.taking is taking:
                floor.conversations.by_leg.pop(spying.channel, None)
                floor.parting.not_taken(conversation, floor.clock())
            raise

    async def _follow(self, interaction: str, old: Leg, leg: Leg) -> None:
        """The agent's call goes on on another leg: whoever listens comes along, and the mode is taken up again."""
        for spying in tuple(self._by_channel.values()):
            if (spying.interaction_id, spying.agent_id) == (interaction, old.agent_id) and spying.running:
                await self._floor.switch.spy_on(spying.channel, leg.channel)

    def on_mirror(self, fact: Fact) -> None:
        match fact:
            case ChannelAnswered(channel=channel) if spying := self._by_channel.get(channel):
                spying.answered = True
            case SpyStarted(channel=channel) if spying := self._by_channel.get(channel):
                self._started(spying)
            case ChannelHungUp(channel=channel) | OriginateFailed(channel=channel) if spying := self._by_channel.get(
                channel
            ):
                self._end(spying)
            case AgentStateChanged(agent_id=agent_id, reason=reason) if reason == SUPERVISING:
                asyncio.get_running_loop().call_soon(self._step_in, agent_id)  # a wrap-up outlived the supervision
            case LinkLost():
                for spying in [spying for spying in self._by_channel.values() if not spying.running]:
                    self._leave(spying)  # should it end unheard, nobody would ever say so
            case InteractionConnected(how="take_over"):
                self._taken(fact)
            case SegmentEnded(interaction_id=interaction, agent_id=agent_id):
                self._nobody_to_hear(interaction, agent_id)

    def _taken(self, fact: InteractionConnected) -> None:
        spying = self._by_supervisor.get(fact.agent_id)
        if spying is not None and spying.interaction_id == fact.interaction_id:
            self._end(spying)

    def _nobody_to_hear(self, interaction: str, agent_id: str) -> None:
        """The agent left: ChanSpy ends with the agent's leg, but one that has not begun would wait for ever."""
        conversation = self._floor.conversations.by_id.get(interaction)
        own = (conversation.leg, conversation.taking) if conversation is not None else ()
        keep = {leg.channel for leg in own if leg is not None}
        for spying in tuple(self._by_channel.values()):
            if (spying.interaction_id, spying.agent_id) == (interaction, agent_id) and spying.channel not in keep:
                self._leave(spying)

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
            floor.orders.start(
                f"switch {spying.channel}", self._apply(spying, conversation), lambda _: self._only_listens(spying)
            )

    @staticmethod
    def _only_listens(spying: Spying) -> None:
        spying.mode = "listen"

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
        if conversation := self._floor.conversations.by_id.get(spying.interaction_id):
            conversation.audible.discard(spying.channel)
        self._detach(spying)

    def _detach(self, spying: Spying) -> None:
        """Its end is still to be told, but the supervisor may join another call."""
        if self._by_supervisor.get(spying.supervisor_id) is spying:
            del self._by_supervisor[spying.supervisor_id]
            self._step_in(spying.supervisor_id)
