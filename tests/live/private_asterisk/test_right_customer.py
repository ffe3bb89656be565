"""Many callers in the same second: their unique ids begin alike, and each agent gets the one who was meant."""

import asyncio
from pathlib import Path

from cti.ami.codec import variable
from cti.simulated import scenarios
from cti.simulated.phone import free_udp_port
from cti.simulated.sipp import sipp
from tests.harness.ami_tap import AmiTap
from tests.harness.lab import open_lab
from tests.harness.phones import TRUNK_HOST

CALLERS = 30


def begins_another(uniqueid: str, all_of_them: set[str]) -> bool:
    return any(other != uniqueid and other.startswith(uniqueid) for other in all_of_them)


async def all_in_agi(tap: AmiTap) -> set[str]:
    async with asyncio.timeout(20):
        while True:
            channels = await tap.list_action("CoreShowChannels")
            inside = {channel["Uniqueid"] for channel in channels if channel["Application"] == "AGI"}
            if len(inside) == CALLERS:
                return inside
            await asyncio.sleep(0.1)


async def test_bridge_never_takes_a_caller_whose_unique_id_only_begins_alike(tmp_path: Path) -> None:
    port = free_udp_port()
    contacts = {"1001": f"sip:1001@127.0.0.1:{port}"}
    async with (
        open_lab(tmp_path, (), contacts) as lab,
        lab.tap() as tap,
        sipp(scenarios.agent(hang_up_after_ms=300), server=lab.server, port=port),
        sipp(scenarios.caller(), server=lab.server, host=TRUNK_HOST, calls=CALLERS, rate=200),
    ):
        waiting = await all_in_agi(tap)
        ambiguous = sorted(uniqueid for uniqueid in waiting if begins_another(uniqueid, waiting))
        assert ambiguous  # otherwise nothing is shown here
        for number, customer in enumerate(ambiguous[:3], 1):
            leg = f"ld-right-{number}"
            await tap.act(
                "Originate",
                {
                    "Channel": "PJSIP/d1001",
                    "ChannelId": leg,
                    "Context": "ld-agent",
                    "Exten": "s",
                    "Priority": "1",
                    "Variable": [variable("LD_CUSTOMER", customer)],
                    "Async": "true",
                },
            )
            bridge = (await tap.wait_event("BridgeEnter", Uniqueid=leg))["BridgeUniqueid"]
            await tap.wait_event("BridgeEnter", Uniqueid=customer, BridgeUniqueid=bridge)
            await tap.wait_event("Hangup", Uniqueid=leg)
            await asyncio.sleep(0.1)
