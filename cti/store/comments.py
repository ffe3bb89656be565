"""Comments at positions of recordings, and the rights that single people have beyond their role."""

from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, insert, select, update

from cti.errors import Forbidden, NotFound
from cti.rights import is_own
from cti.store import tables as t
from cti.store.database import Database

COMMENTS = 500
"""Of one recording; more are not shown."""


class CommentRow(msgspec.Struct, frozen=True, kw_only=True):
    comment_id: int
    interaction_id: str
    at_s: float
    author: str
    author_name: str
    text: str
    created_at: float
    edited_at: float | None


class CommentRepository:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def of(self, interaction_id: str) -> list[CommentRow]:
        """In the order of their positions."""
        c = t.recording_comments.c
        query = _listed().where(c.interaction_id == interaction_id).order_by(c.at_s, c.id).limit(COMMENTS)
        rows = await self._db.read(lambda connection: connection.execute(query).mappings().all())
        return [CommentRow(**row) for row in rows]

    async def add(self, interaction_id: str, *, at_s: float, author: str, text: str, at: float) -> CommentRow:
        values = {"at_s": at_s, "author": author, "text": text, "created_at": at}

        def work(c: Connection) -> int:
            done = c.execute(insert(t.recording_comments).values(interaction_id=interaction_id, **values))
            return int(done.inserted_primary_key[0])  # type: ignore[index]  # an insert of one row has one

        return await self._get(await self._db.write(work))

    async def edit(self, comment_id: int, *, author: str, text: str, at: float) -> CommentRow:
        """`NotFound`; `Forbidden` when somebody else wrote it."""
        c = t.recording_comments.c
        statement = update(t.recording_comments).where(c.id == comment_id).values(text=text, edited_at=at)
        await self._db.write(lambda connection: _own(connection, comment_id, author, statement))
        return await self._get(comment_id)

    async def remove(self, comment_id: int, *, author: str) -> None:
        """`NotFound`; `Forbidden` when somebody else wrote it."""
        statement = delete(t.recording_comments).where(t.recording_comments.c.id == comment_id)
        await self._db.write(lambda connection: _own(connection, comment_id, author, statement))

    async def _get(self, comment_id: int) -> CommentRow:
        query = _listed().where(t.recording_comments.c.id == comment_id)
        row = await self._db.read(lambda connection: connection.execute(query).mappings().one_or_none())
        if row is None:
            raise NotFound("comment", comment_id)
        return CommentRow(**row)


def _listed() -> Any:
    c, u = t.recording_comments.c, t.users.c
    return select(
        c.id.label("comment_id"),
        *(c[name] for name in ("interaction_id", "at_s", "author", "text", "created_at", "edited_at")),
        func.coalesce(u.name, c.author).label("author_name"),
    ).outerjoin_from(t.recording_comments, t.users, u.login == c.author)


def _own(c: Connection, comment_id: int, author: str, statement: Any) -> None:
    written_by = c.scalar(select(t.recording_comments.c.author).where(t.recording_comments.c.id == comment_id))
    if written_by is None:
        raise NotFound("comment", comment_id)
    if not is_own(author, (written_by,)):
        raise Forbidden("only who wrote a comment may change it")
    c.execute(statement)


class RightsRepository:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def of(self, login: str) -> frozenset[str]:
        r = t.user_rights.c
        query = select(r.granted).where(r.login == login)
        return frozenset(await self._db.read(lambda c: c.scalars(query).all()))

    async def grant(self, login: str, right: str, *, at: float) -> None:
        """Nothing happens when it was granted already. `NotFound`."""

        def work(c: Connection) -> None:
            if not c.scalar(select(func.count()).where(t.users.c.login == login)):
                raise NotFound("user", login)
            _revoke(c, login, right)
            c.execute(insert(t.user_rights).values(login=login, granted=right, since=at))

        await self._db.write(work)

    async def revoke(self, login: str, right: str) -> None:
        await self._db.write(lambda c: _revoke(c, login, right))


def _revoke(c: Connection, login: str, right: str) -> None:
    r = t.user_rights.c
    c.execute(delete(t.user_rights).where(r.login == login, r.granted == right))
