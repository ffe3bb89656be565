"""`laidian retention show` and `laidian retention run`."""

import getpass
from pathlib import Path
from urllib.parse import quote

import click
import msgspec

from cti.commands.line import LINGERS, alone, rooted, run, settings_of
from cti.daemon.control import ask
from cti.errors import Unusable
from cti.privacy.personal_data import Who
from cti.privacy.retention import Gone, Retention
from cti.settings import Settings
from cti.store.retention import QueueDue


@click.group()
def retention() -> None:
    """How long recordings are kept, and of whom an interaction was."""


@retention.command(name="show")
@rooted
def retention_show(root: Path) -> None:
    """What would go now, by queue. Nothing is changed."""
    run(_show(settings_of(root)))


@retention.command(name="run")
@rooted
def retention_run(root: Path) -> None:
    """Do the day's work now."""
    run(_run(settings_of(root)))


async def _show(settings: Settings) -> None:
    async with alone(settings, owning=False) as store:
        due = await Retention(store, lambda: settings).show()
    for one in due:
        click.echo(_line(one))
    if not due:
        click.echo("Nothing has been kept for long enough.")


def _line(due: QueueDue) -> str:
    held = f", {due.held} are held" if due.held else ""
    return f"{due.queue or '-'}\t{due.recordings} recordings, {due.interactions} interactions{held}"


async def _run(settings: Settings) -> None:
    who = f"cli:{getpass.getuser()}"
    try:
        told = await ask(settings.path(settings.control_socket), "POST", f"/retention/{quote(who, safe='')}")
        gone = msgspec.convert(told, Gone)
    except Unusable:
        async with alone(settings, owning=True) as store:
            gone = await Retention(store, lambda: settings).run(Who(actor=who, role="admin"))
    more = " There is more: run it again." if gone.more else ""
    lingers = LINGERS if gone.lingers else ""
    click.echo(f"{gone.recordings} recordings deleted, {gone.interactions} interactions anonymised.{more}{lingers}")
