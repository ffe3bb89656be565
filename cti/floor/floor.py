"""The floor: where the distributor's decisions become orders to Asterisk, and what Asterisk did becomes facts.

Everything happens on one event loop. Mirror facts come in by `on_mirror`, the distributor's decisions are carried out
in order, and each business fact is published once on the bus. Nothing here waits: orders run beside (`orders.py`).

This file says which part hears of what; the parts are named by what happens to a call: it has a place, is offered, the
two talk, they part; or the customer hangs up to be called back, and is dialled.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from cti.acd import events as acd
from cti.acd.decisions import AgentChanged, Decision, MakeOffer, RevokeOffer, WaitExpired
from cti.acd.engine import Engine
from cti.bus import Bus
from cti.desk.desk import Desk
from cti.desk.views import CallView
from cti.events import (
    AgentStateChanged,
    BridgeEntered,
    BridgeLeft,
    CallbackRequested,
    ChannelAnswered,
    ChannelCreated,
    ChannelFact,
    ChannelHungUp,
    EndpointReachable,
    Fact,
    InteractionConnected,
    InteractionEnded,
    InteractionQueued,
    LinkLost,
    LinkRestored,
    OfferEnded,
    OriginateFailed,
)
from cti.floor.admission import Admission
from cti.floor.alarms import OVERLOAD, Alarms, HouseFigure
from cti.floor.callbacks import Callbacks
from cti.floor.colleagues import Colleagues
from cti.floor.conferencing import Conferencing
from cti.floor.consulting import Consulting
from cti.floor.dialling import Dialling
from cti.floor.distributor import Distributor
from cti.floor.expected import Expected
from cti.floor.explaining import Explaining
from cti.floor.flow_and_back import FlowAndBack
from cti.floor.gate import Gate
from cti.floor.giving import Giving
from cti.floor.holding import Holding
from cti.floor.ids import interaction_of
from cti.floor.legs import Legs
from cti.floor.means import Means
from cti.floor.offers import Offers, Pops
from cti.floor.outbound import Outbound
from cti.floor.own_calls import OwnCalls
from cti.floor.parties import Parties
from cti.floor.parting import Parting
from cti.floor.pauses import Pauses
from cti.floor.places import Places
from cti.floor.reachability import Reachability
from cti.floor.reattaching import Reattaching
from cti.floor.recorder import Recorder
from cti.floor.roster import Roster
from cti.floor.rules import Rules, SoftphoneRules
from cti.floor.stations import Stations
from cti.floor.talks import Talks
from cti.floor.tasks import Tasks
from cti.floor.wrapping_up import WrappingUp
from cti.logs.about import about
from cti.switch.port import Switch


class Floor:
    def __init__(
        self,
        *,
        engine: Engine,
        switch: Switch,
        bus: Bus,
        pops: Pops,
        desk: Desk,
        roster: Roster,
        recorder: Recorder,
        rules: Rules,
        kept: Callable[[], Awaitable[object]],
        clock: Callable[[], float] = time.time,
        softphones: SoftphoneRules | None = None,
        node_of: Callable[[str], str] = lambda _: "",
    ) -> None:
        """`softphones` None: a phone in the browser is as good as any that is registered (see `Stations`)."""
        means = self._means = Means(
            engine=engine,
            switch=switch,
            bus=bus,
            desk=desk,
            roster=roster,
            recorder=recorder,
            rules=rules,
            kept=kept,
            clock=clock,
            node_of=node_of,
        )
        self.engine, self.switch, self.bus, self.desk = engine, switch, bus, desk
        self.roster, self.recorder, self.rules, self.clock = roster, recorder, rules, clock
        self.orders, self.conversations, self.permits = means.orders, means.conversations, means.permits
        distributor = self._distributor = Distributor(means, self._carry_out)
        self.legs = Legs(means)
        self.places = Places(means, distributor)
        self.admission = Admission(means.conversations, rules)
        self.alarms = Alarms(means, self.places)
        self.alarms.of_house.append(HouseFigure("overload", self.admission.look, OVERLOAD))
        self.explaining = Explaining(means)
        self.expected = Expected(means, self.places, self.explaining.on_queued)
        bus.subscribe(self.expected.on_fact, (BridgeEntered, ChannelHungUp))
        self.offers = Offers(means, distributor, self.legs, pops, self.explaining)
        self.pauses = Pauses(means)
        self.parties = Parties(means, distributor, self.legs)
        self.talks = Talks(means, distributor, self.legs, self.offers, self.places, self.parties, self.pauses)
        self.parting = Parting(means, distributor, self.legs, self.offers, self.talks, self.parties, self.pauses)
        self.holding = Holding(means)
        self.flow_and_back = FlowAndBack(means, self.holding, self.pauses)
        giving = Giving(means, self.legs, self.parties, self.talks, self.parting)
        self.conferencing = Conferencing(means, self.parties, self.holding, giving)
        self.consulting = Consulting(means, self.parties, self.holding, giving, self.conferencing)
        self.stations = Stations(softphones)
        self.gate = Gate(means, self.legs, self.stations)
        self.reachability = Reachability(means, distributor, self.legs, self.stations)
        self.reattaching = Reattaching(means, distributor, self.stations, self.talks, self.parting)
        self.talks.on_attached = self.reattaching.on_attached
        self.callbacks = Callbacks(means, distributor, self.legs, self.offers, self.places)
        self.dialling = Dialling(means, self.callbacks)
        self.outbound = Outbound(means, distributor, self.legs, self.places, pops)
        self.colleagues = Colleagues(means, distributor, self.legs, pops)
        self.own_calls = OwnCalls(means, distributor)
        self.tasks = Tasks(means)
        self.wrapping_up = WrappingUp(means, self.tasks)
        self._mirror = self._who_hears()

    def _who_hears(self) -> Mapping[type[Fact], tuple[Callable[[Any], None], ...]]:
        """Which parts hear of which fact, in this order; our own facts only where they call for an explanation."""
        return {
            ChannelCreated: (
                self.legs.on_seen,
                self.own_calls.on_created,
            ),
            ChannelAnswered: (
                self.permits.on_answered,
                self.legs.on_seen,
                self.gate.on_answered,
                self.reattaching.on_answered,
                self.offers.on_answered,
                self.dialling.on_answered,
                self.outbound.on_answered,
                self.colleagues.on_answered,
                self.own_calls.on_answered,
                self.consulting.on_answered,
            ),
            BridgeEntered: (self.permits.on_entered, self.talks.on_entered, self.colleagues.on_entered),
            BridgeLeft: (self.talks.on_left,),
            ChannelHungUp: (
                self.permits.on_gone,
                self.explaining.on_hung_up,
                self.legs.on_gone,
                self.gate.on_gone,
                self.reattaching.on_gone,
                self.callbacks.on_hung_up,
                self.dialling.on_hung_up,
                self.outbound.on_hung_up,
                self.colleagues.on_hung_up,
                self.own_calls.on_hung_up,
                self.consulting.on_hung_up,
                self.conferencing.on_hung_up,
                self.parting.on_hung_up,
            ),
            OriginateFailed: (
                self.permits.on_gone,
                self.legs.on_gone,
                self.gate.on_gone,
                self.reattaching.on_gone,
                self.outbound.on_originate_failed,
                self.colleagues.on_originate_failed,
                self.consulting.on_originate_failed,
                self.offers.on_originate_failed,
                self.dialling.on_originate_failed,
            ),
            EndpointReachable: (
                self.reachability.on_reachable,
                self.gate.on_reachable,
                self.reattaching.on_reachable,
                self.offers.on_reachable,
            ),
            LinkLost: (self.reachability.on_link_lost, self.offers.on_link_lost),
            LinkRestored: (self.reachability.on_link_restored, self.callbacks.on_link_restored),
            InteractionQueued: (self.explaining.on_queued, self.permits.on_back),
            OfferEnded: (self.explaining.on_offer_ended,),
            InteractionConnected: (self.explaining.on_over, self.outbound.on_connected, self.permits.on_back),
            CallbackRequested: (self.admission.on_left,),
            InteractionEnded: (self.admission.on_left, self.explaining.on_over),
            AgentStateChanged: (self.wrapping_up.on_state, self.own_calls.on_state),
        }

    @property
    def hears(self) -> tuple[type[Fact], ...]:
        """The kinds of facts that call for something here."""
        return tuple(self._mirror)

    def on_mirror(self, fact: Fact) -> None:
        """Subscribe this to the bus for `hears`."""
        for hear in self._mirror.get(type(fact), ()):
            hear(fact)

    def feed(self, event: acd.Event) -> None:
        """Tell the distributor something and carry out what it decides."""
        self._distributor.feed(event)

    def subject(self, fact: Fact) -> str:
        """The interaction that a fact is about, also one that Asterisk tells of a channel; "" for none."""
        if isinstance(fact, ChannelFact):
            known = self.conversations
            own = known.by_channel.get(fact.channel) or known.by_leg.get(fact.channel)
            return own.interaction_id if own is not None else interaction_of(fact.channel) or ""
        return getattr(fact, "interaction_id", "")

    def _carry_out(self, decision: Decision) -> None:
        with about(getattr(decision, "interaction_id", "")):
            self._carry_out_one(decision)

    def _carry_out_one(self, decision: Decision) -> None:
        match decision:
            case MakeOffer():
                self.offers.make(decision)
            case RevokeOffer():
                self.offers.revoke(decision)
            case AgentChanged():
                self._distributor.publish_state(decision)
            case WaitExpired():
                if not self.callbacks.expire(decision.interaction_id):
                    self.places.expire(decision)

    @property
    def link(self) -> bool:
        """Whether AMI is connected and the mirror is right."""
        return self._means.link

    @property
    def means(self) -> Means:
        """What the parts share, for those that stand beside the floor."""
        return self._means

    def show_phone(self, agent_id: str) -> None:
        self.reachability.show_phone(agent_id)

    def call_of(self, agent_id: str) -> CallView | None:
        """What the agent's desk shows: the call, or the wrap-up after it."""
        return self.desk.call(agent_id)
