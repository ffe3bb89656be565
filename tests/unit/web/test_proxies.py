"""Whose address counts when proxies stand before us, and that a restart forgives no failed log-in."""

from ipaddress import ip_network

import pytest

from cti.web.auth import GateRules
from cti.web.limiter import PER_ADDRESS, PER_LOGIN
from cti.web.proxies import client_address
from tests.unit.web.conftest import PASSWORD, World
from tests.unit.web.fake_login import FakeLogin

OURS = (ip_network("127.0.0.0/8"), ip_network("10.0.0.0/24"))


@pytest.mark.parametrize(
    ("peer", "lines", "address"),
    [
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["1.1.1.1, 203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["1.1.1.1", "203.0.113.9, 10.0.0.7"], "203.0.113.9"),
        ("127.0.0.1", ["not an address"], "127.0.0.1"),
        ("::ffff:127.0.0.1", ["2001:db8::1"], "2001:db8::1"),
        (None, ["203.0.113.9"], ""),
    ],
)
def test_only_a_trusted_proxy_tells_where_somebody_is(peer: str | None, lines: list[str], address: str) -> None:
    assert client_address(peer, lines, OURS) == address


async def test_behind_a_proxy_one_guesser_does_not_lock_everybody_out(world: World) -> None:
    rules = GateRules(trusted_proxies=OURS)
    world.login = FakeLogin(world.users, world.sessions, clock=lambda: world.now, rules=rules)
    object.__setattr__(world.site, "gate", world.login.gate)
    async with world.client() as client:
        for n in range(PER_ADDRESS + 1):
            wrong = {"login": f"somebody{n}", "password": "x"}
            response = await client.post("/api/v1/session", json=wrong, headers={"X-Forwarded-For": "203.0.113.9"})
        assert response.status == 429
        right = {"login": "anna", "password": PASSWORD}
        response = await client.post("/api/v1/session", json=right, headers={"X-Forwarded-For": "203.0.113.10"})
        assert response.status == 201


async def test_a_restart_forgives_nobody(world: World) -> None:
    async with world.client() as client:
        for _ in range(PER_LOGIN):
            await client.post("/api/v1/session", json={"login": "anna", "password": "x"})
    failures = world.login.failures
    world.login = FakeLogin(world.users, world.sessions, clock=lambda: world.now)
    world.login.failures.failures = failures.failures
    object.__setattr__(world.site, "gate", world.login.gate)
    await world.site.gate.remember_failures()
    async with world.client() as client:
        response = await client.post("/api/v1/session", json={"login": "anna", "password": PASSWORD})
        assert response.status == 429
