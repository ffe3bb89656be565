"""`laidian recordings rekey`."""

import asyncio
from pathlib import Path

import click

from cti.commands.line import rooted, run, settings_of
from cti.recording.rekey import Rekeyed, rekey
from cti.settings import Settings


@click.group()
def recordings() -> None:
    """Published recordings on the disk."""


@recordings.command(name="rekey")
@rooted
def recordings_rekey(root: Path) -> None:
    """Encrypt every recording with the first key, plain ones too. It may be stopped and begun again at any time."""
    run(_rekey(settings_of(root)))


async def _rekey(settings: Settings) -> int:
    keys = await asyncio.to_thread(settings.recording_keys)
    folder = settings.path(settings.recordings)
    with click.progressbar(length=1, label="recordings") as bar:

        def progress(count: int, of: int) -> None:
            bar.length = of
            bar.update(count - bar.pos)

        done = await asyncio.to_thread(rekey, folder, keys, progress)
    _show(done, keys.first.id if keys.first else "")
    return 1 if done.failed else 0


def _show(done: Rekeyed, key_id: str) -> None:
    click.echo(f"{done.changed} encrypted with the key {key_id}, {done.already} were before.")
    for path, reason in done.failed:
        click.echo(f"left as it is: {path}: {reason}", err=True)
