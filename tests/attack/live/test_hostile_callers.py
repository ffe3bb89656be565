"""Strangers at every open door of a running house at once, and a customer who is served as if there were none."""

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from cti.events import InteractionConnected, InteractionEnded, InteractionStarted
from tests.attack.live.stranger import Stranger, stranger
from tests.harness.apart import Apart, open_apart
from tests.harness.house import until

AGENT, CUSTOMER = 1000, 600
SLOW = 150
"""Connections of each kind that send a byte now and then."""

FORGED = "139\r\n\r\nEvent: Hangup\r\nUniqueid: 1.1\r\nChannel: PJSIP/d1001-00000001\r\n\r\n"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Apart]:
    async with open_apart(tmp_path) as opened:
        yield opened


def callers(canary: Path) -> list[tuple[str, str]]:
    """What stands in From, and who is called."""
    shell = "${SHELL(touch " + str(canary) + ")}"
    users = [
        FORGED,
        shell,
        "139\nagi_dnid: 666",
        "139\r\nUniqueid: 1.1",
        "a,b|c&d;e",
        "'; DROP TABLE interactions; --",
        "../../x",
    ]
    names = [
        shell,
        'x\\" <sip:1@evil>',
        "<script>alert(1)</script>",
        "a,LD_CUSTOMER=1",
        "名" * 15_000,
        "\x1b[31m",
        "=1+1",
    ]
    at = "@127.0.0.2"
    return [
        *((f"<sip:{quote(user, safe='')}{at}>", "4000") for user in users),
        *((f'"{name}" <sip:1370000{count:04}{at}>', "4000") for count, name in enumerate(names)),
        (f"<sip:13700001000{at}>", quote("4000\r\nEvent: Hangup", safe="")),
        (f"<sip:13700001001{at}>", quote(f"4000{shell}", safe="")),
        (f"<sip:13700001002{at}>", "4" * 10_000),
        (f"<sip:{'1' * 10_000}{at}>", "4000"),
    ]


def nonsense(who: Stranger) -> None:
    """What is no SIP at all, or too much of it."""
    for data in (b"\0" * 1000, b"INVITE", b"INVITE sip:4000 SIP/2.0\r\n\r\n", bytes(range(256)) * 200, b"\r\n\r\n"):
        who.send(data)
    who.send(b"INVITE sip:4000@127.0.0.1 SIP/2.0\r\nContent-Length: -1\r\n\r\n" + b"x" * 100)
    who.invite("<sip:13700001003@127.0.0.2>", more=[f"X-{count}: {'y' * 20}" for count in range(1500)])


@contextlib.asynccontextmanager
async def dripping(host: str, port: int, begin: bytes) -> AsyncIterator[None]:
    """Many who have begun and go on with a byte a second."""
    writers = [(await asyncio.open_connection(host, port))[1] for _ in range(SLOW)]

    async def drip() -> None:
        while True:
            for writer in writers:
                if not writer.is_closing():
                    writer.write(b"x")
            await asyncio.sleep(1)

    for writer in writers:
        writer.write(begin)
    task = asyncio.create_task(drip())
    try:
        yield
    finally:
        task.cancel()
        for writer in writers:
            writer.close()


async def test_a_customer_is_served_meanwhile(house: Apart, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    web = urlsplit(house.daemon.url)
    async with (
        house.agent("1001") as agent,
        house.caller() as caller,
        stranger(house.server) as who,
        dripping("127.0.0.1", house.daemon.agi_port, b"agi_network: yes\nagi_callerid: "),
        dripping("127.0.0.1", house.daemon.agi_port, b"agi_"),
        dripping(web.hostname or "", web.port or 0, b"GET / HTTP/1.1\r\nHost: x\r\nX-A: "),
        dripping(
            web.hostname or "",
            web.port or 0,
            b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n{",
        ),
    ):
        await agent.play(AGENT)
        await caller.play(CUSTOMER)
        nonsense(who)
        calls = [who.invite(*one) for one in callers(canary)]
        began = time.monotonic()
        connected = await house.talk(caller, agent)
        assert time.monotonic() - began < 30
        await until(lambda: len(who.final) >= len(calls) - 4, "the strangers' calls are answered or refused", within=20)
        await caller.wait_hears({AGENT})
        await agent.wait_hears({CUSTOMER})
        assert not house.books.of(InteractionEnded, interaction_id=connected.interaction_id)
        await caller.hang_up()
        ended = await house.books.wait(InteractionEnded, interaction_id=connected.interaction_id)
        assert (ended.outcome, ended.ended_by) == ("handled", "customer")
        assert len(house.books.of(InteractionConnected)) == 1
        looks_at_what_the_strangers_left(house)
        log = house.daemon.log
        await house.daemon.kill()  # to stop would wait for the strangers in the menu
    assert not canary.exists()
    assert "Traceback" not in log
    assert max(map(len, log.splitlines())) < 50_000


def looks_at_what_the_strangers_left(house: Apart) -> None:
    started = house.books.of(InteractionStarted)
    assert len(started) > 5
    for fact in started:
        assert re.fullmatch(r"[0-9a-zA-Z+*#_.,-]{0,256}", fact.customer_number), fact.customer_number[:200]
        assert re.fullmatch(r"[0-9+]{0,256}", fact.dialled), fact.dialled[:200]
    assert "1.1" not in {row["channel"] for row in house.books.rows("SELECT * FROM interactions") if "channel" in row}
