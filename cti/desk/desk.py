"""The desk: every fact becomes what the browsers show. Pure but for the surface it writes to."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Any, Literal

import msgspec

from cti.agents.agent import AgentProfile
from cti.desk.alarm_list import AlarmDesk
from cti.desk.calls import CallDesk, Who, rounded
from cti.desk.chart import Minutes
from cti.desk.forms import FormDesk, Subject
from cti.desk.parties import PartyDesk
from cti.desk.people import PeopleDesk
from cti.desk.surface import Surface
from cti.desk.tallies import QueueDesk
from cti.desk.tasks import TaskDesk
from cti.desk.texts import TextDesk
from cti.desk.views import CallView, CustomerView, GapView, StationView, SystemView
from cti.events import (
    AgentStateChanged,
    CallPlaced,
    DaemonStarted,
    Fact,
    InteractionConnected,
    InternalCallStarted,
    LinkLost,
    LinkRestored,
    OfferMade,
    PartyInvited,
    Role,
    SegmentEnded,
    TaskSaved,
    WrapUpSaved,
)


class Desk:
    """Subscribe `on_fact` to the bus for `hears`; call `flush()` a few times a second for the queue tiles."""

    def __init__(self, surface: Surface, *, version: str, demo: bool, zone: tzinfo = UTC) -> None:
        """`zone` is where the day begins at midnight."""
        self._surface = surface
        self._zone = zone
        self._day: date | None = None
        self._system = SystemView(link=False, demo=demo, version=version, message="")
        self.forms = FormDesk(surface)
        self.tasks = TaskDesk(surface)
        self.calls = CallDesk(surface, self.forms.draft)
        self.parties = PartyDesk(self.calls)
        self.people = PeopleDesk(surface)
        self.queues = QueueDesk(surface)
        self.alarms = AlarmDesk(surface, self.queues.trouble)
        self.texts = TextDesk(surface, self.people.name_of)
        self._minutes = Minutes(surface)
        self._hear = self._who_hears()
        surface.put("system", "daemon", self._system)

    def add_agent(
        self,
        profile: AgentProfile,
        role: Role,
        *,
        absent_from: tuple[str, ...] = (),
        handled_today: int = 0,
        talk_today_s: float = 0,
    ) -> None:
        """Somebody new, or changed; `absent_from` are own queues beside those of the profile, left for now."""
        self.people.add(profile, role, absent_from=absent_from, handled_today=handled_today, talk_today_s=talk_today_s)
        self.queues.members(profile.agent_id, tuple(profile.queues), self.people.people[profile.agent_id].state)
        self.tasks.person(profile, absent_from)
        self.forms.person(profile.agent_id)

    def remove_agent(self, agent_id: str) -> None:
        """Somebody who does not work here any more; what they did today stays in the queues' figures."""
        self.queues.members(agent_id, (), "logged_out")
        self.people.remove(agent_id)
        self.forms.remove(agent_id)
        self.tasks.remove(agent_id)

    def know(self, interaction_id: str, card: CustomerView, who: Who | None = None) -> None:
        self.calls.know(interaction_id, card, who)

    def showing(self, customer_ids: Collection[int]) -> Mapping[str, CustomerView]:
        """Interaction -> the card of one of these customers that is on somebody's screen, or will be."""
        return self.calls.showing(customer_ids)

    def phone(
        self,
        agent_id: str,
        phone: Literal["web", "desk"],
        *,
        reachable: bool,
        anywhere: bool = False,
        station: StationView | None = None,
    ) -> None:
        self.people.phone(agent_id, phone, reachable=reachable, anywhere=anywhere, station=station)

    def on_phone(self, agent_id: str, *, on_phone: bool) -> None:
        """Whether this person is in a call that is none of ours."""
        self.people.on_phone(agent_id, on_phone=on_phone)

    def call(self, agent_id: str) -> CallView | None:
        return self.calls.call(agent_id)

    def link(self, *, up: bool, message: str = "", node: str = "", lost: bool = False) -> None:
        """`up`: a telephone system can be reached; `node`, one of several, was `lost` or is back."""
        away = {*self._system.away, node} if lost else {*self._system.away} - {node}
        named = tuple(sorted(away - {""}))
        self._system = msgspec.structs.replace(self._system, link=up, message=message, away=named)
        self._surface.put("system", "daemon", self._system)

    def unwatched(self, since: float, until: float) -> None:
        """Nobody watched then: the figures of the day say so until it is over."""
        gaps = (*self._system.gaps, GapView(since=since, until=until))
        self._system = msgspec.structs.replace(self._system, gaps=gaps)
        self._surface.put("system", "daemon", self._system)

    def configured(self, at: float) -> None:
        """The configuration is another one: the pages fetch the codes that people choose from again."""
        self._system = msgspec.structs.replace(self._system, configured_at=at)
        self._surface.put("system", "daemon", self._system)

    def pending(self, agent_id: str, what: str) -> None:
        self.people.pending(agent_id, what)

    def expect(self, queue: str, wait_s: float | None, error_s: float | None) -> None:
        self.queues.expect(queue, rounded(wait_s), rounded(error_s))

    def flush(self, now: float | None = None) -> None:
        """Show the queues; with the time, today's counts start anew once it is tomorrow."""
        if now is not None:
            self._look_at_the_calendar(now)
            self._minutes.look(now, self.queues.waiting(), self.people.census())
        self.queues.flush()

    def _look_at_the_calendar(self, now: float) -> None:
        local = datetime.fromtimestamp(now, self._zone)
        if self._day is not None and local.date() > self._day:
            midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
            self.queues.begin_day(midnight.timestamp())
            self.people.begin_day()
            self.texts.begin_day(midnight.timestamp())
            self.tasks.begin_day()
            gaps = tuple(gap for gap in self._system.gaps if gap.until > midnight.timestamp())
            self._system = msgspec.structs.replace(self._system, gaps=gaps)
            self._surface.put("system", "daemon", self._system)
        self._day = local.date() if self._day is None else max(self._day, local.date())

    def _who_hears(self) -> Mapping[type[Fact], tuple[Callable[[Any], None], ...]]:
        """What each kind of fact sets off, in order: names first, since the parts show them."""
        hear: defaultdict[type[Fact], list[Callable[[Any], None]]] = defaultdict(list)
        for named in (OfferMade, CallPlaced, InteractionConnected):
            hear[named].append(self._name_customer)
        hear[PartyInvited].append(self._name_customer_to_colleague)
        hear[InternalCallStarted].append(self._show_colleagues)
        for part in (self.calls, self.parties, self.people, self.queues, self.alarms, self.texts):
            for kind, handler in part.handlers.items():
                hear[kind].append(handler)
        hear[AgentStateChanged].append(self._agent_state)
        hear[SegmentEnded].append(self._without_wrap_up)
        hear[WrapUpSaved].append(self._wrap_up_saved)
        hear[TaskSaved].append(self.tasks.saved)
        hear[LinkLost].append(self._link_lost)
        hear[LinkRestored].append(self._link_restored)
        hear[DaemonStarted].append(self._daemon_started)
        return {kind: tuple(handlers) for kind, handlers in hear.items()}

    @property
    def hears(self) -> tuple[type[Fact], ...]:
        """The kinds of facts that change something here."""
        return tuple(self._hear)

    def on_fact(self, fact: Fact) -> None:
        for hear in self._hear.get(type(fact), ()):
            hear(fact)

    def _name_customer(self, fact: OfferMade | CallPlaced | InteractionConnected) -> None:
        self.people.title(fact.agent_id, self.calls.contact(fact.interaction_id).title)

    def _name_customer_to_colleague(self, fact: PartyInvited) -> None:
        if fact.kind == "agent":
            self.people.title(fact.target, self.calls.contact(fact.interaction_id).title)

    def _link_lost(self, fact: LinkLost) -> None:
        self.link(up=fact.partial, message="" if fact.partial else fact.reason, node=fact.node, lost=True)

    def _link_restored(self, fact: LinkRestored) -> None:
        self.link(up=True, node=fact.node)
        if fact.down_s:
            self.unwatched(fact.at - fact.down_s, fact.at)

    def _daemon_started(self, fact: DaemonStarted) -> None:
        if fact.away_since is not None:
            self.unwatched(fact.away_since, fact.at)

    def _wrap_up_saved(self, fact: WrapUpSaved) -> None:
        self.forms.saved(fact, self.subject(fact.interaction_id))

    def subject(self, interaction_id: str) -> Subject:
        """Whom a form or a task of this interaction is about, as far as it is known now."""
        contact = self.calls.contact(interaction_id)
        card = contact.card
        return Subject(
            customer_id=card.customer_id if card else 0,
            customer_name=contact.customer_name or contact.caller_name,
            number=contact.number,
        )

    def _show_colleagues(self, fact: InternalCallStarted) -> None:
        """On both desks, before a phone rings."""
        pair = (fact.agent_id, fact.colleague_id)
        for own, other in (pair, pair[::-1]):
            person = self.people.people.get(other)
            if person is not None and own in self.people.people:
                self.calls.internal(fact, own, person.profile.extension, person.profile.name)

    def _without_wrap_up(self, fact: SegmentEnded) -> None:
        """A supervisor who took a call over without being signed in has no wrap-up that would end."""
        person = self.people.people.get(fact.agent_id)
        if person is not None and person.state == "logged_out":
            self.calls.clear(fact.agent_id)

    def _agent_state(self, fact: AgentStateChanged) -> None:
        if fact.state == "wrap_up":
            self.calls.wrap_up_until(fact.agent_id, fact.interaction_id, fact.at, fact.until)
        elif fact.state not in ("offered", "busy"):
            self.calls.clear(fact.agent_id)
