"""Looks at the database without making or migrating it."""

import asyncio
import time
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, make_url, text

import cti.store
from cti.doctor.observed import BooksSeen
from cti.errors import CtiError
from cti.store.database import Database, make_engine
from cti.store.users import is_there


async def look_at_books(url: str) -> BooksSeen:
    parsed = make_url(url)
    kind = parsed.get_backend_name()
    if not await asyncio.to_thread(is_there, parsed):
        return BooksSeen(kind=kind, trouble=f"there is no database {parsed.database} yet: start the daemon once")
    database = Database(make_engine(url))
    try:
        sent = time.time()
        revision, clock = await database.read(_look)
        middle = (sent + time.time()) / 2
    except CtiError as error:
        return BooksSeen(kind=kind, trouble=str(error).removesuffix("."))
    finally:
        await database.close()
    skew_s = clock - middle if clock is not None else None
    return BooksSeen(kind=kind, revision=revision, head=head(), skew_s=skew_s)


def head() -> str:
    """The schema that this version needs."""
    folder = Path(cti.store.__file__).parent / "migrations"
    return ScriptDirectory(str(folder)).get_current_head() or ""


def _look(connection: Connection) -> tuple[str, float | None]:
    revision = ""
    if inspect(connection).has_table("alembic_version"):
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""
    if connection.dialect.name != "postgresql":
        return revision, None
    return revision, float(connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())
