"""The caller's side: what the dialplan asks over FastAGI.

`/hotline`: a new call. `/transfer`: a customer whom we sent back into the dialplan. `/resume`: a caller on music whose
daemon went away and is back. `/after`: the agent hung up first. Each ends by setting LD_DONE on purpose; an AGI
connection that ends without it makes the dialplan keep the caller and knock again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

import msgspec
import structlog

from cti.acd.interaction import InteractionTrigger
from cti.customers.directory import CustomerDirectory
from cti.customers.identify import identify
from cti.customers.numbers import canonical, is_public
from cti.desk.desk import Desk
from cti.desk.views import CustomerView
from cti.errors import CtiError, HungUp
from cti.events import CustomerIdentified, InteractionStarted, InteractionTransferred, IvrStepped, LanguageChosen
from cti.floor.conversation import Conversation, Place
from cti.floor.floor import Floor
from cti.floor.ids import interaction_id
from cti.ivr.actions import Ending, EnterQueue, Passed, Transfer, Voicemail
from cti.ivr.flow import Flow, FlowRun
from cti.ivr.line import AgiLine
from cti.ivr.lookups import Lookups
from cti.ivr.session import run_flow
from cti.ivr.spoken import queue_position

log = structlog.get_logger(__name__)

IDENTIFY_S = 0.3
"""How long a caller who enters a queue may wait for the database, so that the pop shows the history at once."""
REAP_S = 2.0
UNDER_WAY_S = 5.0
"""How long a customer whose agent has gone waits for the transfer or the take-over that was ordered."""
LONGEST_WAIT_MS = 600_000


class Environment(Protocol):
    @property
    def uniqueid(self) -> str: ...
    @property
    def caller_number(self) -> str: ...
    @property
    def caller_name(self) -> str: ...
    @property
    def dialled_number(self) -> str: ...


class Session(Protocol):
    """What the hotline needs of `cti.agi.session.AgiSession`."""

    @property
    def env(self) -> Environment: ...
    async def stream_file(self, path: str, escape_digits: str = "", *, offset: int = 0) -> tuple[str, int]: ...
    async def wait_for_digit(self, timeout_ms: int) -> str | None: ...
    async def set_music(self, *, on: bool) -> None: ...
    async def set_variable(self, name: str, value: str) -> None: ...
    async def get_variable(self, name: str) -> str | None: ...


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """What a waiting caller's channel carries (LD_PLACE), so that a daemon that starts anew gives the place back."""

    interaction_id: str
    queue: str
    priority: int
    queued_at: float
    started_at: float
    language: str
    number: str
    offers: int


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """The hotline's settings. `hotlines`: dialled number -> flow, "*" any other. `base`: queue -> its own priority."""

    flows: Mapping[str, Flow]
    hotlines: Mapping[str, str]
    base: Mapping[str, int]
    sounds: str
    region: str
    first_announcement_s: float
    announcement_every_s: float


