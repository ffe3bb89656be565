"""Who may log in, and their web sessions. An agent's id is the login."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, get_args

import msgspec
from sqlalchemy import Connection, delete, func, insert, make_url, select, update
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from cti.errors import Conflict, NotConnected, NotFound
from cti.events import Role
from cti.store import tables as t
from cti.store.database import Database, make_engine


class User(msgspec.Struct, frozen=True, kw_only=True):
    """`skills`: name -> level 1..10; `groups`, `branch`, `tiers`, `weight` as in `cti.agents.agent.AgentProfile`.

    `absent_from`: which of the own queues the agent has left for the time being.

    `password_hash` is argon2's encoded form, "" when nobody may log in with it.
    """

    login: str
    name: str
    role: Role
    password_hash: str
    extension: str = ""
    queues: tuple[str, ...] = ()
    skills: dict[str, int] = {}
    groups: tuple[str, ...] = ()
    branch: str = ""
    tiers: dict[str, int] = {}
    weight: float = 1.0
    absent_from: tuple[str, ...] = ()
    demo: bool = False
    disabled: bool = False


_LISTS: Final = ("queues", "groups", "absent_from")


class Session(msgspec.Struct, frozen=True, kw_only=True):
    user: User
    csrf: str
    created_at: float
    expires_at: float


class UserRepository:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def get(self, login: str) -> User:
        """Also a disabled one. `NotFound`."""
        query = select(t.users).where(t.users.c.login == login)
        row = await self._db.read(lambda c: c.execute(query).mappings().one_or_none())
        if row is None:
            raise NotFound("user", login)
        return _user(row)

    async def list(self, *, role: Role | None = None, disabled: bool = False) -> list[User]:
        """By login; `disabled`: those too."""
        query = select(t.users).order_by(t.users.c.login)
        if role is not None:
            query = query.where(t.users.c.role == role)
        if not disabled:
            query = query.where(t.users.c.disabled.is_(False))
        rows = await self._db.read(lambda c: c.execute(query).mappings().all())
        return [_user(row) for row in rows]

    async def add(self, user: User, *, at: float) -> None:
        """`Conflict` when the login is taken."""
        if user.role not in get_args(Role):
            raise ValueError(user.role)

        def work(c: Connection) -> None:
            if c.scalar(select(func.count()).where(t.users.c.login == user.login)):
                raise Conflict(f"there is a user {user.login} already")
            c.execute(insert(t.users).values(created_at=at, **_columns(user)))

        await self._db.write(work)

    async def update(self, user: User) -> None:
        """Replace everything but the login. Sessions of a disabled user end. `NotFound`."""
        statement = update(t.users).where(t.users.c.login == user.login).values(**_columns(user))

        def work(c: Connection) -> int:
            if user.disabled:
                c.execute(delete(t.sessions).where(t.sessions.c.login == user.login))
            return c.execute(statement).rowcount

        if not await self._db.write(work):
            raise NotFound("user", user.login)

    async def assign(
        self,
        login: str,
        *,
        queues: Sequence[str] | None = None,
        skills: Mapping[str, int] | None = None,
        groups: Sequence[str] | None = None,
        tiers: Mapping[str, int] | None = None,
    ) -> None:
        """What is None stays as it is. `NotFound`."""
        given: dict[str, Any] = {
            "queues": None if queues is None else list(queues),
            "skills": None if skills is None else dict(skills),
            "groups": None if groups is None else list(groups),
            "tiers": None if tiers is None else dict(tiers),
        }
        await self._change(login, {name: value for name, value in given.items() if value is not None})

    async def absent_from(self, login: str, queues: Sequence[str]) -> None:
        """The agent has left these of the own queues, and no other. `NotFound`."""
        await self._change(login, {"absent_from": list(queues)})

    async def _change(self, login: str, values: Mapping[str, Any]) -> None:
        if not values:
            await self.get(login)
            return
        statement = update(t.users).where(t.users.c.login == login).values(**values)
        if not await self._db.write(lambda c: c.execute(statement).rowcount):
            raise NotFound("user", login)

    async def any_demo(self) -> bool:
        """Demo passwords are in force: somebody with one may log in."""
        query = select(func.count()).where(t.users.c.demo.is_(True), t.users.c.disabled.is_(False))
        return bool(await self._db.read(lambda c: c.scalar(query)))


async def look_at_users(url: str) -> list[User]:
    """Who may log in, of a database that is neither made nor migrated by looking. `NotConnected` says why it cannot be.

    `Unusable` when `url` is none.
    """
    engine = make_engine(url)
    if not _is_there(make_url(url)):
        raise NotConnected(f"there is no database {make_url(url).database} yet")
    database = Database(engine)
    try:
        return await UserRepository(database).list()
    except DBAPIError as error:
        raise NotConnected(f"the database is of another version: {error.orig}") from error
    finally:
        await database.close()


def _is_there(url: URL) -> bool:
    """SQLite would make it."""
    return not url.drivername.startswith("sqlite") or Path(url.database or "").exists()


class SessionRepository:
    """`token` is the cookie's secret; only its SHA-256 is stored, so that a stolen database opens no session."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def add(self, token: str, *, login: str, csrf: str, at: float, expires_at: float) -> None:
        """Sessions that are over are swept out along the way."""

        def work(c: Connection) -> None:
            c.execute(delete(t.sessions).where(t.sessions.c.expires_at <= at))
            values = {"login": login, "csrf": csrf, "created_at": at, "expires_at": expires_at}
            c.execute(insert(t.sessions).values(token_hash=_hash(token), **values))

        await self._db.write(work)

    async def get(self, token: str, *, at: float) -> Session | None:
        """None when it is unknown, over, or its user disabled."""
        s = t.sessions.c
        query = (
            select(t.users, s.csrf, s.created_at.label("session_created_at"), s.expires_at)
            .join_from(t.sessions, t.users)
            .where(s.token_hash == _hash(token), s.expires_at > at, t.users.c.disabled.is_(False))
        )
        row = await self._db.read(lambda c: c.execute(query).mappings().one_or_none())
        if row is None:
            return None
        return Session(
            user=_user(row), csrf=row["csrf"], created_at=row["session_created_at"], expires_at=row["expires_at"]
        )

    async def extend(self, token: str, *, expires_at: float) -> None:
        statement = update(t.sessions).where(t.sessions.c.token_hash == _hash(token)).values(expires_at=expires_at)
        await self._db.write(lambda c: c.execute(statement))

    async def end(self, token: str) -> None:
        """Log out; nothing happens when there is no such session."""
        statement = delete(t.sessions).where(t.sessions.c.token_hash == _hash(token))
        await self._db.write(lambda c: c.execute(statement))

    async def end_all(self, login: str) -> None:
        statement = delete(t.sessions).where(t.sessions.c.login == login)
        await self._db.write(lambda c: c.execute(statement))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _columns(user: User) -> dict[str, Any]:
    return {**msgspec.structs.asdict(user), **{name: list(getattr(user, name)) for name in _LISTS}}


def _user(row: Any) -> User:
    values = {name: row[name] for name in User.__struct_fields__}
    return User(**{**values, **{name: tuple(values[name]) for name in _LISTS}})
