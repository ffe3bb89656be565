"""Asterisk comes up fast, goes away without a trace, and says in one sentence why it cannot run."""

import asyncio
import os
import re
import shutil
import signal
import sys
import time
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest

from cti.errors import Unusable
from cti.private_asterisk import AgentEndpoint, AsteriskSettings, Installation, private_asterisk
from cti.private_asterisk.model import REPOSITORY
from tests.harness.ami_tap import ami_tap
from tests.harness.sockets import Bound, bound


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def proc(what: str) -> str:
    return Path(f"/proc/{what}").read_text()


def asterisks_of(run_dir: Path) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if f"{run_dir}/etc/asterisk.conf" in path.read_bytes().decode(errors="replace").split("\0"):
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


async def gone(run_dir: Path, within: float) -> bool:
    until = time.monotonic() + within
    while asterisks_of(run_dir) and time.monotonic() < until:  # noqa: ASYNC110 - another process goes
        await asyncio.sleep(0.05)
    return not asterisks_of(run_dir)


async def test_it_starts_in_under_ten_seconds_and_leaves_nothing_behind(
    settings: AsteriskSettings, installation: Installation
) -> None:
    mounts = proc("self/mounts")
    begun = time.monotonic()
    async with private_asterisk(settings, installation=installation) as asterisk:
        assert time.monotonic() - begun < 10
        assert runs(asterisk.pid)
        assert "Asterisk 2" in await asterisk.cli("core show version")
        assert proc("self/mounts") == mounts
        begun = time.monotonic()
    assert time.monotonic() - begun < 5
    assert not runs(asterisk.pid)
    assert not asterisks_of(settings.run_dir)
    assert not (settings.run_dir / "asterisk.ctl").exists()
    assert "ERROR" not in asterisk.log_file.read_text()


async def test_it_holds_little_of_roots_power(settings: AsteriskSettings, installation: Installation) -> None:
    async with private_asterisk(settings, installation=installation) as asterisk:
        status = proc(f"{asterisk.pid}/status")
        files = re.search(r"Max open files\s+(\d+)", proc(f"{asterisk.pid}/limits"))
    dac_only = 1 << 1 | 1 << 2
    effective = re.search(r"CapEff:\s*([0-9a-f]+)", status)
    assert effective
    assert int(effective[1], 16) & ~dac_only == 0
    assert "NoNewPrivs:\t1" in status
    assert files
    assert int(files[1]) >= 1024


async def test_nothing_listens_beyond_loopback(settings: AsteriskSettings, installation: Installation) -> None:
    async with private_asterisk(settings, installation=installation) as asterisk:
        seen = bound([asterisk.pid])
    assert {one for one in seen if one.protocol.startswith("tcp")} == {
        Bound("tcp", "127.0.0.1", asterisk.ami_port),
        Bound("tcp", "127.0.0.1", asterisk.ws_port),
    }
    assert Bound("udp", "127.0.0.1", asterisk.sip_port) in seen
    # PJSIP has a socket for each family to ask name servers from, and heeds only what they answer.
    beyond = [one.protocol for one in seen if not ip_address(one.address).is_loopback]
    assert sorted(beyond) in ([], ["udp"], ["udp6"], ["udp", "udp6"])


@pytest.mark.parametrize(("how", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 0), (signal.SIGTERM, 0)])
async def test_it_ends_with_the_program_that_started_it(how: signal.Signals, code: int, tmp_path: Path) -> None:
    command = (sys.executable, "-m", "cti.private_asterisk", "start", str(tmp_path / "ast"))
    starter = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, cwd=REPOSITORY)
    assert starter.stdout
    async with asyncio.timeout(20):
        assert b"SIP 127.0.0.1:" in await starter.stdout.readline()
    assert len(asterisks_of(tmp_path / "ast")) == 1
    starter.send_signal(how)
    async with asyncio.timeout(20):
        assert await starter.wait() == code
    assert await gone(tmp_path / "ast", 3)


