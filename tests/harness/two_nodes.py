"""Two private Asterisks and one daemon. Both take the calls of the same trunk, as when a provider spreads them."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from cti.daemon.running import running
from cti.private_asterisk import AsteriskSettings, PrivateAsterisk
from cti.settings import read
from cti.simulated.phone import Phone
from tests.harness.asterisk import open_private
from tests.harness.house import House, add_people, write_config
from tests.harness.phones import TRUNK_HOST, agent_phone, caller_phone
from tests.harness.ports import udp_port

NAMES = ("north", "south")


class TwoNodes(House):
    """`asterisk` is north."""

    nodes: dict[str, PrivateAsterisk]

    def agent_at(self, name: str, agent_id: str) -> Phone:
        """The hard phone of an agent, which registers on one of the two."""
        server = f"127.0.0.1:{self.nodes[name].sip_port}"
        return agent_phone(server, agent_id, self.daemon.phones.hard_secret(agent_id))

    def caller_at(self, name: str, number: str) -> Phone:
        return caller_phone(f"127.0.0.1:{self.nodes[name].sip_port}", number)


@contextlib.asynccontextmanager
async def open_two(root: Path, **changes: Any) -> AsyncIterator[TwoNodes]:
    """`changes`: keys of config/laidian.yaml, and `queues`."""
    async with contextlib.AsyncExitStack() as stack:
        nodes: dict[str, PrivateAsterisk] = {}
        for name in NAMES:
            given = AsteriskSettings(
                run_dir=root / name,
                system_name=name,
                trunk_port=udp_port(TRUNK_HOST),
                recordings_dir=root / "var" / "spool",
            )
            if nodes:
                given = replace(given, agi_port=nodes["north"].agi_port)
            nodes[name] = await stack.enter_async_context(open_private(given))
        _configure(root, nodes, **changes)
        settings = read(root)
        await add_people(settings)
        daemon = await stack.enter_async_context(running(settings))
        house = TwoNodes(nodes["north"], daemon)
        house.nodes = nodes
        daemon.bus.subscribe(house.hear)
        yield house


def _configure(root: Path, nodes: dict[str, PrivateAsterisk], **changes: Any) -> None:
    (root / "var").mkdir(exist_ok=True)
    for name, asterisk in nodes.items():
        (root / "var" / f"ami-{name}.secret").write_text(asterisk.ami_secret)
    write_config(
        root,
        web={"port": 0},
        agi={"port": nodes["north"].agi_port},
        nodes=[
            {
                "name": name,
                "ami": {"port": asterisk.ami_port, "secret_file": f"var/ami-{name}.secret"},
                "sip": {
                    "port": asterisk.sip_port,
                    "websocket_port": asterisk.ws_port,
                    "asterisk_dir": str(asterisk.settings.run_dir),
                },
            }
            for name, asterisk in nodes.items()
        ],
        **changes,
    )
