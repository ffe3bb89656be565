"""After a start: what Asterisk is doing, matched with what the store knew of open interactions.

Talking pairs are taken over untouched, waiting callers stand in line again (`cti/floor/expected.py`), offers that
nobody knows the end of are called off, and what ended meanwhile is closed with what Asterisk knows of it, marked as not
certain.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import structlog
from msgspec.structs import replace

from cti.acd.interaction import InteractionState
from cti.calls.cdr import Afterwards
from cti.calls.mirror import Mirror
from cti.events import (
    AgentMuted,
    InteractionConnected,
    InteractionHeld,
    InteractionStarted,
    Medium,
    OfferEnded,
    RecordingStarted,
)
from cti.floor.callback_restart import Promised, take_up
from cti.floor.company import Company, Found, company, take_up_party
from cti.floor.conversation import Conversation, Leg, Place, Segment, Take
from cti.floor.ended_restart import close, end_segment, end_talks
from cti.floor.expected import Expectation
from cti.floor.floor import Floor
from cti.floor.ids import agent_channel
from cti.floor.open import Open
from cti.floor.outbound_restart import take_up_outgoing
from cti.floor.ticket import Ticket
from cti.recording.spool import raw_name
from cti.switch.port import MUTED

log = structlog.get_logger(__name__)

BYTES_PER_S = 32_000
"""8 kHz, 16 bit, stereo."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of the open interactions beside the store, by interaction.

    `promised`: whom we are to call back. `standing`: who stands in the music of the dialplan (ld-away), with the ticket
    on their channel. `afterwards`: what Asterisk wrote down of those who are gone, or whom their agent has just left.
    `lost`: whether what began on a channel at a time has ended with an Asterisk that is no more.
    """

    promised: Mapping[str, Promised]
    standing: Mapping[str, Ticket | None] = field(default_factory=dict)
    afterwards: Mapping[str, Afterwards] = field(default_factory=dict)
    lost: Callable[[str, float], bool] = lambda _channel, _began: False


def reconcile(floor: Floor, tracker: Mirror, opens: Iterable[Open], spool: Path, memory: Memory) -> list[str]:
    """Adopt, put in line, leave to `/resume`, or close each; returns the ids of those that are not over.

    The line itself is made by `floor.expected.line_up()`, when everything is ready for phones to ring.
    """
    going_on = []
    promised = memory.promised
    for open_ in opens:
        kept = promised.get(open_.interaction_id)
        if kept is not None and take_up(floor, tracker, open_, kept):
            _end_offers(floor, tracker, open_)
            going_on.append(open_.interaction_id)
            continue
        found = company(floor, tracker, open_)
        if found.leg is None and open_.direction == "out" and not open_.segments:
            if take_up_outgoing(floor, tracker, open_):
                going_on.append(open_.interaction_id)
            continue
        for leg in found.others:
            floor.legs.release(leg)
        _end_offers(floor, tracker, open_, found.leg, memory.afterwards.get(open_.interaction_id))
        if found.leg is not None or found.given:
            _adopt(floor, tracker, open_, found, spool)
        elif tracker.channel(open_.channel) is not None:
            _expect(floor, tracker, open_, spool, memory)
        else:
            lost = memory.lost(open_.channel, open_.started_at)
            close(floor, open_, memory.afterwards.get(open_.interaction_id), recorded_until(spool, open_), lost=lost)
            continue
        going_on.append(open_.interaction_id)
    return going_on


def _end_offers(
    floor: Floor, tracker: Mirror, open_: Open, found: Found | None = None, afterwards: Afterwards | None = None
) -> None:
    """Of those that nobody knows the end of: who has the customer has answered, every other phone stops ringing.

    Also one that does not ring yet: its `Originate` may be on the way still.
    """
    talking = found.channel if found is not None else ""
    talked = {talk.leg for talk in afterwards.talks} if afterwards is not None else set()
    for offer_id, agent_id in open_.offered:
        own = agent_channel(offer_id)
        if own in floor.conversations.by_leg:  # a callback that goes on
            continue
        rung = {view.channel for view in tracker.channels() if view.channel.startswith(f"{own}r")} | {own}
        for channel in rung - {talking}:
            floor.legs.release(channel)
        floor.bus.publish(
            OfferEnded(
                at=floor.clock(),
                interaction_id=open_.interaction_id,
                offer_id=offer_id,
                agent_id=agent_id,
                reason="answered" if rung & {talking, *talked} else "revoked",
            )
        )


def _expect(floor: Floor, tracker: Mirror, open_: Open, spool: Path, memory: Memory) -> None:
    talks = end_talks(floor, open_, memory.afterwards.get(open_.interaction_id), floor.clock())
    expectation = _expectation(open_, tracker, spool, talks)
    ticket = memory.standing.get(open_.interaction_id)
    place = _place(floor, open_, ticket)
    if open_.interaction_id not in memory.standing or place is None:
        floor.expected.add(open_.channel, expectation)
        log.info("a caller is expected back", interaction=open_.interaction_id)
        return
    conversation = _conversation(floor, open_, spool)
    conversation.segments, conversation.place = open_.segments, None
    if expectation.waits is not None:
        place.queued_at = expectation.waits[1]
    floor.expected.stand_by(conversation, place, expectation)
    _tell_started(floor, open_)
    log.info("a caller waits on", interaction=open_.interaction_id)


def _place(floor: Floor, open_: Open, ticket: Ticket | None) -> Place | None:
    """The ticket tells the place; the store, what a supervisor made of it since. None: they waited nowhere."""
    if open_.queued_at is None:
        return ticket.place() if ticket is not None else None
    priority = open_.priority - floor.places.own_priority(open_.queue)
    if ticket is not None and ticket.queue == open_.queue:
        place = ticket.place()
        place.priority = priority
        return place
    return Place(open_.queue, priority, open_.queued_at, entered_at=open_.queued_at)


def _expectation(open_: Open, tracker: Mirror, spool: Path, talks: int) -> Expectation:
    """`talks`: of those that the store does not know."""
    return Expectation(
        interaction_id=open_.interaction_id,
        started_at=open_.started_at,
        waits=(open_.queue, open_.queued_at) if open_.queued_at is not None else None,
        segments=open_.segments + talks,
        offers=open_.offers,
        take=_take(open_, spool),
        barges=tuple(_barges(open_, spool)),
        talked=bool(open_.segments or talks or tracker.peers(open_.channel)),
    )


def _adopt(floor: Floor, tracker: Mirror, open_: Open, found: Company, spool: Path) -> None:
    conversation = _conversation(floor, open_, spool)
    floor.conversations.add(conversation)
    _tell_started(floor, open_)
    if found.leg is not None:
        _take_up_leg(floor, tracker, open_, conversation, found.leg)
    if found.party is not None:
        take_up_party(floor, conversation, found.party, given=found.given)
    log.info("a conversation goes on", interaction=open_.interaction_id, agent=open_.agent_id)


def _conversation(floor: Floor, open_: Open, spool: Path) -> Conversation:
    """As if no agent had the customer; the recording goes on."""
    conversation = Conversation(
        interaction_id=open_.interaction_id,
        channel=open_.channel,
        linkedid=open_.linkedid,
        number=open_.number,
        caller_name=open_.caller_name,
        dialled=open_.dialled,
        language=open_.language,
        started_at=open_.started_at,
        state=InteractionState.SELF_SERVICE,
        offers=open_.offers,
        segments=max(1, open_.segments),
        waited_s=open_.waited_s or 0,
        medium=_medium(open_),
        direction=open_.direction,
        customer_id=open_.customer_id or 0,
    )
    if open_.queue:
        own = open_.priority - floor.places.own_priority(open_.queue)
        conversation.place = Place(open_.queue, own, open_.started_at)
    conversation.take = _take(open_, spool)
    conversation.barges = list(_barges(open_, spool))
    return conversation


def _take_up_leg(floor: Floor, tracker: Mirror, open_: Open, conversation: Conversation, found: Found) -> None:
    """Of a hold nobody knows any more since when."""
    agent_id = _agent_of(floor, tracker, found.channel) or open_.agent_id
    began = open_.connected_at or floor.clock()
    conversation.state = InteractionState.HELD if found.held else InteractionState.CONNECTED
    conversation.leg = Leg(found.channel, agent_id, answered=True, bridged=True)
    conversation.segment = Segment(conversation.segments, agent_id, began)
    if found.held:
        conversation.segment.held_since, conversation.left_first = floor.clock(), open_.channel
    floor.conversations.by_leg[found.channel] = conversation
    if not open_.segments and open_.queued_at is not None:
        conversation.waited_s = began - open_.queued_at
    _tell_connected(floor, open_, conversation, agent_id, began)
    floor.places.engage(agent_id, conversation)
    floor.orders.start("ask what is silent", _ask_what_is_silent(floor, conversation, conversation.leg))


async def _ask_what_is_silent(floor: Floor, conversation: Conversation, leg: Leg) -> None:
    await floor.pauses.recover(conversation)
    if await floor.switch.variable(leg.channel, MUTED):
        await floor.switch.mute(leg.channel, on=True)
        leg.muted = True
        interaction, agent_id = conversation.interaction_id, leg.agent_id
        floor.bus.publish(AgentMuted(at=floor.clock(), interaction_id=interaction, agent_id=agent_id, muted=True))


def _medium(open_: Open) -> Medium:
    return "callback" if open_.medium == "callback" else "voice"


def _agent_of(floor: Floor, tracker: Mirror, channel: str) -> str | None:
    view = tracker.channel(channel)
    return floor.roster.by_endpoint(view.endpoint) if view is not None else None


def _take(open_: Open, spool: Path, barge: int = 0) -> Take | None:
    """A file's time of modification is its end, and its size its length."""
    file = spool / raw_name(open_.interaction_id, barge)
    try:
        stat = file.stat()
    except FileNotFoundError:
        return None
    take = Take(file.name, open_.channel if not barge else "", stat.st_mtime - stat.st_size / BYTES_PER_S)
    take.runs.set()
    return take


