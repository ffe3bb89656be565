"""IDOR on the websocket: every command of an agent that names an object of a colleague's, on the real floor.

Anna sends each of them about Ben's call.
"""

from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from cti.acd.interaction import InteractionState
from cti.desk.commands import ROLES, Command
from tests.unit.web.conftest import World
from tests.unit.web.test_foreign_calls import RealFloor
from tests.unit.web.test_roles import COMMANDS, SAMPLES
from tests.unit.web.test_ws import connected, said

NAMES_AN_OBJECT: Final = {"interaction_id", "offer_id", "party_id", "text_id", "alarm_id", "task_id", "agent_id"}

FREE: Final = {
    "pop.shown": "is logged under the name of who sent it, and does nothing",
    "text.read": "confirms a text of the own inbox, and is no news for any other",
}
"""Commands with an object's name that an agent may send about what is not theirs."""


def objects(command: type[Command]) -> set[str]:
    return {field.name for field in msgspec.structs.fields(command)} & NAMES_AN_OBJECT


OF_AN_AGENT: Final = [
    command
    for command in COMMANDS
    if "agent" in ROLES[command] and objects(command) and str(command.__struct_config__.tag) not in FREE
]


def test_there_are_such_commands() -> None:
    assert len(OF_AN_AGENT) > 15
    assert set(FREE) <= {str(command.__struct_config__.tag) for command in COMMANDS}


@pytest.mark.parametrize("command", OF_AN_AGENT, ids=lambda command: str(command.__struct_config__.tag))
async def test_a_colleagues_call_is_out_of_reach_of_every_command(
    world: World, tmp_path: Path, command: type[Command]
) -> None:
    real = RealFloor(world, tmp_path)
    try:
        fields: dict[str, Any] = {
            one.name: SAMPLES[one.name] for one in msgspec.structs.fields(command) if one.required
        }
        fields |= {name: {"offer_id": "i1-1", "agent_id": "ben"}.get(name, "i1") for name in objects(command)}
        text = msgspec.json.encode({"cmd": command.__struct_config__.tag, **fields}).decode()
        async with world.client("anna") as client, connected(client) as socket:
            reply = await said(socket, text)
        assert not reply["ok"], reply
        assert reply["error"]["code"] in {"forbidden", "not_found", "conflict", "bad_request"}, reply
        assert not real.switch.orders
        assert real.call.state is InteractionState.CONNECTED
        assert real.call.leg is not None
        assert real.call.leg.agent_id == "ben"
    finally:
        real.publisher.close()
