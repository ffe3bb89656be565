"""Nobody gets at an outside line but by the daemon: no caller, whatever is dialled, and no agent's phone by itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from cti.private_asterisk import AsteriskSettings
from tests.harness.phones import TRUNK_HOST as TRUNK
from tests.live.private_asterisk.conftest import Stage, open_stage
from tests.live.private_asterisk.phone import Phone

NUMBER = "0013900000000"
STRANGE = (
    NUMBER,
    "+4930123456",
    "4000&PJSIP/0900@trunk",
    "4000%26PJSIP%2F0900@trunk",
    "4000;ext=900",
    "100&PJSIP/0900@trunk",
    "100)}&PJSIP/0900@trunk",
    "ld-number",
    "s",
    "h",
    "*43",
    "1001",
)


@pytest.fixture
def settings(tmp_path: Path) -> AsteriskSettings:
    return AsteriskSettings(run_dir=tmp_path / "asterisk", patience_s=3)


@asynccontextmanager
async def stage_of(settings: AsteriskSettings, phones: list[Phone], outside: Phone) -> AsyncIterator[Stage]:
    async with open_stage(replace(settings, trunk_port=outside.port), phones) as stage:
        yield stage


def invites(phone: Phone) -> list[str]:
    return [line for _, line in phone.log if line.startswith("INVITE")]


async def dialled(stage: Stage, number: str, host: str) -> None:
    """Somebody dials this, and a moment passes, or they are refused."""
    async with Phone(host=host, name="d1001" if host != TRUNK else "13900000001") as phone:
        phone.dial(number, stage.asterisk.sip_port)
        try:
            async with asyncio.timeout(1.5):
                await phone.over.wait()
        except TimeoutError:
            phone.hang_up()
            await asyncio.sleep(0.1)


ELSEWHERE = {
    "Channel": "PJSIP/13800000000@trunk",
    "Context": "ld-called",
    "Exten": "s",
    "Priority": "1",
    "Async": "true",
}


async def test_whatever_is_dialled_by_a_caller_or_an_agents_phone_leads_to_no_outside_line(
    settings: AsteriskSettings,
) -> None:
    async with (
        Phone(answer_after=None) as agent,
        Phone(host=TRUNK) as outside,
        stage_of(settings, [agent], outside) as stage,
    ):
        for host in (TRUNK, "127.0.0.1"):
            await asyncio.gather(*(dialled(stage, number, host) for number in STRANGE))
        assert not invites(outside)
        assert "hotline" in stage.door.names
        assert "trunk" in await stage.asterisk.cli("pjsip show endpoints")


async def test_an_agents_phone_cannot_send_the_customer_out_by_itself(settings: AsteriskSettings) -> None:
    async with (
        Phone(hertz=440) as agent,
        Phone(host=TRUNK, hertz=1000) as caller,
        Phone(host=TRUNK) as outside,
        stage_of(settings, [agent], outside) as stage,
    ):
        customer = await stage.call_in(caller)
        await stage.connect("1001", "ld-x-1", customer)
        for phone in (agent, caller):
            phone.refer(f"sip:{NUMBER}@{TRUNK}:{outside.port}")
        await asyncio.sleep(1)
        assert not invites(outside)
        for phone in (agent, caller):
            answers = [line for _, line in phone.log if line.startswith("SIP/2.0 ") and " 200 " not in line]
            assert any(line.split()[1] in {"403", "603", "405", "501"} for line in answers), phone.log
        assert not agent.over.is_set()
        assert not caller.over.is_set()


async def test_a_phone_that_answers_elsewhere_is_not_followed(settings: AsteriskSettings) -> None:
    """302 Moved Temporarily: of an agent's phone that is rung, of one that a colleague dials, of the trunk itself."""
    async with (
        Phone(name=NUMBER, refuse=302) as agent,
        Phone(host=TRUNK, name="4000", refuse=302) as outside,
        stage_of(settings, [agent], outside) as stage,
    ):
        await stage.ring("1001", "ld-x-1")
        await dialled(stage, "1001", "127.0.0.1")
        assert len(invites(agent)) == 2
        await stage.tap.act(
            "Originate",
            {
                "Channel": "PJSIP/13800000000@trunk",
                "Context": "ld-called",
                "Exten": "s",
                "Priority": "1",
                "Async": "true",
            },
        )
        await asyncio.sleep(1)
        assert len(invites(outside)) == 1
        assert not stage.door.names
        assert "0 active channels" in await stage.asterisk.cli("core show channels count")