def _barges(open_: Open, spool: Path) -> Iterator[Take]:
    """What supervisors said so far; the next one's file gets the next number."""
    for barge in count(1):
        take = _take(open_, spool, barge)
        if take is None:
            return
        yield take


def _tell_started(floor: Floor, open_: Open) -> None:
    """The same facts as at first, with their old times, to the desk alone: the store knows them already."""
    floor.desk.on_fact(
        InteractionStarted(
            at=open_.started_at,
            interaction_id=open_.interaction_id,
            medium=_medium(open_),
            channel=open_.channel,
            linkedid=open_.linkedid,
            customer_number=open_.number,
            caller_name=open_.caller_name,
            dialled=open_.dialled,
            direction=open_.direction,
        )
    )


def _tell_connected(floor: Floor, open_: Open, conversation: Conversation, agent_id: str, began: float) -> None:
    tell, interaction = floor.desk.on_fact, open_.interaction_id
    connected = InteractionConnected(
        at=began,
        interaction_id=interaction,
        agent_id=agent_id,
        segment=conversation.segments,
        queue=open_.queue,
        waited_s=conversation.waited_s,
        how="offer" if open_.direction == "in" else "dialled",
    )
    if open_.agent_id and open_.agent_id != agent_id:  # who left the others to themselves while nobody watched
        now = floor.clock()
        end_segment(floor, open_, now, "transfer")
        conversation.segments += 1
        conversation.segment = Segment(conversation.segments, agent_id, now)
        floor.bus.publish(replace(connected, at=now, segment=conversation.segments, how="transfer"))
    elif open_.segments:
        tell(connected)
    else:  # they came together while nobody watched
        floor.bus.publish(connected)
        floor.pauses.connected(conversation)
    if (take := conversation.take) is not None:
        tell(RecordingStarted(at=take.began, interaction_id=interaction, file=take.file, channel=take.channel))
    if conversation.state is InteractionState.HELD:
        tell(InteractionHeld(at=floor.clock(), interaction_id=interaction, agent_id=agent_id))


def recorded_until(spool: Path, open_: Open) -> float | None:
    """The end of its raw recording, None when there is none."""
    try:
        return (spool / raw_name(open_.interaction_id)).stat().st_mtime
    except FileNotFoundError:
        return None
