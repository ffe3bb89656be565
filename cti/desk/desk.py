"""The desk: every fact becomes what the browsers show. Pure but for the surface it writes to."""

from typing import Literal

from cti.agents.agent import AgentProfile
from cti.desk.calls import CallDesk
from cti.desk.people import PeopleDesk
from cti.desk.surface import Surface
from cti.desk.tallies import QueueDesk
from cti.desk.views import CallView, CustomerView, SystemView
from cti.events import AgentStateChanged, Fact, InteractionConnected, LinkLost, LinkRestored, OfferMade, Role


class Desk:
    """Subscribe `on_fact` to the bus; call `flush()` a few times a second for the queue tiles."""

    def __init__(self, surface: Surface, *, version: str, demo: bool) -> None:
        self._surface = surface
        self._system = SystemView(link=False, demo=demo, version=version, message="")
        self.calls = CallDesk(surface)
        self.people = PeopleDesk(surface)
        self.queues = QueueDesk(surface)
        surface.put("system", "daemon", self._system)

    def add_agent(self, profile: AgentProfile, role: Role, *, handled_today: int = 0, talk_today_s: float = 0) -> None:
        self.people.add(profile, role, handled_today=handled_today, talk_today_s=talk_today_s)
        self.queues.members(profile.agent_id, tuple(profile.queues), self.people.people[profile.agent_id].state)

    def know(self, interaction_id: str, card: CustomerView) -> None:
        self.calls.know(interaction_id, card)

    def phone(self, agent_id: str, phone: Literal["web", "desk"], *, reachable: bool) -> None:
        self.people.phone(agent_id, phone, reachable=reachable)

    def call(self, agent_id: str) -> CallView | None:
        return self.calls.call(agent_id)

    def link(self, *, up: bool, message: str = "") -> None:
        self._system = SystemView(link=up, demo=self._system.demo, version=self._system.version, message=message)
        self._surface.put("system", "daemon", self._system)

    def flush(self) -> None:
        self.queues.flush()

    def on_fact(self, fact: Fact) -> None:
        if isinstance(fact, OfferMade | InteractionConnected):
            self.people.title(fact.agent_id, self.calls.contact(fact.interaction_id).title)
        self.calls.on_fact(fact)
        self.people.on_fact(fact)
        self.queues.on_fact(fact)
        if isinstance(fact, AgentStateChanged):
            self._agent_state(fact)
        elif isinstance(fact, LinkLost):
            self.link(up=False, message=fact.reason)
        elif isinstance(fact, LinkRestored):
            self.link(up=True)

    def _agent_state(self, fact: AgentStateChanged) -> None:
        if fact.state == "wrap_up":
            self.calls.wrap_up_until(fact.agent_id, fact.interaction_id, fact.at, fact.until)
        elif fact.state not in ("offered", "busy"):
            self.calls.clear(fact.agent_id)
