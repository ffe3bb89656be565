"""Web sessions of those who have logged in."""

import hashlib
from typing import Any, Final

import msgspec
from sqlalchemy import delete, insert, select, update

from cti.store import tables as t
from cti.store.database import Database
from cti.store.users import User, user_of

ID_DIGITS: Final = 16


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """`via`: "password" or "oidc". `session_id` names it in lists and opens nothing."""

    user: User
    csrf: str
    created_at: float
    expires_at: float
    seen_at: float
    via: str
    session_id: str


class OwnSession(msgspec.Struct, frozen=True, kw_only=True):
    session_id: str
    created_at: float
    seen_at: float
    expires_at: float
    address: str
    browser: str
    via: str


class SessionRepository:
    """`token` is the cookie's secret; only its SHA-256 is stored, so that a stolen database opens no session."""

    def __init__(self, database: Database) -> None:
        self._db = database

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
        """Its id. Sessions that are over are swept out along the way."""
        values = {
            "login": login,
            "csrf": csrf,
            "created_at": at,
            "expires_at": expires_at,
            "seen_at": at,
            "address": address,
            "browser": browser,
            "via": via,
        }

        def work(c: Any) -> None:
            c.execute(delete(t.sessions).where(t.sessions.c.expires_at <= at))
            c.execute(insert(t.sessions).values(token_hash=_hash(token), **values))

        await self._db.write(work)
        return _hash(token)[:ID_DIGITS]

    async def get(self, token: str, *, at: float) -> Session | None:
        """None when it is unknown, over, or its user disabled."""
        s = t.sessions.c
        columns = (s.token_hash, s.csrf, s.created_at.label("session_created_at"), s.expires_at, s.seen_at, s.via)
        query = (
            select(t.users, *columns)
            .join_from(t.sessions, t.users)
            .where(s.token_hash == _hash(token), s.expires_at > at, t.users.c.disabled.is_(False))
        )
        row = await self._db.read(lambda c: c.execute(query).mappings().one_or_none())
        if row is None:
            return None
        return Session(
            user=user_of(row),
            csrf=row["csrf"],
            created_at=row["session_created_at"],
            expires_at=row["expires_at"],
            seen_at=row["seen_at"],
            via=row["via"],
            session_id=row["token_hash"][:ID_DIGITS],
        )

    async def of(self, login: str, *, at: float) -> list[OwnSession]:
        """Those that are not over, the one used last first."""
        s = t.sessions.c
        fields = [s[name] for name in OwnSession.__struct_fields__ if name != "session_id"]
        query = select(s.token_hash, *fields).where(s.login == login, s.expires_at > at).order_by(s.seen_at.desc())
        rows = await self._db.read(lambda c: c.execute(query).mappings().all())
        return [
            OwnSession(session_id=row["token_hash"][:ID_DIGITS], **{field.name: row[field.name] for field in fields})
            for row in rows
        ]

    async def seen(self, token: str, *, at: float) -> None:
        """It is in use."""
        statement = update(t.sessions).where(t.sessions.c.token_hash == _hash(token)).values(seen_at=at)
        await self._db.write(lambda c: c.execute(statement))

    async def extend(self, token: str, *, expires_at: float) -> None:
        statement = update(t.sessions).where(t.sessions.c.token_hash == _hash(token)).values(expires_at=expires_at)
        await self._db.write(lambda c: c.execute(statement))

    async def end(self, token: str) -> None:
        """Log out; nothing happens when there is no such session."""
        statement = delete(t.sessions).where(t.sessions.c.token_hash == _hash(token))
        await self._db.write(lambda c: c.execute(statement))

    async def end_one(self, login: str, session_id: str) -> bool:
        """Of this person only. Whether there was one."""
        s = t.sessions.c
        ours = s.token_hash.startswith(session_id, autoescape=True)
        statement = delete(t.sessions).where(s.login == login, ours)
        return bool(await self._db.write(lambda c: c.execute(statement).rowcount))

    async def end_all(self, login: str, *, but: str = "") -> None:
        """`but`: the token of the one that goes on."""
        s = t.sessions.c
        statement = delete(t.sessions).where(s.login == login, s.token_hash != _hash(but))
        await self._db.write(lambda c: c.execute(statement))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
