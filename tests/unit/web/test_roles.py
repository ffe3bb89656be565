"""Generated from the declared tables: every route and every command, as every role and as nobody."""

from typing import Any, get_args

import msgspec
import pyotp
import pytest
from aiohttp import web

from cti.errors import Unusable
from cti.events import Role
from cti.web.app import ROUTES, build, check_declared
from cti.web.messages import ROLES, AnyCommand, Command
from cti.web.registry import ANYONE, Route
from cti.web.sealing import Seal
from tests.unit.web.conftest import PASSWORD, World

LOGINS: dict[str | None, str | None] = {None: None, "agent": "anna", "supervisor": "sue", "admin": "ada"}

BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/api/v1/session"): {"login": "anna", "password": PASSWORD},
    ("PATCH", "/api/v1/customers/{customer_id}"): {"version": 4, "city": "Shanghai"},
    ("POST", "/api/v1/customers/{customer_id}/notes"): {"text": "called back"},
    ("POST", "/api/v1/customers/{customer_id}/merges"): {"other": 8, "version": 4, "other_version": 1},
    ("POST", "/api/v1/quality/recordings/{interaction_id}/comments"): {"at_s": 1.5, "text": "polite"},
    ("PATCH", "/api/v1/quality/comments/{comment_id}"): {"text": "very polite"},
    ("POST", "/api/v1/quality/recordings/{interaction_id}/scores"): {
        "scorecard": "service",
        "agent_id": "anna",
        "answers": {"greeting": 1, "verified": None, "solution": 5},
    },
    ("POST", "/api/v1/customers/{customer_id}/erasure"): {"confirm": 7, "reason": "by letter"},
    ("POST", "/api/v1/holds"): {"kind": "interaction", "key": "i1", "reason": "case 7"},
    ("POST", "/api/v1/quality/scores/{score_id}/acknowledgement"): {"reply": "thank you"},
    ("POST", "/api/v1/account/password"): {"old": PASSWORD, "new": "a horse of another colour"},
    ("POST", "/api/v1/account/second-factor"): {"password": PASSWORD},
    ("POST", "/api/v1/account/second-factor/recovery-codes"): {"password": PASSWORD},
    ("POST", "/api/v1/account/second-factor/removal"): {"password": PASSWORD},
    ("POST", "/api/v1/users/{login}/password"): {"password": "a horse of another colour"},
    ("POST", "/api/v1/tokens"): {"name": "wallboard", "login": "anna", "scopes": ["read:floor"], "days": 30},
}

QUERIES = {"/api/v1/customers/{customer_id}/merge-preview": {"other": "8"}}
"""Queries that a route cannot do without."""

PATHS = {
    "{login}": "ben",
    "{token_id}": "1",
    "{session_id}": "s8thefirst",
    "{hold_id}": "4",
    "{merge_id}": "3",
    "{customer_id}": "7",
    "{interaction_id}": "i1",
    "{comment_id}": "3",
    "{score_id}": "5",
}


def filled(path: str) -> str:
    for name, value in PATHS.items():
        path = path.replace(name, value)
    return path


async def prepared(world: World, route: Route, login: str) -> dict[str, Any] | None:
    """What the route acts on is there; the body."""
    now = world.now
    if route.path.endswith("{token_id}"):
        add = world.login.tokens.add
        await add("ld_x", name="x", login="ben", prefix="ld_", scopes=(), at=now, by="ada", expires_at=None)
    if route.path.endswith("{session_id}"):
        await world.sessions.add("thefirst", login=login, csrf="", at=now, expires_at=now + 60)
    if "second-factor/" in route.path or route.path.startswith("/api/v1/users/{login}/second"):
        whose, secret, factors = "ben" if "{login}" in route.path else login, pyotp.random_base32(), world.login.factors
        await factors.begin(whose, Seal(bytes(32)).close(secret, whose))
        if route.path.endswith("/confirmation"):
            return {"code": pyotp.TOTP(secret).at(int(now))}
        await factors.confirm(whose, step=0, codes=(), at=now)
    return BODIES.get((route.method, route.path))


