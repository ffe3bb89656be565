"""One's own account: passwords, second factors, sessions; and who has to do something about it first."""

import pyotp
import pytest

from cti.web.auth import GateRules
from cti.web.limiter import PER_LOGIN
from cti.web.password_rules import PasswordRules, weakness
from tests.unit.web.conftest import PASSWORD, Client, World, log_in
from tests.unit.web.fake_login import FakeLogin

NEW = "a horse of another colour"


async def attempt(client: Client, login: str, password: str = PASSWORD, code: str = "") -> tuple[int, str]:
    body = {"login": login, "password": password, "code": code}
    response = await client.post("/api/v1/session", json=body)
    return response.status, (await response.json()).get("code", "")


async def enrolled(world: World, client: Client) -> tuple[pyotp.TOTP, list[str]]:
    begun = await (await client.post("/api/v1/account/second-factor", json={"password": PASSWORD})).json()
    totp = pyotp.TOTP(begun["secret"])
    assert f"secret={begun['secret']}" in begun["uri"]
    response = await client.post("/api/v1/account/second-factor/confirmation", json={"code": totp.at(int(world.now))})
    assert response.status == 200, await response.text()
    return totp, (await response.json())["codes"]


# --- second factor ---


async def test_a_second_factor_is_asked_for_from_the_day_it_is_confirmed(world: World) -> None:
    async with world.client("anna") as client:
        begun = await (await client.post("/api/v1/account/second-factor", json={"password": PASSWORD})).json()
        assert await attempt(client, "anna") == (201, ""), "one that is not confirmed locks nobody out"
        del begun
    async with world.client("anna") as client:
        totp, codes = await enrolled(world, client)
        assert len(set(codes)) == 10
        account = await (await client.get("/api/v1/account")).json()
        assert account["second_factor"] == {"offered": True, "required": False, "enrolled": True, "codes_left": 10}
        assert totp.secret not in str(account)
        assert totp.secret.encode() not in world.login.factors.factors["anna"].sealed
    async with world.client() as client:
        assert await attempt(client, "anna") == (401, "code_required")
        assert await attempt(client, "anna", code="000000") == (401, "unauthorised")
        assert await attempt(client, "anna", code=totp.at(int(world.now))) == (401, "unauthorised"), "used to confirm"
        world.now += 30
        code = totp.at(int(world.now))
        assert await attempt(client, "anna", "wrong", code) == (401, "unauthorised")
        assert await attempt(client, "anna", code=code) == (201, "")
        assert await attempt(client, "anna", code=code) == (401, "unauthorised"), "a code counts once"


@pytest.mark.parametrize(("off_s", "status"), [(-60, 401), (-30, 201), (30, 201), (60, 401)])
async def test_a_clock_may_be_one_step_off(world: World, off_s: int, status: int) -> None:
    async with world.client("anna") as client:
        totp, _ = await enrolled(world, client)
        world.now += 3000
        assert (await attempt(client, "anna", code=totp.at(int(world.now) + off_s)))[0] == status


async def test_a_recovery_code_opens_once_however_it_is_typed(world: World) -> None:
    async with world.client("anna") as client:
        _, codes = await enrolled(world, client)
    async with world.client() as client:
        assert (await attempt(client, "anna", code=codes[0].lower().replace("-", " ")))[0] == 201
        assert (await attempt(client, "anna", code=codes[0]))[0] == 401
        assert (await attempt(client, "anna", code=codes[1]))[0] == 201


async def test_codes_cannot_be_tried_without_end_by_whoever_has_the_password(world: World) -> None:
    async with world.client("anna") as client:
        await enrolled(world, client)
    async with world.client() as client:
        for _ in range(PER_LOGIN):
            assert await attempt(client, "anna") == (401, "code_required")
            assert await attempt(client, "anna", code="000000") == (401, "unauthorised")
        assert (await attempt(client, "anna", code="000000"))[0] == 429


async def test_who_needs_a_factor_can_do_nothing_before_enrolling(world: World) -> None:
    required = frozenset({"supervisor"})
    world.login = FakeLogin(world.users, world.sessions, clock=lambda: world.now, required_for=required)  # type: ignore[arg-type]
    object.__setattr__(world.site, "gate", world.login.gate)
    object.__setattr__(world.site, "entrance", world.login.entrance)
    async with world.client("anna") as agent:
        assert (await agent.get("/api/v1/queues")).status == 200
    async with world.client("sue") as client:
        assert (await (await client.get("/api/v1/session")).json())["must"] == "enrol"
        assert (await client.get("/api/v1/queues")).status == 403
        origin = str(client.make_url("/")).rstrip("/")
        assert (await client.get("/ws/v1", headers={"Origin": origin})).status == 403
        await enrolled(world, client)
        assert (await (await client.get("/api/v1/session")).json())["must"] == ""
        assert (await client.get("/api/v1/queues")).status == 200
        removal = await client.post("/api/v1/account/second-factor/removal", json={"password": PASSWORD})
        assert removal.status == 403


