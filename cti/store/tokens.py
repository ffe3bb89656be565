"""API tokens: what programs log in with, for a person and never with more rights than that person has."""

import hashlib
from typing import Any, Final

import msgspec
from sqlalchemy import insert, select, update

from cti.errors import Conflict, NotFound
from cti.store import tables as t
from cti.store.database import Database
from cti.store.users import User, user_of


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """`prefix` is how the secret begins: enough to tell tokens apart, too little to use one."""

    token_id: int
    name: str
    login: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: float
    created_by: str
    expires_at: float | None
    last_used_at: float | None
    revoked_at: float | None


class Bearer(msgspec.Struct, frozen=True, kw_only=True):
    """A token that is good now, and for whom it stands."""

    token: Token
    user: User


_COLUMNS: Final = tuple(
    (t.api_tokens.c.id.label("token_id") if name == "token_id" else t.api_tokens.c[name])
    for name in Token.__struct_fields__
)


class TokenRepository:
    """Only the SHA-256 of a secret is stored: 256 random bits need no slow one, and a stolen database opens nothing."""

    def __init__(self, database: Database) -> None:
        self._db = database

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
    ) -> Token:
        """`NotFound` when there is no such person, `Conflict` when they have a token of that name already."""
        a = t.api_tokens.c

        def work(c: Any) -> int:
            if c.scalar(select(t.users.c.login).where(t.users.c.login == login)) is None:
                raise NotFound("user", login)
            taken = select(a.id).where(a.login == login, a.name == name, a.revoked_at.is_(None))
            if c.scalar(taken) is not None:
                raise Conflict(f"{login} has a token named {name} already")
            values = {"login": login, "name": name, "prefix": prefix, "scopes": list(scopes)}
            row = values | {"token_hash": _hash(secret), "created_at": at, "created_by": by, "expires_at": expires_at}
            return int(c.execute(insert(t.api_tokens).values(**row)).inserted_primary_key[0])

        return await self.get(await self._db.write(work))

    async def get(self, token_id: int) -> Token:
        """Also one that is over. `NotFound`."""
        query = select(*_COLUMNS).where(t.api_tokens.c.id == token_id)
        row = await self._db.read(lambda c: c.execute(query).mappings().one_or_none())
        if row is None:
            raise NotFound("token", token_id)
        return _token(row)

    async def list(self) -> list[Token]:
        """Also those that are over, the latest first."""
        query = select(*_COLUMNS).order_by(t.api_tokens.c.id.desc())
        return [_token(row) for row in await self._db.read(lambda c: c.execute(query).mappings().all())]

    async def bearer(self, secret: str, *, at: float) -> Bearer | None:
        """None when it is unknown, revoked or over, or its person disabled."""
        a = t.api_tokens.c
        query = select(*_COLUMNS).where(a.token_hash == _hash(secret), a.revoked_at.is_(None))

        def work(c: Any) -> tuple[Any, Any] | None:
            row = c.execute(query).mappings().one_or_none()
            if row is None or (row["expires_at"] is not None and row["expires_at"] <= at):
                return None
            person = select(t.users).where(t.users.c.login == row["login"], t.users.c.disabled.is_(False))
            user = c.execute(person).mappings().one_or_none()
            return (row, user) if user is not None else None

        found = await self._db.read(work)
        return None if found is None else Bearer(token=_token(found[0]), user=user_of(found[1]))

    async def used(self, token_id: int, *, at: float) -> None:
        statement = update(t.api_tokens).where(t.api_tokens.c.id == token_id).values(last_used_at=at)
        await self._db.write(lambda c: c.execute(statement))

    async def revoke(self, token_id: int, *, at: float) -> Token:
        """Nothing changes when it was revoked before. `NotFound`."""
        a = t.api_tokens.c
        statement = update(t.api_tokens).where(a.id == token_id, a.revoked_at.is_(None)).values(revoked_at=at)
        await self._db.write(lambda c: c.execute(statement))
        return await self.get(token_id)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _token(row: Any) -> Token:
    values = {name: row[name] for name in Token.__struct_fields__}
    return Token(**{**values, "scopes": tuple(values["scopes"])})
