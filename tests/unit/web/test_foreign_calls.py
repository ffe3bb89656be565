"""An agent cannot act on a colleague's call: the websocket with the real commands behind it and a telling switch."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from cti.acd import events as acd
from cti.acd.engine import Engine
from cti.acd.interaction import InteractionState
from cti.acd.queue import QueueRules
from cti.agents.agent import AgentProfile
from cti.bus import Bus
from cti.customers.directory import CustomerRegister
from cti.desk.desk import Desk
from cti.desk.views import CustomerView
from cti.events import CommandAudited, WrapUpSaved
from cti.floor.commands import Commands
from cti.floor.conversation import Conversation, Leg, Segment
from cti.floor.floor import Floor
from cti.floor.recorder import Recorder
from cti.floor.roster import Roster
from cti.floor.rules import Rules
from cti.floor.supervising import Supervision
from cti.recording.publish import Publisher
from tests.unit.floor.shop import People
from tests.unit.web.conftest import World
from tests.unit.web.test_ws import connected, said


class TellingSwitch:
    """Takes every order and remembers it."""

    def __init__(self) -> None:
        self.orders: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        async def order(*_: object, **__: object) -> None:
            self.orders.append(name)

        return order


async def _kept() -> None:
    """Nothing is stored here."""


class RealFloor:
    """Ben talks to a customer in the interaction `i1`; Anna and Ben are signed in."""

    def __init__(self, world: World, folder: Path) -> None:
        self.switch = TellingSwitch()
        bus, roster = Bus(), Roster()
        bus.subscribe(world.facts.append)
        rules = QueueRules(
            name="sales",
            label={},
            priority=5,
            order=0,
            ring_s=20,
            wrap_up_s=60,
            target_s=20,
            max_wait_s=None,
            skills={},
        )
        switch: Any = self.switch
        (folder / "spool").mkdir()
        publisher = Publisher(folder / "spool", folder / "published")
        recorder = Recorder(switch=switch, bus=bus, spool=folder / "spool", publisher=publisher, kept=_kept)
        desk = Desk(world.hub, version="0.1", demo=True)
        self.floor = Floor(
            engine=Engine([rules]),
            switch=switch,
            bus=bus,
            pops=world.hub,
            desk=desk,
            roster=roster,
            recorder=recorder,
            rules=Rules(flows={}, hotlines={}, base={}, sounds="", region="CN"),
            kept=_kept,
        )
        for agent_id in ("anna", "ben"):
            profile = AgentProfile(agent_id=agent_id, name=agent_id, extension=f"80{agent_id}", queues=("sales",))
            desk.add_agent(profile, roster.add(profile, "agent").role)
            self.floor.feed(acd.AgentSignedIn(profile=profile, reachable=True))
        self.call = Conversation("i1", "customer", "customer", "+861", "", "4000", "zh", 1.0)
        self.call.state = InteractionState.CONNECTED
        self.call.leg = Leg("ld-i1-1", "ben", "i1-1", answered=True, bridged=True)
        self.call.segment = Segment(1, "ben", 1.0)
        self.floor.conversations.add(self.call)
        supervision = Supervision(self.floor)
        commands = Commands(
            self.floor,
            supervision,
            People(),
            reasons=frozenset({"break"}),
            region="CN",
            recognise=lambda _: None,
            directory=cast("CustomerRegister[CustomerView]", None),
        )
        object.__setattr__(world.site, "floor", commands)
        self.publisher = publisher


COMMANDS = [
    '"cmd": "call.hang_up", "interaction_id": "i1"',
    '"cmd": "call.hold", "interaction_id": "i1"',
    '"cmd": "call.resume", "interaction_id": "i1"',
    '"cmd": "call.decline", "interaction_id": "i1"',
    '"cmd": "call.transfer", "interaction_id": "i1", "kind": "number", "target": "13900000002"',
    '"cmd": "call.transfer", "interaction_id": "i1", "kind": "queue", "target": "sales"',
]


@pytest.mark.parametrize("command", COMMANDS)
async def test_a_colleagues_call_is_out_of_reach(world: World, tmp_path: Path, command: str) -> None:
    real = RealFloor(world, tmp_path)
    async with world.client("anna") as client, connected(client) as socket:
        reply = await said(socket, f'{{"id": 1, {command}}}')
    assert reply["error"]["code"] == "forbidden"
    assert not real.switch.orders
    assert real.call.state is InteractionState.CONNECTED
    assert [(fact.actor, fact.subject, fact.allowed) for fact in world.audited] == [("anna", "i1", False)]
    real.publisher.close()


async def test_a_colleagues_form_is_out_of_reach(world: World, tmp_path: Path) -> None:
    real = RealFloor(world, tmp_path)
    async with world.client("anna") as client, connected(client) as socket:
        reply = await said(
            socket, '{"id": 1, "cmd": "wrap_up.save", "interaction_id": "i1", "note": "x", "final": true}'
        )
    assert not reply["ok"]
    assert not [fact for fact in world.facts if isinstance(fact, WrapUpSaved)]
    real.publisher.close()


async def test_ones_own_call_obeys(world: World, tmp_path: Path) -> None:
    real = RealFloor(world, tmp_path)
    async with world.client("ben") as client, connected(client) as socket:
        await socket.send_str('{"id": 1, "cmd": "call.hold", "interaction_id": "i1"}')
        reply = await socket.receive_json()
        while reply["t"] != "reply":
            reply = await socket.receive_json()
    assert reply["ok"], reply
    assert real.switch.orders == ["hold"]
    assert not [fact for fact in world.facts if isinstance(fact, CommandAudited)]
    real.publisher.close()
