"""`laidian doctor` at a daemon and an Asterisk that run: all is well, and then each thing that is broken is named."""

import asyncio
import json
from pathlib import Path

from click.testing import CliRunner

from cti.cli import main
from cti.doctor.checks import Finding, examine, exit_code
from cti.doctor.command import observe
from cti.settings import read
from tests.harness.house import House, open_house, until

OWN_TO_TESTS = {"nofile", "disk_little", "disk_full", "not_synchronised", "not_there"}
"""What depends on the machine that runs the tests."""


async def defects(house: House) -> dict[str, Finding]:
    findings = examine(await observe(read(house.daemon.settings.root)))
    return {one.code: one for one in findings if one.level != "ok" and one.code not in OWN_TO_TESTS}


async def test_a_healthy_house_and_then_a_broken_one(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        (tmp_path / "var" / "ami.secret").chmod(0o600)
        assert await defects(house) == {}
        await until(lambda: not house.daemon.tracker.channels(), "the doctor's own call is over")
        told = await asyncio.to_thread(
            CliRunner().invoke, main, ["doctor", "--root", str(tmp_path), "--lang", "en", "--json"]
        )
        lines = [json.loads(line) for line in told.output.splitlines() if line.startswith("{")]
        assert {line["check"] for line in lines} >= {"manager", "agi", "dialplan", "books", "clocks", "prompts"}
        assert told.exit_code == (exit_code(()) if all(line["level"] == "ok" for line in lines) else 1)

        await house.asterisk.cli("module unload app_chanspy.so")
        await house.asterisk.cli("dialplan remove context ld-fallback")
        await house.asterisk.cli("dialplan remove extension s@ld-hold 2")
        (tmp_path / "var" / "ami.secret").chmod(0o644)
        found = await defects(house)
        assert found["module"].values["module"] == "app_chanspy"
        assert found["fallback_missing"].values["context"] == "ld-fallback"
        assert found["context_differs"].values["context"] == "ld-hold"
        assert found["readable"].values["folder"] == "ami.secret_file"
        assert set(found) == {"module", "fallback_missing", "context_differs", "readable"}

        await house.asterisk.cli("dialplan set global LD_AGI 127.0.0.1:1")
        assert "agi" in await defects(house)
        (tmp_path / "var" / "ami.secret").write_text("wrong")
        assert "refuses the manager" in (await defects(house))["manager"].values["why"]
        (tmp_path / "var" / "laidian.sock").unlink()
        assert "daemon_down" in await defects(house)
