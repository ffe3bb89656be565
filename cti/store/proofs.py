"""What people prove themselves with beside a password: second factors, identities of a provider; and failures to."""

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import delete, func, insert, select, update

from cti.errors import Conflict
from cti.store import tables as t
from cti.store.database import Database


class SecondFactor(msgspec.Struct, frozen=True, kw_only=True):
    """`sealed` is the encrypted secret; `confirmed_at` None: not in force yet. `last_step`: of the code used last."""

    sealed: bytes
    confirmed_at: float | None
    last_step: int
    codes_left: int


class SecondFactorRepository:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def get(self, login: str) -> SecondFactor | None:
        f, r = t.second_factors.c, t.recovery_codes.c

        def work(c: Any) -> SecondFactor | None:
            row = (
                c.execute(select(f.sealed, f.confirmed_at, f.last_step).where(f.login == login))
                .mappings()
                .one_or_none()
            )
            left = c.scalar(select(func.count()).where(r.login == login, r.used_at.is_(None)))
            return None if row is None else SecondFactor(**row, codes_left=left)

        return await self._db.read(work)

    async def begin(self, login: str, sealed: bytes) -> None:
        """In the place of one that was not confirmed. `Conflict` when one is in force."""
        f = t.second_factors.c

        def work(c: Any) -> None:
            if c.scalar(select(func.count()).where(f.login == login, f.confirmed_at.is_not(None))):
                raise Conflict("a second factor is in force already", "enrolled")
            c.execute(delete(t.second_factors).where(f.login == login))
            c.execute(insert(t.second_factors).values(login=login, sealed=sealed, last_step=0))

        await self._db.write(work)

    async def confirm(self, login: str, *, step: int, codes: Sequence[str], at: float) -> None:
        """From now on it is in force, with these recovery codes, of which only hashes are stored."""
        f = t.second_factors.c
        statement = update(t.second_factors).where(f.login == login).values(confirmed_at=at, last_step=step)

        def work(c: Any) -> None:
            c.execute(statement)
            _new_codes(c, login, codes)

        await self._db.write(work)

    async def renew_codes(self, login: str, codes: Sequence[str]) -> None:
        await self._db.write(lambda c: _new_codes(c, login, codes))

    async def use_step(self, login: str, step: int) -> bool:
        """A code counts once: False when this one, or a later one, was used before. Decided in one statement."""
        f = t.second_factors.c
        statement = update(t.second_factors).where(f.login == login, f.last_step < step).values(last_step=step)
        return bool(await self._db.write(lambda c: c.execute(statement).rowcount))

    async def use_code(self, login: str, code: str, *, at: float) -> bool:
        """A recovery code counts once."""
        r = t.recovery_codes.c
        unused = update(t.recovery_codes).where(r.login == login, r.code_hash == _hash(code), r.used_at.is_(None))
        return bool(await self._db.write(lambda c: c.execute(unused.values(used_at=at)).rowcount))

    async def remove(self, login: str) -> bool:
        """Whether there was one."""

        def work(c: Any) -> int:
            c.execute(delete(t.recovery_codes).where(t.recovery_codes.c.login == login))
            return int(c.execute(delete(t.second_factors).where(t.second_factors.c.login == login)).rowcount)

        return bool(await self._db.write(work))


def _new_codes(c: Any, login: str, codes: Sequence[str]) -> None:
    c.execute(delete(t.recovery_codes).where(t.recovery_codes.c.login == login))
    c.execute(insert(t.recovery_codes), [{"login": login, "code_hash": _hash(code)} for code in codes])


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


class IdentityRepository:
    """Whose account somebody at an OpenID provider has: bound by issuer and subject, which a provider never reuses."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def login_of(self, issuer: str, subject: str) -> str | None:
        i = t.identities.c
        query = select(i.login).where(i.issuer == issuer, i.subject == subject)
        return await self._db.read(lambda c: c.scalar(query))

    async def bind(self, issuer: str, subject: str, login: str, *, at: float) -> None:
        """`Conflict` when the login is bound to somebody else of that issuer."""
        i = t.identities.c

        def work(c: Any) -> None:
            if c.scalar(select(func.count()).where(i.issuer == issuer, i.login == login)):
                raise Conflict(f"the login {login} belongs to somebody else at the provider", "bound")
            c.execute(insert(t.identities).values(issuer=issuer, subject=subject, login=login, since=at))

        await self._db.write(work)

    async def unbind(self, login: str) -> None:
        await self._db.write(lambda c: c.execute(delete(t.identities).where(t.identities.c.login == login)))


class FailureRepository:
    """Log-ins that failed, so that a restart forgives nobody."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def add(self, login: str, address: str, *, at: float, forget_before: float) -> None:
        def work(c: Any) -> None:
            c.execute(delete(t.login_failures).where(t.login_failures.c.at < forget_before))
            c.execute(insert(t.login_failures).values(login=login, address=address, at=at))

        await self._db.write(work)

    async def since(self, at: float) -> list[tuple[str, str, float]]:
        """(login, address, when), the oldest first."""
        f = t.login_failures.c
        query = select(f.login, f.address, f.at).where(f.at >= at).order_by(f.at)
        rows = await self._db.read(lambda c: c.execute(query).all())
        return [(row.login, row.address, row.at) for row in rows]

    async def forgive(self, login: str) -> None:
        statement = delete(t.login_failures).where(t.login_failures.c.login == login)
        await self._db.write(lambda c: c.execute(statement))
