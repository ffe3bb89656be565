"""Calls between colleagues, signed in or not: the caller's own phone is rung first, then the colleague's.

A thing of its own beside `Conversation` (docs/decisions/0014-calls-between-colleagues.md): there is no customer, no
queue, no recording and no wrap-up. The two legs are named by the call and find each other as those of a callback do
(`dialplan/callback.conf`), so that all that a restart needs to know stands in Asterisk.
"""

import asyncio
from dataclasses import dataclass

import structlog

from cti.acd import events as acd
from cti.calls.mirror import Mirror
from cti.errors import CtiError
from cti.events import (
    BridgeEntered,
    ChannelAnswered,
    ChannelHungUp,
    InternalCallConnected,
    InternalCallEnd,
    InternalCallEnded,
    InternalCallStarted,
    OriginateFailed,
)
from cti.floor.causes import CALL_REJECTED, NORMAL_CLEARING, USER_BUSY, failure_of
from cti.floor.dialling import OVERDUE_S
from cti.floor.distributor import Distributor
from cti.floor.ids import interaction_id, internal_call, internal_channel
from cti.floor.legs import Legs
from cti.floor.means import Means
from cti.floor.offers import DIAL_GRACE_S, POP_DEADLINE_S, Pops
from cti.floor.outbound import OWN_RING_S
from cti.switch.port import CallerId, Ring

log = structlog.get_logger(__name__)

RING_S = 30.0


@dataclass(slots=True)
class InternalCall:
    """`first` is the caller's leg, `second` the colleague's. `answered`: the caller's own phone was."""

    call_id: str
    caller: str
    colleague: str
    answered: bool = False
    connected: bool = False

    @property
    def first(self) -> str:
        return internal_channel(self.call_id, 1)

    @property
    def second(self) -> str:
        return internal_channel(self.call_id, 2)

    @property
    def people(self) -> tuple[str, str]:
        return self.caller, self.colleague


