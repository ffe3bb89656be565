import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cti.store.store import Store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """A migrated SQLite file with its writer running."""
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/laidian.db", spool=tmp_path / "spool")
    writer = asyncio.create_task(store.writer.run(), name="store-writer")
    yield store
    writer.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await writer
    await store.close()
