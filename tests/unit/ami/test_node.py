"""When the calls of an Asterisk that was away count as ended, and when they go on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from cti.ami.client import Account, Timing
from cti.events import ChannelHungUp, Fact, LinkLost, LinkRestored
from cti.nodes.node import Node
from tests.unit.ami.test_client import ok, until

if TYPE_CHECKING:
    from tests.unit.ami.conftest import Action, FakeManager

QUICK = Timing(connect_s=1, action_s=1, list_s=1, reconnect_first_s=0.02, reconnect_most_s=0.05)
CALL = "Event: Newchannel\nChannel: PJSIP/trunk-{0}\nUniqueid: {0}\nLinkedid: {0}\nChannelState: 6\n\n"
LISTED = (
    "Event: CoreShowChannel\n{1}Channel: PJSIP/trunk-{0}\nUniqueid: {0}\nLinkedid: {0}\nChannelState: 6\n"
    "Duration: 00:00:10\n\n"
)


def lists(manager: "FakeManager", *uniqueids: str) -> None:
    """What Asterisk says is going on."""

    def answer(action: "Action", _: "FakeManager") -> str:
        head = f"ActionID: {action['ActionID'][0]}\n"
        items = "".join(LISTED.format(uniqueid, head) for uniqueid in uniqueids)
        items = items if action["Action"] == ["CoreShowChannels"] else ""
        return ok(action, "EventList: start\n") + items + f"Event: Complete\n{head}EventList: Complete\n\n"

    manager.answers["CoreShowChannels"] = manager.answers["PJSIPShowEndpoints"] = answer


@asynccontextmanager
async def node_of(
    manager: "FakeManager", lost_after_s: float = 60, name: str = ""
) -> AsyncIterator[tuple[Node, list[Fact]]]:
    facts: list[Fact] = []

    async def on_up(_: Node) -> None:
        return None

    node = Node(
        name,
        Account(port=manager.port, username="laidian", secret=manager.secret),
        QUICK,
        lost_after_s=lost_after_s,
        publish=facts.append,
        customers=lambda: ("2",),
        on_up=on_up,
    )
    run = asyncio.create_task(node.run(), name="node")
    try:
        await until(lambda: node.up)
        manager.say(CALL.format("1") + CALL.format("2"))
        await until(lambda: len(node.tracker.channels()) == 2)
        yield node, facts
    finally:
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)


def ends(facts: list[Fact]) -> list[tuple[str, bool]]:
    return [(fact.channel, fact.lost) for fact in facts if isinstance(fact, ChannelHungUp)]


async def test_after_a_cut_of_the_link_the_calls_go_on(manager: "FakeManager") -> None:
    manager.uptime_s = 86_400
    lists(manager)
    async with node_of(manager) as (node, facts):
        lists(manager, "1")
        manager.drop()
        await until(lambda: sum(isinstance(fact, LinkRestored) for fact in facts) == 2)
        assert ends(facts) == [("2", False)]  # it hung up meanwhile
        assert [view.channel for view in node.tracker.channels()] == ["1"]


async def test_another_asterisk_has_none_of_the_calls(manager: "FakeManager") -> None:
    manager.uptime_s = 86_400
    lists(manager)
    async with node_of(manager) as (node, facts):
        await asyncio.sleep(1.6)  # what is younger than a second and a half might be the same
        manager.uptime_s = 0
        manager.drop()
        await until(lambda: sum(isinstance(fact, LinkRestored) for fact in facts) == 2)
        assert ends(facts) == [("2", True), ("1", True)]
        assert not node.tracker.channels()


async def test_an_asterisk_that_stays_away_is_given_up(manager: "FakeManager") -> None:
    lists(manager)
    async with node_of(manager, lost_after_s=0.3) as (node, facts):
        await manager.stop()
        await until(lambda: not node.up)
        assert not ends(facts)
        await until(lambda: bool(ends(facts)))
        (lost,) = [fact for fact in facts if isinstance(fact, LinkLost)]
        assert ends(facts) == [("2", True), ("1", True)]
        assert all(fact.at == lost.at for fact in facts if isinstance(fact, ChannelHungUp))


async def test_one_of_several_must_be_called_as_configured(manager: "FakeManager") -> None:
    lists(manager)
    manager.answers["Getvar"] = lambda action, _: ok(action, "Variable: SYSTEMNAME\nValue: north\n")
    async with node_of(manager, name="north") as (node, _):
        manager.answers["Getvar"] = lambda action, _: ok(action, "Variable: SYSTEMNAME\nValue: \n")
        manager.drop()
        await until(lambda: not node.up)
        connections = manager.connections
        await until(lambda: manager.connections > connections + 1)  # it goes on trying, and takes none of its events
        assert not node.up