class Hotline:
    def __init__(
        self,
        *,
        floor: Floor,
        desk: Desk,
        directory: CustomerDirectory[CustomerView],
        lookups: Lookups,
        rules: Rules,
        alive: Callable[[str], bool],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._floor = floor
        self._desk = desk
        self._directory = directory
        self._lookups = lookups
        self.rules = rules
        self._alive = alive
        self._clock = clock

    def routes(self) -> dict[str, Callable[[Session], Awaitable[None]]]:
        return {
            "hotline": self._guarded(self.hotline),
            "transfer": self._guarded(self.transfer),
            "resume": self._guarded(self.resume),
            "after": self._guarded(self.after),
        }

    def _guarded(self, route: Callable[[Session], Awaitable[None]]) -> Callable[[Session], Awaitable[None]]:
        """A defect of ours sends the caller to the fallback queue: nobody is dropped for a bug."""

        async def guarded(session: Session) -> None:
            channel = session.env.uniqueid
            try:
                await route(session)
            except HungUp:
                asyncio.get_running_loop().call_later(REAP_S, self._reap, channel)
                raise
            except Exception as error:
                asyncio.get_running_loop().call_later(REAP_S, self._reap, channel)
                if isinstance(error, CtiError):
                    log.warning("a caller could not be served", channel=channel, reason=str(error))
                else:
                    log.exception("the hotline failed a caller", channel=channel)
                if await self._done(session, "fallback") and (known := self._known(channel)):
                    self._floor.places.give_up(known)

        return guarded

    def _known(self, channel: str) -> Conversation | None:
        return self._floor.conversations.by_channel.get(channel)

    def _reap(self, channel: str) -> None:
        """A caller of whose end AMI told nobody: it came before we knew them. Without a link the mirror is stale."""
        if not self._floor.link:
            asyncio.get_running_loop().call_later(REAP_S, self._reap, channel)
        elif not self._alive(channel):
            self._floor.parting.reap(channel)

    # --- routes ----------------------------------------------------------------------------------------------------

    async def hotline(self, session: Session) -> None:
        env = session.env
        conversation = self._open(session, interaction_id(self._clock()))
        await session.set_variable("LD_INTERACTION", conversation.interaction_id)
        await self._serve(session, conversation, env.dialled_number)

    async def transfer(self, session: Session) -> None:
        conversation = self._known(session.env.uniqueid)
        if conversation is None:
            await self.resume(session)
            return
        self._floor.parting.gone_on(conversation)
        if conversation.talking:  # a transfer that was done although nobody could tell
            self._floor.parting.let_go(conversation, self._clock(), "transfer")
        line = self._line(session, conversation)
        place = self._next_place(conversation)
        if conversation.waiting:
            await self._stay(session, line, conversation)
        elif place is not None and conversation.outcome is None:
            conversation.outside = ""  # it did not answer
            await self._wait(session, line, conversation, place)
        else:
            await line.play(("goodbye",), "")
            await self._done(session, "hangup")

    def _next_place(self, conversation: Conversation) -> Place | None:
        """Where the customer is to wait; without anybody's word the place that they had before."""
        place, conversation.next_place = conversation.next_place, None
        if place is None and (had := conversation.place) is not None:
            place = Place(had.queue, had.priority, had.queued_at)
        return place

    async def resume(self, session: Session) -> None:
        """The caller heard music without a daemon. With a ticket: the old place; without: the flow from its start."""
        conversation = self._known(session.env.uniqueid)
        ticket = _ticket(await session.get_variable("LD_PLACE"))
        if conversation is not None:
            await self._back(session, conversation)
            return
        known = ticket.interaction_id if ticket else await session.get_variable("LD_INTERACTION")
        conversation = self._open(session, known or interaction_id(self._clock()), ticket)
        if ticket is None:
            dialled = await session.get_variable("LD_DID") or session.env.dialled_number
            await self._serve(session, conversation, dialled)
            return
        place = Place(ticket.queue, ticket.priority, ticket.queued_at)
        await self._identified(conversation)
        await self._wait(session, self._line(session, conversation), conversation, place)

    async def _back(self, session: Session, conversation: Conversation) -> None:
        """A customer whom we know is alone: a session broke, a hold or a transfer came to nothing."""
        self._floor.parting.gone_on(conversation)
        if conversation.talking:
            self._floor.parting.let_go(conversation, self._clock(), "lost")
        line = self._line(session, conversation)
        if conversation.waiting:
            await self._stay(session, line, conversation)
        elif conversation.outcome is not None:
            await self._done(session, "hangup")
        elif place := self._next_place(conversation):
            await self._wait(session, line, conversation, place)
        else:
            dialled = await session.get_variable("LD_DID") or session.env.dialled_number
            await self._serve(session, conversation, dialled)

    async def after(self, session: Session) -> None:
        """The agent hung up first. A survey has its place here; until there is one the call ends.

        Unless the agent was not this customer's any more: a phone that was answered too late takes the customer out of
        the queue before we can hang it up, and a transfer or a take-over may be under way.
        """
        conversation = self._known(session.env.uniqueid)
        if conversation is not None:
            await session.set_music(on=True)
            until = self._clock() + UNDER_WAY_S
            while self._clock() < until and _under_way(conversation):
                await session.wait_for_digit(500)
            if conversation.waiting or _under_way(conversation) or conversation.next_place is not None:
                await self._back(session, conversation)
                return
        await self._done(session, "hangup")

    # --- the flow --------------------------------------------------------------------------------------------------

    def _open(self, session: Session, interaction: str, ticket: Ticket | None = None) -> Conversation:
        env = session.env
        number = ticket.number if ticket else canonical(env.caller_number, self.rules.region)
        now = self._clock()
        flow = self._flow(env.dialled_number)
        conversation = Conversation(
            interaction_id=interaction,
            channel=env.uniqueid,
            linkedid=env.uniqueid,
            number=number,
            caller_name=env.caller_name if env.caller_name != env.caller_number else "",
            dialled=env.dialled_number,
            language=ticket.language if ticket else flow.language,
            started_at=ticket.started_at if ticket else now,
            offers=ticket.offers if ticket else 0,
        )
        conversation.move(InteractionTrigger.START)
        self._floor.conversations.add(conversation)
        self._floor.bus.publish(
            InteractionStarted(
                at=conversation.started_at,
                interaction_id=interaction,
                medium="voice",
                channel=env.uniqueid,
                linkedid=env.uniqueid,
                customer_number=number,
                caller_name=conversation.caller_name,
                dialled=conversation.dialled,
            )
        )
        conversation.identifying = asyncio.create_task(self._identify(conversation), name=f"identify {interaction}")
        return conversation

    def _flow(self, dialled: str) -> Flow:
        hotlines = self.rules.hotlines
        return self.rules.flows[hotlines.get(dialled) or hotlines["*"]]

    def _line(self, session: Session, conversation: Conversation) -> AgiLine:
        return AgiLine(session, self.rules.sounds, conversation.language)

    async def _serve(self, session: Session, conversation: Conversation, dialled: str) -> None:
        flow = self._flow(dialled)
        name = self.rules.hotlines.get(dialled) or self.rules.hotlines["*"]
        line = self._line(session, conversation)
        run = FlowRun(
            flow,
            language=conversation.language,
            variables={"caller_number": conversation.number, "dialled": dialled},
        )

        async def on_step(passed: Passed) -> None:
            self._floor.bus.publish(
                IvrStepped(
                    at=self._clock(),
                    interaction_id=conversation.interaction_id,
                    flow=name,
                    step=passed.step,
                    digits=passed.digits,
                    label=passed.label,
                )
            )

        async def on_language(language: str) -> None:
            conversation.language = language
            self._floor.bus.publish(
                LanguageChosen(at=self._clock(), interaction_id=conversation.interaction_id, language=language)
            )

        ending = await run_flow(
            run, line, lookups=self._lookups, on_step=on_step, on_language=on_language, clock=self._clock
        )
        await self._carry_on(session, line, conversation, ending)

    async def _carry_on(self, session: Session, line: AgiLine, conversation: Conversation, ending: Ending) -> None:
        match ending:
            case EnterQueue(queue=queue, priority=priority, skills=skills):
                extra = 0 if priority is None else priority - self.rules.base.get(queue, 0)
                await self._identified(conversation)
                await self._wait(session, line, conversation, Place(queue, extra, skills=dict(skills)))
            case Transfer(number=number):
                self._to_number(conversation, number)
                await session.set_variable("LD_NUMBER", number)
                await self._done(session, "number")
            case Voicemail():
                conversation.outcome = "voicemail"
                await self._done(session, "hangup")
            case _:
                conversation.outcome = "self_served"
                conversation.ended_by = "system"
                await self._done(session, "hangup")

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

    # --- waiting ---------------------------------------------------------------------------------------------------

    async def _wait(self, session: Session, line: AgiLine, conversation: Conversation, place: Place) -> None:
        """Take a place, and stay there."""
        if place.queued_at is None:
            place.queued_at = self._clock()
            again = False
        else:
            again = True
        await session.set_variable("LD_PLACE", _ticket_text(conversation, place))
        await session.set_music(on=True)
        if self._lives(conversation):
            self._floor.places.enqueue(conversation, place, again=again)
            await self._stay(session, line, conversation)

    def _lives(self, conversation: Conversation) -> bool:
        return self._floor.conversations.by_id.get(conversation.interaction_id) is conversation

    async def _stay(self, session: Session, line: AgiLine, conversation: Conversation) -> None:
        """Music and announcements until an agent's leg pulls the caller out of here, which reads as a hang-up."""
        await session.set_music(on=True)
        pause_s = self.rules.first_announcement_s
        while self._lives(conversation):
            await session.wait_for_digit(min(LONGEST_WAIT_MS, int(pause_s * 1000)))
            pause_s = self.rules.announcement_every_s
            if conversation.waiting:
                await self._announce(line, conversation)
                await session.set_music(on=True)
            elif conversation.outcome is not None:  # over, but the order that takes the caller from here has failed
                await line.play(("goodbye",), "")
                await self._done(session, "hangup")
                return

    async def _announce(self, line: AgiLine, conversation: Conversation) -> None:
        position = self._floor.engine.position(conversation.interaction_id)
        if position is not None:
            await line.play(("all_agents_busy", *queue_position(position, conversation.language)), "")

    async def _done(self, session: Session, following: str) -> bool:
        """Whether the dialplan will go on with `following`."""
        try:
            await session.set_variable("LD_NEXT", following)
            await session.set_variable("LD_DONE", "1")
        except HungUp:
            return False
        except CtiError as error:
            log.warning("the caller could not be passed on", channel=session.env.uniqueid, reason=str(error))
            return False
        return True

    # --- who is it -------------------------------------------------------------------------------------------------

    async def _identified(self, conversation: Conversation) -> None:
        if conversation.identifying is not None:
            await asyncio.wait({conversation.identifying}, timeout=IDENTIFY_S)

    async def _identify(self, conversation: Conversation) -> None:
        number, at = conversation.number, self._clock()
        if not is_public(number):
            return
        try:
            who = await identify(self._directory, number, caller_name=conversation.caller_name, at=at)
            if who is None:
                return
            self._floor.bus.publish(
                CustomerIdentified(
                    at=self._clock(),
                    interaction_id=conversation.interaction_id,
                    customer_id=who.customer_id,
                    customer_name=who.name,
                    vip=who.vip,
                    created=who.created,
                )
            )
            conversation.card = await self._directory.card(who.customer_id)
        except CtiError as error:
            log.warning("no history for this caller", number=number, reason=str(error))
        else:
            self._desk.know(conversation.interaction_id, conversation.card)


def _under_way(conversation: Conversation) -> bool:
    """Somebody else is about to have this customer."""
    leg = conversation.leg
    fetching = leg is not None and leg.answered and not leg.bridged
    return conversation.taking is not None or conversation.move_on is not None or fetching


def _ticket_text(conversation: Conversation, place: Place) -> str:
    ticket = Ticket(
        interaction_id=conversation.interaction_id,
        queue=place.queue,
        priority=place.priority,
        queued_at=place.queued_at or 0,
        started_at=conversation.started_at,
        language=conversation.language,
        number=conversation.number,
        offers=conversation.offers,
    )
    return msgspec.json.encode(ticket).hex()  # hexadecimal: nothing in it means anything to the dialplan


def _ticket(text: str | None) -> Ticket | None:
    if not text:
        return None
    try:
        return msgspec.json.decode(bytes.fromhex(text), type=Ticket)
    except (ValueError, msgspec.MsgspecError):
        return None
