"""People, their sessions and what they prove themselves with, in memory."""

from collections.abc import Callable, Sequence

import msgspec
from argon2 import PasswordHasher

from cti.errors import Conflict, NotConnected, NotFound
from cti.events import Role
from cti.web.accounts import Accounts
from cti.web.auth import Gate, GateRules
from cti.web.bearer import Bearers
from cti.web.entrance import Entrance
from cti.web.limiter import LoginLimiter
from cti.web.password_rules import PasswordRules
from cti.web.passwords import Passwords
from cti.web.ports_login import BearerRecord
from cti.web.resources_login import OwnSessionView, TokenView
from cti.web.sealing import Seal
from cti.web.second_factor import SecondFactors

PASSWORD = "correct horse"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class User(msgspec.Struct, frozen=True, kw_only=True):
    login: str
    name: str
    role: Role
    password_hash: str
    disabled: bool = False
    must_change: bool = False


class Session(msgspec.Struct, frozen=True, kw_only=True):
    user: User
    csrf: str
    expires_at: float
    seen_at: float
    via: str = "password"
    session_id: str = ""
    created_at: float = 0.0
    address: str = ""
    browser: str = ""


class FakeUsers:
    def __init__(self) -> None:
        secret = CHEAP.hash(PASSWORD)
        people: tuple[tuple[str, Role], ...] = (
            ("anna", "agent"),
            ("ben", "agent"),
            ("sue", "supervisor"),
            ("ada", "admin"),
        )
        self.users = {
            login: User(login=login, name=login.title(), role=role, password_hash=secret) for login, role in people
        }
        self.away = False

    async def get(self, login: str) -> User:
        if self.away:
            raise NotConnected("the database is away")
        if login not in self.users:
            raise NotFound("user", login)
        return self.users[login]

    def change(self, login: str, **fields: object) -> None:
        self.users[login] = msgspec.structs.replace(self.users[login], **fields)

    async def set_password(self, login: str, password_hash: str, *, must_change: bool) -> None:
        await self.get(login)
        self.change(login, password_hash=password_hash, must_change=must_change)

    async def set_role(self, login: str, role: Role) -> None:
        await self.get(login)
        self.change(login, role=role)

    async def create(self, login: str, name: str, role: Role, *, at: float) -> None:
        assert at
        if login in self.users:
            raise Conflict(f"there is a user {login} already")
        self.users[login] = User(login=login, name=name, role=role, password_hash="")


class FakeSessions:
    def __init__(self, users: FakeUsers) -> None:
        self.users = users
        self.sessions: dict[str, Session] = {}
        self.away = False

    async def add(
        self,
        token: str,
        *,
        login: str,
        csrf: str,
        at: float,
        expires_at: float,
        address: str = "",
        browser: str = "",
        via: str = "password",
    ) -> str:
        assert at < expires_at
        self.sessions[token] = Session(
            user=self.users.users[login],
            csrf=csrf,
            expires_at=expires_at,
            seen_at=at,
            via=via,
            session_id=f"s{len(token)}{token[:8]}",
            created_at=at,
            address=address,
            browser=browser,
        )
        return self.sessions[token].session_id

    async def get(self, token: str, *, at: float) -> Session | None:
        if self.away:
            raise NotConnected("the database is away")
        session = self.sessions.get(token)
        if session is None:
            return None
        user = self.users.users[session.user.login]
        return None if session.expires_at <= at or user.disabled else msgspec.structs.replace(session, user=user)

    async def seen(self, token: str, *, at: float) -> None:
        self.sessions[token] = msgspec.structs.replace(self.sessions[token], seen_at=at)

    async def end(self, token: str) -> None:
        self.sessions.pop(token, None)

    async def end_all(self, login: str, *, but: str = "") -> None:
        for token in [one for one, session in self.sessions.items() if session.user.login == login and one != but]:
            del self.sessions[token]

    async def of(self, login: str, *, at: float) -> tuple[OwnSessionView, ...]:
        return tuple(
            OwnSessionView(
                session_id=one.session_id,
                created_at=one.created_at,
                seen_at=one.seen_at,
                expires_at=one.expires_at,
                address=one.address,
                browser=one.browser,
                via=one.via,
            )
            for one in self.sessions.values()
            if one.user.login == login and one.expires_at > at
        )

    async def end_one(self, login: str, session_id: str) -> bool:
        found = [t for t, one in self.sessions.items() if (one.user.login, one.session_id) == (login, session_id)]
        for token in found:
            del self.sessions[token]
        return bool(found)


class Factor(msgspec.Struct, kw_only=True):
    sealed: bytes
    confirmed_at: float | None = None
    last_step: int = 0
    codes: set[str] = msgspec.field(default_factory=set)

    @property
    def codes_left(self) -> int:
        return len(self.codes)


