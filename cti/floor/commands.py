"""What people ask for, over the websocket: one method per command. The role was checked by the caller of `execute`;
whether *this* call is the actor's own is checked here.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

import structlog

from cti.acd import events as acd
from cti.agents.agent import SUPERVISOR
from cti.agents.state import AgentState
from cti.customers.directory import CustomerRegister
from cti.desk import commands as ask
from cti.desk.audience import Actor
from cti.desk.views import CustomerView
from cti.errors import Conflict, Forbidden, NotFound
from cti.events import (
    CommandAudited,
)
from cti.floor.call_control import CallControl, Result
from cti.floor.calling import Calling
from cti.floor.conversation import Conversation, EndedBy, Leg
from cti.floor.floor import Floor
from cti.floor.line_quality import LineQuality
from cti.floor.live_changes import LiveChanges, People
from cti.floor.own_call import own_call, own_talk
from cti.floor.own_phone import OwnPhone
from cti.floor.supervising import Supervision
from cti.floor.texts import Texts
from cti.floor.transferring import Transferring
from cti.floor.who_calls import WhoCalls
from cti.logs.about import about
from cti.rights import is_own

log = structlog.get_logger(__name__)


class Commands:
    def __init__(  # one for each source of what it checks
        self,
        floor: Floor,
        supervision: Supervision,
        people: People,
        *,
        reasons: Collection[str],
        region: str,
        recognise: Callable[[Conversation], None],
        directory: CustomerRegister[CustomerView],
    ) -> None:
        """`reasons`: those that an agent may give for not being ready; a reload changes them in place.

        `recognise` has the customer of a conversation looked up (`Hotline.recognise`).
        """
        self._floor = floor
        self._supervision = supervision
        self._reasons = reasons
        self._transferring = Transferring(floor, region)
        calling = Calling(floor, recognise)
        changes = LiveChanges(floor, people, self._audit)
        control = CallControl(floor, self._audit)
        texts = Texts(floor.means, self._audit)
        own_phone = OwnPhone(floor)
        self.who_calls = WhoCalls(floor, directory, self._audit)
        self._methods: Mapping[type, Callable[[Any, Actor], Awaitable[Result | None]]] = {
            ask.SignIn: self._sign_in,
            ask.SignOut: self._sign_out,
            ask.Ready: self._ready,
            ask.NotReady: self._not_ready,
            ask.Decline: self._decline,
            ask.HangUp: self._hang_up,
            ask.Hold: self._hold,
            ask.Resume: self._resume,
            ask.Transfer: self._transfer,
            ask.DialOut: calling.dial,
            ask.PickUp: calling.pick_up,
            ask.Consult: self._consult,
            ask.Swap: self._in_own_talk(floor.consulting.swap),
            ask.CompleteTransfer: self._in_own_talk(floor.consulting.complete),
            ask.CancelConsult: self._in_own_talk(floor.consulting.cancel),
            ask.Conference: self._in_own_talk(floor.conferencing.join),
            ask.DropParty: self._in_own_talk(floor.conferencing.drop),
            ask.LeaveConference: self._in_own_talk(floor.conferencing.leave),
            ask.AnswerCall: control.answer,
            ask.Mute: control.mute,
            ask.SendDigits: control.send_digits,
            ask.SendToFlow: control.send_to_flow,
            ask.FetchFromFlow: control.fetch_from_flow,
            ask.PauseRecording: control.pause_recording,
            ask.ResumeRecording: control.resume_recording,
            ask.StartRecording: control.start_recording,
            ask.SaveWrapUp: self._save_wrap_up,
            ask.ExtendWrapUp: self._extend_wrap_up,
            ask.CreateTask: floor.tasks.create,
            ask.ChangeTask: floor.tasks.change,
            ask.FinishTask: floor.tasks.finish,
            ask.PopShown: self._pop_shown,
            ask.Reattach: self._in_own_talk(own_phone.reattach),
            ask.ClaimPhone: own_phone.claim,
            ask.CheckPhone: own_phone.check,
            ask.PhoneChecked: own_phone.checked,
            ask.MeasuredLine: LineQuality(floor.means).measured,
            ask.Supervise: self._supervise,
            ask.StopSupervising: self._stop_supervising,
            ask.ForceState: self._force_state,
            ask.ForceHangUp: self._force_hang_up,
            ask.CancelCallback: self._cancel_callback,
            ask.IdentifyCustomer: self.who_calls.identify,
            ask.JoinQueue: changes.join,
            ask.LeaveQueue: changes.leave,
            ask.Assign: changes.assign,
            ask.Prioritise: changes.prioritise,
            ask.MoveToQueue: changes.move,
            ask.SendText: texts.send,
            ask.ReadText: texts.read,
            ask.ReplyToText: texts.reply,
            ask.AcknowledgeAlarm: self._acknowledge_alarm,
        }

    async def execute(self, command: ask.AnyCommand, actor: Actor) -> Result | None:
        """Raises an error of `cti.errors` whose text may be shown; the state is then as it was."""
        with about(getattr(command, "interaction_id", "") or ""):
            return await self._methods[type(command)](command, actor)

    # --- the agent's own state -------------------------------------------------------------------------------------

    async def _sign_in(self, command: ask.SignIn, actor: Actor) -> Result | None:
        floor = self._floor
        member = floor.roster.member(actor.agent_id)
        if floor.conversations.of_agent(actor.agent_id) is not None and member.phone != command.phone:
            raise Conflict("you cannot change the phone during a call", "busy")
        member.phone = command.phone
        reachable = floor.reachability.of(actor.agent_id)
        floor.feed(acd.AgentSignedIn(profile=floor.roster.profile(actor.agent_id), reachable=reachable))
        floor.feed(acd.ReachabilityChanged(agent_id=actor.agent_id, reachable=reachable))
        floor.show_phone(actor.agent_id)
        own = floor.conversations.of_agent(actor.agent_id)
        if own is not None and own.talking and floor.engine.agent(actor.agent_id).state is not AgentState.BUSY:
            floor.places.engage(actor.agent_id, own)  # a supervisor who took a call over without being signed in
        floor.colleagues.signed_in(actor.agent_id)
        return None

    async def _sign_out(self, _command: ask.SignOut, actor: Actor) -> Result | None:
        self._floor.feed(acd.AgentSignedOut(agent_id=actor.agent_id))
        return None

    async def _ready(self, _command: ask.Ready, actor: Actor) -> Result | None:
        """Whose phone is in the browser has to have been heard."""
        self._not_while_supervising(actor.agent_id)
        self._floor.wrapping_up.must_be_complete(actor.agent_id)
        self._floor.reachability.check_ready(actor.agent_id)
        self._floor.feed(acd.AgentReady(agent_id=actor.agent_id))
        return None

    def _not_while_supervising(self, agent_id: str) -> None:
        if self._supervision.of(agent_id) is not None:
            raise Conflict("on a call as a supervisor: you can be ready when that is over", "busy")

    async def _not_ready(self, command: ask.NotReady, actor: Actor) -> Result | None:
        if command.reason not in self._reasons:
            raise NotFound("reason", command.reason)
        self._floor.feed(acd.AgentNotReady(agent_id=actor.agent_id, reason=command.reason))
        return None

    # --- the agent's call ------------------------------------------------------------------------------------------

    def _turned_down(self, interaction_id: str, actor: Actor) -> bool:
        """Whether it was a call with a colleague, or one of theirs into which the actor was brought; it is over now."""
        if (internal := self._floor.colleagues.find(interaction_id)) is not None:
            if not is_own(actor.agent_id, internal.people):
                raise Forbidden("this is not your call")
            self._floor.colleagues.hang_up(internal, actor.agent_id)
            return True
        conversation = self._floor.conversations.by_id.get(interaction_id)
        if conversation is None or conversation.party is None or conversation.asked != actor.agent_id:
            return False
        self._floor.consulting.turn_down(conversation, conversation.party)
        return True

    async def _decline(self, command: ask.Decline, actor: Actor) -> Result | None:
        if self._turned_down(command.interaction_id, actor):
            return None
        conversation, leg = own_call(self._floor, command.interaction_id, actor)
        if conversation.outgoing is not None:
            self._floor.outbound.cancel(conversation, "agent")
            return None
        if leg.answered:
            raise Conflict("this call is answered already", "connected")
        self._floor.feed(acd.OfferFailed(offer_id=leg.offer_id, reason="declined"))
        return None

    async def _hang_up(self, command: ask.HangUp, actor: Actor) -> Result | None:
        if self._turned_down(command.interaction_id, actor):
            return None
        conversation, leg = own_call(self._floor, command.interaction_id, actor)
        if not leg.answered and conversation.outgoing is None:
            self._floor.feed(acd.OfferFailed(offer_id=leg.offer_id, reason="declined"))
        elif conversation.party is not None and conversation.party.state == "joined" and conversation.taking is None:
            await self._floor.conferencing.leave(conversation, leg, command)
        else:
            await self._end_leg(conversation, leg, "agent")
        return None

    async def _end_leg(self, conversation: Conversation, leg: Leg, ended_by: EndedBy) -> None:
        """A customer on hold while somebody is consulted gets the place back: nobody meant to let them go."""
        if conversation.outgoing is not None:
            self._floor.outbound.cancel(conversation, ended_by)
            return
        before, consults = conversation.ended_by, conversation.party is not None
        conversation.ended_by = ended_by if leg.bridged and not consults else before
        try:
            await self._floor.switch.hang_up(leg.channel)
        except BaseException:
            if conversation.leg is leg:
                conversation.ended_by = before
            raise

    def _undivided(self, interaction_id: str, actor: Actor) -> tuple[Conversation, Leg]:
        """The actor's own talk, with nobody but the customer."""
        conversation, leg = own_talk(self._floor, interaction_id, actor)
        if conversation.detour is not None:
            raise Conflict("the customer is in a flow", "flow")
        if conversation.party is not None:
            raise Conflict(f"you have brought {conversation.party.name} into this call", conversation.party.state)
        return conversation, leg

    def _in_own_talk(
        self, act: Callable[[Conversation, Leg, Any], Awaitable[None]]
    ) -> Callable[[Any, Actor], Awaitable[Result | None]]:
        """A command about the actor's own talk."""

        async def method(command: Any, actor: Actor) -> Result | None:
            conversation, leg = own_talk(self._floor, command.interaction_id, actor)
            if conversation.detour is not None:
                raise Conflict("the customer is in a flow", "flow")
            await act(conversation, leg, command)
            return None

        return method

    async def _hold(self, command: ask.Hold, actor: Actor) -> Result | None:
        await self._floor.holding.hold(*self._undivided(command.interaction_id, actor))
        return None

    async def _resume(self, command: ask.Resume, actor: Actor) -> Result | None:
        await self._floor.holding.resume(*self._undivided(command.interaction_id, actor))
        return None

    async def _transfer(self, command: ask.Transfer, actor: Actor) -> Result | None:
        conversation, leg = self._undivided(command.interaction_id, actor)
        await self._transferring.blind(conversation, leg, command)
        return None

    async def _consult(self, command: ask.Consult, actor: Actor) -> Result | None:
        conversation, leg = own_talk(self._floor, command.interaction_id, actor)
        if conversation.detour is not None:
            raise Conflict("the customer is in a flow", "flow")
        if command.kind == "agent" and self._supervision.of(command.target) is not None:
            raise Conflict(f"{self._floor.roster.profile(command.target).name} is listening to a call", "busy")
        await self._floor.consulting.consult(conversation, leg, command)
        return None

    # --- wrap-up ---------------------------------------------------------------------------------------------------

    async def _save_wrap_up(self, command: ask.SaveWrapUp, actor: Actor) -> Result | None:
        """A draft as the agent types, or the finished form, which also ends the wrap-up."""
        if self._floor.wrapping_up.save(command, actor):
            self._floor.feed(acd.WrapUpFinished(agent_id=actor.agent_id, interaction_id=command.interaction_id))
        return None

    async def _extend_wrap_up(self, command: ask.ExtendWrapUp, actor: Actor) -> Result | None:
        self._floor.feed(acd.WrapUpExtended(agent_id=actor.agent_id, seconds=command.seconds))
        return None

    async def _pop_shown(self, command: ask.PopShown, actor: Actor) -> Result | None:
        self._floor.offers.pop_shown(actor.agent_id, command.offer_id)
        log.info("pop shown", agent=actor.agent_id, offer=command.offer_id, browser_at=command.at)
        return None

    # --- supervisors -----------------------------------------------------------------------------------------------

    def _audit(self, actor: Actor, command: str, subject: str, detail: str = "", interaction_id: str = "") -> None:
        self._floor.bus.publish(
            CommandAudited(
                at=self._floor.clock(),
                actor=actor.agent_id,
                role=actor.role,
                command=command,
                subject=subject,
                allowed=True,
                detail=detail,
                interaction_id=interaction_id,
            )
        )

    async def _supervise(self, command: ask.Supervise, actor: Actor) -> Result | None:
        await self._supervision.supervise(actor.agent_id, command.agent_id, command.mode)
        conversation = self._floor.conversations.of_agent(command.agent_id)
        interaction = conversation.interaction_id if conversation else ""
        self._audit(actor, "supervise", command.agent_id, command.mode, interaction)
        return None

    async def _stop_supervising(self, _command: ask.StopSupervising, actor: Actor) -> Result | None:
        await self._supervision.stop(actor.agent_id)
        self._audit(actor, "stop_supervising", actor.agent_id)
        return None

    async def _force_state(self, command: ask.ForceState, actor: Actor) -> Result | None:
        floor = self._floor
        floor.roster.member(command.agent_id)
        match command.state:
            case "ready":
                self._not_while_supervising(command.agent_id)
                floor.reachability.check_ready(command.agent_id)
                floor.feed(acd.AgentReady(agent_id=command.agent_id))
            case "not_ready":
                reason = command.reason if command.reason in self._reasons else SUPERVISOR
                floor.feed(acd.AgentNotReady(agent_id=command.agent_id, reason=reason))
            case "logged_out":
                floor.feed(acd.AgentSignedOut(agent_id=command.agent_id))
        self._audit(actor, "force_state", command.agent_id, command.state)
        return None

    async def _force_hang_up(self, command: ask.ForceHangUp, actor: Actor) -> Result | None:
        conversation = self._floor.conversations.of_agent(command.agent_id)
        leg = conversation.leg_of(command.agent_id) if conversation is not None else None
        if conversation is not None and leg is not None:
            await self._end_leg(conversation, leg, "supervisor")
        elif conversation is not None and conversation.party is not None:
            self._floor.consulting.turn_down(conversation, conversation.party)
        else:
            raise Conflict("this agent has no call", "ready")
        self._audit(actor, "force_hang_up", command.agent_id, "", conversation.interaction_id)
        return None

    async def _cancel_callback(self, command: ask.CancelCallback, actor: Actor) -> Result | None:
        self._floor.callbacks.cancel(command.interaction_id)
        self._audit(actor, "cancel_callback", command.interaction_id, "", command.interaction_id)
        return None

    async def _acknowledge_alarm(self, command: ask.AcknowledgeAlarm, actor: Actor) -> Result | None:
        queue = self._floor.alarms.acknowledge(command.alarm_id, actor.agent_id)
        self._audit(actor, "alarm.acknowledge", queue, command.alarm_id)
        return None
