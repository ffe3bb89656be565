"""The house of `tests/harness` with the demo database in it, as `make run` brings it up, and cheap password hashes."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import yaml
from argon2 import PasswordHasher

from cti.daemon import running
from cti.private_asterisk.model import REPOSITORY
from cti.settings import Settings
from cti.store import demo
from cti.store.store import Store
from tests.harness.house import House, configured, open_asterisk

_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@contextlib.asynccontextmanager
async def open_site(root: Path) -> AsyncIterator[House]:
    queues = yaml.safe_load((REPOSITORY / "config" / "queues.yaml").read_text())["queues"]
    async with open_asterisk(root) as asterisk:
        settings = configured(root, asterisk, queues=queues)
        await _seed(settings)
        async with running(settings) as daemon:
            house = House(asterisk, daemon)
            daemon.bus.subscribe(house.hear)
            yield house


async def _seed(settings: Settings) -> None:
    spool, recordings = settings.path(settings.spool), settings.path(settings.recordings)
    store = await Store.open(settings.database_url, spool=spool / "facts", region=settings.region)
    try:
        assert await demo.seed(store, recordings=recordings, hash_password=_CHEAP.hash)
    finally:
        await store.close()
