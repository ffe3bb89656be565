"""`laidian customer export` and `laidian customer erase`."""

import asyncio
import getpass
import os
import shutil
from pathlib import Path
from typing import IO
from urllib.parse import quote

import click
import msgspec

from cti.commands.line import LINGERS, alone, rooted, run, settings_of
from cti.daemon.control import ask
from cti.errors import Unusable
from cti.privacy.personal_data import Who, personal_data
from cti.recording.keys import NO_KEYS
from cti.settings import Settings
from cti.store.erasure import Erased


@click.group()
def customer() -> None:
    """What is known of one customer."""


@customer.command(name="export")
@rooted
@click.argument("customer_id", type=int)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def customer_export(root: Path, customer_id: int, file: Path) -> None:
    """Write everything that is known of a customer, with the recordings, to a zip file."""
    run(_export(settings_of(root), customer_id, file))


@customer.command(name="erase")
@rooted
@click.argument("customer_id", type=int)
@click.option("--reason", required=True, help="Kept in the audit log: no name and no number in it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def customer_erase(root: Path, customer_id: int, reason: str, *, yes: bool) -> None:
    """Erase everything that says who a customer is. The figures stay. It cannot be undone."""
    if not yes:
        click.confirm(f"Erase customer {customer_id}? It cannot be undone", abort=True)
    run(_erase(settings_of(root), customer_id, reason))


def _who() -> Who:
    return Who(actor=f"cli:{getpass.getuser()}", role="admin")


async def _export(settings: Settings, customer_id: int, file: Path) -> None:
    keys = await asyncio.to_thread(settings.recording_keys)
    async with alone(settings, owning=False) as store:
        data = personal_data(settings, store, keys, publish=store.writer.on_fact)
        zipped = await data.export(customer_id, _who())
    with zipped:
        await asyncio.to_thread(_save, zipped, file)
    click.echo(f"{file}: what is known of customer {customer_id}")


def _save(zipped: IO[bytes], file: Path) -> None:
    with open(file, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as out:
        shutil.copyfileobj(zipped, out)


async def _erase(settings: Settings, customer_id: int, reason: str) -> None:
    who = _who()
    command = f"/erase/{customer_id}/{quote(who.actor, safe='')}/{quote(reason, safe='')}"
    try:
        done = msgspec.convert(await ask(settings.path(settings.control_socket), "POST", command), Erased)
    except Unusable:
        async with alone(settings, owning=True) as store:
            data = personal_data(settings, store, NO_KEYS, publish=store.writer.on_fact)
            done = await data.erase(customer_id, who, reason)
    click.echo(
        f"Customer {customer_id} is erased: {done.interactions} interactions, {done.recordings} recordings, "
        f"{done.rows} rows changed, {done.emptied} entries of the audit log emptied.{LINGERS if done.lingers else ''}"
    )
