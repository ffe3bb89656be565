"""Log-in at an OpenID provider of our own making, which lies in every way that the standard warns of."""

import base64
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from cti.web.entrance import Entrance
from cti.web.oidc import Provider, ProviderRules
from cti.web.sign_on import AccountRules, SignOn
from tests.unit.web.conftest import Client, World

CLIENT, SECRET = "laidian", "client secret of the tests"
OURS, FOREIGN, NEXT = (RSAKey.generate_key(2048, {"kid": kid}) for kid in ("a", "a", "b"))


class Liar:
    """A provider. `bend` changes the claims of the ID token, `key` and `alg` sign it, `rename` changes its metadata."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.issuer = ""
        self.claims: dict[str, Any] = {"sub": "s-1", "preferred_username": "anna"}
        self.bend: dict[str, Any] = {}
        self.key: RSAKey | OctKey = OURS
        self.published: list[RSAKey] = [OURS]
        self.alg = "RS256"
        self.rename: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.challenge = self.nonce = ""
        self.asked_for_keys = 0

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", self._about)
        app.router.add_get("/keys", self._keys)
        app.router.add_post("/token", self._token)
        app.router.add_get("/me", self._me)
        return app

    async def _about(self, _: web.Request) -> web.Response:
        ends = {"authorization": "auth", "token": "token", "userinfo": "me"}
        about = {f"{name}_endpoint": f"{self.issuer}/{path}" for name, path in ends.items()}
        return web.json_response({"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys"} | about | self.rename)

    async def _keys(self, _: web.Request) -> web.Response:
        self.asked_for_keys += 1
        return web.json_response({"keys": [key.as_dict(private=False) for key in self.published]})

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        verifier = base64.urlsafe_b64encode(hashlib.sha256(str(form["code_verifier"]).encode()).digest())
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        wrong = request.headers["Authorization"] != f"Basic {basic}"
        if wrong or verifier.rstrip(b"=").decode() != self.challenge or form["code"] != "good":
            return web.json_response({"error": "invalid_grant"}, status=400)
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "exp": int(self.now()) + 60,
            "iat": int(self.now()),
            "nonce": self.nonce,
        }
        claims = {name: value for name, value in (claims | self.claims | self.bend).items() if value is not None}
        return web.json_response({"id_token": self._signed(claims), "access_token": "access", "token_type": "Bearer"})

    def _signed(self, claims: dict[str, Any]) -> str:
        if self.alg == "none":
            head, body = (base64.urlsafe_b64encode(part).rstrip(b"=") for part in (b'{"alg":"none"}', _json(claims)))
            return f"{head.decode()}.{body.decode()}."
        return jwt.encode({"alg": self.alg, "kid": self.key.kid}, claims, self.key, algorithms=[self.alg])

    async def _me(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer access"
        return web.json_response(self.userinfo)


def _json(claims: dict[str, Any]) -> bytes:
    return web.json_response(claims).body or b""  # type: ignore[return-value]


@asynccontextmanager
async def provider(world: World, **account: Any) -> AsyncIterator[Liar]:
    """Serves it and joins it to the site."""
    liar = Liar(lambda: world.now)
    async with TestServer(liar.app()) as server:
        liar.issuer = str(server.make_url("/")).rstrip("/")
        rules = ProviderRules(
            issuer=liar.issuer,
            client_id=CLIENT,
            client_secret=SECRET,
            scopes=("openid", "profile"),
            login_claim="preferred_username",
            clock_skew_s=30,
        )
        fields: dict[str, Any] = {"role_claim": None, "roles": {}, "create_users": False, "new_role": "agent"}
        accounts = AccountRules(
            issuer=liar.issuer, label={"en": "Company"}, login_claim="preferred_username", **(fields | account)
        )
        clock = lambda: world.now  # noqa: E731
        sign_on = SignOn(Provider(rules, clock=clock), world.users, world.identities, accounts, clock=clock)
        before = world.site.entrance
        entrance = Entrance(accounts=before.accounts, tokens=before.tokens, sign_on=sign_on)
        object.__setattr__(world.site, "entrance", entrance)
        yield liar


async def come_back(client: Client, liar: Liar, **bend: str) -> str:
    """Through the provider and back; where the browser is sent then."""
    away = await client.get("/login/oidc", allow_redirects=False)
    assert away.status == 303
    asked = {name: values[0] for name, values in parse_qs(urlsplit(away.headers["Location"]).query).items()}
    assert (asked["code_challenge_method"], asked["response_type"]) == ("S256", "code")
    liar.challenge, liar.nonce = asked["code_challenge"], asked["nonce"]
    query = {"code": "good", "state": asked["state"]} | bend
    back = await client.get("/login/oidc/callback", params=query, allow_redirects=False)
    assert back.status == 303
    return back.headers["Location"]


async def test_who_has_logged_in_there_is_logged_in_here(world: World) -> None:
    async with provider(world) as liar, world.client("ben") as client:
        (planted,) = world.sessions.sessions
        assert await come_back(client, liar) == "/"
        me = await (await client.get("/api/v1/session")).json()
        assert (me["login"], me["role"]) == ("anna", "agent")
        assert client.session.cookie_jar.filter_cookies(client.make_url("/"))["laidian"].value != planted
        ways = await (await client.get("/api/v1/ways-in")).json()
        assert ways["provider"] == {"en": "Company"}
        liar.claims = {"sub": "s-1", "preferred_username": "ada"}
        assert await come_back(client, liar) == "/"
        me = await (await client.get("/api/v1/session")).json()
        assert me["login"] == "anna", "who renames themselves there does not become somebody else here"
        liar.claims = {"sub": "s-2", "preferred_username": "anna"}
        assert await come_back(client, liar) == "/login?problem=no_account", "anna's account is taken"


LIES: dict[str, dict[str, Any]] = {
    "another log-in's token": {"bend": {"nonce": "another"}},
    "no nonce": {"bend": {"nonce": None}},
    "another issuer": {"bend": {"iss": "https://evil.example"}},
    "another audience": {"bend": {"aud": "another client"}},
    "made for another of two clients": {"bend": {"aud": ["laidian", "other"], "azp": "other"}},
    "over": {"bend": {"exp": 999_960}},
    "from the future": {"bend": {"iat": 1_000_090, "nbf": 1_000_090}},
    "nobody": {"bend": {"sub": None}},
    "not signed": {"alg": "none"},
    "signed with our client secret": {"alg": "HS256", "key": OctKey.import_key(SECRET, {"kid": "a"})},
    "signed by somebody else": {"key": FOREIGN},
    "signed with a key that is not published": {"key": NEXT},
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_token_that_does_not_hold_lets_nobody_in(world: World, lie: str) -> None:
    async with provider(world) as liar, world.client() as client:
        for name, value in LIES[lie].items():
            setattr(liar, name, value)
        assert await come_back(client, liar) == "/login?problem=refused"
        assert not world.sessions.sessions
        assert [fact.allowed for fact in world.audited] == [False]


async def test_a_clock_may_be_a_little_off_and_keys_may_be_rotated(world: World) -> None:
    async with provider(world) as liar, world.client() as client:
        liar.bend = {"exp": int(world.now) - 20, "iat": int(world.now) + 20}
        assert await come_back(client, liar) == "/"
        liar.bend, liar.key, liar.published = {}, NEXT, [NEXT]
        world.now += 31
        assert await come_back(client, liar) == "/"
        assert liar.asked_for_keys == 2
        for _ in range(5):
            liar.key = OURS
            assert await come_back(client, liar) == "/login?problem=refused"
        assert liar.asked_for_keys == 2, "whoever sends unknown keys does not make us ask all the time"


@pytest.mark.parametrize(
    ("bend", "why"),
    [({"state": "another"}, "stale"), ({"iss": "https://evil.example"}, "refused"), ({"code": "bad"}, "provider")],
)
async def test_an_answer_that_is_not_to_our_question_lets_nobody_in(
    world: World, bend: dict[str, str], why: str
) -> None:
    async with provider(world) as liar, world.client() as client:
        assert await come_back(client, liar, **bend) == f"/login?problem={why}"
        assert not world.sessions.sessions


async def test_an_answer_counts_once_and_in_the_browser_that_asked(world: World) -> None:
    async with provider(world) as liar, world.client() as client, world.client() as other:
        away = await client.get("/login/oidc", allow_redirects=False)
        (state,) = parse_qs(urlsplit(away.headers["Location"]).query)["state"]
        cookie = away.headers["Set-Cookie"]
        assert all(part in cookie for part in ("HttpOnly", "SameSite=Lax", "Path=/login/oidc"))
        query = {"code": "good", "state": state}
        elsewhere = await other.get("/login/oidc/callback", params=query, allow_redirects=False)
        assert elsewhere.headers["Location"] == "/login?problem=stale", "nobody is logged in as the attacker"
        assert await come_back(client, liar) == "/"
        again = await client.get("/login/oidc/callback", params=query, allow_redirects=False)
        assert again.headers["Location"] == "/login?problem=stale"


async def test_a_provider_that_calls_itself_otherwise_is_none(world: World) -> None:
    async with provider(world) as liar, world.client() as client:
        liar.rename = {"issuer": "https://evil.example"}
        away = await client.get("/login/oidc", allow_redirects=False)
        assert away.headers["Location"] == "/login?problem=provider"


async def test_roles_come_from_the_claim_and_new_people_are_made_where_that_is_said(world: World) -> None:
    roles = {"cc-agents": "agent", "cc-leads": "supervisor"}
    async with provider(world, role_claim="groups", roles=roles, create_users=True) as liar, world.client() as client:
        liar.claims |= {"groups": ["cc-agents", "cc-leads", "football"]}
        assert await come_back(client, liar) == "/"
        assert world.users.users["anna"].role == "supervisor"
        liar.claims |= {"groups": ["football"]}
        assert await come_back(client, liar) == "/login?problem=no_role"
        liar.claims = {"sub": "s-9", "preferred_username": "zoe", "name": "Zoë", "groups": "cc-agents"}
        assert await come_back(client, liar) == "/"
        assert (world.users.users["zoe"].name, world.users.users["zoe"].role) == ("Zoë", "agent")
        liar.claims = {"sub": "s-8", "preferred_username": "../x", "groups": "cc-agents"}
        assert await come_back(client, liar) == "/login?problem=no_account"


async def test_the_login_may_stand_in_userinfo_which_has_to_be_about_the_same_person(world: World) -> None:
    async with provider(world) as liar, world.client() as client:
        liar.claims, liar.userinfo = {"sub": "s-1"}, {"sub": "s-1", "preferred_username": "anna"}
        assert await come_back(client, liar) == "/"
        liar.userinfo = {"sub": "s-2", "preferred_username": "ada"}
        assert await come_back(client, liar) == "/login?problem=refused"
        world.users.change("anna", disabled=True)
        liar.userinfo = {"sub": "s-1", "preferred_username": "anna"}
        assert await come_back(client, liar) == "/login?problem=disabled"


async def test_without_a_provider_there_is_no_such_page(world: World) -> None:
    async with world.client() as client:
        assert (await client.get("/login/oidc")).status == 404
        assert (await (await client.get("/api/v1/ways-in")).json()) == {"provider": None}
