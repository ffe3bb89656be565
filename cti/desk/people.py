"""The agents as themselves (topic `me`) and as the floor sees them (topic `agents`), from facts."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from cti.agents.agent import AgentProfile
from cti.desk.surface import Handlers, Surface
from cti.desk.views import AgentView, MeView, PartyView, PhoneTrouble, StationView, SupervisionView
from cti.events import (
    AgentStateChanged,
    CallPlaced,
    InteractionConnected,
    InteractionHeld,
    InteractionResumed,
    InternalCallEnded,
    InternalCallStarted,
    LineQualityMeasured,
    OfferMade,
    PartyChanged,
    PartyInvited,
    PartyLeft,
    Role,
    SegmentEnded,
    SpyMode,
    StateName,
    SupervisionChanged,
    SupervisionEnded,
    SupervisionStarted,
)

BAD_LINE = 3.1
"""The mean opinion score below which nearly everybody is dissatisfied (ITU-T G.107, Annex B, table B.1)."""


@dataclass(slots=True)
class Person:
    profile: AgentProfile
    role: Role
    absent_from: tuple[str, ...] = ()
    state: StateName = "logged_out"
    reason: str = ""
    since: float = 0
    until: float | None = None
    pending: str = ""
    phone: Literal["web", "desk"] = "web"
    reachable: bool = False
    anywhere: bool = False
    talks: bool = False
    on_phone: bool = False
    station: StationView | None = None
    handled_today: int = 0
    talk_today_s: float = 0
    interaction_id: str = ""
    customer: str = ""
    queue: str = ""
    phase: str = ""
    supervised_by: str = ""
    supervised_mode: SpyMode | None = None
    bad_line: bool = False
    parties: dict[str, PartyView] = field(default_factory=dict)

    def free(self) -> None:
        self.interaction_id = self.customer = self.queue = self.phase = ""
        self.parties.clear()

    def me(self) -> MeView:
        return MeView(
            agent_id=self.profile.agent_id,
            name=self.profile.name,
            role=self.role,
            extension=self.profile.extension,
            state=self.state,
            reason=self.reason,
            since=self.since,
            until=self.until,
            phone=self.phone,
            reachable=self.reachable,
            handled_today=self.handled_today,
            talk_today_s=self.talk_today_s,
            queues=tuple(self.profile.queues),
            absent_from=self.absent_from,
            pending=self.pending,
            station=self.station,
        )

    def trouble(self) -> PhoneTrouble:
        """Why a signed-in agent cannot be rung, as far as the phone is the reason, or can hardly be understood."""
        if self.state == "logged_out":
            return ""
        station = self.station if self.phone == "web" else None
        if station is not None and not station.present:
            return "page"
        if not self.reachable:
            return "phone"
        if self.bad_line:
            return "line"
        in_call = self.state in ("busy", "offered")
        return "gate" if station is not None and station.gate in ("unchecked", "failed") and not in_call else ""

    def tile(self) -> AgentView:
        return AgentView(
            agent_id=self.profile.agent_id,
            name=self.profile.name,
            extension=self.profile.extension,
            state=self.state,
            reason=self.reason,
            since=self.since,
            until=self.until,
            reachable=self.anywhere if self.state == "logged_out" else self.reachable,
            queues=tuple(self.profile.queues),
            interaction_id=self.interaction_id,
            customer=self.customer,
            queue=self.queue,
            phase=self.phase,
            supervised_by=self.supervised_by,
            supervised_mode=self.supervised_mode,
            handled_today=self.handled_today,
            absent_from=self.absent_from,
            skills=dict(self.profile.skills),
            groups=tuple(self.profile.groups),
            parties=tuple(self.parties.values()),
            on_phone=self.talks or self.on_phone,
            trouble=self.trouble(),
        )


class PeopleDesk:
    """Feeds topics `me`, `agents` and `supervision`. `title` names the customer of an interaction."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        self.people: dict[str, Person] = {}
        self._supervises: dict[str, tuple[str, str]] = {}
        self.handlers: Handlers = {
            AgentStateChanged: self._state,
            OfferMade: self._offered,
            CallPlaced: self._placed,
            InternalCallStarted: self._internal,
            InternalCallEnded: self._internal,
            InteractionConnected: self._connected,
            InteractionHeld: self._held,
            InteractionResumed: self._resumed,
            PartyInvited: self._invited,
            PartyChanged: self._party_changed,
            PartyLeft: self._party_left,
            LineQualityMeasured: self._measured,
            SegmentEnded: self._segment_ended,
            SupervisionStarted: self._supervised,
            SupervisionChanged: self._supervised,
            SupervisionEnded: self._unsupervised,
        }

    def add(
        self,
        profile: AgentProfile,
        role: Role,
        *,
        absent_from: tuple[str, ...] = (),
        handled_today: int = 0,
        talk_today_s: float = 0,
    ) -> None:
        """A new person, or a changed profile of a known one, whose live state stays."""
        person = self.people.get(profile.agent_id)
        if person is None:
            person = Person(profile, role, handled_today=handled_today, talk_today_s=talk_today_s)
            self.people[profile.agent_id] = person
        person.profile, person.role, person.absent_from = profile, role, absent_from
        self._show(person)

    def remove(self, agent_id: str) -> None:
        if self.people.pop(agent_id, None):
            self._surface.drop("me", agent_id)
            self._surface.drop("agents", agent_id)

    def phone(
        self,
        agent_id: str,
        phone: Literal["web", "desk"],
        *,
        reachable: bool,
        anywhere: bool = False,
        station: StationView | None = None,
    ) -> None:
        """`anywhere`: some phone is registered, in use or not. `station` None: nobody asks for pages."""
        person = self.people.get(agent_id)
        if person is not None:
            person.phone, person.reachable, person.station = phone, reachable, station
            person.anywhere = anywhere
            self._show(person)

    def on_phone(self, agent_id: str, *, on_phone: bool) -> None:
        """In a call that is none of ours."""
        if person := self.people.get(agent_id):
            person.on_phone = on_phone
            self._show(person)

    def _internal(self, fact: InternalCallStarted | InternalCallEnded) -> None:
        for agent_id in (fact.agent_id, fact.colleague_id):
            if person := self.people.get(agent_id):
                person.talks = isinstance(fact, InternalCallStarted)
                self._show(person)

    def pending(self, agent_id: str, what: str) -> None:
        """What comes after the conversation, as `MeView` says it."""
        person = self.people.get(agent_id)
        if person is not None and person.pending != what:
            person.pending = what
            self._show(person)

    def name_of(self, agent_id: str) -> str:
        """The id itself of somebody who does not work here (any more)."""
        person = self.people.get(agent_id)
        return person.profile.name if person is not None and person.profile.name else agent_id

    def census(self) -> Mapping[str, int]:
        """How many are in which state."""
        return Counter(person.state for person in self.people.values())

    def begin_day(self) -> None:
        """Today's counts start anew; who talks across midnight is credited when the talk is over."""
        for person in self.people.values():
            person.handled_today, person.talk_today_s = 0, 0
            self._show(person)

    def title(self, agent_id: str, customer: str) -> None:
        """Names the customer on the agent's tile; the fact that says so changes more, and then it is shown."""
        if person := self.people.get(agent_id):
            person.customer = customer

    def _show(self, person: Person) -> None:
        self._surface.put("me", person.profile.agent_id, person.me())
        self._surface.put("agents", person.profile.agent_id, person.tile())

    def _state(self, fact: AgentStateChanged) -> None:
        person = self.people.get(fact.agent_id)
        if person is None:
            return
        person.state, person.reason, person.since, person.until = fact.state, fact.reason, fact.since, fact.until
        person.bad_line = person.bad_line and fact.state == "busy"
        if fact.state not in ("offered", "busy", "wrap_up"):
            person.free()
        self._show(person)

    def _offered(self, fact: OfferMade) -> None:
        if person := self.people.get(fact.agent_id):
            person.interaction_id, person.queue, person.phase = fact.interaction_id, fact.queue, "offered"
            self._show(person)

    def _placed(self, fact: CallPlaced) -> None:
        if person := self.people.get(fact.agent_id):
            person.interaction_id, person.queue, person.phase = fact.interaction_id, "", "dialling"
            self._show(person)

    def _connected(self, fact: InteractionConnected) -> None:
        if person := self.people.get(fact.agent_id):
            person.interaction_id, person.queue, person.phase = fact.interaction_id, fact.queue, "connected"
            self._show(person)

    def _phase(self, agent_id: str, phase: str) -> None:
        if person := self.people.get(agent_id):
            person.phase = phase
            self._show(person)

    def _held(self, fact: InteractionHeld) -> None:
        self._phase(fact.agent_id, "held")

    def _resumed(self, fact: InteractionResumed) -> None:
        self._phase(fact.agent_id, "connected")

    def _invited(self, fact: PartyInvited) -> None:
        if fact.kind == "agent" and (asked := self.people.get(fact.target)):
            asked.interaction_id, asked.phase = fact.interaction_id, "asked"
            self._show(asked)
        if person := self.people.get(fact.agent_id):
            person.parties[fact.party_id] = PartyView(
                party_id=fact.party_id,
                kind=fact.kind,
                target=fact.target,
                name=fact.name,
                state="ringing",
                since=fact.at,
                by=fact.agent_id,
            )
            self._show(person)

    def _party_changed(self, fact: PartyChanged) -> None:
        person = self.people.get(fact.agent_id)
        if person is not None and (party := person.parties.get(fact.party_id)):
            person.parties[fact.party_id] = msgspec.structs.replace(party, state=fact.state, since=fact.at)
            self._show(person)

    def _party_left(self, fact: PartyLeft) -> None:
        person = self.people.get(fact.agent_id)
        if person is not None and person.parties.pop(fact.party_id, None) is not None:
            self._show(person)

    def _measured(self, fact: LineQualityMeasured) -> None:
        """What comes after the talk was over says nothing of the present."""
        if person := self.people.get(fact.agent_id):
            person.bad_line = fact.mos < BAD_LINE and person.state == "busy"
            self._show(person)

    def _segment_ended(self, fact: SegmentEnded) -> None:
        if person := self.people.get(fact.agent_id):
            person.handled_today += 1
            person.talk_today_s += fact.talk_s
            person.supervised_by, person.supervised_mode = "", None
            person.parties.clear()
            if person.state == "logged_out":
                person.free()  # a supervisor who took a call over without being signed in
            elif person.interaction_id == fact.interaction_id:
                person.phase = "wrap_up"
            self._show(person)

    def _supervised(self, fact: SupervisionStarted | SupervisionChanged) -> None:
        if person := self.people.get(fact.agent_id):
            person.supervised_by, person.supervised_mode = fact.supervisor_id, fact.mode
            self._show(person)
        view = SupervisionView(
            interaction_id=fact.interaction_id, agent_id=fact.agent_id, mode=fact.mode, since=fact.at
        )
        self._supervises[fact.supervisor_id] = (fact.interaction_id, fact.agent_id)
        self._surface.put("supervision", fact.supervisor_id, view)

    def _unsupervised(self, fact: SupervisionEnded) -> None:
        person = self.people.get(fact.agent_id)
        if person is not None and person.supervised_by == fact.supervisor_id:
            person.supervised_by, person.supervised_mode = "", None
            self._show(person)
        if self._supervises.get(fact.supervisor_id) == (fact.interaction_id, fact.agent_id):  # not yet another call
            del self._supervises[fact.supervisor_id]
            self._surface.drop("supervision", fact.supervisor_id)
