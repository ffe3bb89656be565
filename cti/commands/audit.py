"""`laidian audit verify`."""

import asyncio
from pathlib import Path

import click

from cti.commands.line import rooted, run, settings_of
from cti.settings import Settings
from cti.store.audit import AuditRepository
from cti.store.audit_anchor import read_anchor
from cti.store.audit_chain import Anchor, Verdict
from cti.store.database import Database, make_engine

BROKEN = 1


@click.group()
def audit() -> None:
    """Who used a right over whom."""


@audit.command(name="verify")
@rooted
def audit_verify(root: Path) -> None:
    """Walk the audit log's hash chain; exit code 1 and the first entry that does not hold when it was changed."""
    run(_verify(settings_of(root)))


async def _verify(settings: Settings) -> int:
    file = settings.path(settings.audit.anchor_file)
    verdict, anchor = await verified(settings)
    if verdict.broken is not None:
        click.echo(f"The audit log was changed: {verdict.broken}", err=True)
        return BROKEN
    if anchor is None:
        click.echo(f"warning: there is no anchor in {file}; whether the end of the log was cut off was not looked at")
    emptied = f", {verdict.emptied} of them emptied by an erasure" if verdict.emptied else ""
    click.echo(f"The audit log is whole: {verdict.entries} entries{emptied}.")
    if verdict.head is not None:
        click.echo(f"Its head is {verdict.head.seq} {verdict.head.hash}")
    return 0


async def verified(settings: Settings) -> tuple[Verdict, Anchor | None]:
    """And the anchor that it was held against. Raises NotConnected, Unusable."""
    anchor = await asyncio.to_thread(read_anchor, settings.path(settings.audit.anchor_file))
    database = Database(make_engine(settings.database_url))
    try:
        return await AuditRepository(database).verify(anchor), anchor
    finally:
        await database.close()
