"""TLS with a CA made for the test: the right one connects, a wrong name or another CA is told in a sentence."""

import asyncio
import ssl
import warnings
from collections.abc import Sequence
from pathlib import Path

import aiohttp
import pytest
from cryptography import x509
from structlog.testing import capture_logs

from cti.ami.client import Account
from cti.ami.probe import probe
from cti.bus import Bus
from cti.daemon.running import running
from cti.desk.hub import Hub
from cti.errors import Unusable
from cti.events import LinkLost
from cti.mqtt.service import publishing
from cti.settings import MqttSettings, Settings, read
from cti.tls import client_context
from tests.harness.certificates import Authority, Certificate
from tests.harness.desk import password_of
from tests.harness.house import add_people, configured, open_asterisk, write_config
from tests.harness.mosquitto import Mosquitto

NAME = "asterisk.test"


@pytest.fixture
def ours(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "ours")


@pytest.fixture
def theirs(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "theirs")


def old_tls(authority: Authority) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=authority.file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # which is what is shown here
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    return context


async def shown(url: str, authority: Authority) -> int:
    """The serial number of the certificate that a new connection is shown."""
    host, port = url.removeprefix("https://").split(":")
    _, writer = await asyncio.open_connection(host, int(port), ssl=client_context(authority.file))
    found = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    return x509.load_der_x509_certificate(found).serial_number


async def test_the_desk_over_https_and_asterisk_over_tls(tmp_path: Path, ours: Authority, theirs: Authority) -> None:
    web, sip = ours.issue("127.0.0.1", file="web"), ours.issue(NAME)
    async with open_asterisk(tmp_path, certificate=sip.certificate, key=sip.key) as asterisk:
        port = asterisk.settings.ami_tls_port
        ami = {"port": port, "tls": True, "ca_file": str(ours.file), "server_name": NAME}
        files = {"certificate": str(web.certificate), "key": str(web.key)}
        settings = configured(tmp_path, asterisk, web={"tls": files}, ami=ami)
        await add_people(settings)
        async with running(settings) as daemon:
            assert daemon.url.startswith("https://")
            await a_person_works(daemon.url, ours, theirs)
            await certificates_are_renewed(daemon, ours, web)
        how = {"host": "127.0.0.1", "port": port, "username": asterisk.ami_user, "secret": asterisk.ami_secret}
        for authority, name, sentence in (
            (ours, "elsewhere.test", "the server's certificate is not for 'elsewhere.test'"),
            (theirs, NAME, "comes from no CA that we trust"),
        ):
            with pytest.raises(Unusable, match=sentence):
                await probe(Account(**how, tls=client_context(authority.file), server_name=name))  # type: ignore[arg-type]


async def a_person_works(url: str, ours: Authority, theirs: Authority) -> None:
    """Logs in, has a cookie that is never sent in plain text, and a websocket; nobody else's certificate is taken."""
    connector = aiohttp.TCPConnector(ssl=client_context(ours.file))
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        credentials = {"login": "1001", "password": password_of("1001")}
        async with http.post(f"{url}/api/v1/session", json=credentials, headers={"Origin": url}) as answer:
            assert answer.status == 201
            assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
            cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("__Host-laidian=")
        assert "; Secure" in cookie
        async with http.ws_connect(f"{url}/ws/v1", headers={"Origin": url}) as socket:
            assert (await socket.receive_json(timeout=10))["t"] == "snapshot"
        with pytest.raises(aiohttp.ClientError):
            async with http.get(url, ssl=client_context(theirs.file)):
                pass
        with pytest.raises(aiohttp.ClientError):
            async with http.get(url, ssl=old_tls(ours)):
                pass
    plain = url.replace("https:", "http:")
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.ClientError):
            await http.get(plain)


async def certificates_are_renewed(daemon: object, ours: Authority, web: Certificate) -> None:
    """By a reload, which refuses what is no certificate and goes on with the old one."""
    url, reload = daemon.url, daemon.reload  # type: ignore[attr-defined]
    assert await shown(url, ours) == web.serial
    fresh = ours.issue("127.0.0.1", file="web")
    assert await shown(url, ours) == web.serial
    await reload()
    assert await shown(url, ours) == fresh.serial
    fresh.key.write_text("nothing")
    with pytest.raises(Unusable, match="there is no certificate with its key in"):
        await reload()
    assert await shown(url, ours) == fresh.serial


def with_broker(root: Path, **mqtt: object) -> Settings:
    write_config(root)
    return read(root).model_copy(update={"mqtt": MqttSettings(host="127.0.0.1", **mqtt)})  # type: ignore[arg-type]


async def settled(settings: Settings, bus: Bus, lines: Sequence[object]) -> None:
    """Until the broker has a fact, or `lines` say why not."""
    async with publishing(settings, bus=bus, hub=Hub(), version="1") as publisher:
        assert publisher is not None
        bus.publish(LinkLost(at=1.0, reason="x"))

        def known() -> bool:
            return (publisher.connected and not publisher.waiting) or "mqtt is away" in str(lines)

        async with asyncio.timeout(30):  # of a certificate that the broker refuses nothing is heard for a while
            while not known():  # noqa: ASYNC110 - somebody else's process makes it true
                await asyncio.sleep(0.05)


async def test_mqtt_over_tls_with_certificates_on_both_sides(
    tmp_path: Path, ours: Authority, theirs: Authority
) -> None:
    server, client, stranger = ours.issue("127.0.0.1"), ours.issue("daemon"), theirs.issue("nobody")
    lines = (f"cafile {ours.file}", f"certfile {server.certificate}", f"keyfile {server.key}")
    mosquitto = Mosquitto(tmp_path, *lines, "require_certificate true", "allow_anonymous true", "user root")
    await mosquitto.start()

    async def connects(authority: Authority, mine: Certificate, host: str = "127.0.0.1") -> str:
        """What is logged until it has connected, or has said why not."""
        settings = with_broker(
            tmp_path,
            port=mosquitto.port,
            tls=True,
            ca_file=authority.file,
            certificate=mine.certificate,
            key=mine.key,
        )
        assert settings.mqtt is not None
        settings = settings.model_copy(update={"mqtt": settings.mqtt.model_copy(update={"host": host})})
        bus = Bus()
        with capture_logs() as lines:
            await settled(settings, bus, lines)
        return str(lines)

    try:
        assert "mqtt connected" in await connects(ours, client)
        assert "comes from no CA that we trust" in await connects(theirs, client)
        assert "the server's certificate is not for 'localhost'" in await connects(ours, client, "localhost")
        assert "mqtt is away" in await connects(ours, stranger)
    finally:
        await mosquitto.stop()
