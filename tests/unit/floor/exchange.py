"""A small model of Asterisk with our dialplan: what the floor's orders do, and the mirror facts that come of it.

Each channel has a thread of its own, as in Asterisk: its facts keep their order, those of two channels are mixed by
chance (`rng`), and any may come later than the answer to the order that caused it. Orders take effect at once, as the
actions of one AMI connection do, except that a leg comes to be some time after its `Originate`.
"""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from cti.bus import Bus
from cti.errors import ActionFailed, DeadlineExceeded, HungUp, NotConnected
from cti.events import (
    BridgeEntered,
    BridgeLeft,
    ChannelAnswered,
    ChannelCreated,
    ChannelFact,
    ChannelHungUp,
    ChannelRinging,
    Fact,
    LinkLost,
    LinkRestored,
    OriginateFailed,
    SpyMode,
    SpyStarted,
)
from cti.switch.permit import Permit
from cti.switch.port import MUTED, NOTE, Dial, Ring
from tests.unit.floor.agi import NUMBER, FakeSession

FACT_LAGS_S = (0.0, 0.0, 0.001, 0.004, 0.05)
ANSWER_LAGS_S = (0.0, 0.001, 0.03)
CREATION_LAGS_S = (0.0, 0.001, 0.02)
DIALPLAN_LAGS_S = (0.0, 0.0, 0.003)
EMPTY = ""
ROOM = "room-"


@dataclass(slots=True)
class Channel:
    """`context` is where it is in the dialplan; `thread` what it does there; `due` when its last fact is heard of.

    `group` is the customer whom this leg has, or is about to have.
    """

    uniqueid: str
    kind: str
    context: str = EMPTY
    ring: Ring | None = None
    up: bool = False
    bridge: str = EMPTY
    variables: dict[str, str] = field(default_factory=dict)
    spies_on: str = EMPTY
    group: str = EMPTY
    thread: asyncio.Task[None] | None = None
    session: FakeSession | None = None
    due: float = 0.0
    number: str = NUMBER


@dataclass(slots=True)
class Seen:
    """What the mirror knows of a channel."""

    answered: bool = False
    bridge: str = EMPTY


