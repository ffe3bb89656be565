"""Who sends a request with an API token: `Authorization: Bearer ld_...` (RFC 6750)."""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from cti.errors import NotConnected
from cti.rights import Actor
from cti.web.errors import TooManyAttempts, Unauthorised
from cti.web.known import LoggedIn
from cti.web.limiter import LoginLimiter
from cti.web.ports_login import BearerRecord, Tokens

MARK: Final = "ld_"
"""So that a leaked token is known for what it is, by people and by programs that look for such."""
SHOWN: Final = 10
FRESH_S: Final = 30.0
"""A revoked token is refused after so long at the latest; while the store is away it goes on."""
USED_S: Final = 60.0
REMEMBERED: Final = 2_000
NEVER: Final = float("inf")


def new_secret() -> str:
    return MARK + secrets.token_urlsafe(32)


def prefix_of(secret: str) -> str:
    return secret[:SHOWN]


class Bearers:
    def __init__(self, tokens: Tokens, limiter: LoginLimiter, *, clock: Callable[[], float] = time.time) -> None:
        self._tokens = tokens
        self._limiter = limiter
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, LoggedIn]] = OrderedDict()

    async def who(self, authorization: str, address: str) -> LoggedIn:
        """Raises Unauthorised, TooManyAttempts, and NotConnected when it cannot be found out now."""
        scheme, _, secret = authorization.partition(" ")
        if scheme.casefold() != "bearer" or not secret.startswith(MARK):
            raise Unauthorised("the header Authorization holds no token of ours: send Bearer ld_...")
        read_at, known = self._known.get(secret, (0.0, None))
        now = self._clock()
        if known is None or now - read_at >= FRESH_S:
            known = await self._read(secret, known, address)
        if known.expires_at <= now:
            raise Unauthorised("this token is over")
        return known

    async def _read(self, secret: str, last: LoggedIn | None, address: str) -> LoggedIn:
        now = self._clock()
        wait_s = self._limiter.begin("", address, now) if last is None else 0.0
        if wait_s > 0:
            raise TooManyAttempts(wait_s)
        try:
            record = await self._tokens.bearer(secret, at=now)
        except NotConnected:
            if last is None:
                self._limiter.take_back("", address)
                raise
            return last
        if record is None:
            self._known.pop(secret, None)
            raise Unauthorised("this token is unknown, revoked or over")
        if last is None:
            self._limiter.take_back("", address)
        if record.last_used_at is None or now - record.last_used_at >= USED_S:
            with suppress(NotConnected):
                await self._tokens.used(record.token_id, at=now)
        return self._remember(secret, _logged_in(record))

    def _remember(self, secret: str, known: LoggedIn) -> LoggedIn:
        self._known[secret] = (self._clock(), known)
        self._known.move_to_end(secret)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return known

    def forget(self, login: str = "") -> None:
        """Look all tokens, or those of this person, up again: something about them has changed."""
        for secret in [one for one, (_, known) in self._known.items() if login in ("", known.actor.login)]:
            del self._known[secret]


def _logged_in(record: BearerRecord) -> LoggedIn:
    user = record.user
    return LoggedIn(
        actor=Actor(agent_id=user.login, role=user.role, login=user.login, name=user.name),
        csrf="",
        expires_at=NEVER if record.expires_at is None else record.expires_at,
        token="",
        via="token",
        scopes=record.scopes,
    )
