"""Who can be rung: whose phone is registered, and whether Asterisk can be told to ring it."""

from cti.acd import events as acd
from cti.events import EndpointReachable, LinkLost, LinkRestored
from cti.floor.distributor import Distributor
from cti.floor.legs import Legs
from cti.floor.means import Means


class Reachability:
    def __init__(self, means: Means, distributor: Distributor, legs: Legs) -> None:
        self._means = means
        self._distributor = distributor
        self._legs = legs

    def of(self, agent_id: str) -> bool:
        """Whether the agent's phone could be rung now: it is registered, and we can tell Asterisk to."""
        return self._means.link and self._means.roster.is_reachable(agent_id)

    def show_phone(self, agent_id: str) -> None:
        roster = self._means.roster
        self._means.desk.phone(agent_id, roster.member(agent_id).phone, reachable=roster.is_reachable(agent_id))

    def on_reachable(self, fact: EndpointReachable) -> None:
        roster = self._means.roster
        roster.heard(fact.endpoint, reachable=fact.reachable)
        agent_id = roster.owner(fact.endpoint)
        if agent_id is not None:
            self.show_phone(agent_id)
            self._distributor.feed(acd.ReachabilityChanged(agent_id=agent_id, reachable=self.of(agent_id)))

    def on_link_lost(self, _fact: LinkLost) -> None:
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
