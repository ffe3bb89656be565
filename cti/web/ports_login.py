"""What letting people in needs of the store. `cti/site/login.py` hands in the real ones, tests hand in fakes."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from cti.events import Role
from cti.web.resources_login import OwnSessionView, TokenView


class UserRecord(Protocol):
    @property
    def login(self) -> str:
        """Also the agent id."""

    @property
    def name(self) -> str: ...
    @property
    def role(self) -> Role: ...
    @property
    def password_hash(self) -> str: ...
    @property
    def disabled(self) -> bool: ...
    @property
    def must_change(self) -> bool:
        """The password, which somebody else chose."""


class SessionRecord(Protocol):
    @property
    def user(self) -> UserRecord: ...
    @property
    def csrf(self) -> str: ...
    @property
    def expires_at(self) -> float: ...
    @property
    def seen_at(self) -> float: ...
    @property
    def via(self) -> str:
        """As `cti.web.known.Via`."""

    @property
    def session_id(self) -> str: ...


class Users(Protocol):
    async def get(self, login: str) -> UserRecord:
        """Also a disabled one. Raises NotFound, and NotConnected when the database is away, as all ports do."""

    async def set_password(self, login: str, password_hash: str, *, must_change: bool) -> None:
        """Sessions go on: who calls ends them. Raises NotFound."""

    async def set_role(self, login: str, role: Role) -> None:
        """Ends the person's sessions. Raises NotFound."""

    async def create(self, login: str, name: str, role: Role, *, at: float) -> None:
        """Somebody without password, extension and queues. Raises Conflict."""


class Sessions(Protocol):
    """`token` is the cookie's secret, of which only a hash is stored."""

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
        """The session's id."""

    async def get(self, token: str, *, at: float) -> SessionRecord | None:
        """None when it is unknown or over, or its user disabled."""

    async def seen(self, token: str, *, at: float) -> None: ...

    async def end(self, token: str) -> None: ...

    async def end_all(self, login: str, *, but: str = "") -> None:
        """`but`: the token of the one that goes on."""


class OwnSessionsPort(Protocol):
    async def of(self, login: str, *, at: float) -> Sequence[OwnSessionView]:
        """Where this person is logged in."""

    async def end_one(self, login: str, session_id: str) -> bool:
        """Whether this person had such a session."""


class FactorRecord(Protocol):
    @property
    def sealed(self) -> bytes: ...
    @property
    def confirmed_at(self) -> float | None: ...
    @property
    def codes_left(self) -> int: ...


class Factors(Protocol):
    """Second factors as they are stored, see `cti.store.proofs`."""

    async def get(self, login: str) -> FactorRecord | None: ...

    async def begin(self, login: str, sealed: bytes) -> None:
        """Raises Conflict when one is in force."""

    async def confirm(self, login: str, *, step: int, codes: Sequence[str], at: float) -> None: ...

    async def renew_codes(self, login: str, codes: Sequence[str]) -> None: ...

    async def use_step(self, login: str, step: int) -> bool: ...

    async def use_code(self, login: str, code: str, *, at: float) -> bool: ...

    async def remove(self, login: str) -> bool: ...


class Failures(Protocol):
    async def add(self, login: str, address: str, *, at: float, forget_before: float) -> None: ...

    async def since(self, at: float) -> Sequence[tuple[str, str, float]]:
        """(login, address, when), the oldest first."""

    async def forgive(self, login: str) -> None: ...


class Identities(Protocol):
    async def login_of(self, issuer: str, subject: str) -> str | None: ...

    async def bind(self, issuer: str, subject: str, login: str, *, at: float) -> None:
        """Raises Conflict when the login is bound to somebody else of that issuer."""


class BearerRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Whose token it is, and what it may."""

    token_id: int
    user: UserRecord
    scopes: frozenset[str]
    expires_at: float | None
    last_used_at: float | None


class Tokens(Protocol):
    async def bearer(self, secret: str, *, at: float) -> BearerRecord | None:
        """None when it is unknown, revoked or over, or its person disabled."""

    async def used(self, token_id: int, *, at: float) -> None: ...

    async def list(self) -> tuple[TokenView, ...]: ...

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
        """Raises NotFound for an unknown person, Conflict when they have a token of that name."""

    async def revoke(self, token_id: int, *, at: float) -> TokenView:
        """Raises NotFound."""
