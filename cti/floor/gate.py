"""The readiness gate: nobody is offered a call whose phone in the browser has not just been heard both ways.

The page asks for it when its microphone is open and its phone registered. A short call of ours is answered by the page
by itself and echoed (`ld-check` in `dialplan/softphone.conf`): the page plays a tone into it and hears the tone come
back, or says which step failed. What was found holds until the tab, the registration or a device changes.
"""

import asyncio
import secrets
from dataclasses import dataclass

import structlog

from cti.desk.views import GateStep
from cti.errors import Conflict, CtiError
from cti.events import ChannelAnswered, ChannelHungUp, EndpointReachable, OriginateFailed
from cti.floor.legs import Legs
from cti.floor.means import Means
from cti.floor.roster import PREFIXES
from cti.floor.stations import Stations
from cti.switch.port import CallerId, Ring

log = structlog.get_logger(__name__)

DEADLINE_S = 8.0
CALLER = CallerId("*43", "Laidian")


@dataclass(slots=True)
class Check:
    agent_id: str
    tab: str
    channel: str
    deadline: asyncio.TimerHandle
    answered: bool = False


class Gate:
    def __init__(self, means: Means, legs: Legs, stations: Stations) -> None:
        self._means = means
        self._legs = legs
        self._stations = stations
        self._by_agent: dict[str, Check] = {}
        self._by_channel: dict[str, Check] = {}

    def begin(self, agent_id: str, tab: str) -> None:
        """Call the page. Raises Conflict: it does not own the phone, is in a call, or has not registered."""
        means = self._means
        if not tab or self._stations.of(agent_id).tab != tab:
            raise Conflict("your phone is in another tab or on another computer", "elsewhere")
        if means.conversations.of_agent(agent_id) is not None:
            raise Conflict("a phone that is in a call is not checked", "busy")
        endpoint = PREFIXES["web"] + means.roster.profile(agent_id).extension
        if endpoint not in means.roster.reachable:
            self._stations.enter(agent_id, "failed", "registration")
            raise Conflict("your phone is not registered", "registration")
        self._drop(agent_id)
        channel = f"ldt-{secrets.token_hex(8)}"
        deadline = asyncio.get_running_loop().call_later(DEADLINE_S, self._overdue, agent_id, channel)
        check = Check(agent_id, tab, channel, deadline)
        self._by_agent[agent_id] = self._by_channel[channel] = check
        self._stations.enter(agent_id, "checking")
        ring = Ring(
            channel=channel,
            endpoint=endpoint,
            context="ld-check",
            caller=CALLER,
            ring_s=DEADLINE_S,
            variables={},
            auto_answer=True,
            purpose="check",
        )
        means.orders.start(f"check {channel}", means.switch.ring(ring), lambda error: self._not_rung(check, error))

    def end(self, agent_id: str, tab: str, step: GateStep) -> None:
        """What the page says of it: "" for all is well, which counts only of a call that it answered."""
        station, check = self._stations.of(agent_id), self._by_agent.get(agent_id)
        if station.tab != tab:
            raise Conflict("your phone is in another tab or on another computer", "elsewhere")
        if step:
            self._failed(agent_id, step)
        elif check is None or check.tab != tab or not check.answered:
            raise Conflict("no check of this phone is under way", station.gate)
        else:
            self._drop(agent_id)
            self._stations.enter(agent_id, "passed")

    # --- what the mirror says --------------------------------------------------------------------------------------

    def on_answered(self, fact: ChannelAnswered) -> None:
        if check := self._by_channel.get(fact.channel):
            check.answered = True

    def on_gone(self, fact: ChannelHungUp | OriginateFailed) -> None:
        if check := self._by_channel.get(fact.channel):
            self._failed(check.agent_id, "not_heard" if check.answered else "no_answer")

    def on_reachable(self, fact: EndpointReachable) -> None:
        """A phone that registers anew may be another one, or stand elsewhere in the network."""
        roster = self._means.roster
        agent_id = roster.by_endpoint(fact.endpoint)
        if agent_id is not None and not fact.reachable and fact.endpoint.startswith(PREFIXES["web"]):
            self._drop(agent_id)
            self._stations.enter(agent_id, "unchecked")

    # --- how it fails ----------------------------------------------------------------------------------------------

    def _overdue(self, agent_id: str, channel: str) -> None:
        if check := self._by_channel.get(channel):
            self._failed(agent_id, "not_heard" if check.answered else "no_answer")

    def _not_rung(self, check: Check, error: CtiError) -> None:
        log.warning("a phone could not be checked", agent=check.agent_id, reason=str(error))
        if self._by_channel.get(check.channel) is check:
            self._failed(check.agent_id, "no_answer")

    def _failed(self, agent_id: str, step: GateStep) -> None:
        log.info("a phone failed its check", agent=agent_id, step=step)
        self._drop(agent_id)
        self._stations.enter(agent_id, "failed", step)

    def _drop(self, agent_id: str) -> None:
        check = self._by_agent.pop(agent_id, None)
        if check is not None:
            check.deadline.cancel()
            del self._by_channel[check.channel]
            self._legs.release(check.channel)
