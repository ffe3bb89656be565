"""Who is there: sessions in an HttpOnly cookie or an API token, CSRF token, Origin, and how often a log-in may fail."""

import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network
from typing import Final

import msgspec
import structlog
from aiohttp import web

from cti.errors import Forbidden, NotConnected, NotFound
from cti.rights import Actor
from cti.web.bearer import Bearers
from cti.web.errors import CodeRequired, TooManyAttempts, Unauthorised
from cti.web.headers import CSRF_HEADER
from cti.web.known import LoggedIn, Must, Via
from cti.web.limiter import LoginLimiter
from cti.web.passwords import Passwords
from cti.web.ports_login import Failures, SessionRecord, Sessions, UserRecord, Users
from cti.web.proxies import client_address
from cti.web.second_factor import SecondFactors

log = structlog.get_logger(__name__)

NOBODY: Final = ""
"""Instead of a login that nobody has."""

FRESH_S: Final = 30.0
"""A session is read again from the store when it was last read longer ago; while the store is away it goes on."""
SEEN_S: Final = 60.0
"""How exactly the store knows when a session was last used."""

REMEMBERED: Final = 20_000
LONGEST_BROWSER: Final = 200


class GateRules(msgspec.Struct, frozen=True, kw_only=True):
    """`public_origin` is what browsers call us by behind a proxy; "" means: whatever host they used to reach us.

    `trusted_proxies`: whose X-Forwarded-For is believed. `idle_s`, `session_s`: see `cti.settings.login.LoginSettings`.
    """

    secure_cookie: bool = False
    public_origin: str = ""
    session_s: float = 12 * 3600.0
    idle_s: float = 3600.0
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """Where a log-in comes from."""

    address: str
    browser: str = ""