class Exchange:
    """`Switch` for the floor. `faults` are spent by the next orders: refused, lost, late (done, but too slow), half."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, bus: Bus, clock: Callable[[], float], rng: random.Random
    ) -> None:
        self.channels: dict[str, Channel] = {}
        self.mirror: dict[str, Seen] = {}
        self.routes: dict[str, Callable[[Any], Awaitable[None]]] = {}
        self.faults: deque[str] = deque()
        self.link = True
        self.lost: set[str] = set()
        self.is_customer: Callable[[str], bool] = lambda _: False
        self.ended_by: dict[str, str] = {}
        self.registered: set[str] = set()
        self.rings: list[Ring] = []
        self.heard: dict[str, list[str]] = {}
        """Customer's channel -> the prompts that were played to it."""
        self.dials: list[Dial] = []
        self.recorded: set[str] = set()
        self.keys: dict[str, deque[str]] = {}
        self.silent: set[str] = set()
        """Channels whose recording is silent."""
        self.pressed: list[tuple[str, str]] = []
        """(who got them, keys) that legs were told to press."""
        self.lifts: set[str] = set()
        """Legs whose phone answers when it is told to."""
        self.refuse_outside = False
        self.agi_faults: deque[Exception] = deque()
        self._loop, self._bus, self._clock, self._rng = loop, bus, clock, rng
        self._numbers = 0
        self._bridges = 0
        self._sending: set[asyncio.Task[None]] = set()

    # --- what the mirror hears -------------------------------------------------------------------------------------

    def _tell(self, channel: Channel, kind: type[ChannelFact], **more: Any) -> None:
        lag = self._rng.choice(FACT_LAGS_S)
        channel.due = max(channel.due + 1e-6, self._loop.time() + lag)
        self._loop.call_at(channel.due, self._deliver, channel.uniqueid, kind, more)

    def _deliver(self, uniqueid: str, kind: type[ChannelFact], more: dict[str, Any]) -> None:
        if not self.link or (self.ended_by.get(uniqueid) == "outage" and not more.get("lost")):
            return
        if kind is ChannelCreated:
            self.mirror[uniqueid] = Seen()
        seen = self.mirror.get(uniqueid)
        if seen is None or (kind is ChannelAnswered and seen.answered):
            return
        if kind is BridgeLeft and seen.bridge != more["bridge"]:
            return
        if kind in (BridgeEntered, ChannelHungUp) and seen.bridge:
            self._publish(uniqueid, BridgeLeft, bridge=seen.bridge)
        if kind is BridgeEntered:
            more = {**more, "peers": tuple(c for c, s in self.mirror.items() if s.bridge == more["bridge"])}
        self._take_note(uniqueid, seen, kind, more)
        self._publish(uniqueid, kind, **more)

    def _take_note(self, uniqueid: str, seen: Seen, kind: type[ChannelFact], more: dict[str, Any]) -> None:
        if kind is ChannelAnswered:
            seen.answered = True
        elif kind is BridgeEntered:
            seen.bridge = more["bridge"]
        elif kind is BridgeLeft:
            seen.bridge = EMPTY
        elif kind is ChannelHungUp:
            del self.mirror[uniqueid]

    def _publish(self, uniqueid: str, kind: type[ChannelFact], **more: Any) -> None:
        self._bus.publish(kind(at=self._clock(), channel=uniqueid, name=f"PJSIP/{uniqueid}", linkedid=uniqueid, **more))

    def lose_link(self) -> None:
        if self.link:
            self.link = False
            self._bus.publish(LinkLost(at=self._clock(), reason="the cable"))

    def die(self) -> None:
        """Asterisk is killed, and is another one when the link is back: all its channels are gone without a word."""
        self.lose_link()
        self.lost |= self.channels.keys()
        for channel in list(self.channels.values()):
            del self.channels[channel.uniqueid]
            self.ended_by[channel.uniqueid] = "outage"
            if channel.session is not None:
                channel.session.lose()
            if channel.thread is not None:
                channel.thread.cancel()

    def restore_link(self) -> None:
        """As the node does: what died with its Asterisk, customers first; what vanished has hung up with cause 0 and no
        text; then what is there.
        """
        if self.link:
            return
        self.link = True
        for uniqueid in sorted(self.lost & self.mirror.keys(), key=lambda c: (not self.is_customer(c), c)):
            self._deliver(uniqueid, ChannelHungUp, {"cause": 0, "lost": True})
        self.lost.clear()
        for uniqueid in [c for c in self.mirror if c not in self.channels]:
            self._deliver(uniqueid, ChannelHungUp, {"cause": 0})
        for channel in list(self.channels.values()):
            if channel.uniqueid not in self.mirror:
                self._deliver(channel.uniqueid, ChannelCreated, {})
            if channel.up:
                self._deliver(channel.uniqueid, ChannelAnswered, {})
            if channel.bridge and self.mirror[channel.uniqueid].bridge != channel.bridge:
                self._deliver(channel.uniqueid, BridgeEntered, {"bridge": channel.bridge})
            elif not channel.bridge and self.mirror[channel.uniqueid].bridge:
                self._deliver(channel.uniqueid, BridgeLeft, {"bridge": self.mirror[channel.uniqueid].bridge})
        self._bus.publish(LinkRestored(at=self._clock(), down_s=1.0))

    # --- callers and phones ----------------------------------------------------------------------------------------

    def call(self, keys: str = "", number: str = NUMBER, dialled: str = "4000") -> str:
        """A caller dials the hotline, and will press these keys, one whenever a key is waited for; the channel."""
        self._numbers += 1
        channel = Channel(f"17952990{self._numbers:02}.{self._numbers}", "customer", up=True)
        channel.number = number
        channel.variables["LD_DID"] = dialled
        self.channels[channel.uniqueid] = channel
        self.keys[channel.uniqueid] = deque(keys)
        self._tell(channel, ChannelCreated)
        self._tell(channel, ChannelAnswered)
        self._run(channel, self._agi(channel, "hotline"))
        return channel.uniqueid

    def of_kind(self, kind: str, *, up: bool | None = None) -> list[Channel]:
        return [c for c in self.channels.values() if c.kind == kind and up in (None, c.up)]

    def answer(self, uniqueid: str) -> None:
        leg = self.channels[uniqueid]
        leg.up = True
        self._tell(leg, ChannelAnswered)
        if leg.kind == "called":
            leg.kind = "customer"
            self._run(leg, self._called(leg))
            return
        if leg.kind == "party":
            self._run(leg, self._room(leg))
            return
        assert leg.ring is not None
        contexts = {
            "ld-spy": self._spy,
            "ld-callback": self._waits_for_called,
            "ld-called": self._called,
            "ld-party": self._room,
        }
        into = contexts.get(leg.ring.context, self._fetch)
        self._run(leg, into(leg))

    def press(self, uniqueid: str, key: str) -> None:
        channel = self.channels.get(uniqueid)
        if channel is not None and channel.session is not None:  # else the caller, or the script, was quicker
            channel.session.press(key)

    def hang_up_phone(self, uniqueid: str, cause: int = 16) -> None:
        """The person at the phone, or the caller, hangs up or declines."""
        channel = self.channels.get(uniqueid)
        if channel is None:  # somebody else was quicker
            return
        self._end(channel, "phone", cause if channel.kind != "customer" or channel.bridge else 0)

    # --- the dialplan ----------------------------------------------------------------------------------------------

    def _run(self, channel: Channel, doing: Coroutine[Any, Any, None]) -> None:
        """The channel's thread does this from now on, and no longer what it did."""
        if channel.thread is not None and channel.thread is not asyncio.current_task(self._loop):
            channel.thread.cancel()
        if channel.session is not None:
            channel.session.lose()
            channel.session = None
        channel.thread = self._loop.create_task(doing, name=f"thread of {channel.uniqueid}")

    def _end(self, channel: Channel, caused: str, cause: int = 16) -> None:
        if self.channels.pop(channel.uniqueid, None) is None:
            return
        self.ended_by[channel.uniqueid] = caused
        self._leave_bridge(channel)
        if channel.session is not None:
            channel.session.lose()
        if channel.thread is not None and channel.thread is not asyncio.current_task(self._loop):
            channel.thread.cancel()
        self._tell(channel, ChannelHungUp, cause=cause, cause_text="Unknown" if cause == 0 else "Normal Clearing")
        for spy in [c for c in self.channels.values() if c.spies_on == channel.uniqueid]:
            self._end(spy, "dialplan")

    def _leave_bridge(self, channel: Channel) -> None:
        """A bridge of two: who stays goes on in the dialplan. Who left first is told first, as in all traces."""
        bridge, channel.bridge = channel.bridge, EMPTY
        if not bridge:
            return
        self._tell(channel, BridgeLeft, bridge=bridge)
        if bridge.startswith(ROOM):
            self._left_room(bridge)
            return
        for other in [c for c in self.channels.values() if c.bridge == bridge]:
            other.bridge = EMPTY
            other.due = max(other.due, channel.due)
            self._tell(other, BridgeLeft, bridge=bridge)
            self._run(other, self._after_bridge(other, channel))

    def _left_room(self, room: str) -> None:
        """When nobody but the customer is left, the customer goes on in the dialplan."""
        inside = [c for c in self.channels.values() if c.bridge == room]
        if all(c.kind == "customer" for c in inside):
            for customer in inside:
                customer.bridge = EMPTY
                self._tell(customer, BridgeLeft, bridge=room)
                self._run(customer, self._after_room(customer))

    async def _after_room(self, customer: Channel) -> None:
        customer.context = "ld-conf"
        await asyncio.sleep(1)
        await self._after(customer)

    async def _room(self, channel: Channel) -> None:
        """[ld-room], [ld-party], [ld-conf]"""
        channel.context = "ld-room"
        await asyncio.sleep(self._rng.choice(DIALPLAN_LAGS_S))
        channel.bridge = ROOM + channel.variables.get("LD_CUSTOMER", channel.uniqueid)
        self._tell(channel, BridgeEntered, bridge=channel.bridge)

    async def _after_bridge(self, channel: Channel, left: Channel) -> None:
        if channel.kind != "customer":
            if channel.variables.get("LD_HOLD") == "1":
                await self._waits(channel)
            else:
                channel.group = EMPTY
                self._end(channel, "dialplan")
        elif left.kind == "outside":
            self._end(channel, "outside")
        else:
            await self._after(channel)

    async def _after(self, customer: Channel) -> None:
        """[ld-after]"""
        customer.context = "ld-after"
        customer.variables |= {"LD_DONE": "", "LD_NEXT": ""}
        await asyncio.sleep(0.5)
        await self._agi(customer, "after")

    async def _waits(self, leg: Channel, context: str = "ld-agent-waits") -> None:
        leg.context = context
        while leg.variables["LD_CUSTOMER"] in self.channels:  # noqa: ASYNC110  # so does the dialplan
            await asyncio.sleep(1)
        self._end(leg, "dialplan")

    async def _fetch(self, leg: Channel) -> None:
        """[ld-agent]: pulls the customer out of whatever they are in, unless another leg has them."""
        leg.context, leg.variables["LD_HOLD"] = "ld-agent", EMPTY
        wanted = leg.variables["LD_CUSTOMER"]
        for _ in range(40):
            await asyncio.sleep(self._rng.choice(DIALPLAN_LAGS_S))
            if wanted not in self.channels:
                break
            if leg.group == wanted or self._alone(leg, wanted):
                leg.group = wanted
                await asyncio.sleep(self._rng.choice(DIALPLAN_LAGS_S))
                if customer := self.channels.get(wanted):
                    self._bring_together(customer, leg)
                    return
            await asyncio.sleep(0.025)
        self._end(leg, "dialplan")

    def _alone(self, leg: Channel, customer: str) -> bool:
        return all(other is leg or other.group != customer for other in self.channels.values())

    async def _waits_for_called(self, leg: Channel) -> None:
        """[ld-callback]"""
        leg.context = "ld-callback"
        await asyncio.sleep(int(leg.variables["LD_DIAL_MAX"]))
        self._end(leg, "dialplan")

    async def _called(self, customer: Channel) -> None:
        """[ld-called]: has the agent's leg come and fetch them; whom nobody fetches, the daemon is asked about."""
        customer.context = "ld-called"
        await asyncio.sleep(0)
        if (agent := self.channels.get(customer.variables["LD_AGENT"])) is not None:
            self._run(agent, self._fetch(agent))
        await asyncio.sleep(3)
        if customer.variables.get("LD_OUT") == "1":
            self._end(customer, "dialplan")
        else:
            await self._away(customer)

    def _bring_together(self, customer: Channel, other: Channel) -> None:
        self._move(customer)
        self._bridges += 1
        for channel in self._rng.sample((customer, other), 2):
            channel.bridge = f"bridge-{self._bridges}"
            channel.context = "bridge"
            self._tell(channel, BridgeEntered, bridge=channel.bridge)

    def _move(self, channel: Channel) -> None:
        """Out of the bridge, the script or the music that the channel is in."""
        self._leave_bridge(channel)
        if channel.thread is not None and channel.thread is not asyncio.current_task(self._loop):
            channel.thread.cancel()
        if channel.session is not None:
            channel.session.lose()
            channel.session = None

    async def _agi(self, channel: Channel, route: str) -> None:
        channel.context = route
        keys = self.keys.setdefault(channel.uniqueid, deque())
        session = channel.session = FakeSession(
            channel.uniqueid, channel.variables, self._rng, self.agi_faults, keys=keys, number=channel.number
        )
        session.heard = self.heard.setdefault(channel.uniqueid, [])
        script = self._loop.create_task(self._script(route, session), name=f"agi {route} {channel.uniqueid}")
        self._sending.add(script)
        script.add_done_callback(self._sending.discard)
        await session.closed.wait()
        if channel.uniqueid not in self.channels or channel.session is not session:
            return
        channel.session = None
        await self._next(channel, route)

    async def _script(self, route: str, session: FakeSession) -> None:
        try:
            await self.routes[route](session)
        except HungUp:
            pass
        finally:
            session.closed.set()

    async def _next(self, channel: Channel, route: str) -> None:
        if not channel.variables.get("LD_DONE"):
            if route == "after" and not channel.variables.get("LD_WAITING"):
                self._end(channel, "dialplan")
            else:
                await self._away(channel)
            return
        match channel.variables.get("LD_NEXT"):
            case "number":
                await self._number(channel)
            case "fallback":
                channel.context = "ld-fallback"
            case _:
                self._end(channel, "daemon")

    async def _away(self, channel: Channel) -> None:
        channel.context = "ld-away"
        await asyncio.sleep(1)
        await self._agi(channel, "resume")

    async def _hold(self, customer: Channel) -> None:
        customer.context = "ld-hold"
        while customer.variables["LD_HOLDER"] in self.channels:  # noqa: ASYNC110  # so does the dialplan
            await asyncio.sleep(1)
        await asyncio.sleep(3)
        await self._away(customer)

    async def _moment(self, customer: Channel) -> None:
        customer.context = "ld-moment"
        await asyncio.sleep(3)
        await self._away(customer)

    async def _transfer(self, customer: Channel) -> None:
        customer.variables["LD_DONE"] = EMPTY
        await self._agi(customer, "transfer")

    async def _number(self, customer: Channel) -> None:
        customer.context = "ld-number"
        await asyncio.sleep(0.5)
        if self.refuse_outside:
            await self._transfer(customer)
            return
        self._numbers += 1
        outside = self.channels[f"out.{self._numbers}"] = Channel(f"out.{self._numbers}", "outside", up=True)
        self._tell(outside, ChannelCreated)
        self._tell(outside, ChannelAnswered)
        self._bring_together(customer, outside)

    async def _spy(self, leg: Channel) -> None:
        """[ld-spy]: waits in silence if there is nobody to listen to."""
        await asyncio.sleep(self._rng.choice((0.0, 0.1)))
        target = leg.variables["LD_SPY"]
        leg.context = "ld-spy"
        if target in self.channels:
            leg.spies_on = target
            self._tell(leg, SpyStarted, target=target)

    async def _takeover(self, leg: Channel) -> None:
        leg.context, leg.group = "ld-takeover", leg.variables["LD_CUSTOMER"]
        customer = self.channels.get(leg.variables["LD_CUSTOMER"])
        if customer is not None:
            self._redirect(customer, self._moment(customer))
        await asyncio.sleep(0.02 if customer is not None else 1.0)
        await self._fetch(leg)

    def _redirect(self, channel: Channel, into: Coroutine[Any, Any, None]) -> None:
        self._leave_bridge(channel)
        self._run(channel, into)

    # --- Switch ----------------------------------------------------------------------------------------------------

    def _live(self, action: str, uniqueid: str) -> Channel:
        try:
            return self.channels[uniqueid]
        except KeyError:
            raise ActionFailed(action, "No such channel") from None

    def _must_live(self, action: str, uniqueid: str) -> None:
        self._live(action, uniqueid)

    async def _order(self, action: str, do: Callable[[], None]) -> None:
        fault = self.faults.popleft() if self.faults else EMPTY
        if not self.link or fault == "lost":
            raise NotConnected("the link is down")
        if fault == "refused":
            await asyncio.sleep(0)
            raise ActionFailed(action, "Asterisk is in a bad mood")
        do()
        await asyncio.sleep(5 if fault == "late" else self._rng.choice(ANSWER_LAGS_S))
        if fault == "late":
            raise DeadlineExceeded(f"{action}: no answer")

    async def ring(self, leg: Ring) -> None:
        def do() -> None:
            self.rings.append(leg)
            self._loop.call_later(self._rng.choice(CREATION_LAGS_S), self._create, leg)

        await self._order("Originate", do)

    def _create(self, ring: Ring) -> None:
        if ring.endpoint not in self.registered:
            fact = OriginateFailed(at=self._clock(), channel=ring.channel, reason=0)
            self._loop.call_later(self._rng.choice(FACT_LAGS_S), self._fail, fact)
            return
        channel = Channel(ring.channel, "leg", "ringing", ring, variables=dict(ring.variables))
        self.channels[ring.channel] = channel
        self._tell(channel, ChannelCreated)
        self._tell(channel, ChannelRinging)
        self._run(channel, self._ring_out(channel, ring.ring_s + 5))

    async def dial(self, call: Dial) -> None:
        def do() -> None:
            if call.channel in self.channels or call.channel in [earlier.channel for earlier in self.dials]:
                raise ActionFailed("Originate", "Channel id is not unique")
            self.dials.append(call)
            self._loop.call_later(self._rng.choice(CREATION_LAGS_S), self._create_called, call)

        await self._order("Originate", do)

    def _create_called(self, call: Dial) -> None:
        if self.refuse_outside:
            fact = OriginateFailed(at=self._clock(), channel=call.channel, reason=0)
            self._loop.call_later(self._rng.choice(FACT_LAGS_S), self._fail, fact)
            return
        kind = "party" if call.context == "ld-party" else "called"
        channel = Channel(call.channel, kind, "ringing", variables=dict(call.variables), number=call.number)
        self.channels[call.channel] = channel
        self._tell(channel, ChannelCreated)
        self._tell(channel, ChannelRinging)
        self._run(channel, self._ring_out(channel, call.ring_s))

    def _fail(self, fact: Fact) -> None:
        if self.link:
            self._bus.publish(fact)

    async def _ring_out(self, channel: Channel, after_s: float) -> None:
        await asyncio.sleep(after_s)
        self._end(channel, "timeout", 19)

    async def hang_up(self, channel: str, cause: int = 16) -> None:
        def do() -> None:
            if channel in self.channels:
                self._end(self.channels[channel], "daemon", cause if self.channels[channel].up else 0)

        await self._order("Hangup", do)

    async def set_variable(self, channel: str, name: str, value: str) -> None:
        await self._order("Setvar", lambda: self._live("Setvar", channel).variables.__setitem__(name, value))

    async def hold(self, customer: str, agent_leg: str) -> None:
        assert self.channels.get(agent_leg) is None or self.channels[agent_leg].variables["LD_CUSTOMER"] == customer
        await self.set_variable(agent_leg, "LD_HOLD", "1")
        await self.set_variable(customer, "LD_HOLDER", agent_leg)

        def do() -> None:
            channel = self._live("Redirect", customer)
            self._redirect(channel, self._hold(channel))

        await self._order("Redirect", do)

    async def on_hold(self, customer: str, holder: str) -> None:
        await self.set_variable(customer, "LD_HOLDER", holder)

        def do() -> None:
            channel = self._live("Redirect", customer)
            self._redirect(channel, self._hold(channel))

        await self._order("Redirect", do)

    async def consult(self, agent_leg: str, customer: str) -> None:
        await self._leave_on_hold(agent_leg, customer, lambda leg: self._waits(leg, "ld-consult"))

    async def not_reached(self, agent_leg: str) -> None:
        def do() -> None:
            leg = self._live("Redirect", agent_leg)
            self._redirect(leg, self._waits(leg))

        await self._order("Redirect", do)

    async def to_party(self, agent_leg: str, customer: str) -> None:
        await self._leave_on_hold(agent_leg, customer, self._room)

    async def _leave_on_hold(
        self, agent_leg: str, customer: str, into: Callable[[Channel], Coroutine[Any, Any, None]]
    ) -> None:
        if customer:
            await self.set_variable(agent_leg, "LD_HOLD", "1")
            await self.set_variable(customer, "LD_HOLDER", agent_leg)

        def do() -> None:
            leg = self._live("Redirect", agent_leg)
            if customer:
                channel = self._live("Redirect", customer)
                self._redirect(channel, self._hold(channel))
            self._redirect(leg, into(leg))

        await self._order("Redirect", do)

    async def to_conference(self, customer: str, agent_leg: str) -> None:
        def do() -> None:
            channel = self._live("Redirect", customer)
            if agent_leg:
                leg = self._live("Redirect", agent_leg)
                self._redirect(leg, self._room(leg))
            self._redirect(channel, self._room(channel))

        await self._order("Redirect", do)

    async def to_flow(self, customer: str, agent_leg: str) -> None:
        await self.set_variable(agent_leg, "LD_HOLD", "1")
        await self.set_variable(customer, "LD_HOLDER", agent_leg)

        def do() -> None:
            channel = self._live("Redirect", customer)
            channel.variables["LD_DONE"] = EMPTY
            self._redirect(channel, self._agi(channel, "flow"))

        await self._order("Redirect", do)

    async def resume(self, agent_leg: str) -> None:
        def do() -> None:
            leg = self._live("Redirect", agent_leg)
            self._redirect(leg, self._fetch(leg))

        await self._order("Redirect", do)

    async def record(self, channel: str, file: str) -> None:
        def do() -> None:
            self._live("MixMonitor", channel)
            self.recorded.add(file.rpartition("/")[2])

        await self._order("MixMonitor", do)

    async def stop_recording(self, channel: str) -> None:
        await self._order("StopMixMonitor", lambda: self._must_live("StopMixMonitor", channel))

    async def silence(self, channel: str, note: str) -> None:
        def do() -> None:
            self._live("MixMonitorMute", channel).variables[NOTE] = note
            self.silent.add(channel)

        await self._order("MixMonitorMute", do)

    async def unsilence(self, channel: str) -> None:
        def do() -> None:
            self._live("MixMonitorMute", channel).variables[NOTE] = EMPTY
            self.silent.discard(channel)

        await self._order("MixMonitorMute", do)

    async def mute(self, leg: str, *, on: bool) -> None:
        await self._order("MuteAudio", lambda: self._live("MuteAudio", leg).variables.__setitem__(MUTED, "1" * on))

    async def send_keys(self, leg: str, digits: str) -> None:
        def do() -> None:
            bridge = self._live("PlayDTMF", leg).bridge
            for other in self.channels.values():
                if bridge and other.bridge == bridge and other.uniqueid != leg:
                    self.pressed.append((other.uniqueid, digits))

        await self._order("PlayDTMF", do)

    async def lift(self, leg: str) -> None:
        def do() -> None:
            if not self._live("PJSIPNotify", leg).up and leg in self.lifts:
                self.answer(leg)

        await self._order("PJSIPNotify", do)

    async def variable(self, channel: str, name: str) -> str:
        found: list[str] = []
        await self._order("Getvar", lambda: found.append(self._live("Getvar", channel).variables.get(name, EMPTY)))
        return found[0]

    async def to_daemon(self, customer: str) -> None:
        def do() -> None:
            channel = self._live("Redirect", customer)
            self._redirect(channel, self._transfer(channel))

        await self._order("Redirect", do)

    async def to_number(self, customer: str, permit: Permit) -> None:
        await self.set_variable(customer, "LD_NUMBER", permit.number)

        def do() -> None:
            channel = self._live("Redirect", customer)
            self._redirect(channel, self._number(channel))

        await self._order("Redirect", do)

    async def take_over(self, leg: str, customer: str) -> None:
        await self.set_variable(leg, "LD_CUSTOMER", customer)

        def do() -> None:
            channel = self._live("Redirect", leg)
            channel.spies_on = EMPTY
            self._redirect(channel, self._takeover(channel))

        await self._order("Redirect", do)

    async def spy_on(self, leg: str, target: str) -> None:
        await self.set_variable(leg, "LD_SPY", target)

    async def spy_mode(self, leg: str, mode: SpyMode) -> None:
        assert mode != "take_over"
        await self._order("PlayDTMF", lambda: self._must_live("PlayDTMF", leg))
