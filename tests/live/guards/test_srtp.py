"""What agents say is encrypted: hard phones by SDES where that is configured, browsers by DTLS always."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from cti.daemon.running import running
from cti.private_asterisk import AgentEndpoint, AsteriskSettings
from cti.simulated.phone import Phone as SoftPhone
from cti.tls import client_context
from tests.harness.certificates import Authority
from tests.harness.house import House, add_people, configured, open_asterisk
from tests.live.private_asterisk.conftest import Stage, open_stage
from tests.live.private_asterisk.phone import Phone

NAME = "sip.test"
CUSTOMER, AGENT = 440, 1000
OPTIONS = (
    "OPTIONS sip:{host} SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1:{port};branch=z9hG4bK1;rport\r\nMax-Forwards: 70\r\n"
    "From: <sip:d1001@127.0.0.1>;tag=1\r\nTo: <sip:{host}>\r\nCall-ID: options-1\r\nCSeq: 1 OPTIONS\r\n"
    "Contact: <sip:d1001@127.0.0.1:{port};transport=tls>\r\nContent-Length: 0\r\n\r\n"
)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@asynccontextmanager
async def secure_stage(tmp_path: Path, authority: Authority, phones: list[Phone]) -> AsyncIterator[Stage]:
    own = authority.issue(NAME)
    settings = AsteriskSettings(
        run_dir=tmp_path / "asterisk", patience_s=3, certificate=own.certificate, key=own.key, srtp=True
    )
    async with open_stage(settings, phones) as stage:
        yield stage


async def test_a_hard_phone_is_offered_keys_and_one_without_is_not_talked_with(
    tmp_path: Path, authority: Authority
) -> None:
    async with Phone(hertz=440) as plain, secure_stage(tmp_path, authority, [plain]) as stage:
        await stage.ring("1001", "ld-x-1")
        async with asyncio.timeout(20):
            await plain.rang.wait()
        assert re.search(r"m=audio \d+ RTP/SAVP ", plain.invite)
        assert re.search(r"a=crypto:\d+ AES_(CM_128|256_CM|CM_256)_HMAC_SHA1_", plain.invite)
        async with asyncio.timeout(20):  # it answers all the same, in plain text
            await plain.over.wait()
        assert "0 active channels" in await stage.asterisk.cli("core show channels count")
        async with Phone(name="d1001") as caller:
            caller.dial("*43", stage.asterisk.sip_port)
            async with asyncio.timeout(20):
                await caller.over.wait()
            assert "SIP/2.0 488" in " ".join(line for _, line in caller.log)


async def test_sip_over_tls_shows_our_certificate_and_answers(tmp_path: Path, authority: Authority) -> None:
    async with secure_stage(tmp_path, authority, []) as stage:
        for port in (stage.asterisk.settings.sip_tls_port, stage.asterisk.settings.wss_port):
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", port, ssl=client_context(authority.file), server_hostname=NAME
            )
            assert writer.get_extra_info("ssl_object").version() in {"TLSv1.2", "TLSv1.3"}
            if port == stage.asterisk.settings.sip_tls_port:
                writer.write(OPTIONS.format(host=NAME, port=port).encode())
                assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"SIP/2.0 ")
            writer.close()


async def test_a_browser_has_dtls_with_and_without_a_certificate(tmp_path: Path, authority: Authority) -> None:
    browser = AgentEndpoint(extension="1001", browser_secret="a-secret-of-a-browser")
    async with secure_stage(tmp_path, authority, []) as stage:
        await stage.asterisk.write_agents(replace(browser))
        shown = await stage.asterisk.cli("pjsip show endpoint w1001")
    assert re.search(r"media_encryption +: dtls", shown)
    assert re.search(r"media_encryption_optimistic +: false", shown)
    assert re.search(r"dtls_auto_generate_cert +: Yes", shown)


async def test_two_who_talk_with_keys_hear_each_other(tmp_path: Path, authority: Authority) -> None:
    """A hard phone with SRTP and a caller of the trunk without."""
    own = authority.issue(NAME)
    async with open_asterisk(tmp_path, certificate=own.certificate, key=own.key, srtp=True) as asterisk:
        settings = configured(tmp_path, asterisk)
        await add_people(settings)
        async with running(settings) as daemon:
            house = House(asterisk, daemon)
            daemon.bus.subscribe(house.hear)
            secret = daemon.phones.hard_secret("1001")
            async with (
                SoftPhone("d1001", server=house.server, secret=secret, srtp=True) as agent,
                house.caller() as caller,
            ):
                await agent.play(AGENT)
                await caller.play(CUSTOMER)
                await house.talk(caller, agent)
                await agent.wait_hears({CUSTOMER})
                await caller.wait_hears({AGENT}, steady_s=1.0)
