"""The dialplan: what happens to a caller while the daemon is there, away, and back again."""

import asyncio
import itertools
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from cti.private_asterisk import AsteriskSettings
from tests.live.private_asterisk.conftest import open_stage
from tests.live.private_asterisk.phone import Phone

TRUNK = "127.0.0.2"
SITE_SCRIPT = """#!{python}
import sys
env = dict(line.strip().partition(": ")[::2] for line in iter(sys.stdin.readline, "\\n"))
print('VERBOSE "the script ran" 1', flush=True)
open("{out}", "w").write(env["agi_extension"] + " " + sys.stdin.readline().strip())
"""


async def soon(phone: Phone, hertz: int, within: float = 15.0) -> bool:
    """Whether the phone comes to hear this tone."""
    until = time.time() + within
    while time.time() < until:
        await asyncio.sleep(0.1)
        if phone.hears(hertz, time.time() - 0.3, time.time()):
            return True
    return False


async def test_the_daemon_lets_a_caller_go(settings: AsteriskSettings) -> None:
    async with Phone(host=TRUNK, hertz=1000) as caller, open_stage(settings, []) as stage:
        stage.door.finishing["hotline"] = {"LD_DONE": "1"}
        stage.door.read["LD_DID"] = None
        await stage.call_in(caller, "4001")
        async with asyncio.timeout(20):
            await caller.over.wait()
        assert stage.door.read["LD_DID"] == "4001"
        assert stage.door.names == ["hotline"]


async def test_a_caller_waits_with_music_while_the_daemon_is_away_and_is_resumed(settings: AsteriskSettings) -> None:
    settings = replace(settings, patience_s=60)
    async with Phone(host=TRUNK, hertz=1000) as caller, open_stage(settings, []) as stage:
        customer = await stage.call_in(caller)
        await asyncio.sleep(0.5)
        await stage.door.close()
        died = time.time()
        await asyncio.sleep(2.5)
        await stage.door.open()
        assert await stage.door.visit("resume") == customer
        packets = [at for at, _ in caller.heard if died - 0.5 < at < time.time()]
        assert max(after - before for before, after in itertools.pairwise(packets)) < 0.7
        caller.hang_up()
        async with asyncio.timeout(20):
            await caller.over.wait()


async def test_a_call_that_comes_while_the_daemon_is_away_waits_for_it(settings: AsteriskSettings) -> None:
    async with Phone(host=TRUNK, hertz=1000) as caller, open_stage(settings, []) as stage:
        await stage.door.close()
        caller.dial("4000", stage.asterisk.sip_port)
        async with asyncio.timeout(20):
            await caller.talking.wait()
        await asyncio.sleep(1.2)
        await stage.door.open()
        assert await stage.door.visit("resume")


async def test_after_the_patience_asterisks_own_queue_finds_an_agent(settings: AsteriskSettings) -> None:
    async with (
        Phone(hertz=440) as agent,
        Phone(host=TRUNK, hertz=1000) as caller,
        open_stage(settings, [agent]) as stage,
    ):
        await stage.door.close()
        begun = time.time()
        caller.dial("4000", stage.asterisk.sip_port)
        async with asyncio.timeout(20):
            await agent.talking.wait()
        assert settings.patience_s - 0.5 < time.time() - begun < settings.patience_s + 6
        assert await soon(caller, 440)
        assert await soon(agent, 1000)
        agent.hang_up()
        async with asyncio.timeout(20):
            await caller.over.wait()


async def test_an_agent_who_answers_after_the_caller_is_gone_is_let_go(settings: AsteriskSettings) -> None:
    async with Phone(hertz=440) as agent, open_stage(settings, [agent]) as stage:
        await stage.ring("1001", "ld-x-1", LD_CUSTOMER="1700000000.99")
        async with asyncio.timeout(20):
            await agent.over.wait()
        assert agent.talking.is_set()


async def test_the_agent_hangs_up_first_and_the_customer_goes_on(settings: AsteriskSettings) -> None:
    async with (
        Phone(hertz=440) as agent,
        Phone(host=TRUNK, hertz=1000) as caller,
        open_stage(settings, [agent]) as stage,
    ):
        customer = await stage.call_in(caller)
        await stage.connect("1001", "ld-x-1", customer)
        agent.hang_up()
        assert await stage.door.visit("after") == customer
        assert not caller.over.is_set()


async def test_without_the_daemon_the_call_ends_when_the_agent_hangs_up(settings: AsteriskSettings) -> None:
    async with (
        Phone(hertz=440) as agent,
        Phone(host=TRUNK, hertz=1000) as caller,
        open_stage(settings, [agent]) as stage,
    ):
        await stage.connect("1001", "ld-x-1", await stage.call_in(caller))
        await stage.door.close()
        assert await soon(caller, 440)  # they notice nothing
        agent.hang_up()
        async with asyncio.timeout(20):
            await caller.over.wait()


