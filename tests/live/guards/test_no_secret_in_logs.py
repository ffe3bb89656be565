"""A day with detailed logs - log-ins, calls, a card number, a reload, errors - and no secret in any log or file."""

import asyncio
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from cti.desk import commands as ask
from cti.events import FlowLeft, RecordingPublished
from tests.harness.apart import Apart, open_apart
from tests.harness.desk import Refused, password_of
from tests.harness.mosquitto import Mosquitto
from tests.harness.process import run_laidian

CARD = "4539578763621486"
TYPED_WRONG = "not-my-pass-2931"
SOUND = {".wav", ".raw", ".sln16"}
LIVES_IN = {"ami": ("var/ami.secret", "asterisk/etc/manager.conf"), "mqtt": ("var/mqtt.secret",), "key": ("var/key",)}


def secret_file(root: Path, name: str, content: str) -> Path:
    file = root / "var" / name
    file.parent.mkdir(exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(content)
    return file


async def broker(root: Path, password: str) -> Mosquitto:
    """One that wants a password, and logs all it can."""
    users, log = root / "users", root / "mosquitto.log"
    hashing = await asyncio.create_subprocess_exec("mosquitto_passwd", "-b", "-c", str(users), "laidian", password)
    assert await hashing.wait() == 0
    lines = ("allow_anonymous false", f"password_file {users}", f"log_dest file {log}", "log_type all", "user root")
    mosquitto = Mosquitto(root, *lines)
    await mosquitto.start()
    return mosquitto


async def tries_to_log_in(url: str) -> str:
    """The wrong password, then the right one; the token of the session."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        for login, password, status in (
            ("1001", TYPED_WRONG, 401),
            (TYPED_WRONG, "x", 401),  # into the wrong field
            ("1001", password_of("1001"), 201),
        ):
            body = {"login": login, "password": password}
            async with http.post(f"{url}/api/v1/session", json=body, headers={"Origin": url}) as answer:
                assert answer.status == status
        async with http.get(f"{url}/api/v1/me"):
            pass
        return str(answer.cookies["laidian"].value)


async def a_day(house: Apart) -> None:
    """A talk with a card number in it, a call out, a refusal, a reload, and an AMI account with the wrong secret."""
    async with house.caller() as caller, house.agent("1001") as agent, house.outside() as home:
        talk = await house.talk(caller, agent)
        async with house.desk("1001") as desk:
            await desk.ask(ask.SendToFlow, interaction_id=talk.interaction_id, flow="card_number")
            await desk.wait("call", flow="card_number")
            await asyncio.sleep(2)
            await caller.send_digits(f"{CARD}#")
            await house.books.wait(FlowLeft, within=40)
            await caller.hang_up()
            await house.books.wait(RecordingPublished, within=30)
            await desk.wait("me", state="wrap_up")
            await desk.ask(ask.SaveWrapUp, interaction_id=talk.interaction_id, disposition="solved", final=True)
            await desk.wait("me", state="ready")
            with pytest.raises(Refused):
                await desk.ask(ask.DialOut, kind="number", target="+4930123456")
            await desk.ask(ask.DialOut, kind="number", target="13900000001")
            await home.wait_call(within=15)
            await home.answer()
            await desk.wait("call", phase="connected")
            await home.hang_up()
    reloaded = await run_laidian("reload", "--root", str(house.root))
    assert reloaded.code == 0, reloaded.err
    for command in ("config", "show"), ("status",):
        shown = await run_laidian(*command, "--root", str(house.root))
        (house.root / f"{command[0]}.out").write_text(shown.out + shown.err)


async def an_intruder(house: Apart) -> None:
    """Knocks at AMI with a secret that is nearly right."""
    reader, writer = await asyncio.open_connection("127.0.0.1", house.asterisk.ami_port)
    wrong = house.asterisk.ami_secret[:-1]
    writer.write(f"Action: Login\r\nUsername: {house.asterisk.ami_user}\r\nSecret: {wrong}\r\n\r\n".encode())
    assert b"Error" in await reader.readuntil(b"\r\n\r\n")
    writer.close()


def found_in(root: Path, secret: str, lives_in: tuple[str, ...]) -> Iterator[str]:
    """The files that hold it and should not."""
    for path in root.rglob("*"):
        name = str(path.relative_to(root))
        searched = path.is_file() and not path.is_symlink() and path.suffix not in SOUND and name not in lives_in
        if searched and secret.encode() in path.read_bytes():
            yield name


async def test_no_secret_is_in_any_log_or_file_that_is_not_its_own(tmp_path: Path) -> None:
    password, key = secrets.token_urlsafe(24), secrets.token_hex(32)
    mosquitto = await broker(tmp_path, password)
    mqtt = {"port": mosquitto.port, "username": "laidian", "password_file": "var/mqtt.secret"}
    secret_file(tmp_path, "mqtt.secret", password)
    secret_file(tmp_path, "key", key)
    recording = {"encryption": {"keys": [{"id": "k1", "key_file": "var/key"}]}}
    try:
        async with open_apart(tmp_path, mqtt=mqtt, recording=recording, logs={"level": "debug"}) as house:
            token = await tries_to_log_in(house.daemon.url)
            await a_day(house)
            await an_intruder(house)
            log = house.daemon.log
            assert "mqtt connected" in log
            assert "not dialled" in log
            endpoints = (tmp_path / "asterisk" / "etc" / "pjsip_agents.conf").read_text()
            sip = re.findall(r"password = (\S+)", endpoints)
            assert sip
            modes = {path: path.stat().st_mode for path in (tmp_path / "asterisk" / "etc").glob("*.conf")}
            modes[tmp_path / "var" / "desk-phones.json"] = (tmp_path / "var" / "desk-phones.json").stat().st_mode
            assert [str(path) for path, mode in modes.items() if mode & 0o077] == []
            assert await house.daemon.stop() == 0
    finally:
        await mosquitto.stop()
    phones = ("var/desk-phones.json", "asterisk/etc/pjsip_agents.conf")
    hidden: dict[str, tuple[str, ...]] = {
        house.asterisk.ami_secret: LIVES_IN["ami"],
        password: LIVES_IN["mqtt"],
        key: LIVES_IN["key"],
        token: (),
        CARD: (),
        TYPED_WRONG: (),
        password_of("1001"): (),
        **dict.fromkeys(sip, phones),
    }
    leaks = {secret: where for secret, own in hidden.items() if (where := list(found_in(tmp_path, secret, own)))}
    assert leaks == {}
