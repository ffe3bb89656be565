"""Whoever is fetched by Bridge() leaves an old channel behind, which must end: Asterisk alone keeps some for ever."""

import asyncio
import shutil
import time
from dataclasses import replace
from pathlib import Path

from cti.ami.codec import Fields
from cti.private_asterisk import AsteriskSettings, PrivateAsterisk
from cti.private_asterisk.model import REPOSITORY
from tests.harness.ami_tap import AmiTap
from tests.live.private_asterisk.conftest import open_stage

FETCHED, PACE_S, CROWD = 60, 0.05, 4

# Asterisk takes the old channel off its list for a moment. That it ends just then is 1 in 1,000 on a quiet machine,
# and 1 in 6 when others look through the list all the time.
LOOKING = """
[looking]
exten => s,1,Set(FOUND={found})
 same => n,GotoIf($["${{GLOBAL(QUIET)}}" = ""]?1)
 same => n,Hangup()
""".format(found="${CHANNEL_EXISTS(nobody)}" * 6)


async def call(tap: AmiTap, context: str, name: str, **variables: str) -> None:
    """One who hears nothing and says nothing, in `context`, as channel `<name>-in`."""
    fields: Fields = {
        "Channel": f"Local/s@{context}/n",
        "ChannelId": f"{name}-out",
        "OtherChannelId": f"{name}-in",
        "Application": "Wait",
        "Data": "5",
        "Async": "true",
        "Variable": [f"__{variable}={value}" for variable, value in variables.items()],
    }
    await tap.act("Originate", fields)


async def fetch(tap: AmiTap, name: str) -> None:
    """Out of the music of a hold, as an agent who takes the customer back."""
    await call(tap, "ld-hold", name, LD_HOLDER="")
    customer = await tap.wait_event("Newchannel", within=20, Uniqueid=f"{name}-in")
    await tap.action("Setvar", Channel=f"{name}-in", Variable="SHARED(LD_NAME)", Value=customer["Channel"])
    await asyncio.sleep(0.3)  # they hear the music: what comes then wakes the thread that plays it
    await call(tap, "ld-agent", f"agent-{name}", LD_CUSTOMER=f"{name}-in")
    together = await tap.wait_event("BridgeEnter", within=20, Uniqueid=f"{name}-in")
    assert together["Channel"] == customer["Channel"]


async def none_left(asterisk: PrivateAsterisk, within: float = 30.0) -> None:
    """AMI tells nobody about these: Asterisk's console does."""
    deadline = time.monotonic() + within
    while lines := [line for line in (await asterisk.cli("core show channels concise")).splitlines() if "!" in line]:
        assert time.monotonic() < deadline, f"{len(lines)} channels are left: {lines[:5]}"
        await asyncio.sleep(0.5)


async def test_no_channel_is_left_of_those_who_were_fetched(settings: AsteriskSettings, tmp_path: Path) -> None:
    dialplan = tmp_path / "dialplan"
    await asyncio.to_thread(shutil.copytree, REPOSITORY / "dialplan", dialplan)
    (dialplan / "looking.conf").write_text(LOOKING)
    async with open_stage(replace(settings, dialplan_dir=dialplan), ()) as stage:
        for number in range(CROWD):
            await call(stage.tap, "looking", f"looking-{number}")
        async with asyncio.TaskGroup() as group:
            for number in range(FETCHED):
                group.create_task(fetch(stage.tap, f"c{number:04}"))
                await asyncio.sleep(PACE_S)
        await stage.asterisk.cli("dialplan set global QUIET 1")
        await none_left(stage.asterisk)
