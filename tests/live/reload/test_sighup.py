"""SIGHUP is a reload whose outcome is in the log."""

import asyncio
import signal
import time
from pathlib import Path

import yaml

from tests.harness.apart import Apart, open_apart
from tests.harness.process import run_laidian


async def logged(house: Apart, text: str) -> str:
    """The line of the log, as soon as it is there."""
    deadline = time.monotonic() + 15
    while True:
        for line in house.daemon.log.splitlines():
            if text in line:
                return line
        assert time.monotonic() < deadline, f"no {text!r} in\n{house.daemon.log}"
        await asyncio.sleep(0.05)


async def test_sighup_reloads_and_tells_the_log(tmp_path: Path) -> None:
    file = tmp_path / "config" / "queues.yaml"
    async with open_apart(tmp_path) as house:
        queues = yaml.safe_load(file.read_text())
        queues["queues"]["operator"]["priority"] = 9
        file.write_text(yaml.safe_dump(queues))
        house.daemon.process.send_signal(signal.SIGHUP)
        line = await logged(house, "event='reloaded'")
        assert "1 queue changed: operator (priority 3 -> 9)" in line
        file.write_text("queues: 1\n")
        house.daemon.process.send_signal(signal.SIGHUP)
        line = await logged(house, "nothing has changed")
        assert f"{file}:1: expected" in line
        status = await run_laidian("status", "--root", str(tmp_path))
        assert (status.code, "Asterisk connected; 0 waiting, 0 talking, 0 signed in" in status.out) == (0, True)
        assert await house.daemon.stop() == 0
        status = await run_laidian("status", "--root", str(tmp_path))
        assert (status.code, status.out) == (2, "")
        assert status.err.startswith(f"no daemon answers at {tmp_path}/var/laidian.sock (")
