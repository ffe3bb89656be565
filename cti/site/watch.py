"""From the settings and the running parts to what `/metrics` and `/readyz` are answered with."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from sqlalchemy import make_url, text

from cti.settings import Settings
from cti.settings.watch import LOOPBACK
from cti.store.store import Store
from cti.watch.readiness import Readiness
from cti.web.scraping import Scraping


def folders(settings: Settings) -> Mapping[str, Path]:
    """What we keep -> where. The database only where it is a file."""
    found = {"recordings": settings.path(settings.recordings), "spool": settings.path(settings.spool)}
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        found["database"] = Path(url.database)
    return found


def scraping(settings: Settings, metrics: Callable[[], Awaitable[bytes]]) -> Scraping:
    """Raises Unusable when the token cannot be read."""
    allow = settings.metrics.allow
    if allow is None:
        allow = () if settings.web.public_origin else LOOPBACK
    return Scraping(metrics=metrics, allow=allow, token=settings.metrics.token(settings.root))


def readiness(settings: Settings, store: Store, *, asterisk: Callable[[], bool], agi: Callable[[], bool]) -> Readiness:
    async def database() -> object:
        return await store.database.read(lambda connection: connection.execute(text("SELECT 1")).scalar())

    return Readiness(asterisk=asterisk, agi=agi, database=database, journal=settings.path(settings.spool))
