"""From the settings and the store to the gate, and what belongs to it."""

import time
from collections.abc import Callable

import msgspec

from cti.settings import Settings
from cti.store.sessions import SessionRepository
from cti.store.store import Store
from cti.store.tokens import Token, TokenRepository
from cti.web.accounts import Accounts
from cti.web.auth import Gate, GateRules
from cti.web.bearer import Bearers
from cti.web.entrance import Entrance
from cti.web.limiter import LoginLimiter
from cti.web.oidc import Provider, ProviderRules
from cti.web.password_rules import PasswordRules
from cti.web.passwords import Passwords
from cti.web.ports_login import BearerRecord
from cti.web.resources_login import OwnSessionView, TokenView
from cti.web.sealing import Seal, key_of
from cti.web.second_factor import SecondFactors
from cti.web.sign_on import AccountRules, SignOn

ISSUER = "Laidian"
"""What an authenticator app shows beside the code."""


class StoredOwnSessions:
    def __init__(self, sessions: SessionRepository) -> None:
        self._sessions = sessions

    async def of(self, login: str, *, at: float) -> tuple[OwnSessionView, ...]:
        return tuple(OwnSessionView(**msgspec.structs.asdict(one)) for one in await self._sessions.of(login, at=at))

    async def end_one(self, login: str, session_id: str) -> bool:
        return await self._sessions.end_one(login, session_id)


class StoredTokens:
    def __init__(self, tokens: TokenRepository) -> None:
        self._tokens = tokens

    async def bearer(self, secret: str, *, at: float) -> BearerRecord | None:
        found = await self._tokens.bearer(secret, at=at)
        if found is None:
            return None
        token = found.token
        return BearerRecord(
            token_id=token.token_id,
            user=found.user,
            scopes=frozenset(token.scopes),
            expires_at=token.expires_at,
            last_used_at=token.last_used_at,
        )

    async def used(self, token_id: int, *, at: float) -> None:
        await self._tokens.used(token_id, at=at)

    async def list(self) -> tuple[TokenView, ...]:
        return tuple(map(_view, await self._tokens.list()))

    async def add(
        self,
        secret: str,
        *,
        name: str,
        login: str,
        prefix: str,
        scopes: tuple[str, ...],
        at: float,
        by: str,
        expires_at: float | None,
    ) -> TokenView:
        token = await self._tokens.add(
            secret, name=name, login=login, prefix=prefix, scopes=scopes, at=at, by=by, expires_at=expires_at
        )
        return _view(token)

    async def revoke(self, token_id: int, *, at: float) -> TokenView:
        return _view(await self._tokens.revoke(token_id, at=at))


def _view(token: Token) -> TokenView:
    return TokenView(**msgspec.structs.asdict(token))


def password_rules(settings: Settings) -> PasswordRules:
    chosen = settings.login.password
    return PasswordRules(min_length=chosen.min_length, refused=(*chosen.refused, settings.site))


def way_in(settings: Settings, store: Store, *, clock: Callable[[], float] = time.time) -> tuple[Gate, Entrance]:
    """Raises Unusable when the key of the second factors cannot be read."""
    login, passwords = settings.login, Passwords()
    factors = SecondFactors(
        store.second_factors,
        Seal(key_of(settings.path(login.key_file))),
        offered=login.totp != "off",
        required_for=login.totp_required_for,
        issuer=ISSUER,
        clock=clock,
    )
    tokens = StoredTokens(store.tokens)
    lock_out = login.lock_out

    def limiter() -> LoginLimiter:
        return LoginLimiter(window_s=lock_out.window_s, per_login=lock_out.failures, per_address=lock_out.per_address)

    gate = Gate(
        store.users,
        store.sessions,
        factors=factors,
        bearers=Bearers(tokens, limiter(), clock=clock),
        failures=store.login_failures,
        rules=_gate_rules(settings),
        passwords=passwords,
        limiter=limiter(),
        clock=clock,
    )
    own = StoredOwnSessions(store.sessions)
    rules = password_rules(settings)
    accounts = Accounts(gate, store.users, own, factors, rules=rules, passwords=passwords)
    return gate, Entrance(accounts=accounts, tokens=tokens, sign_on=_sign_on(settings, store, clock))


def _sign_on(settings: Settings, store: Store, clock: Callable[[], float]) -> SignOn | None:
    """Raises Unusable when the secret cannot be read."""
    oidc = settings.login.oidc
    if oidc is None:
        return None
    provider = ProviderRules(
        issuer=oidc.issuer,
        client_id=oidc.client_id,
        client_secret=oidc.secret(settings.root),
        scopes=oidc.scopes,
        login_claim=oidc.login_claim,
        clock_skew_s=oidc.clock_skew_s,
    )
    accounts = AccountRules(
        issuer=oidc.issuer,
        label={str(language): words for language, words in oidc.label.items()},
        login_claim=oidc.login_claim,
        role_claim=oidc.role_claim,
        roles=oidc.roles,
        create_users=oidc.create_users,
        new_role=oidc.new_role,
    )
    return SignOn(Provider(provider, clock=clock), store.users, store.identities, accounts, clock=clock)


def _gate_rules(settings: Settings) -> GateRules:
    return GateRules(
        secure_cookie=settings.web.secure,
        public_origin=settings.web.public_origin or "",
        session_s=settings.login.session_s,
        idle_s=settings.login.idle_s,
        trusted_proxies=settings.web.trusted_proxies,
    )