async def test_an_agent_who_holds_a_customer_who_hangs_up_is_let_go(settings: AsteriskSettings) -> None:
    async with (
        Phone(hertz=440) as agent,
        Phone(host=TRUNK, hertz=1000) as caller,
        open_stage(settings, [agent]) as stage,
    ):
        customer = await stage.call_in(caller)
        await stage.connect("1001", "ld-x-1", customer)
        await stage.set("ld-x-1", "LD_HOLD", "1")
        await stage.redirect(customer, "ld-hold")
        await asyncio.sleep(1.5)
        assert not agent.over.is_set()
        caller.hang_up()
        async with asyncio.timeout(20):
            await agent.over.wait()


async def test_a_customer_on_hold_whose_agent_is_lost_is_not_forgotten(settings: AsteriskSettings) -> None:
    async with (
        Phone(hertz=440) as agent,
        Phone(host=TRUNK, hertz=1000) as caller,
        open_stage(settings, [agent]) as stage,
    ):
        customer = await stage.call_in(caller)
        await stage.connect("1001", "ld-x-1", customer)
        await stage.set("ld-x-1", "LD_HOLD", "1")
        await stage.set(customer, "LD_HOLDER", "ld-x-1")
        await stage.redirect(customer, "ld-hold")
        await asyncio.sleep(0.5)
        agent.hang_up()
        assert await stage.door.visit("resume", within=15) == customer


async def test_a_caller_in_the_menu_is_transferred_at_once(settings: AsteriskSettings) -> None:
    async with Phone(host=TRUNK, hertz=1000) as caller, open_stage(settings, []) as stage:
        customer = await stage.call_in(caller)
        begun = time.time()
        await stage.redirect(customer, "ld-transfer")
        assert await stage.door.visit("transfer") == customer
        assert time.time() - begun < 2


@pytest.mark.parametrize(("number", "reason"), [("13900002222", "BUSY"), ("; drop", "INVALID")])
async def test_an_outside_number_that_fails_gives_the_customer_back(
    settings: AsteriskSettings, number: str, reason: str
) -> None:
    async with (
        Phone(host=TRUNK, hertz=1000) as caller,
        Phone(host=TRUNK, refuse=486) as outside,
        open_stage(replace(settings, trunk_port=outside.port), []) as stage,
    ):
        customer = await stage.call_in(caller)
        stage.door.read["LD_TRANSFER_FAILED"] = None
        await stage.set(customer, "LD_NUMBER", number)
        await stage.redirect(customer, "ld-number")
        assert await stage.door.visit("transfer") == customer
        await asyncio.sleep(0.2)
        assert stage.door.read["LD_TRANSFER_FAILED"] == reason
        assert [line.split()[1] for _, line in outside.log if line.startswith("INVITE")] == (
            [f"sip:{number}@{TRUNK}:{outside.port}"] if reason == "BUSY" else []
        )


async def test_an_outside_number_talks_to_the_customer(settings: AsteriskSettings) -> None:
    async with (
        Phone(host=TRUNK, hertz=1000) as caller,
        Phone(host=TRUNK, hertz=2000) as outside,
        open_stage(replace(settings, trunk_port=outside.port), []) as stage,
    ):
        customer = await stage.call_in(caller)
        await stage.set(customer, "LD_NUMBER", "+8613900002222")
        await stage.redirect(customer, "ld-number")
        assert await soon(caller, 2000)
        assert await soon(outside, 1000)
        outside.hang_up()
        async with asyncio.timeout(20):
            await caller.over.wait()


async def test_a_sites_own_number_works_without_the_daemon(settings: AsteriskSettings, tmp_path: Path) -> None:
    script = tmp_path / "site.py"
    script.write_text(SITE_SCRIPT.format(python=sys.executable, out=tmp_path / "out"))
    script.chmod(0o755)
    async with (
        Phone(host=TRUNK, hertz=1000) as caller,
        open_stage(replace(settings, site_agi=str(script)), []) as stage,
    ):
        await stage.door.close()
        caller.dial("4900", stage.asterisk.sip_port)
        async with asyncio.timeout(20):
            await caller.over.wait()
    assert (tmp_path / "out").read_text() == "4900 200 result=1"


async def test_asterisks_own_record_names_the_linked_call(settings: AsteriskSettings) -> None:
    async with (
        Phone(hertz=440) as agent,
        Phone(host=TRUNK, hertz=1000) as caller,
        open_stage(settings, [agent]) as stage,
    ):
        customer = await stage.call_in(caller)
        await stage.connect("1001", "ld-x-1", customer)
        await asyncio.sleep(1)
        caller.hang_up()
        await stage.tap.wait_event("Hangup", Uniqueid=customer)
        await asyncio.sleep(0.3)
        rows = [line.replace('"', "").split(",") for line in stage.asterisk.cdr_file.read_text().splitlines()]
    [bridged] = [row for row in rows if row[10]]
    assert bridged[5] == "ANSWERED"
    assert bridged[12:] == ["ld-x-1", customer]
    assert 0.9 < float(bridged[4]) < 2
