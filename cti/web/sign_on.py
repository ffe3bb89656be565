"""Log-in at an OpenID provider: there, back, and whose account of ours it is."""

import hmac
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

import msgspec
import structlog

from cti.desk.views import Text
from cti.errors import Conflict, CtiError, NotFound
from cti.events import Role
from cti.web.oidc import Provider, ProviderFailed
from cti.web.oidc_token import TokenRefused
from cti.web.ports_login import Identities, UserRecord, Users

log = structlog.get_logger(__name__)

PENDING_S: Final = 600.0
PENDING: Final = 1_000
LOGIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")
HIGHEST_FIRST: Final[tuple[Role, ...]] = ("admin", "supervisor", "agent")

Why = Literal["stale", "provider", "refused", "no_account", "no_role", "disabled"]
"""What the log-in page says of it; the rest is in the log."""


class SignOnFailed(CtiError):
    def __init__(self, why: Why, message: str) -> None:
        super().__init__(message)
        self.why = why


class AccountRules(msgspec.Struct, frozen=True, kw_only=True):
    """As `cti.settings.login.OidcSettings`. `role_claim` None: roles are ours."""

    issuer: str
    label: Text
    login_claim: str
    role_claim: str | None
    roles: Mapping[str, Role]
    create_users: bool
    new_role: Role


class _Pending(msgspec.Struct, frozen=True):
    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    at: float


class SignOn:
    def __init__(
        self,
        provider: Provider,
        users: Users,
        identities: Identities,
        rules: AccountRules,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._provider = provider
        self._users = users
        self._identities = identities
        self._rules = rules
        self._clock = clock
        self._pending: OrderedDict[str, _Pending] = OrderedDict()

    @property
    def label(self) -> Text:
        return self._rules.label

    async def begin(self, redirect_uri: str) -> tuple[str, str]:
        """(where the browser goes, what only this browser knows: its cookie). Raises SignOnFailed."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        try:
            address = await self._provider.address(
                redirect_uri=redirect_uri, state=state, nonce=nonce, verifier=verifier
            )
        except ProviderFailed as error:
            raise SignOnFailed("provider", str(error)) from None
        handle = secrets.token_urlsafe(32)
        self._pending[handle] = _Pending(state, nonce, verifier, redirect_uri, self._clock())
        while len(self._pending) > PENDING:
            self._pending.popitem(last=False)
        return address, handle

    async def finish(self, handle: str, query: Mapping[str, str]) -> UserRecord:
        """Whose account it is, by what the provider sent the browser back with. Raises SignOnFailed."""
        pending = self._pending.pop(handle, None)
        if pending is None or self._clock() - pending.at > PENDING_S:
            raise SignOnFailed("stale", "no log-in of this browser is under way")
        if not hmac.compare_digest(query.get("state", "").encode(), pending.state.encode()):
            raise SignOnFailed("stale", "the answer belongs to another log-in (state)")
        if query.get("iss", self._rules.issuer) != self._rules.issuer:  # RFC 9207
            raise SignOnFailed("refused", "the answer comes from another provider (iss)")
        if "error" in query or "code" not in query:
            raise SignOnFailed("refused", f"the provider says {query.get('error', 'nothing')[:100]}")
        try:
            claims = await self._provider.claims(
                query["code"], redirect_uri=pending.redirect_uri, nonce=pending.nonce, verifier=pending.verifier
            )
        except ProviderFailed as error:
            raise SignOnFailed("provider", str(error)) from None
        except TokenRefused as error:
            raise SignOnFailed("refused", str(error)) from None
        return await self._account(claims)

    async def _account(self, claims: Mapping[str, Any]) -> UserRecord:
        rules, subject = self._rules, claims["sub"]
        role = self._role(claims)
        login = await self._identities.login_of(rules.issuer, subject)
        if login is None:
            login = await self._bound(claims, role)
        user = await self._users.get(login)
        if user.disabled:
            raise SignOnFailed("disabled", f"{login} is disabled")
        if role is not None and user.role != role:
            await self._users.set_role(login, role)
            user = await self._users.get(login)
        return user

    def _role(self, claims: Mapping[str, Any]) -> Role | None:
        """None: roles are ours. Raises SignOnFailed for whoever has none of those that come in."""
        claim = self._rules.role_claim
        if claim is None:
            return None
        told = claims.get(claim, ())
        names = {told} if isinstance(told, str) else {one for one in told if isinstance(one, str)}
        found = {self._rules.roles[name] for name in names if name in self._rules.roles}
        if not found:
            raise SignOnFailed("no_role", f"the claim {claim} gives no role")
        return next(role for role in HIGHEST_FIRST if role in found)

    async def _bound(self, claims: Mapping[str, Any], role: Role | None) -> str:
        """The first time: the account of that name, or a new one. From now on name and account cannot be swapped."""
        rules, login = self._rules, claims.get(self._rules.login_claim)
        if not isinstance(login, str) or LOGIN.fullmatch(login) is None:
            raise SignOnFailed("no_account", f"the claim {rules.login_claim} names no login")
        try:
            await self._users.get(login)
        except NotFound:
            if not rules.create_users:
                raise SignOnFailed("no_account", f"there is no user {login}") from None
            name = claims.get("name")
            shown = name[:100] if isinstance(name, str) and name else login
            await self._users.create(login, shown, role or rules.new_role, at=self._clock())
        try:
            await self._identities.bind(rules.issuer, claims["sub"], login, at=self._clock())
        except Conflict as error:
            raise SignOnFailed("no_account", str(error)) from None
        return login
