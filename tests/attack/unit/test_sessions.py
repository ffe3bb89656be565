"""Sessions: fixed, stolen by other pages, or used without the token that only our own page knows."""

import pytest

from cti.web.app import ROUTES
from cti.web.registry import ANYONE, Route
from tests.unit.web.conftest import PASSWORD, Client, World, log_in
from tests.unit.web.test_roles import BODIES, filled

UNSAFE = [route for route in ROUTES if route.unsafe and route.roles is not ANYONE]
FOREIGN = ("https://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1.evil.example:1", "file://")


def named(route: Route) -> str:
    return f"{route.method} {route.path}"


async def test_a_session_that_was_planted_is_not_taken_over(world: World) -> None:
    """Fixation: whoever put a cookie into the browser before the log-in knows nothing afterwards."""
    planted = "a" * 43
    async with world.client() as victim:
        victim.session.cookie_jar.update_cookies({world.gate.cookie: planted}, victim.make_url("/"))
        await log_in(victim, "anna")
        mine = next(cookie.value for cookie in victim.session.cookie_jar if cookie.key == world.gate.cookie)
    assert mine != planted
    assert planted not in world.sessions.sessions
    async with world.client() as thief:
        response = await thief.get("/api/v1/session", headers={"Cookie": f"{world.gate.cookie}={planted}"})
        assert response.status == 401


async def test_a_session_is_over_for_everybody_who_copied_it(world: World) -> None:
    async with world.client("anna") as anna, world.client() as thief:
        cookie = "; ".join(f"{one.key}={one.value}" for one in anna.session.cookie_jar)
        assert (await thief.get("/api/v1/session", headers={"Cookie": cookie})).status == 200
        assert (await anna.delete("/api/v1/session")).status == 204
        assert (await thief.get("/api/v1/session", headers={"Cookie": cookie})).status == 401


async def test_the_cookie_says_what_browsers_need_to_guard_it(world: World) -> None:
    async with world.client() as client:
        response = await client.post("/api/v1/session", json={"login": "anna", "password": PASSWORD})
        (sent,) = response.headers.getall("Set-Cookie")
    flags = {flag.strip().split("=")[0].lower() for flag in sent.split(";")[1:]}
    assert {"httponly", "samesite", "path", "max-age"} <= flags
    assert "samesite=strict" in sent.lower()
    assert "domain" not in flags


@pytest.mark.parametrize("route", UNSAFE, ids=named)
async def test_no_other_page_can_have_a_browser_change_anything(world: World, route: Route) -> None:
    """The cookie comes along by itself; the token, the origin and the content type do not."""
    body = BODIES.get((route.method, route.path))
    async with world.client("ada") as client:
        right = client.session.headers.pop("X-CSRF-Token")
        for token in (None, "", "wrong", right[:-1], right + "x", right.swapcase(), "é"):
            headers = {} if token is None else {"X-CSRF-Token": token}
            response = await client.request(route.method, filled(route.path), json=body, headers=headers)
            assert response.status == 403, token
        for origin in FOREIGN:
            headers = {"X-CSRF-Token": right, "Origin": origin}
            response = await client.request(route.method, filled(route.path), json=body, headers=headers)
            assert response.status == 403, origin
        other = await token_of(world, "sue")
        response = await client.request(route.method, filled(route.path), json=body, headers={"X-CSRF-Token": other})
        assert response.status == 403
    assert len(world.audited) == 7 + len(FOREIGN) + 1
    assert not any(fact.allowed for fact in world.audited)


async def token_of(world: World, login: str) -> str:
    async with world.client(login) as client:
        return str(client.session.headers["X-CSRF-Token"])


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
async def test_a_form_of_another_page_is_no_json(world: World, kind: str) -> None:
    async with world.client("anna") as client:
        text = '{"login": "anna", "password": "' + PASSWORD + '"}'
        response = await client.post("/api/v1/session", data=text, headers={"Content-Type": kind})
        assert response.status == 415


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_the_method_cannot_be_overridden(world: World, method: str) -> None:
    async with world.client("anna") as client:
        headers = {"X-HTTP-Method-Override": "DELETE", "X-Method-Override": "DELETE"}
        await client.request(method, "/api/v1/session?_method=DELETE", headers=headers)
        assert await still_in(client)


async def still_in(client: Client) -> bool:
    return (await client.get("/api/v1/session")).status == 200


@pytest.mark.parametrize("origin", [*FOREIGN, None])
async def test_a_websocket_of_another_page_is_refused_before_the_upgrade(world: World, origin: str | None) -> None:
    async with world.client("anna") as client:
        headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
        headers["Sec-WebSocket-Key"] = "dGhlIHNhbXBsZSBub25jZQ=="
        if origin is not None:
            headers["Origin"] = origin
        response = await client.get("/ws/v1", headers=headers)
        assert response.status == 403
        assert "Access-Control-Allow-Origin" not in response.headers
    assert [fact.allowed for fact in world.audited] == [False]


@pytest.mark.parametrize("path", ["/api/v1/session", "/", "/api/v1/openapi.json"])
async def test_no_other_origin_may_read_an_answer(world: World, path: str) -> None:
    async with world.client("anna") as client:
        for method in ("GET", "OPTIONS"):
            headers = {"Origin": FOREIGN[0], "Access-Control-Request-Method": "GET"}
            response = await client.request(method, path, headers=headers)
            assert not [name for name in response.headers if name.lower().startswith("access-control-")]