async def test_it_can_outlive_its_starter_when_asked_to(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys; from pathlib import Path; from cti.private_asterisk import *\n"
        "async def main():\n"
        "    async with private_asterisk(AsteriskSettings(run_dir=Path(sys.argv[1])), outlive_parent=True) as a:\n"
        "        print(a.pid, flush=True); await asyncio.sleep(60)\n"
        "asyncio.run(main())"
    )
    command = (sys.executable, "-c", program, str(tmp_path / "ast"))
    starter = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, cwd=REPOSITORY)
    assert starter.stdout
    async with asyncio.timeout(20):
        pid = int(await starter.stdout.readline())
    try:
        starter.kill()
        await starter.wait()
        await asyncio.sleep(0.5)
        assert runs(pid)
    finally:
        os.kill(pid, signal.SIGKILL)
    assert await gone(tmp_path / "ast", 3)


async def test_two_run_side_by_side(settings: AsteriskSettings, installation: Installation, tmp_path: Path) -> None:
    other = replace(settings, run_dir=tmp_path / "other")
    async with private_asterisk(settings, installation=installation) as one:
        async with private_asterisk(other, installation=installation) as two:
            assert len({one.sip_port, two.sip_port}) == len({one.ami_port, two.ami_port}) == 2
        assert "0 active channels" in await one.cli("core show channels")


async def test_a_long_run_directory_is_no_obstacle(installation: Installation, tmp_path: Path) -> None:
    settings = AsteriskSettings(run_dir=tmp_path / ("long" * 25))
    async with private_asterisk(settings, installation=installation) as asterisk:
        assert "0 active channels" in await asterisk.cli("core show channels")
        control_dir = asterisk.settings.control_dir
    assert control_dir
    assert not control_dir.exists()


async def test_a_port_in_use_is_one_sentence(settings: AsteriskSettings, installation: Installation) -> None:
    async with private_asterisk(settings, installation=installation) as asterisk:
        taken = replace(settings, run_dir=settings.run_dir / "second", sip_port=asterisk.sip_port)
        with pytest.raises(Unusable) as caught:
            async with private_asterisk(taken, installation=installation):
                pass
    assert str(caught.value) == f"SIP port 127.0.0.1:{asterisk.sip_port} cannot be used: address already in use"


async def test_what_asterisk_says_when_it_gives_up_is_quoted(
    settings: AsteriskSettings, installation: Installation, tmp_path: Path
) -> None:
    templates = tmp_path / "templates"
    shutil.copytree(settings.templates_dir, templates)
    (templates / "manager.conf").unlink()
    modules = templates / "modules.conf"
    modules.write_text(modules.read_text().replace("require = res_pjproject.so\n", ""))
    broken = replace(settings, templates_dir=templates)
    with pytest.raises(Unusable, match=r"Asterisk ended while it started: .*ERROR.*res_p") as caught:
        async with private_asterisk(broken, installation=installation):
            pass
    assert "\n" not in str(caught.value)
    assert await gone(settings.run_dir, 1)


async def test_agents_come_and_go_while_it_runs(settings: AsteriskSettings, installation: Installation) -> None:
    first = AgentEndpoint(extension="1001", phone_secret="a")
    async with private_asterisk(replace(settings, agents=(first,)), installation=installation) as asterisk:
        assert "d1001" in await asterisk.cli("pjsip show endpoints")
        await asterisk.write_agents(AgentEndpoint(extension="1002", phone_secret="b", browser_secret="c", name="王芳"))
        endpoints = await asterisk.cli("pjsip show endpoints")
        queue = await asterisk.cli("queue show laidian-fallback")
    assert "d1001" not in endpoints
    assert {"d1002", "w1002", "trunk"} <= set(re.findall(r"Endpoint:\s+(\w+)", endpoints))
    assert "王芳 (PJSIP/w1002)" in queue
    assert "d1001" not in queue


async def test_the_daemon_may_reload_but_not_use_the_console_or_the_system(
    settings: AsteriskSettings, installation: Installation
) -> None:
    async with (
        private_asterisk(settings, installation=installation) as asterisk,
        ami_tap(asterisk.ami_port, asterisk.ami_user, asterisk.ami_secret) as tap,
    ):
        await tap.action("ModuleLoad", Module="res_pjsip.so", LoadType="reload")
        for name in ("Command", "UpdateConfig", "CreateConfig", "QueueAdd"):
            with pytest.raises(AssertionError, match="Permission denied"):
                await tap.action(name)
        for application in ("System", "TrySystem"):
            assert "not registered" in await asterisk.cli(f"core show application {application}")