# --- passwords ---


async def test_another_password_takes_the_old_one_and_ends_the_other_sessions(world: World) -> None:
    async with world.client("anna") as other, world.client("anna") as client:
        change = {"old": "wrong", "new": NEW}
        assert (await client.post("/api/v1/account/password", json=change)).status == 401
        assert (await client.post("/api/v1/account/password", json=change | {"old": PASSWORD})).status == 204
        assert (await client.get("/api/v1/session")).status == 200
        assert (await other.get("/api/v1/session")).status == 401
    async with world.client() as client:
        assert (await attempt(client, "anna"))[0] == 401
        await log_in(client, "anna", NEW)


async def test_a_weak_new_password_is_refused_with_the_reason(world: World) -> None:
    async with world.client("anna") as client:
        response = await client.post("/api/v1/account/password", json={"old": PASSWORD, "new": "password12345"})
        problem = await response.json()
        assert (response.status, problem["state"], problem["field"]) == (422, "common", "new")


async def test_a_password_given_by_an_admin_has_to_be_changed_first(world: World) -> None:
    async with world.client("anna") as before, world.client("ada") as admin:
        assert (await admin.post("/api/v1/users/anna/password", json={"password": NEW})).status == 204
        assert (await before.get("/api/v1/session")).status == 401
        assert (await admin.post("/api/v1/users/nobody/password", json={"password": NEW})).status == 404
    async with world.client() as client:
        csrf = await log_in(client, "anna", NEW)
        assert (await client.get("/api/v1/queues")).status == 403
        change = {"old": NEW, "new": "and quite another horse"}
        headers = {"X-CSRF-Token": csrf}
        assert (await client.post("/api/v1/account/password", json=change, headers=headers)).status == 204
        assert (await client.get("/api/v1/queues")).status == 200


@pytest.mark.parametrize(
    ("password", "found"),
    [
        ("elevenchars", "too_short"),
        ("Password1234", "common"),
        ("P@ssw0rd!2026", "common"),
        ("woaini520woaini", "common"),
        ("iloveyouiloveyou", "common"),
        ("correcthorsebatterystaple", "common"),
        ("aaaaaaaaaaaaaa", "monotonous"),
        ("123412341234", "monotonous"),
        ("234567890123", "monotonous"),
        ("qwertyuiopas", "monotonous"),
        ("1001100110011001", "monotonous"),
        ("Anna.Karenina2026", "own_name"),
        ("karenina-karenina", "own_name"),
        ("acme corp 2026!", "own_name"),
        ("839174650283", None),
        ("wet tin roof song", None),
        ("我爱吃四川的麻婆豆腐和米饭", None),
    ],
)
def test_new_passwords_are_long_and_not_the_first_that_is_tried(password: str, found: str | None) -> None:
    rules = PasswordRules(refused=("acme corp",))
    assert weakness(password, rules, names=("1001", "Anna Karenina", "karenina")) == found


# --- sessions ---


async def test_people_see_where_they_are_logged_in_and_end_it_there(world: World) -> None:
    async with world.client("anna") as elsewhere, world.client("anna") as client, world.client("ben") as ben:
        items = (await (await client.get("/api/v1/account/sessions")).json())["items"]
        assert sorted(one["this_one"] for one in items) == [False, True]
        other = next(one["session_id"] for one in items if not one["this_one"])
        assert (await ben.delete(f"/api/v1/account/sessions/{other}")).status == 404
        assert (await client.delete(f"/api/v1/account/sessions/{other}")).status == 204
        assert (await elsewhere.get("/api/v1/session")).status == 401
        assert (await client.get("/api/v1/session")).status == 200


async def test_an_idle_session_ends_and_a_used_one_does_not(world: World) -> None:
    world.login = FakeLogin(world.users, world.sessions, clock=lambda: world.now, rules=GateRules(idle_s=3600))
    object.__setattr__(world.site, "gate", world.login.gate)
    async with world.client("anna") as idle, world.client("ben") as used:
        for _ in range(11):
            world.now += 3600
            assert (await used.get("/api/v1/session")).status == 200
        assert (await idle.get("/api/v1/session")).status == 401
