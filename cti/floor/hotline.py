"""The caller's side: what the dialplan asks over FastAGI.

`/hotline`: a new call. `/transfer`: a customer whom we sent back into the dialplan. `/resume`: a caller on music whose
daemon went away and is back. `/after`: the agent hung up first, and nobody has let the customer go yet. Each ends by
setting LD_DONE on purpose; an AGI connection that ends without it makes the dialplan keep the caller and knock again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from cti.acd.interaction import InteractionTrigger
from cti.customers.directory import CustomerDirectory
from cti.customers.numbers import canonical
from cti.desk.desk import Desk
from cti.desk.views import CustomerView
from cti.errors import CtiError, HungUp
from cti.events import InteractionStarted
from cti.floor.conversation import Conversation, Place
from cti.floor.expected import Expectation
from cti.floor.floor import Floor
from cti.floor.identifying import Identifying
from cti.floor.ids import interaction_id, is_called_back, is_called_out
from cti.floor.menu import Menu
from cti.floor.queueing import Queueing
from cti.floor.rules import Rules
from cti.floor.session import Environment, Session, let_go, pass_on
from cti.floor.ticket import Ticket, read_ticket
from cti.floor.ways_out import WaysOut
from cti.ivr.line import AgiLine
from cti.ivr.lookups import Lookups
from cti.logs.about import from_now_on

log = structlog.get_logger(__name__)

REAP_S = 2.0
UNDER_WAY_S = 5.0
"""How long a customer whose agent has gone waits for the transfer or the take-over that was ordered."""


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
        self._rules = rules
        self._lookups = lookups
        self._alive = alive
        self._clock = clock
        self._shut = False
        self._identifying = Identifying(floor.bus, desk, directory, clock, floor.places.customer_known)
        ways_out = WaysOut(floor, rules, clock, floor.callbacks)
        self._queueing = Queueing(floor, rules, ways_out, clock)
        self._menu = Menu(
            floor=floor,
            queueing=self._queueing,
            mailbox=ways_out.mailbox,
            identifying=self._identifying,
            lookups=lookups,
            rules=rules,
            clock=clock,
        )

    def routes(self) -> dict[str, Callable[[Session], Awaitable[None]]]:
        return {
            "hotline": self._guarded(self.hotline),
            "transfer": self._guarded(self.transfer),
            "resume": self._guarded(self.resume),
            "flow": self._guarded(self.flow),
            "after": self._guarded(self.after),
        }

    def shut(self) -> None:
        """From now on nobody new is let in: they hear music, knock again, and are served by the daemon after us."""
        self._shut = True

    def recognise(self, conversation: Conversation) -> None:
        """Have somebody looked up who is not on the line: whoever will call them is shown who they are."""
        self._identifying.begin(conversation)

    def _guarded(self, route: Callable[[Session], Awaitable[None]]) -> Callable[[Session], Awaitable[None]]:
        """A defect of ours sends the caller to the fallback queue: nobody is dropped for a bug."""

        async def guarded(session: Session) -> None:
            channel = session.env.uniqueid
            if known := self._known(channel):
                from_now_on(known.interaction_id)
            try:
                await route(session)
            except HungUp:
                raise
            except Exception as error:
                if isinstance(error, CtiError):
                    log.warning("a caller could not be served", channel=channel, reason=str(error))
                else:
                    log.exception("the hotline failed a caller", channel=channel)
                if await pass_on(session, "fallback") and (known := self._known(channel)):
                    self._floor.places.give_up(known)
            finally:
                asyncio.get_running_loop().call_later(REAP_S, self._reap, channel)

        return guarded

    def _known(self, channel: str) -> Conversation | None:
        return self._floor.conversations.by_channel.get(channel)

    def _reap(self, channel: str) -> None:
        """A caller of whose end AMI told nobody: it came before we knew them, or while the link was lost.

        Without a link the mirror is stale.
        """
        if self._known(channel) is None:
            return
        if not self._floor.link:
            asyncio.get_running_loop().call_later(REAP_S, self._reap, channel)
        elif not self._alive(channel):
            self._floor.parting.reap(channel)

    # --- routes ----------------------------------------------------------------------------------------------------

    async def hotline(self, session: Session) -> None:
        if self._shut:
            return
        env = session.env
        conversation = self._open(session, interaction_id(self._clock()))
        await session.set_variable("LD_INTERACTION", conversation.interaction_id)
        if await self._turned_away(session, conversation):
            return
        await self._menu.serve(session, conversation, env.dialled_number)

    async def _turned_away(self, session: Session, conversation: Conversation) -> bool:
        """Too much is going on. Who might be let in all the same is looked up first."""
        admission = self._floor.admission
        rules = admission.rules
        if not rules.any and not admission.no_room():
            return False
        if (admission.shut or admission.no_room()) and rules.vip is not None:
            await self._identifying.known(conversation)
        if not admission.refuses(conversation):
            return False
        await self._queueing.turn_away(session, self._line(session, conversation), conversation, rules)
        return True

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
        if conversation.waiting or conversation.leaves:
            await self._queueing.go_on(session, line, conversation)
        elif place is not None and conversation.outcome is None:
            conversation.outside = ""  # it did not answer
            await self._queueing.wait(session, line, conversation, place)
        else:
            await line.play(("goodbye",), "")
            await pass_on(session, "hangup")

    async def flow(self, session: Session) -> None:
        """An agent has sent the customer here, and has them back afterwards."""
        conversation = self._known(session.env.uniqueid)
        detour = conversation.detour if conversation is not None else None
        if conversation is None or detour is None:
            await self.resume(session)
            return
        line = self._line(session, conversation)
        await self._floor.flow_and_back.serve(session, conversation, detour, line, self._lookups)
        await self._back(session, conversation)

    def _next_place(self, conversation: Conversation) -> Place | None:
        """Where the customer is to wait; without anybody's word the place that they had before."""
        place, conversation.next_place = conversation.next_place, None
        if place is None and (had := conversation.place) is not None:
            place = Place(had.queue, had.priority, had.queued_at, had.skills, entered_at=self._clock())
        return place

    async def resume(self, session: Session) -> None:
        """The caller heard music without a daemon. With a ticket: the old place; without: the flow from its start."""
        conversation = self._known(session.env.uniqueid)
        if self._shut and conversation is None:
            return
        ticket = read_ticket(await session.get_variable("LD_PLACE"))
        if conversation is not None:
            await self._back(session, conversation)
            return
        known = ticket.interaction_id if ticket else await session.get_variable("LD_INTERACTION")
        expected = self._floor.expected.back(session.env.uniqueid)
        if expected is not None:  # the daemon before us may have died before it had told the channel
            known = expected.interaction_id
        if known and (promised := self._floor.conversations.by_id.get(known)) is not None and promised.promise:
            await self._floor.callbacks.take_leave(session, self._line(session, promised))
            return
        conversation = self._open(session, known or interaction_id(self._clock()), ticket, expected)
        if ticket is None:
            dialled = await session.get_variable("LD_DID") or session.env.dialled_number
            await self._menu.serve(session, conversation, dialled)
            return
        self._floor.orders.start("ask what is silent", self._floor.pauses.recover(conversation))
        place = ticket.place()
        await self._identifying.known(conversation)
        line = self._line(session, conversation)
        told = expected is not None and expected.knows(place)
        await self._queueing.wait(session, line, conversation, place, told=told)

    async def _back(self, session: Session, conversation: Conversation) -> None:
        """A customer whom we know is alone: a session broke, a hold or a transfer came to nothing.

        Not for long where an agent has answered already, and fetches them in this very moment.
        """
        try:
            await self._floor.flow_and_back.bring_back(session, conversation)
        finally:
            self._floor.pauses.leave_flow(conversation)
        self._floor.parting.gone_on(conversation)
        if conversation.talking and not conversation.fetching:
            self._floor.parting.let_go(conversation, self._clock(), "lost")
        line = self._line(session, conversation)
        if conversation.waiting or conversation.leaves or conversation.fetching:
            await self._queueing.go_on(session, line, conversation)
        elif conversation.outcome is not None:
            await pass_on(session, "hangup")
        elif place := self._next_place(conversation):
            await self._queueing.wait(session, line, conversation, place)
        else:
            dialled = await session.get_variable("LD_DID") or session.env.dialled_number
            await self._menu.serve(session, conversation, dialled)

    async def after(self, session: Session) -> None:
        """The agent hung up first. A survey has its place here; until there is one the call ends.

        Most customers are let go before the dialplan asks (`Parting`). Not those whom the agent had no more: a phone
        that was answered too late takes the customer out of the queue before we can hang it up, and a transfer or a
        take-over may be under way.
        """
        conversation = self._known(session.env.uniqueid)
        if conversation is not None:
            until = self._clock() + UNDER_WAY_S
            while self._clock() < until and conversation.under_way:
                await session.set_music(on=True)
                await session.wait_for_digit(500)
            if conversation.goes_on:
                await self._back(session, conversation)
                return
        await let_go(session)

    # --- a call of ours --------------------------------------------------------------------------------------------

    def _open(
        self, session: Session, interaction: str, ticket: Ticket | None = None, expected: Expectation | None = None
    ) -> Conversation:
        """The interaction is ours from now on: its first fact is out, and the caller is being looked up."""
        from_now_on(interaction)
        conversation = self._conversation(session.env, interaction, ticket)
        conversation.move(InteractionTrigger.START)
        if expected is not None:
            conversation.started_at = expected.started_at
        self._floor.conversations.add(conversation)
        started = InteractionStarted(
            at=conversation.started_at,
            interaction_id=interaction,
            medium=conversation.medium,
            channel=conversation.channel,
            linkedid=conversation.linkedid,
            customer_number=conversation.number,
            caller_name=conversation.caller_name,
            dialled=conversation.dialled,
            direction=conversation.direction,
        )
        if expected is not None:
            self._floor.expected.take_up(conversation, expected, started)
        else:
            self._floor.bus.publish(started)
        self._identifying.begin(conversation)
        return conversation

    def _conversation(self, env: Environment, interaction: str, ticket: Ticket | None) -> Conversation:
        """What a ticket says comes before what the channel says."""
        return Conversation(
            interaction_id=interaction,
            channel=env.uniqueid,
            linkedid=env.uniqueid,
            number=ticket.number if ticket else canonical(env.caller_number, self._rules.region),
            caller_name=env.caller_name if env.caller_name != env.caller_number else "",
            dialled=env.dialled_number,
            language=ticket.language if ticket else self._rules.flow(env.dialled_number).language,
            started_at=ticket.started_at if ticket else self._clock(),
            offers=ticket.offers if ticket else 0,
            medium="callback" if is_called_back(env.uniqueid) else "voice",
            direction="out" if is_called_out(env.uniqueid) else "in",
        )

    def _line(self, session: Session, conversation: Conversation) -> AgiLine:
        return AgiLine(session, self._rules.sounds, conversation.language)