class FakeFactors:
    def __init__(self) -> None:
        self.factors: dict[str, Factor] = {}

    async def get(self, login: str) -> Factor | None:
        return self.factors.get(login)

    async def begin(self, login: str, sealed: bytes) -> None:
        if login in self.factors and self.factors[login].confirmed_at is not None:
            raise Conflict("a second factor is in force already", "enrolled")
        self.factors[login] = Factor(sealed=sealed)

    async def confirm(self, login: str, *, step: int, codes: Sequence[str], at: float) -> None:
        factor = self.factors[login]
        factor.confirmed_at, factor.last_step, factor.codes = at, step, set(codes)

    async def renew_codes(self, login: str, codes: Sequence[str]) -> None:
        self.factors[login].codes = set(codes)

    async def use_step(self, login: str, step: int) -> bool:
        factor = self.factors[login]
        if step <= factor.last_step:
            return False
        factor.last_step = step
        return True

    async def use_code(self, login: str, code: str, *, at: float) -> bool:
        assert at
        codes = self.factors[login].codes
        if code not in codes:
            return False
        codes.remove(code)
        return True

    async def remove(self, login: str) -> bool:
        return self.factors.pop(login, None) is not None


class FakeFailures:
    def __init__(self) -> None:
        self.failures: list[tuple[str, str, float]] = []

    async def add(self, login: str, address: str, *, at: float, forget_before: float) -> None:
        self.failures = [one for one in self.failures if one[2] >= forget_before]
        self.failures.append((login, address, at))

    async def since(self, at: float) -> list[tuple[str, str, float]]:
        return [one for one in self.failures if one[2] >= at]

    async def forgive(self, login: str) -> None:
        self.failures = [one for one in self.failures if one[0] != login]


class FakeIdentities:
    def __init__(self) -> None:
        self.logins: dict[tuple[str, str], str] = {}

    async def login_of(self, issuer: str, subject: str) -> str | None:
        return self.logins.get((issuer, subject))

    async def bind(self, issuer: str, subject: str, login: str, *, at: float) -> None:
        assert at
        if any(one == login and known == issuer for (known, _), one in self.logins.items()):
            raise Conflict(f"the login {login} belongs to somebody else at the provider", "bound")
        self.logins[issuer, subject] = login


class FakeTokens:
    def __init__(self, users: FakeUsers) -> None:
        self.users = users
        self.tokens: dict[str, TokenView] = {}
        self.away = False

    async def bearer(self, secret: str, *, at: float) -> BearerRecord | None:
        if self.away:
            raise NotConnected("the database is away")
        token = self.tokens.get(secret)
        if token is None or token.revoked_at is not None or (token.expires_at is not None and token.expires_at <= at):
            return None
        user = self.users.users[token.login]
        if user.disabled:
            return None
        return BearerRecord(
            token_id=token.token_id,
            user=user,
            scopes=frozenset(token.scopes),
            expires_at=token.expires_at,
            last_used_at=token.last_used_at,
        )

    async def used(self, token_id: int, *, at: float) -> None:
        self._change(token_id, last_used_at=at)

    async def list(self) -> tuple[TokenView, ...]:
        return tuple(self.tokens.values())

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
        await self.users.get(login)
        token = TokenView(
            token_id=len(self.tokens) + 1,
            name=name,
            login=login,
            prefix=prefix,
            scopes=scopes,
            created_at=at,
            created_by=by,
            expires_at=expires_at,
            last_used_at=None,
            revoked_at=None,
        )
        self.tokens[secret] = token
        return token

    async def revoke(self, token_id: int, *, at: float) -> TokenView:
        return self._change(token_id, revoked_at=at)

    def _change(self, token_id: int, **fields: object) -> TokenView:
        for secret, token in self.tokens.items():
            if token.token_id == token_id:
                self.tokens[secret] = msgspec.structs.replace(token, **fields)
                return self.tokens[secret]
        raise NotFound("token", token_id)


class FakeLogin:
    """The real gate and accounts over fakes."""

    def __init__(
        self,
        users: FakeUsers,
        sessions: FakeSessions,
        *,
        clock: Callable[[], float],
        rules: GateRules | None = None,
        required_for: frozenset[Role] = frozenset(),
    ) -> None:
        self.factors, self.failures, self.tokens = FakeFactors(), FakeFailures(), FakeTokens(users)
        passwords = Passwords(CHEAP)
        second = SecondFactors(
            self.factors, Seal(bytes(32)), offered=True, required_for=required_for, issuer="Laidian", clock=clock
        )
        self.gate = Gate(
            users,
            sessions,
            factors=second,
            bearers=Bearers(self.tokens, LoginLimiter(), clock=clock),
            failures=self.failures,
            rules=rules or GateRules(idle_s=24 * 3600.0),
            passwords=passwords,
            limiter=LoginLimiter(),
            clock=clock,
        )
        accounts = Accounts(self.gate, users, sessions, second, rules=PasswordRules(), passwords=passwords)
        self.entrance = Entrance(accounts=accounts, tokens=self.tokens)
