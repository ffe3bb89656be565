"""What becomes of a caller whom a queue does not serve: who waited the longest time, was not let in, or came too late.

Each way out (`cti.acd.limits.WayOut`) is walked by the caller's session. One that fails is told to the caller in a
sentence, and the caller goes on waiting where that is possible.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, Protocol

import structlog

from cti.acd.limits import WayOut, WayOutKind, parse_way_out
from cti.events import InteractionTransferred
from cti.floor.conversation import Conversation, Leaving, Place
from cti.floor.floor import Floor
from cti.floor.goodbye import say_goodbye
from cti.floor.permits import NotDialled, sent_on
from cti.floor.rules import Rules
from cti.floor.session import Session, dial_out
from cti.floor.voicemail import Mailbox
from cti.ivr.line import AgiLine
from cti.ivr.spoken import next_opening

log = structlog.get_logger(__name__)

STILL_SERVED: Final = frozenset({"length", "wait_estimate"})
"""Who was not let in for this can wait after all when the way out fails."""

End = Place | Literal["over", "failed"]
"""Where the caller waits next; "over" when the dialplan knows what comes next."""


class OffersCallback(Protocol):
    """`cti.floor.callbacks`."""

    def may_ask(self, conversation: Conversation, place: Place) -> bool:
        """Whether this queue calls back, and may this caller."""

    async def ask(self, session: Session, line: AgiLine, conversation: Conversation, place: Place) -> bool:
        """True: a callback was promised, and the dialplan told to hang up. False: no number was agreed on."""


@dataclass(frozen=True, slots=True)
class Walk:
    """One caller on the way out. `place` is where the caller waited, or would have."""

    session: Session
    line: AgiLine
    conversation: Conversation
    leaving: Leaving
    place: Place


class WaysOut:
    """`callbacks` None: this house calls nobody back."""

    def __init__(
        self, floor: Floor, rules: Rules, clock: Callable[[], float], callbacks: OffersCallback | None = None
    ) -> None:
        self._floor = floor
        self._rules = rules
        self._clock = clock
        self._callbacks = callbacks
        self.mailbox = Mailbox(floor, clock)
        self._ways: Mapping[WayOutKind, Callable[[Walk, str], Awaitable[End]]] = {
            "queue": self._to_queue,
            "announcement": self._announce,
            "number": self._dial,
            "voicemail": self._take_message,
            "callback": self._promise_callback,
        }

    async def walk(self, walk: Walk) -> Place | None:
        """Where the caller is to wait now; None when the dialplan knows what comes next.

        A second walk for the same `leaving`: the outside number did not answer, or the session broke.
        """
        conversation, leaving = walk.conversation, walk.leaving
        leaving.begun = True
        if leaving.why != "longest_wait":
            conversation.turned_away.add(leaving.queue)
        way = None if conversation.outside else _parsed(leaving)
        conversation.outside = ""
        end = await self._ways[way.kind](walk, way.target) if way is not None else "failed"
        if end == "failed":
            end = await self._make_up(walk)
        return end if isinstance(end, Place) else None

    async def _make_up(self, walk: Walk) -> End:
        """The way out came to nothing."""
        if walk.leaving.why in STILL_SERVED:
            await walk.line.play(("please_hold",), "")
            return self._stay_on(walk)
        walk.conversation.outcome = "overflowed"
        await say_goodbye(walk.session, walk.line, walk.conversation, _reason(walk.leaving), "call_again_later")
        return "over"

    def _stay_on(self, walk: Walk) -> Place:
        """The old place, with all its time to wait anew."""
        return replace(walk.place, entered_at=self._clock())

    async def _to_queue(self, walk: Walk, queue: str) -> End:
        """Not into one that has turned this caller away: two full queues must not send anybody to and fro."""
        if queue in walk.conversation.turned_away or not self._floor.places.serves(queue):
            return "failed"
        await walk.line.play(("another_team",), "")
        return Place(queue, walk.place.priority, walk.place.queued_at, walk.place.skills)

    async def _announce(self, walk: Walk, prompt: str) -> End:
        walk.conversation.outcome = "overflowed"
        opening: tuple[str, ...] = ()
        calendar = self._rules.care(walk.leaving.queue).opening
        if walk.leaving.why == "closed" and calendar is not None:
            opening = next_opening(calendar, self._clock(), walk.conversation.language)
        await say_goodbye(walk.session, walk.line, walk.conversation, prompt, *opening)
        return "over"

    async def _dial(self, walk: Walk, number: str) -> End:
        """Over the trunk. When nobody answers there, the caller comes back over `/transfer`."""
        try:
            permit = sent_on(self._floor.means.permits, walk.conversation, number)
        except NotDialled:
            return "failed"
        await walk.line.play(("transferring",), "")
        walk.conversation.outside = number
        self._floor.bus.publish(
            InteractionTransferred(
                at=self._clock(),
                interaction_id=walk.conversation.interaction_id,
                from_agent="",
                kind="number",
                target=number,
            )
        )
        await dial_out(walk.session, permit)
        return "over"

    async def _take_message(self, walk: Walk, _box: str) -> End:
        """Who was asked to speak and says nothing is let go."""
        session, line, conversation = walk.session, walk.line, walk.conversation
        await line.play((_reason(walk.leaving),), "")
        match await self.mailbox.take(session, line, conversation):
            case "left":
                await say_goodbye(session, line, conversation, "voicemail_thanks")
            case "nothing":
                conversation.outcome = "overflowed"
                await say_goodbye(session, line, conversation)
            case "impossible":
                return "failed"
        return "over"

    async def _promise_callback(self, walk: Walk, _: str) -> End:
        if self._callbacks is None or not self._callbacks.may_ask(walk.conversation, walk.place):
            return "failed"
        if await self._callbacks.ask(walk.session, walk.line, walk.conversation, walk.place):
            return "over"
        return self._stay_on(walk) if walk.leaving.why == "longest_wait" else "failed"  # who rather waits may


def _parsed(leaving: Leaving) -> WayOut | None:
    """None for a queue that has no way out, or none that we know."""
    try:
        return parse_way_out(leaving.way_out) if leaving.way_out else None
    except ValueError as error:
        log.warning("a queue has an unknown way out", queue=leaving.queue, reason=str(error))
        return None


def _reason(leaving: Leaving) -> str:
    return "closed_now" if leaving.why == "closed" else "nobody_free"
