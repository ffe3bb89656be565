"""Who is there: sessions in an HttpOnly cookie, CSRF token, Origin, and how often a log-in may fail."""

import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

import msgspec
from aiohttp import web

from cti.desk.audience import Actor
from cti.errors import Forbidden, NotConnected, NotFound
from cti.web.errors import TooManyAttempts, Unauthorised
from cti.web.headers import CSRF_HEADER
from cti.web.limiter import LoginLimiter
from cti.web.passwords import Passwords
from cti.web.ports import Sessions, UserRecord, Users

FRESH_S: Final = 30.0
"""A session is read again from the store when it was last read longer ago; while the store is away it goes on."""

REMEMBERED: Final = 20_000


class LoggedIn(msgspec.Struct, frozen=True, kw_only=True):
    actor: Actor
    csrf: str
    expires_at: float
    token: str


class Gate:
    """Lets people in and knows them again.

    `public_origin` is what browsers call us by behind a proxy; "" means: whatever host they used to reach us.
    """

    def __init__(
        self,
        users: Users,
        sessions: Sessions,
        *,
        passwords: Passwords | None = None,
        limiter: LoginLimiter | None = None,
        secure_cookie: bool = False,
        public_origin: str = "",
        session_s: float = 12 * 3600.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._users = users
        self._sessions = sessions
        self._passwords = passwords or Passwords()
        self._limiter = limiter or LoginLimiter()
        self._secure = secure_cookie
        self._public_origin = public_origin
        self._session_s = session_s
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, LoggedIn]] = OrderedDict()
        self.cookie: Final = "__Host-laidian" if secure_cookie else "laidian"

    async def log_in(self, login: str, password: str, address: str) -> LoggedIn:
        """A new session. Raises Unauthorised and TooManyAttempts."""
        wait_s = self._limiter.begin(login, address, self._clock())
        if wait_s > 0:
            raise TooManyAttempts(wait_s)
        usable = await self._usable(login)
        if not await self._passwords.matches(password, usable.password_hash if usable else None) or usable is None:
            raise Unauthorised("login or password is wrong")
        self._limiter.succeeded(login, address)
        now = self._clock()
        known = LoggedIn(
            actor=_actor(usable),
            csrf=secrets.token_urlsafe(24),
            expires_at=now + self._session_s,
            token=secrets.token_urlsafe(32),
        )
        await self._sessions.add(known.token, login=login, csrf=known.csrf, at=now, expires_at=known.expires_at)
        self._remember(known)
        return known

    async def _usable(self, login: str) -> UserRecord | None:
        try:
            user = await self._users.get(login)
        except NotFound:
            return None
        return None if user.disabled else user

    async def log_out(self, known: LoggedIn) -> None:
        self._known.pop(known.token, None)
        await self._sessions.end(known.token)

    async def who(self, request: web.Request) -> LoggedIn | None:
        """Who sends this request; None for nobody. Raises NotConnected when that cannot be found out now."""
        token = request.cookies.get(self.cookie)
        if not token:
            return None
        read_at, known = self._known.get(token, (0.0, None))
        if known is None or self._clock() - read_at >= FRESH_S:
            known = await self._read(token, known)
        return known if known is not None and known.expires_at > self._clock() else None

    async def _read(self, token: str, last: LoggedIn | None) -> LoggedIn | None:
        try:
            session = await self._sessions.get(token, at=self._clock())
        except NotConnected:
            if last is None:
                raise
            return last
        if session is None:
            self._known.pop(token, None)
            return None
        known = LoggedIn(actor=_actor(session.user), csrf=session.csrf, expires_at=session.expires_at, token=token)
        self._remember(known)
        return known

    def _remember(self, known: LoggedIn) -> None:
        self._known[known.token] = (self._clock(), known)
        self._known.move_to_end(known.token)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def set_cookie(self, response: web.StreamResponse, known: LoggedIn) -> None:
        response.set_cookie(
            self.cookie,
            known.token,
            max_age=int(self._session_s),
            path="/",
            httponly=True,
            secure=self._secure,
            samesite="Strict",
        )

    def clear_cookie(self, response: web.StreamResponse) -> None:
        response.del_cookie(self.cookie, path="/", httponly=True, secure=self._secure, samesite="Strict")

    def check_origin(self, request: web.Request, *, required: bool) -> None:
        """Raises Forbidden when a page of another origin sends this, or when there is no Origin and one is required."""
        origin = request.headers.get("Origin")
        if origin is None and not required:
            return
        expected = self._public_origin or f"{request.scheme}://{request.host}"
        if origin != expected:
            raise Forbidden(f"requests from the origin {origin or '(none)'} are refused here")

    @staticmethod
    def check_csrf(request: web.Request, known: LoggedIn) -> None:
        sent = request.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(sent.encode(), known.csrf.encode()):
            raise Forbidden(f"the header {CSRF_HEADER} does not carry the token of this session")


def _actor(user: UserRecord) -> Actor:
    return Actor(agent_id=user.login, role=user.role, login=user.login, name=user.name)
