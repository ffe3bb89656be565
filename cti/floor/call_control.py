"""What an agent's phone does because the desk asks: it is muted, presses keys, lifts off; what of it is recorded."""

import asyncio
from collections.abc import Callable

from cti.desk import commands as ask
from cti.desk.audience import Actor
from cti.errors import ActionFailed, Conflict
from cti.events import AgentMuted, ChannelAnswered, ChannelHungUp, Fact, OriginateFailed
from cti.floor.conversation import Conversation, Leg, Party
from cti.floor.floor import Floor
from cti.floor.own_call import own_call, own_talk, still_on

Result = dict[str, str | int | float | bool | None]
"""What a command answers beside "done"."""
Audit = Callable[[Actor, str, str, str, str], None]
"""(who, command, subject, detail, interaction)."""

LIFTS_WITHIN_S = 3.0
"""How long a phone that was asked to answer by itself may take."""
ASK_AGAIN_S = 0.2


class CallControl:
    def __init__(self, floor: Floor, audit: Audit) -> None:
        self._floor = floor
        self._audit = audit

    async def mute(self, command: ask.Mute, actor: Actor) -> None:
        """On the agent's leg, so for whoever is in the call or comes to it; it ends with the leg.

        Also for a colleague who was brought in.
        """
        floor = self._floor
        conversation, leg = self._own_phone(command.interaction_id, actor)
        if leg.muted == command.on:
            return
        await floor.switch.mute(leg.channel, on=command.on)
        if leg not in (conversation.leg, conversation.party):
            raise Conflict("this call is over", "ended")
        leg.muted = command.on
        floor.bus.publish(
            AgentMuted(
                at=floor.clock(),
                interaction_id=conversation.interaction_id,
                agent_id=actor.agent_id,
                muted=command.on,
            )
        )

    def _own_phone(self, interaction_id: str, actor: Actor) -> tuple[Conversation, Leg | Party]:
        conversation = self._floor.conversations.by_id.get(interaction_id)
        party = conversation.party if conversation is not None else None
        if conversation is None or party is None or conversation.asked != actor.agent_id:
            return own_talk(self._floor, interaction_id, actor)
        if party.state == "ringing":
            raise Conflict("answer this call first", party.state)
        return conversation, party

    async def send_digits(self, command: ask.SendDigits, actor: Actor) -> None:
        """In the order in which they were typed, also when each comes as a command of its own. They are not logged."""
        conversation, leg = own_talk(self._floor, command.interaction_id, actor)
        async with leg.keys:
            still_on(self._floor, conversation, leg)
            if not conversation.hears(leg):
                raise Conflict("nobody is there to hear the keys", conversation.state)
            await self._floor.switch.send_keys(leg.channel, command.digits)

    async def answer(self, command: ask.AnswerCall, actor: Actor) -> None:
        """Conflict when the phone does not lift off; it rings on then."""
        floor = self._floor
        conversation, leg = own_call(floor, command.interaction_id, actor)
        if leg.answered:
            raise Conflict("this call is answered already", conversation.state)
        if floor.roster.member(actor.agent_id).phone == "web":
            raise Conflict("this call rings in the page: answer it there", conversation.state)
        if not await self._lifts(leg):
            raise Conflict("this phone cannot be answered from here, lift the handset", conversation.state)

    async def _lifts(self, leg: Leg) -> bool:
        done = asyncio.Event()

        def hear(fact: Fact) -> None:
            if isinstance(fact, ChannelAnswered | ChannelHungUp | OriginateFailed) and fact.channel == leg.channel:
                done.set()

        unsubscribe = self._floor.bus.subscribe(hear)
        try:
            async with asyncio.timeout(LIFTS_WITHIN_S):
                await self._tell_to_lift(leg, done)
                await done.wait()
        except TimeoutError:
            return leg.answered
        finally:
            unsubscribe()
        return leg.answered

    async def _tell_to_lift(self, leg: Leg, done: asyncio.Event) -> None:
        """A phone that does not ring yet is told as soon as it does."""
        while not done.is_set():
            try:
                await self._floor.switch.lift(leg.channel)
            except ActionFailed:
                await asyncio.sleep(ASK_AGAIN_S)
            else:
                return

    # --- through a flow --------------------------------------------------------------------------------------------

    async def send_to_flow(self, command: ask.SendToFlow, actor: Actor) -> None:
        await self._floor.flow_and_back.send(*own_talk(self._floor, command.interaction_id, actor), command.flow)

    async def fetch_from_flow(self, command: ask.FetchFromFlow, actor: Actor) -> None:
        await self._floor.flow_and_back.fetch(*own_talk(self._floor, command.interaction_id, actor))

    # --- what is recorded ------------------------------------------------------------------------------------------

    async def pause_recording(self, command: ask.PauseRecording, actor: Actor) -> Result:
        conversation = self._here(command.interaction_id, actor)
        until = await self._floor.pauses.pause(conversation, actor.agent_id, command.seconds)
        self._noted(actor, "recording.pause", command.interaction_id)
        return {"until": until}

    async def resume_recording(self, command: ask.ResumeRecording, actor: Actor) -> None:
        conversation = self._here(command.interaction_id, actor)
        await self._floor.pauses.resume(conversation, actor.agent_id)
        self._noted(actor, "recording.resume", command.interaction_id)

    async def start_recording(self, command: ask.StartRecording, actor: Actor) -> None:
        conversation = self._here(command.interaction_id, actor)
        await self._floor.pauses.start(conversation, actor.agent_id)
        self._noted(actor, "recording.start", command.interaction_id)

    def _here(self, interaction_id: str, actor: Actor) -> Conversation:
        """What is typed in a flow is not recorded, whatever the agent asks for meanwhile."""
        conversation, _ = own_talk(self._floor, interaction_id, actor)
        if conversation.detour is not None:
            raise Conflict("the customer is in a flow", "flow")
        return conversation

    def _noted(self, actor: Actor, command: str, interaction_id: str) -> None:
        self._audit(actor, command, interaction_id, "", interaction_id)
