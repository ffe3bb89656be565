"""An agent sends the customer through a flow, where a card number or a PIN is typed, and gets them back.

Meanwhile the agent's leg waits as on hold and the recording is silent, from before the first prompt until the customer
has left the flow. Whatever goes wrong, the customer comes back to the agent, or to the head of the queue when the agent
is gone.
"""

from collections.abc import Callable

import structlog

from cti.acd.interaction import InteractionState, InteractionTrigger
from cti.errors import Conflict, CtiError, NotFound
from cti.events import FlowEntered, FlowLeft, IvrStepped
from cti.floor.conversation import Conversation, Detour, Leg
from cti.floor.holding import Holding
from cti.floor.means import Means
from cti.floor.pauses import Pauses
from cti.floor.session import Session
from cti.ivr.actions import Passed, Return
from cti.ivr.flow import FlowRun
from cti.ivr.line import AgiLine
from cti.ivr.lookups import Lookups
from cti.ivr.session import run_flow

log = structlog.get_logger(__name__)

COMES_WITHIN_S = 5.0
"""How long a customer who is back from a flow waits for the agent's leg."""
BROKE = Return("failed", {"zh": "流程出错", "en": "The flow failed"})


class FlowAndBack:
    """Its commands raise Conflict when the call is not in that state, and what the switch raises."""

    def __init__(self, means: Means, holding: Holding, pauses: Pauses) -> None:
        self._means = means
        self._holding = holding
        self._pauses = pauses

    # --- what the agent asks for -----------------------------------------------------------------------------------

    async def send(self, conversation: Conversation, leg: Leg, flow: str) -> None:
        means = self._means
        if conversation.detour is not None:
            raise Conflict("the customer is in a flow", "flow")
        if conversation.party is not None:
            raise Conflict(f"you have brought {conversation.party.name} into this call", conversation.party.state)
        if flow not in means.rules.agent_flows:
            raise NotFound("flow", flow)
        detour = conversation.detour = Detour(flow, leg.agent_id)
        held = conversation.state is InteractionState.HELD
        try:
            await self._pauses.enter_flow(conversation, leg.agent_id)
            self._holding.still_on(conversation, leg)
            if not held:
                conversation.move(InteractionTrigger.HOLD)
            conversation.left_first = conversation.channel
            await means.switch.to_flow(conversation.channel, leg.channel)
        except BaseException:
            self._not_sent(conversation, leg, detour, held=held)
            raise
        self._holding.still_on(conversation, leg)
        interaction = conversation.interaction_id
        means.bus.publish(FlowEntered(at=means.clock(), interaction_id=interaction, agent_id=leg.agent_id, flow=flow))
        if not held:
            self._holding.held(conversation, leg)

    def _not_sent(self, conversation: Conversation, leg: Leg, detour: Detour, *, held: bool) -> None:
        if conversation.detour is not detour:
            return
        conversation.detour = None
        self._pauses.leave_flow(conversation)
        if conversation.leg is leg and not held and conversation.state is InteractionState.HELD:
            conversation.move(InteractionTrigger.RESUME)
            conversation.left_first = ""

    async def fetch(self, conversation: Conversation, leg: Leg) -> None:
        """The agent's leg pulls the customer out of the flow."""
        detour = conversation.detour
        if detour is None:
            raise Conflict("the customer is in no flow", conversation.state)
        await self._holding.resume(conversation, leg)
        self._left(conversation, detour, Return(""))

    # --- the customer ----------------------------------------------------------------------------------------------

    async def serve(
        self, session: Session, conversation: Conversation, detour: Detour, line: AgiLine, lookups: Lookups
    ) -> None:
        """The flow, and the way back; HungUp when the agent's leg has fetched the customer, or they are gone.

        Returns when nobody comes for them.
        """
        clock = self._means.clock
        try:
            ending = await self._run(conversation, detour, line, lookups, clock)
            self._left(conversation, detour, ending)
            await self.bring_back(session, conversation)
        finally:
            self._left(conversation, detour, Return(""))
            self._pauses.leave_flow(conversation)

    async def _run(
        self,
        conversation: Conversation,
        detour: Detour,
        line: AgiLine,
        lookups: Lookups,
        clock: Callable[[], float],
    ) -> Return:
        async def on_step(passed: Passed) -> None:
            self._means.bus.publish(
                IvrStepped(
                    at=clock(),
                    interaction_id=conversation.interaction_id,
                    flow=detour.flow,
                    step=passed.step,
                    digits=passed.digits,
                    label=passed.label,
                )
            )

        run = FlowRun(
            self._means.rules.flows[detour.flow],
            language=conversation.language,
            variables={"caller_number": conversation.number, "dialled": conversation.dialled},
        )
        ending = await run_flow(run, line, lookups=lookups, on_step=on_step, clock=clock)
        return ending if isinstance(ending, Return) else BROKE

    async def bring_back(self, session: Session, conversation: Conversation) -> None:
        """To the agent whose leg waits for this customer; returns at once when there is none, else when none comes."""
        means, leg = self._means, conversation.leg
        waits = conversation.state is InteractionState.HELD and leg is not None
        if not waits or leg is None or leg.channel not in means.conversations.by_leg:
            return
        await session.set_music(on=True)
        try:
            await self._holding.resume(conversation, leg)
        except CtiError as error:
            log.warning("the agent cannot have the customer back", channel=conversation.channel, reason=str(error))
            return
        until = means.clock() + COMES_WITHIN_S
        while means.clock() < until:
            await session.wait_for_digit(500)

    def _left(self, conversation: Conversation, detour: Detour, ending: Return) -> None:
        if conversation.detour is not detour:
            return
        conversation.detour = None
        if conversation.interaction_id in self._means.conversations.by_id:
            self._means.bus.publish(
                FlowLeft(
                    at=self._means.clock(),
                    interaction_id=conversation.interaction_id,
                    agent_id=detour.agent_id,
                    flow=detour.flow,
                    result=ending.result,
                    label=dict(ending.label),
                )
            )