def expected(route: Route, role: str | None) -> int:
    if route.roles is ANYONE or role in route.roles:
        return route.status
    return 401 if role is None else 403


@pytest.mark.parametrize("role", LOGINS)
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_every_route_admits_exactly_its_roles(world: World, route: Route, role: str | None) -> None:
    async with world.client(LOGINS[role]) as client:
        body = await prepared(world, route, LOGINS[role] or "anna")
        response = await client.request(route.method, filled(route.path), json=body, params=QUERIES.get(route.path))
        assert response.status == expected(route, role), await response.text()
        if response.status == 403:
            assert [fact.allowed for fact in world.audited] == [False]


@pytest.mark.parametrize("route", [route for route in ROUTES if route.unsafe], ids=lambda r: f"{r.method} {r.path}")
async def test_every_unsafe_route_wants_the_csrf_token_and_our_origin(world: World, route: Route) -> None:
    body = BODIES.get((route.method, route.path))
    async with world.client("ada") as client:
        foreign = {"Origin": "https://evil.example"}
        response = await client.request(route.method, filled(route.path), json=body, headers=foreign)
        assert response.status == 403
        if route.roles is not ANYONE:
            response = await client.request(
                route.method, filled(route.path), json=body, headers={"X-CSRF-Token": "wrong"}
            )
            assert response.status == 403


def test_no_two_routes_share_method_and_path() -> None:
    assert len({(route.method, route.path) for route in ROUTES}) == len(ROUTES)


async def test_a_route_that_declares_no_roles_is_refused_at_start(world: World) -> None:
    app = build(world.site)

    async def open_door(_: web.Request) -> web.Response:
        return web.Response(text="everything")

    app.router.add_get("/api/v1/secret", open_door)
    with pytest.raises(Unusable, match="/api/v1/secret does not declare"):
        check_declared(app, ROUTES)


# --- websocket commands ---

COMMANDS: tuple[type[Command], ...] = get_args(AnyCommand)

SAMPLES: dict[str, Any] = {
    "id": 5,
    "tab": "0123456789abcdef",
    "reason": "break",
    "interaction_id": "i1",
    "offer_id": "i1-1",
    "kind": "agent",
    "target": "ben",
    "agent_id": "ben",
    "state": "ready",
    "at": 1.0,
    "queue": "sales",
    "on": True,
    "digits": "1",
    "party_id": "i1-p1",
    "flow": "card",
    "to": "everybody",
    "text": "lunch at noon",
    "text_id": "t1",
    "alarm_id": "a1",
    "due_at": 1.0,
    "task_id": "t1",
    "customer_id": 7,
    "mos": 4.2,
    "loss": 0.01,
    "jitter_ms": 3.0,
    "rtt_ms": 20.0,
    "seconds": 30.0,
}


def sample(command: type[Command]) -> bytes:
    fields = {field.name: SAMPLES[field.name] for field in msgspec.structs.fields(command) if field.required}
    return msgspec.json.encode({"cmd": command.__struct_config__.tag, **fields})


def test_every_command_stands_in_the_role_table() -> None:
    assert set(ROLES) == set(COMMANDS)


@pytest.mark.parametrize("role", get_args(Role))
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command.__struct_config__.tag))
async def test_every_command_admits_exactly_its_roles(world: World, command: type[Command], role: Role) -> None:
    login = LOGINS[role]
    async with world.client(login) as client:
        origin = str(client.make_url("/")).rstrip("/")
        async with client.ws_connect("/ws/v1", origin=origin) as socket:
            assert (await socket.receive_json())["t"] == "snapshot"
            await socket.send_str(sample(command).decode())
            reply = await socket.receive_json()
    assert reply["id"] == 5
    allowed = role in ROLES[command]
    assert reply["ok"] is allowed, reply
    if allowed:
        ((executed, actor),) = world.floor.executed
        assert isinstance(executed, command)
        assert (actor.agent_id, actor.role) == (login, role)
        assert not world.audited
    else:
        assert reply["error"]["code"] == "forbidden"
        assert not world.floor.executed
        (audited,) = world.audited
        assert (audited.actor, audited.allowed, audited.command) == (login, False, command.__struct_config__.tag)