class Colleagues:
    def __init__(self, means: Means, distributor: Distributor, legs: Legs, pops: Pops) -> None:
        self._means = means
        self._distributor = distributor
        self._legs = legs
        self._pops = pops
        self._calls: dict[str, InternalCall] = {}

    def of_agent(self, agent_id: str) -> InternalCall | None:
        return next((call for call in self._calls.values() if agent_id in call.people), None)

    def find(self, call_id: str) -> InternalCall | None:
        return self._calls.get(call_id)

    # --- ringing ---------------------------------------------------------------------------------------------------

    def call(self, caller: str, colleague: str) -> InternalCall:
        """Both are free and have a phone that can be rung."""
        call = InternalCall(interaction_id(self._means.clock()), caller, colleague)
        self._add(call)
        self._means.bus.publish(self._started(call))
        self._order(call, self._ring(call, call.caller, call.colleague, auto_answer=True), "own_phone")
        self._watch(call, OWN_RING_S + OVERDUE_S, answered=False)
        return call

    def _add(self, call: InternalCall) -> None:
        self._calls[call.call_id] = call
        for agent_id in call.people:
            self._engage(call, agent_id)

    def _engage(self, call: InternalCall, agent_id: str) -> None:
        try:
            self._distributor.feed(acd.AgentEngaged(agent_id=agent_id, interaction_id=call.call_id, medium="voice"))
        except CtiError as error:
            log.info("calls without being signed in", agent=agent_id, reason=str(error))

    def signed_in(self, agent_id: str) -> None:
        """Somebody has signed in, perhaps during a call."""
        if call := self.of_agent(agent_id):
            self._engage(call, agent_id)

    def _order(self, call: InternalCall, ring: Ring, why: InternalCallEnd) -> None:
        def not_rung(error: CtiError) -> None:
            log.warning("a colleague could not be called", call=call.call_id, reason=str(error))
            self._end(call, why)

        self._means.orders.start(f"ring {ring.channel}", self._popped(call, ring), not_rung)

    async def _popped(self, call: InternalCall, ring: Ring) -> None:
        """Who is rung sees first who it is."""
        await self._pops.flushed(call.colleague if ring.channel == call.second else call.caller, POP_DEADLINE_S)
        if call.call_id in self._calls:
            await self._means.switch.ring(ring)

    def _ring(self, call: InternalCall, whom: str, other: str, *, auto_answer: bool = False) -> Ring:
        profile, first = self._means.roster.profile(other), whom == call.caller
        return Ring(
            channel=call.first if first else call.second,
            endpoint=self._means.roster.callable_at(whom) or self._means.roster.endpoint(whom),
            context="ld-callback" if first else "ld-called",
            caller=CallerId(profile.extension, profile.name),
            ring_s=OWN_RING_S if first else RING_S,
            variables={"LD_CUSTOMER": call.second, "LD_DIAL_MAX": str(int(RING_S + DIAL_GRACE_S))}
            if first
            else {"LD_AGENT": call.first, "LD_OUT": "1"},
            auto_answer=auto_answer,
        )

    def _watch(self, call: InternalCall, for_s: float, *, answered: bool) -> None:
        """A leg that never comes to be, unheard because the link was down, is waited for no longer than this."""
        asyncio.get_running_loop().call_later(for_s, self._overdue, call, answered)

    def _overdue(self, call: InternalCall, answered: bool) -> None:  # what it was when the watch began
        if call.call_id not in self._calls or call.connected or call.answered is not answered:
            return
        if self._means.link:
            self._end(call, "no_answer" if answered else "own_phone")
        else:
            self._watch(call, OVERDUE_S, answered=answered)

    # --- what becomes of it ----------------------------------------------------------------------------------------

    def _on(self, channel: str) -> InternalCall | None:
        return self._calls.get(internal_call(channel))

    def on_answered(self, fact: ChannelAnswered) -> None:
        call = self._on(fact.channel)
        if call is not None and fact.channel == call.first and not call.answered:
            call.answered = True
            self._order(call, self._ring(call, call.colleague, call.caller), "unreachable")
            self._watch(call, RING_S + OVERDUE_S, answered=True)

    def on_entered(self, fact: BridgeEntered) -> None:
        call = self._on(fact.channel)
        if call is not None and not call.connected and {call.first, call.second} <= {fact.channel, *fact.peers}:
            call.connected = True
            self._means.bus.publish(self._joined(call))

    def on_hung_up(self, fact: ChannelHungUp) -> None:
        if (call := self._on(fact.channel)) is None:
            return
        if call.connected:
            self._end(call, "hung_up")
        elif fact.channel == call.second:
            self._end(call, failure_of(fact.cause))
        elif call.answered or fact.cause in {NORMAL_CLEARING, CALL_REJECTED, USER_BUSY}:
            self._end(call, "cancelled")
        else:
            self._end(call, "own_phone")

    def on_originate_failed(self, fact: OriginateFailed) -> None:
        if call := self._on(fact.channel):
            self._end(call, "unreachable" if fact.channel == call.second else "own_phone")

    def hang_up(self, call: InternalCall, agent_id: str) -> None:
        """Either of the two, at any time."""
        self._end(call, "hung_up" if call.connected else "cancelled" if agent_id == call.caller else "declined")

    def _end(self, call: InternalCall, why: InternalCallEnd) -> None:
        if self._calls.pop(call.call_id, None) is None:
            return
        for channel in (call.first, call.second):
            self._legs.release(channel)
        self._means.bus.publish(
            InternalCallEnded(
                at=self._means.clock(),
                interaction_id=call.call_id,
                agent_id=call.caller,
                colleague_id=call.colleague,
                reason=why,
            )
        )
        feed = self._distributor.feed
        for agent_id in call.people:
            feed(acd.ConversationEnded(agent_id=agent_id, interaction_id=call.call_id, wrap_up=False))
        feed(acd.CallerLeft(interaction_id=call.call_id))

    def _started(self, call: InternalCall) -> InternalCallStarted:
        at = self._means.clock()
        return InternalCallStarted(
            at=at,
            interaction_id=call.call_id,
            agent_id=call.caller,
            colleague_id=call.colleague,
            ring_until=at + RING_S,
        )

    def _joined(self, call: InternalCall) -> InternalCallConnected:
        at = self._means.clock()
        return InternalCallConnected(
            at=at, interaction_id=call.call_id, agent_id=call.caller, colleague_id=call.colleague
        )

    # --- after a start ---------------------------------------------------------------------------------------------

    def take_up(self, tracker: Mirror) -> None:
        """Who talks with a colleague talks on; whoever is only rung was rung by a daemon that is no more."""
        people: dict[str, dict[str, str]] = {}
        for view in tracker.channels():
            if call_id := internal_call(view.channel):
                owner = self._means.roster.by_endpoint(view.endpoint)
                people.setdefault(call_id, {})[view.channel] = owner or ""
        for call_id, legs in people.items():
            first, second = internal_channel(call_id, 1), internal_channel(call_id, 2)
            if legs.get(first) and legs.get(second) and second in tracker.peers(first):
                call = InternalCall(call_id, legs[first], legs[second], answered=True, connected=True)
                self._add(call)
                self._means.desk.on_fact(self._started(call))
                self._means.desk.on_fact(self._joined(call))
            else:
                for channel in legs:
                    self._legs.release(channel)
