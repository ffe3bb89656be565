"""What every command of the line shares: the folder that it works in, its settings, how it runs and how it ends."""

import asyncio
import contextlib
import logging
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import click

from cti.config.file import load
from cti.daemon import event_loop
from cti.daemon.leaving import AGAIN, start_again
from cti.errors import ConfigError, CtiError, Unusable
from cti.logs import logs
from cti.settings import Settings, SettingsFile, read
from cti.store.store import Store

LINGERS = " Files of the journal still name them: they go as soon as the database can do without."
"""After a sentence about what was erased, where it is so."""
UNUSABLE = 2
"""Exit code for everything that is wrong with the installation, not with one call."""


def run(main: Coroutine[Any, Any, int | None]) -> None:
    """Ctrl-C and SIGTERM stop in order; what makes the installation unusable is one sentence and exit code 2."""
    try:
        code = event_loop.run(main) or 0
        if code == AGAIN:
            start_again()
        sys.exit(code)
    except (Unusable, ConfigError) as error:
        click.echo(str(error), err=True)
        sys.exit(UNUSABLE)
    except CtiError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def settings_of(root: Path) -> Settings:
    try:
        return read(root)
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(UNUSABLE)


def logged(settings: Settings) -> Settings:
    """From now on the log is as it is configured."""
    verbose = click.get_current_context().find_root().params["verbose"]
    logs.configure(
        logging.DEBUG if verbose else logging.getLevelName(settings.logs.level.upper()), settings.logs.format
    )
    return settings


def socket_of(root: Path) -> Path:
    """Where the daemon listens, whatever is wrong with the other files. ConfigError."""
    return root / load(root / "config" / "laidian.yaml", SettingsFile).control_socket


def rooted(command: Callable[..., None]) -> Callable[..., None]:
    return click.option(
        "--root",
        type=click.Path(file_okay=False, exists=True, path_type=Path),
        default=Path(),
        help="The folder that holds config/ (default: here).",
    )(command)


@asynccontextmanager
async def alone(settings: Settings, *, owning: bool) -> AsyncIterator[Store]:
    """The store without a daemon. `owning`: its writer runs; `Unusable` when a daemon has the journal."""
    store = await Store.open(
        settings.database_url, spool=settings.path(settings.spool) / "facts", region=settings.region
    )
    writer: asyncio.Task[None] | None = None
    try:
        if owning:
            store.writer.own()
            writer = asyncio.create_task(store.writer.run(), name="writer")
        yield store
    finally:
        if writer is not None:
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer
        await store.close()


async def with_store(settings: Settings, work: Callable[[Store], Coroutine[Any, Any, None]]) -> None:
    async with alone(settings, owning=False) as store:
        await work(store)


def on_store(root: Path, work: Callable[[Settings, Store], Coroutine[Any, Any, None]]) -> None:
    settings = settings_of(root)
    run(with_store(settings, lambda store: work(settings, store)))
