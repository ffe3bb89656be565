"""The caller in the menu: the flow of the number that was dialled, and what its ending leads to."""

from collections.abc import Callable
from functools import partial

from cti.events import InteractionTransferred, IvrStepped, LanguageChosen
from cti.floor.conversation import Conversation, Place
from cti.floor.floor import Floor
from cti.floor.goodbye import say_goodbye
from cti.floor.identifying import Identifying
from cti.floor.permits import sent_on
from cti.floor.queueing import Queueing
from cti.floor.rules import Rules
from cti.floor.session import Session, dial_out, pass_on
from cti.floor.voicemail import Mailbox
from cti.ivr.actions import Ending, EnterQueue, Passed, Transfer, Voicemail
from cti.ivr.flow import FlowRun
from cti.ivr.line import AgiLine
from cti.ivr.lookups import Lookups
from cti.ivr.session import run_flow


class Menu:
    def __init__(
        self,
        *,
        floor: Floor,
        queueing: Queueing,
        mailbox: Mailbox,
        identifying: Identifying,
        lookups: Lookups,
        rules: Rules,
        clock: Callable[[], float],
    ) -> None:
        self._floor = floor
        self._queueing = queueing
        self._mailbox = mailbox
        self._identifying = identifying
        self._lookups = lookups
        self._rules = rules
        self._clock = clock

    async def serve(self, session: Session, conversation: Conversation, dialled: str) -> None:
        """From the flow's first step to what it ends with; `dialled` chooses the flow."""
        line = AgiLine(session, self._rules.sounds, conversation.language)
        run = FlowRun(
            self._rules.flow(dialled),
            language=conversation.language,
            variables={"caller_number": conversation.number, "dialled": dialled},
        )
        ending = await run_flow(
            run,
            line,
            lookups=self._lookups,
            on_step=partial(self._stepped, conversation, self._rules.hotline(dialled)),
            on_language=partial(self._speaks, conversation),
            clock=self._clock,
        )
        await self._carry_on(session, line, conversation, ending)

    async def _stepped(self, conversation: Conversation, flow: str, passed: Passed) -> None:
        self._floor.bus.publish(
            IvrStepped(
                at=self._clock(),
                interaction_id=conversation.interaction_id,
                flow=flow,
                step=passed.step,
                digits=passed.digits,
                label=passed.label,
            )
        )

    async def _speaks(self, conversation: Conversation, language: str) -> None:
        conversation.language = language
        self._floor.bus.publish(
            LanguageChosen(at=self._clock(), interaction_id=conversation.interaction_id, language=language)
        )

    async def _carry_on(self, session: Session, line: AgiLine, conversation: Conversation, ending: Ending) -> None:
        match ending:
            case EnterQueue(queue=queue, priority=priority, skills=skills):
                extra = 0 if priority is None else priority - self._rules.base.get(queue, 0)
                await self._identifying.known(conversation)
                await self._queueing.wait(session, line, conversation, Place(queue, extra, skills=dict(skills)))
            case Transfer(number=number):
                permit = sent_on(self._floor.means.permits, conversation, number)
                self._to_number(conversation, number)
                await dial_out(session, permit)
            case Voicemail():
                await self._take_message(session, line, conversation)
            case _:
                conversation.outcome = "self_served"
                conversation.ended_by = "system"
                await pass_on(session, "hangup")

    async def _take_message(self, session: Session, line: AgiLine, conversation: Conversation) -> None:
        match await self._mailbox.take(session, line, conversation):
            case "left":
                await say_goodbye(session, line, conversation, "voicemail_thanks")
            case "nothing":
                conversation.outcome = "self_served"
                await say_goodbye(session, line, conversation)
            case "impossible":
                conversation.outcome = "failed"
                await say_goodbye(session, line, conversation, "voicemail_not_available")

    def _to_number(self, conversation: Conversation, number: str) -> None:
        conversation.outside = number
        self._floor.bus.publish(
            InteractionTransferred(
                at=self._clock(),
                interaction_id=conversation.interaction_id,
                from_agent="",
                kind="number",
                target=number,
            )
        )
