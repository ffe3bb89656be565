import pytest

from cti.web.limiter import PER_ADDRESS, PER_LOGIN, WINDOW_S, LoginLimiter
from tests.unit.web.conftest import PASSWORD, World, log_in


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(world: World) -> None:
    async with world.client() as client:
        response = await client.post("/api/v1/session", json={"login": "anna", "password": PASSWORD})
        cookie = response.headers["Set-Cookie"]
        body = await response.json()
    for attribute in ("HttpOnly", "SameSite=Strict", "Path=/"):
        assert attribute in cookie
    assert body["role"] == "agent"
    assert body["demo"] is True
    assert body["csrf"] not in cookie


async def test_every_log_in_opens_a_new_session_and_ends_the_one_that_the_browser_came_with(
    world: World,
) -> None:
    async with world.client("anna") as client:
        (planted,) = world.sessions.sessions
        await log_in(client, "anna")
        (fresh,) = world.sessions.sessions
        assert fresh != planted, "whoever planted the first cookie is not let in by the second log-in"
    async with world.client("anna"):
        assert len(world.sessions.sessions) == 2
    assert all(len(token) >= 43 for token in world.sessions.sessions), "256 bits"


@pytest.mark.parametrize(("login", "password"), [("anna", "wrong"), ("nobody", PASSWORD), ("anna", PASSWORD + " ")])
async def test_wrong_login_and_wrong_password_look_the_same(world: World, login: str, password: str) -> None:
    async with world.client() as client:
        response = await client.post("/api/v1/session", json={"login": login, "password": password})
        assert response.status == 401
        assert await response.json() == {
            "code": "unauthorised",
            "message": "login or password is wrong",
            "field": "",
            "state": "",
        }
        assert "Set-Cookie" not in response.headers


async def test_a_disabled_user_cannot_log_in_and_loses_a_running_session(world: World) -> None:
    async with world.client("anna") as client:
        anna = world.users.users["anna"]
        world.users.users["anna"] = type(anna)(
            login=anna.login, name=anna.name, role=anna.role, password_hash=anna.password_hash, disabled=True
        )
        world.now += 31
        assert (await client.get("/api/v1/session")).status == 401
        response = await client.post("/api/v1/session", json={"login": "anna", "password": PASSWORD})
        assert response.status == 401


async def test_log_out_ends_the_session(world: World) -> None:
    async with world.client("anna") as client:
        assert (await client.get("/api/v1/session")).status == 200
        assert (await client.delete("/api/v1/session")).status == 204
        assert (await client.get("/api/v1/session")).status == 401
    assert not world.sessions.sessions


async def test_a_session_ends_by_time(world: World) -> None:
    async with world.client("anna") as client:
        world.now += 12 * 3600 + 1
        assert (await client.get("/api/v1/session")).status == 401


async def test_a_running_session_outlives_the_database(world: World) -> None:
    async with world.client("anna") as client:
        world.sessions.away = world.users.away = True
        world.now += 600
        assert (await client.get("/api/v1/queues")).status == 200
        client.session.cookie_jar.update_cookies({"laidian": "another"}, client.make_url("/"))
        response = await client.get("/api/v1/queues")
        assert response.status == 503
        assert (await response.json())["code"] == "unavailable"


async def test_too_many_failed_log_ins_are_told_when_to_come_back(world: World) -> None:
    async with world.client() as client:
        for _ in range(PER_LOGIN):
            response = await client.post("/api/v1/session", json={"login": "anna", "password": "x"})
            assert response.status == 401
        world.now += 100
        response = await client.post("/api/v1/session", json={"login": "anna", "password": PASSWORD})
        assert response.status == 429
        assert response.headers["Retry-After"] == "200"
        assert "200 seconds" in (await response.json())["message"]
        await log_in(client, "ben")
        world.now += 201
        await log_in(client, "anna")


def test_the_limit_per_address_holds_over_many_logins() -> None:
    limiter = LoginLimiter()
    for n in range(PER_ADDRESS):
        assert limiter.begin(f"login{n}", "1.2.3.4", 1000 + n) == 0
    assert limiter.begin("another", "1.2.3.4", 1050) == pytest.approx(WINDOW_S - 50)
    assert limiter.begin("another", "1.2.3.5", 1050) == 0


def test_many_attempts_at_once_all_count_before_the_first_is_checked() -> None:
    limiter = LoginLimiter()
    waits = [limiter.begin("anna", str(n), 1000) for n in range(PER_LOGIN + 5)]
    assert [wait > 0 for wait in waits] == [False] * PER_LOGIN + [True] * 5


def test_right_log_ins_do_not_use_up_the_limit() -> None:
    limiter = LoginLimiter()
    for _ in range(100):
        assert limiter.begin("anna", "127.0.0.1", 1000) == 0
        limiter.succeeded("anna", "127.0.0.1")


def test_the_limiter_forgets_the_oldest() -> None:
    limiter = LoginLimiter()
    for n in range(20_000):
        limiter.begin(f"login{n}", f"address{n}", 1000)
    assert len(limiter._attempts) <= 10_000
