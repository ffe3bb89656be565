"""Who may log in. An agent's id is the login."""

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

    `password_hash` is argon2's encoded form, "" when nobody may log in with it. `must_change`: somebody else chose it.
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
    must_change: bool = False


_LISTS: Final = ("queues", "groups", "absent_from")


class UserRepository:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def get(self, login: str) -> User:
        """Also a disabled one. `NotFound`."""
        query = select(t.users).where(t.users.c.login == login)
        row = await self._db.read(lambda c: c.execute(query).mappings().one_or_none())
        if row is None:
            raise NotFound("user", login)
        return user_of(row)

    async def list(self, *, role: Role | None = None, disabled: bool = False) -> list[User]:
        """By login; `disabled`: those too."""
        query = select(t.users).order_by(t.users.c.login)
        if role is not None:
            query = query.where(t.users.c.role == role)
        if not disabled:
            query = query.where(t.users.c.disabled.is_(False))
        rows = await self._db.read(lambda c: c.execute(query).mappings().all())
        return [user_of(row) for row in rows]

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
        """Replace everything but the login. Whoever is disabled, or has another role or password, logs in anew.

        `NotFound`.
        """
        u = t.users.c
        statement = update(t.users).where(u.login == user.login).values(**_columns(user))

        def work(c: Connection) -> int:
            before = c.execute(select(u.role, u.password_hash).where(u.login == user.login)).one_or_none()
            if user.disabled or before != (user.role, user.password_hash):
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

    async def set_password(self, login: str, password_hash: str, *, must_change: bool) -> None:
        """Sessions go on: who calls ends them. `NotFound`."""
        await self._change(login, {"password_hash": password_hash, "must_change": must_change})

    async def set_role(self, login: str, role: Role) -> None:
        """Ends the person's sessions. `NotFound`."""
        await self.update(msgspec.structs.replace(await self.get(login), role=role))

    async def create(self, login: str, name: str, role: Role, *, at: float) -> None:
        """Somebody without password, extension and queues. `Conflict`."""
        await self.add(User(login=login, name=name, role=role, password_hash=""), at=at)

    async def any_demo(self) -> bool:
        """Demo passwords are in force: somebody with one may log in."""
        query = select(func.count()).where(t.users.c.demo.is_(True), t.users.c.disabled.is_(False))
        return bool(await self._db.read(lambda c: c.scalar(query)))


async def look_at_users(url: str) -> list[User]:
    """Who may log in, of a database that is neither made nor migrated by looking. `NotConnected` says why it cannot be.

    `Unusable` when `url` is none.
    """
    engine = make_engine(url)
    if not is_there(make_url(url)):
        raise NotConnected(f"there is no database {make_url(url).database} yet")
    database = Database(engine)
    try:
        return await UserRepository(database).list()
    except DBAPIError as error:
        raise NotConnected(f"the database is of another version: {error.orig}") from error
    finally:
        await database.close()


def is_there(url: URL) -> bool:
    """SQLite would make it."""
    return not url.drivername.startswith("sqlite") or Path(url.database or "").exists()


def _columns(user: User) -> dict[str, Any]:
    return {**msgspec.structs.asdict(user), **{name: list(getattr(user, name)) for name in _LISTS}}


def user_of(row: Any) -> User:
    """Of a row that has the columns of `users`, and maybe others."""
    values = {name: row[name] for name in User.__struct_fields__}
    return User(**{**values, **{name: tuple(values[name]) for name in _LISTS}})
