"""After a start: who was promised a call will be called, and whoever was being called is not called twice.

What Asterisk still does of it is taken up: an attempt whose phone rings goes on if the agent is there to talk, and is
called off if not. An attempt that is in the books and has no channel was made.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

import structlog

from cti.acd.interaction import InteractionState
from cti.calls.channel import ChannelView
from cti.calls.mirror import Mirror
from cti.events import CallbackDialled, CallbackEnded, CallbackRequested, InteractionStarted, OfferMade
from cti.floor.company import agents_legs, listening
from cti.floor.conversation import Conversation, Leg, Place, Promise
from cti.floor.dialling import OVERDUE_S
from cti.floor.floor import Floor
from cti.floor.ids import agent_channel, customer_channel
from cti.floor.open import Open

log = structlog.get_logger(__name__)

SETTLE_S = 3.0
"""Browsers and phones come back after a start; nobody is rung for a callback before."""


class Kept(Protocol):
    """`cti.store.callbacks.KeptPlace`"""

    @property
    def queued_at(self) -> float: ...
    @property
    def priority(self) -> int: ...
    @property
    def skills(self) -> Mapping[str, int]: ...
    @property
    def vip(self) -> int: ...
    @property
    def branch(self) -> str: ...
    @property
    def preferred_agent(self) -> str: ...


class Promised(Protocol):
    """`cti.store.callbacks.KeptPromise`"""

    @property
    def number(self) -> str: ...
    @property
    def queue(self) -> str: ...
    @property
    def place(self) -> Kept: ...
    @property
    def attempts(self) -> int: ...
    @property
    def next_at(self) -> float | None: ...


def take_up(floor: Floor, tracker: Mirror, open_: Open, kept: Promised) -> bool:
    """False: the customer has answered, and is one like any other."""
    interaction, now = open_.interaction_id, floor.clock()
    channel = customer_channel(interaction, kept.attempts)
    called = tracker.channel(channel)
    if called is not None and called.answered_at is not None:
        ended = CallbackEnded(at=now, interaction_id=interaction, end="connected", attempts=kept.attempts)
        floor.bus.publish(ended)
        return False
    rules = floor.rules.care(kept.queue).callback
    if rules is None:  # nobody says any more when and whom we may dial
        log.error("a callback is given up: its queue calls nobody back any more", interaction=interaction)
        floor.callbacks.write_off(interaction, kept.attempts, "gave_up", "system")
        return True
    promise = Promise(kept.number, rules, kept.attempts)
    conversation = _conversation(open_, kept, promise)
    floor.callbacks.restore(conversation)
    _tell(floor, open_, kept)
    agents = agents_legs(tracker, interaction)
    leg = listening(floor, agents) if called is not None else None
    if leg is not None:
        _go_on(floor, conversation, promise, leg, channel)
    elif called is not None:
        floor.legs.release(channel)
    _release(floor, agents, leg)
    if leg is None:
        floor.callbacks.go_on(conversation, promise, max(kept.next_at or 0.0, now + SETTLE_S), "restart")
    return True


def _release(floor: Floor, agents: Iterable[ChannelView], leg: Leg | None) -> None:
    for view in agents:
        if leg is None or view.channel != leg.channel:
            floor.legs.release(view.channel)


def _go_on(floor: Floor, conversation: Conversation, promise: Promise, leg: Leg, channel: str) -> None:
    leg.offer_id = leg.channel.removeprefix(agent_channel(""))
    conversation.leg, conversation.state = leg, InteractionState.CONNECTED
    floor.conversations.by_leg[leg.channel] = conversation
    floor.conversations.attach(conversation, channel)
    promise.dialling = channel
    floor.places.engage(leg.agent_id, conversation)
    now, interaction = floor.clock(), conversation.interaction_id
    queue = conversation.place.queue if conversation.place else ""
    floor.desk.on_fact(
        OfferMade(
            at=now,
            interaction_id=interaction,
            offer_id=leg.offer_id,
            agent_id=leg.agent_id,
            queue=queue,
            waited_s=now - conversation.started_at,
            ring_until=now,
        )
    )
    floor.desk.on_fact(
        CallbackDialled(
            at=now,
            interaction_id=interaction,
            attempts=promise.attempts,
            number=promise.number,
            channel=channel,
            agent_id=leg.agent_id,
            until=now,
        )
    )
    floor.dialling.watch(conversation, channel, promise.rules.ring_s + OVERDUE_S)


def _conversation(open_: Open, kept: Promised, promise: Promise) -> Conversation:
    place = kept.place
    return Conversation(
        interaction_id=open_.interaction_id,
        channel="",
        linkedid=open_.linkedid,
        number=open_.number,
        caller_name=open_.caller_name,
        dialled=open_.dialled,
        language=open_.language,
        started_at=open_.started_at,
        state=InteractionState.QUEUED,
        offers=open_.offers,
        medium="callback",
        promise=promise,
        place=Place(
            kept.queue,
            place.priority,
            place.queued_at,
            dict(place.skills),
            entered_at=place.queued_at,
            vip=place.vip,
            branch=place.branch,
            preferred_agent=place.preferred_agent,
        ),
    )


def _tell(floor: Floor, open_: Open, kept: Promised) -> None:
    """The same facts as at first to the desk alone: the store knows them already."""
    floor.desk.on_fact(
        InteractionStarted(
            at=open_.started_at,
            interaction_id=open_.interaction_id,
            medium="callback",
            channel=open_.channel,
            linkedid=open_.linkedid,
            customer_number=open_.number,
            caller_name=open_.caller_name,
            dialled=open_.dialled,
        )
    )
    floor.desk.on_fact(
        CallbackRequested(
            at=floor.clock(),
            interaction_id=open_.interaction_id,
            number=kept.number,
            queue=kept.queue,
            queued_at=kept.place.queued_at,
        )
    )