class Gate:
    """Lets people in and knows them again. Everything that proves somebody is asked for here, and counted."""

    def __init__(
        self,
        users: Users,
        sessions: Sessions,
        *,
        factors: SecondFactors,
        bearers: Bearers,
        failures: Failures,
        rules: GateRules,
        passwords: Passwords | None = None,
        limiter: LoginLimiter | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._users = users
        self._sessions = sessions
        self._factors = factors
        self._bearers = bearers
        self._failures = failures
        self._rules = rules
        self._passwords = passwords or Passwords()
        self._limiter = limiter or LoginLimiter()
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, LoggedIn]] = OrderedDict()
        self.secure: Final = rules.secure_cookie
        self.cookie: Final = "__Host-laidian" if rules.secure_cookie else "laidian"

    async def remember_failures(self) -> None:
        """Those before the restart count on."""
        self._limiter.restore(await self._failures.since(self._clock() - self._limiter.window_s))

    # --- coming in -------------------------------------------------------------------------------------------------

    async def log_in(self, login: str, password: str, code: str, client: Client) -> LoggedIn:
        """A new session. Raises Unauthorised, CodeRequired and TooManyAttempts."""
        self._begin(login, client)
        user = await self._proved(login, password, client)
        try:
            await self._factors.check(login, code)
        except CodeRequired:
            self._limiter.take_back(login, client.address)  # failures before it count on, or codes could be tried
            raise
        except Unauthorised:
            await self._failed(login, client)
            raise
        self._limiter.succeeded(login, client.address)
        await self._failures.forgive(login)
        return await self.open(user, "password", client)

    async def prove(self, login: str, password: str, client: Client) -> None:
        """The password once more. Raises Unauthorised and TooManyAttempts."""
        self._begin(login, client)
        await self._proved(login, password, client)
        self._limiter.take_back(login, client.address)

    def _begin(self, login: str, client: Client) -> None:
        wait_s = self._limiter.begin(login, client.address, self._clock())
        if wait_s > 0:
            raise TooManyAttempts(wait_s)

    async def _proved(self, login: str, password: str, client: Client) -> UserRecord:
        user = await self._usable(login)
        if not await self._passwords.matches(password, user.password_hash if user else None) or user is None:
            await self._failed(user.login if user else NOBODY, client)
            raise Unauthorised("login or password is wrong")
        return user

    async def _usable(self, login: str) -> UserRecord | None:
        try:
            user = await self._users.get(login)
        except NotFound:
            return None
        return None if user.disabled else user

    async def _failed(self, login: str, client: Client) -> None:
        """What is nobody's login is kept nowhere: it may be a password, typed into the wrong field."""
        now = self._clock()
        log.warning("log-in failed", login=login, address=client.address)
        with suppress(NotConnected):
            forget = now - self._limiter.window_s
            await self._failures.add(login, client.address, at=now, forget_before=forget)

    async def open(self, user: UserRecord, via: Via, client: Client) -> LoggedIn:
        """A new session, of somebody who has proved it. Always a new one: none that came with the request goes on."""
        now = self._clock()
        token, csrf, expires_at = secrets.token_urlsafe(32), secrets.token_urlsafe(24), now + self._rules.session_s
        session_id = await self._sessions.add(
            token,
            login=user.login,
            csrf=csrf,
            at=now,
            expires_at=expires_at,
            address=client.address,
            browser=client.browser[:LONGEST_BROWSER],
            via=via,
        )
        known = LoggedIn(
            actor=_actor(user),
            csrf=csrf,
            expires_at=expires_at,
            token=token,
            session_id=session_id,
            via=via,
            must=await self._must(user, via),
        )
        self._remember(known)
        return known

    async def _must(self, user: UserRecord, via: str) -> Must:
        if via != "password":
            return ""  # the provider asks for what it wants
        if user.must_change:
            return "change_password"
        return "enrol" if await self._factors.lacks(user.login, user.role) else ""

    # --- being there -----------------------------------------------------------------------------------------------

    async def who(self, request: web.Request) -> LoggedIn | None:
        """Who sends this request; None for nobody. Raises NotConnected when that cannot be found out now.

        A token goes before a cookie, and raises Unauthorised when it is none of ours.
        """
        if (authorization := request.headers.get("Authorization")) is not None:
            return await self._bearers.who(authorization, self.client(request).address)
        token = request.cookies.get(self.cookie)
        return await self._of(token) if token else None

    async def again(self, known: LoggedIn) -> LoggedIn | None:
        """The same one some time later: None when it has ended meanwhile. A program is known by each request anew."""
        return known if known.scopes is not None else await self._of(known.token)

    async def _of(self, token: str) -> LoggedIn | None:
        read_at, known = self._known.get(token, (0.0, None))
        if known is None or self._clock() - read_at >= FRESH_S:
            known = await self._read(token, known)
        return known if known is not None and known.expires_at > self._clock() else None

    async def _read(self, token: str, last: LoggedIn | None) -> LoggedIn | None:
        try:
            session = await self._sessions.get(token, at=self._clock())
            known = await self._current(token, session)
        except NotConnected:
            if last is None:
                raise
            return last
        if known is None:
            self._known.pop(token, None)
        else:
            self._remember(known)
        return known

    async def _current(self, token: str, session: SessionRecord | None) -> LoggedIn | None:
        now = self._clock()
        if session is None:
            return None
        if now - session.seen_at > self._rules.idle_s:
            await self._sessions.end(token)
            return None
        if now - session.seen_at >= SEEN_S:
            await self._sessions.seen(token, at=now)
        via: Via = "oidc" if session.via == "oidc" else "password"
        return LoggedIn(
            actor=_actor(session.user),
            csrf=session.csrf,
            expires_at=session.expires_at,
            token=token,
            session_id=session.session_id,
            via=via,
            must=await self._must(session.user, via),
        )

    def _remember(self, known: LoggedIn) -> None:
        self._known[known.token] = (self._clock(), known)
        self._known.move_to_end(known.token)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def forget(self, login: str) -> None:
        """Look this person's sessions and tokens up again: something about them has changed."""
        for token in [one for one, (_, known) in self._known.items() if known.actor.login == login]:
            del self._known[token]
        self._bearers.forget(login)

    # --- going out -------------------------------------------------------------------------------------------------

    async def log_out(self, known: LoggedIn) -> None:
        self._known.pop(known.token, None)
        await self._sessions.end(known.token)

    async def end_all(self, login: str, *, but: str = "") -> None:
        """`but`: the token of the session that goes on."""
        await self._sessions.end_all(login, but=but)
        self.forget(login)

    # --- the request -----------------------------------------------------------------------------------------------

    def client(self, request: web.Request) -> Client:
        forwarded: Sequence[str] = request.headers.getall("X-Forwarded-For", ())
        return Client(
            address=client_address(request.remote, forwarded, self._rules.trusted_proxies),
            browser=request.headers.get("User-Agent", ""),
        )

    def origin(self, request: web.Request) -> str:
        """What browsers call us by."""
        return self._rules.public_origin or f"{request.scheme}://{request.host}"

    def set_cookie(self, response: web.StreamResponse, known: LoggedIn) -> None:
        response.set_cookie(
            self.cookie,
            known.token,
            max_age=int(self._rules.session_s),
            path="/",
            httponly=True,
            secure=self._rules.secure_cookie,
            samesite="Strict",
        )

    def clear_cookie(self, response: web.StreamResponse) -> None:
        secure = self._rules.secure_cookie
        response.del_cookie(self.cookie, path="/", httponly=True, secure=secure, samesite="Strict")

    def check_origin(self, request: web.Request, *, required: bool) -> None:
        """Raises Forbidden when a page of another origin sends this, or when there is no Origin and one is required."""
        origin = request.headers.get("Origin")
        if origin is None and not required:
            return
        if origin != self.origin(request):
            raise Forbidden(f"requests from the origin {origin or '(none)'} are refused here")

    @staticmethod
    def check_csrf(request: web.Request, known: LoggedIn) -> None:
        sent = request.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(sent.encode(), known.csrf.encode()):
            raise Forbidden(f"the header {CSRF_HEADER} does not carry the token of this session")


def _actor(user: UserRecord) -> Actor:
    return Actor(agent_id=user.login, role=user.role, login=user.login, name=user.name)
