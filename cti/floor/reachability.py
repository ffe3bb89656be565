"""Who can be rung: whose phone is registered with somebody behind it, and whether Asterisk can be told to ring it."""

from cti.acd import events as acd
from cti.agents.agent import TAB_LOST
from cti.agents.state import AgentState
from cti.errors import NotFound
from cti.events import EndpointReachable, LinkLost, LinkRestored
from cti.floor.distributor import Distributor
from cti.floor.legs import Legs
from cti.floor.means import Means
from cti.floor.stations import Stations


class Reachability:
    def __init__(self, means: Means, distributor: Distributor, legs: Legs, stations: Stations) -> None:
        self._means = means
        self._distributor = distributor
        self._legs = legs
        self._stations = stations
        stations.listen(changed=self._look_again, lost=self._page_lost)

    def of(self, agent_id: str) -> bool:
        """Whether the agent's phone could be rung now: it is registered, and we can tell Asterisk to.

        Behind a phone in the browser there must be a page that has been heard (`Stations.stands`).
        """
        roster = self._means.roster
        stands = roster.member(agent_id).phone == "desk" or self._stations.stands(agent_id)
        return self._means.link and roster.is_reachable(agent_id) and stands

    def check_ready(self, agent_id: str) -> None:
        """Raises Conflict when the agent waits to work with a phone in the browser that has not been heard.

        Who has a call in hand only says what comes after it: nothing is offered before the check then.
        """
        if self._means.roster.member(agent_id).phone == "web" and self._state(agent_id) is AgentState.NOT_READY:
            self._stations.check_ready(agent_id)

    def _state(self, agent_id: str) -> AgentState:
        try:
            return self._means.engine.agent(agent_id).state
        except NotFound:
            return AgentState.LOGGED_OUT

    def show_phone(self, agent_id: str) -> None:
        roster, stations = self._means.roster, self._stations
        station = stations.view(agent_id) if stations.asked_for else None
        phone, reachable = roster.member(agent_id).phone, roster.is_reachable(agent_id)
        anywhere = roster.callable_at(agent_id) is not None
        self._means.desk.phone(agent_id, phone, reachable=reachable, anywhere=anywhere, station=station)

    def _look_again(self, agent_id: str) -> None:
        if agent_id in self._means.roster.members:
            self.show_phone(agent_id)
            self._distributor.feed(acd.ReachabilityChanged(agent_id=agent_id, reachable=self.of(agent_id)))

    def _page_lost(self, agent_id: str) -> None:
        """Who waited for a call behind a page that did not come back does not wait any more."""
        roster = self._means.roster
        if agent_id not in roster.members or roster.member(agent_id).phone == "desk":
            return
        if self._state(agent_id) in {AgentState.READY, AgentState.OFFERED}:
            self._distributor.feed(acd.AgentNotReady(agent_id=agent_id, reason=TAB_LOST))

    def on_reachable(self, fact: EndpointReachable) -> None:
        roster = self._means.roster
        moved = roster.heard(fact.endpoint, reachable=fact.reachable, nodes=fact.nodes)
        agent_id = roster.by_endpoint(fact.endpoint)
        if agent_id is None:
            return
        self.show_phone(agent_id)
        if fact.endpoint == roster.endpoint(agent_id):
            if moved:
                self._distributor.feed(acd.AgentProfileChanged(profile=roster.profile(agent_id)))
            self._distributor.feed(acd.ReachabilityChanged(agent_id=agent_id, reachable=self.of(agent_id)))

    def on_link_lost(self, fact: LinkLost) -> None:
        """Of several telephone systems one: who has a phone there alone is told not to be reachable, one by one."""
        if fact.partial:
            return
        self._means.link = False
        self._reconsider()
        self._distributor.arm()  # also when nobody is signed in: no time passes without a link

    def on_link_restored(self, _fact: LinkRestored) -> None:
        """The mirror is right again: whoever could not be rung for want of a link can be."""
        self._means.link = True
        self._legs.release_again()
        self._reconsider()
        self._distributor.arm()

    def _reconsider(self) -> None:
        for agent in self._means.engine.agents():
            reachable = self.of(agent.agent_id)
            self._distributor.feed(acd.ReachabilityChanged(agent_id=agent.agent_id, reachable=reachable))
