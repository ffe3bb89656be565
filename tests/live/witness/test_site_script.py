"""A site's own AGI script goes on working from the same dialplan beside the daemon, judged by what its caller hears."""

import shlex
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cti.daemon.running import running
from cti.private_asterisk import AsteriskSettings
from cti.simulated.tones import sine
from tests.harness.asterisk import open_private
from tests.harness.house import House, add_people, configured
from tests.harness.phones import TRUNK_HOST
from tests.harness.ports import udp_port

SCRIPT = Path(__file__).with_name("site_script.py")
MENU, ONE, TWO, AGENT, CUSTOMER = 600, 800, 2000, 1000, 440


def executable(folder: Path) -> Path:
    """The script with this Python and the folder of its sounds, as one file that Asterisk's AGI() can run."""
    file = folder / "site.sh"
    file.write_text(f"#!/bin/sh\nexec {shlex.join([sys.executable, str(SCRIPT), str(folder)])}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    for name, hz in (("menu", MENU), ("1", ONE), ("2", TWO)):
        (folder / f"{name}.sln").write_bytes(sine(hz, 3.0))
    return folder


@pytest.fixture
async def house(tmp_path: Path, sounds: Path) -> AsyncIterator[House]:
    settings = AsteriskSettings(
        run_dir=tmp_path / "asterisk",
        trunk_port=udp_port(TRUNK_HOST),
        recordings_dir=tmp_path / "var" / "spool",
        site_agi=str(executable(sounds)),
    )
    async with open_private(settings) as asterisk:
        configuration = configured(tmp_path, asterisk)
        await add_people(configuration)
        async with running(configuration) as daemon:
            house = House(asterisk, daemon)
            daemon.bus.subscribe(house.hear)
            yield house


async def test_both_serve_their_callers_at_the_same_time(house: House, sounds: Path) -> None:
    async with (
        house.agent("1001") as agent,
        house.caller("13900000001") as ours,
        house.caller("13900000002") as theirs,
    ):
        await agent.play(AGENT)
        await ours.play(CUSTOMER)
        await house.talk(ours, agent)
        await theirs.dial("4900")
        await theirs.wait_established()
        await theirs.wait_hears({MENU})
        await theirs.send_digits("2")
        await theirs.wait_hears({TWO})
        await ours.wait_hears({AGENT})
        await theirs.send_digits("1")
        await theirs.wait_hears({ONE})
        await agent.wait_hears({CUSTOMER})
        await theirs.send_digits("9")
        await theirs.wait_closed()
        await ours.wait_hears({AGENT})
    assert (sounds / "pressed").read_text() == "21"
    assert len(house.daemon.floor.conversations.by_id) <= 1
