"""The hotline's settings, as the floor needs them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import msgspec

from cti.agents.wrap_up import FormRules
from cti.calendars.calendar import Calendar
from cti.desk.alarms import AlarmRules
from cti.ivr.flow import Flow


class Announcements(msgspec.Struct, frozen=True, kw_only=True):
    """When a waiting caller is spoken to (after `first_s`, then each `every_s`), and of what."""

    first_s: float = 15.0
    every_s: float = 45.0
    position: bool = True
    wait_estimate: bool = True


class CallbackRules(msgspec.Struct, frozen=True, kw_only=True):
    """A customer is dialled `attempts` times at most, `retry_s` apart, ringing for `ring_s`, when it is `permitted`.

    `allow`: how a canonical number may begin that we dial.
    """

    attempts: int
    retry_s: float
    ring_s: float
    permitted: Calendar
    allow: tuple[str, ...]


Recording = Literal["always", "on_demand", "never"]


class TollBounds(msgspec.Struct, frozen=True, kw_only=True):
    """How much may be dialled, by one user or by all together; None: without a limit."""

    at_once: int | None = None
    per_minute: int | None = None
    per_hour: int | None = None
    per_day: int | None = None
    spend_per_hour: float | None = None
    spend_per_day: float | None = None


class OutboundRules(msgspec.Struct, frozen=True, kw_only=True):
    """What agents may dial: canonical numbers that begin with one of `allow`.

    The customer sees `caller_id` and is rung for `ring_s`; after the talk the agent has `wrap_up_s`. `prices`: how a
    number begins -> what a minute costs. `hours` None: at any time. See `cti/floor/toll.py`.
    """

    caller_id: str = ""
    allow: tuple[str, ...] = ()
    ring_s: float = 45.0
    wrap_up_s: float = 30.0
    premium: bool = False
    emergency: bool = False
    per_user: TollBounds = TollBounds()
    in_all: TollBounds = TollBounds()
    per_number_day: int | None = None
    prices: Mapping[str, float] = {}
    hours: Calendar | None = None


class AdmissionRules(msgspec.Struct, frozen=True, kw_only=True):
    """Beyond these (None: no limit) a new caller is turned away: see `cti/floor/admission.py`.

    They take `way_out` (as written; "" for a goodbye) as if they had come to `queue`. `vip`: from this grade on a
    customer is let in all the same.
    """

    callers: int | None = None
    event_age_s: float | None = None
    loop_lag_s: float | None = None
    queue: str = ""
    way_out: str = ""
    vip: int | None = None

    @property
    def any(self) -> bool:
        return any(limit is not None for limit in (self.callers, self.event_age_s, self.loop_lag_s))


class SoftphoneRules(msgspec.Struct, frozen=True, kw_only=True):
    """A page with a phone that is gone is waited for, for `patience_s`: its customer stays, its agent's state too."""

    patience_s: float = 20.0


class QueueCare(msgspec.Struct, frozen=True, kw_only=True):
    """How a queue treats those who wait. `opening` None: always open; `callback` None: it calls nobody back.

    `preferred` is who a caller's preferred agent is, the first that there is. `when_closed` is a way out
    (`cti.acd.limits.WayOut`), as written. `recording` "on_demand": an agent may ask for it. An agent may have it
    paused for `pause_limit_s` at a time.
    """

    announcements: Announcements = Announcements()
    callback: CallbackRules | None = None
    preferred: tuple[Literal["named", "last"], ...] = ("named",)
    opening: Calendar | None = None
    when_closed: str = "announcement:closed"
    alarms: AlarmRules = AlarmRules()
    recording: Recording = "always"
    pause_limit_s: float = 120.0


_PLAIN: Final = QueueCare()
_ANY_FORM: Final = FormRules()


@dataclass(slots=True, kw_only=True)
class Rules:
    """One for the whole floor, and changed in place by a reload: whoever holds it goes by the new rules at once.

    `hotlines`: dialled number -> flow, "*" any other. `base`: queue -> its own priority. `cares`: queue -> its care.
    `forms`: queue -> what its form asks for, "" for a conversation that came through none.
    """

    flows: Mapping[str, Flow]
    agent_flows: frozenset[str] = frozenset()
    hotlines: Mapping[str, str]
    base: Mapping[str, int]
    sounds: str
    region: str
    cares: Mapping[str, QueueCare] = field(default_factory=dict)
    outbound: OutboundRules = field(default_factory=OutboundRules)
    admission: AdmissionRules = field(default_factory=AdmissionRules)
    forms: Mapping[str, FormRules] = field(default_factory=dict)

    def hotline(self, dialled: str) -> str:
        """The name of the flow that a dialled number leads to."""
        return self.hotlines.get(dialled) or self.hotlines["*"]

    def flow(self, dialled: str) -> Flow:
        return self.flows[self.hotline(dialled)]

    def form(self, queue: str) -> FormRules:
        return self.forms.get(queue) or self.forms.get("", _ANY_FORM)

    def care(self, queue: str) -> QueueCare:
        """Also of a queue that is configured no more."""
        return self.cares.get(queue, _PLAIN)
