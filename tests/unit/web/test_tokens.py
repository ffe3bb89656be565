"""API tokens: what a program may with one, and what it never may."""

import pytest

from cti.rights import IN_PERSON, SCOPES
from cti.web.app import ROUTES
from cti.web.bearer import FRESH_S, new_secret
from cti.web.limiter import PER_ADDRESS
from cti.web.registry import ANYONE, Route
from tests.unit.web.conftest import Client, World
from tests.unit.web.test_roles import BODIES, QUERIES, filled, prepared


async def token(world: World, login: str, *scopes: str, expires_at: float | None = None) -> dict[str, str]:
    secret = new_secret()
    add = world.login.tokens.add
    await add(secret, name="x", login=login, prefix="ld_", scopes=scopes, at=world.now, by="ada", expires_at=expires_at)
    return {"Authorization": f"Bearer {secret}"}


async def status(client: Client, headers: dict[str, str], path: str = "/api/v1/queues") -> int:
    return (await client.get(path, headers=headers)).status


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if route.roles is not ANYONE], ids=lambda r: f"{r.method} {r.path}"
)
async def test_every_route_takes_a_token_with_its_scope_and_no_other(world: World, route: Route) -> None:
    assert route.scope in (*SCOPES, IN_PERSON)
    async with world.client() as client:
        body = await prepared(world, route, "ada") or BODIES.get((route.method, route.path))
        others = await token(world, "ada", *(scope for scope in SCOPES if scope != route.scope))
        where, query = filled(route.path), QUERIES.get(route.path)
        response = await client.request(route.method, where, json=body, params=query, headers=others)
        assert response.status == 403, await response.text()
        if route.scope != IN_PERSON:
            with_it = await token(world, "ada", route.scope)
            response = await client.request(route.method, where, json=body, params=query, headers=with_it)
            assert response.status == route.status, await response.text()
        assert "Set-Cookie" not in response.headers


async def test_a_token_gives_no_more_than_its_person_has(world: World) -> None:
    async with world.client() as client:
        of_an_agent = await token(world, "anna", *SCOPES)
        assert await status(client, of_an_agent, "/api/v1/audit") == 403
        assert await status(client, of_an_agent, "/api/v1/recordings/i1") == 200
        assert await status(client, await token(world, "ben", *SCOPES), "/api/v1/recordings/i1") == 403


async def test_a_token_ends_when_it_is_revoked_over_or_its_person_disabled(world: World) -> None:
    async with world.client() as client:
        lasting = await token(world, "anna", "read:floor")
        short = await token(world, "anna", "read:floor", expires_at=world.now + 10)
        assert [await status(client, one) for one in (lasting, short)] == [200, 200]
        world.now += 10
        assert [await status(client, one) for one in (lasting, short)] == [200, 401], "although it was just looked up"
        await world.login.tokens.revoke(1, at=world.now)
        world.now += FRESH_S
        assert await status(client, lasting) == 401
        again = await token(world, "ben", "read:floor")
        world.users.change("ben", disabled=True)
        assert await status(client, again) == 401


async def test_a_token_goes_before_a_cookie_and_a_wrong_one_is_not_saved_by_it(world: World) -> None:
    async with world.client("ada") as client:
        assert await status(client, {"Authorization": "Bearer ld_wrong"}) == 401
        assert await status(client, {"Authorization": "Basic YWRhOng="}) == 401
        assert await status(client, await token(world, "anna", "read:floor"), "/api/v1/audit") == 403


async def test_guessing_tokens_is_slowed_down_and_harms_no_program_that_is_known(world: World) -> None:
    async with world.client() as client:
        good = await token(world, "anna", "read:floor")
        assert await status(client, good) == 200
        guesses = [await status(client, {"Authorization": f"Bearer ld_{n}"}) for n in range(PER_ADDRESS + 1)]
        assert guesses == [401] * PER_ADDRESS + [429]
        assert await status(client, good) == 200
    assert world.login.tokens.tokens[good["Authorization"].split()[1]].last_used_at == world.now


async def test_the_websocket_wants_live_and_commands_want_command(world: World) -> None:
    async with world.client() as client:
        refused = await client.get("/ws/v1", headers=await token(world, "anna", "read:floor", "command"))
        assert refused.status == 403
        for scopes, ok in ((("live",), False), (("live", "command"), True)):
            async with client.ws_connect("/ws/v1", headers=await token(world, "anna", *scopes)) as socket:
                assert (await socket.receive_json())["t"] == "snapshot"
                await socket.send_str('{"cmd": "agent.ready", "id": 1}')
                reply = await socket.receive_json()
                assert reply["ok"] is ok, reply


async def test_an_admin_makes_and_revokes_tokens_whose_secret_is_told_once(world: World) -> None:
    async with world.client("ada") as client:
        body = {"name": "wallboard", "login": "anna", "scopes": ["read:floor"], "days": 1}
        made = await (await client.post("/api/v1/tokens", json=body)).json()
        header = {"Authorization": f"Bearer {made['secret']}"}
        assert await status(client, header) == 200
        listed = await (await client.get("/api/v1/tokens")).text()
        assert made["secret"] not in listed
        assert made["token"]["prefix"] == made["secret"][:10]
        await client.delete(f"/api/v1/tokens/{made['token']['token_id']}")
        assert await status(client, header) == 401, "at once, although it was just used"
        unknown = await client.post("/api/v1/tokens", json=body | {"scopes": ["everything"]})
        assert unknown.status == 422
    assert [(fact.command, fact.subject) for fact in world.audited] == [
        ("token.add", "anna"),
        ("token.revoke", "anna"),
    ]
