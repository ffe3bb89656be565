"""People who come, swap extensions, and go."""

from cti.agents.agent import AgentProfile
from cti.floor.roster import Roster


def profile(agent_id: str, extension: str) -> AgentProfile:
    return AgentProfile(agent_id=agent_id, extension=extension)


def test_two_who_swap_extensions_are_each_found_by_the_new_one() -> None:
    roster = Roster()
    roster.add(profile("ann", "1001"), "agent")
    roster.add(profile("bob", "1002"), "agent")
    roster.member("ann").phone = "desk"
    roster.add(profile("ann", "1002"), "agent")
    roster.add(profile("bob", "1001"), "agent")
    assert (roster.by_endpoint("d1002"), roster.by_endpoint("w1001")) == ("ann", "bob")
    assert roster.endpoint("ann") == "d1002"  # the phone in use stays the same kind


def test_an_extension_that_was_given_up_belongs_to_nobody() -> None:
    roster = Roster()
    roster.add(profile("ann", "1001"), "agent")
    roster.add(profile("ann", "1003"), "agent")
    assert roster.by_endpoint("d1001") is None
    roster.remove("ann")
    roster.remove("ann")
    assert (roster.by_endpoint("d1003"), roster.members) == (None, {})
