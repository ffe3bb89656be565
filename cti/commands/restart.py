"""`laidian restart`: have the running daemon go in order and come again, while callers hear nothing of it."""

import asyncio
import time
from pathlib import Path

import click

from cti.commands.line import rooted, run, socket_of
from cti.daemon.control import ask
from cti.errors import Unusable

BACK_S = 60.0
"""How long the new daemon may take until it answers."""
LOOK_S = 0.2


@click.command()
@rooted
def restart(root: Path) -> None:
    """Start the running daemon anew. Who talks talks on, who waits keeps the place, who is in a menu may finish."""
    run(_restart(socket_of(root)))


async def _restart(socket: Path) -> None:
    before = await ask(socket, "GET", "/status")
    going = await ask(socket, "POST", "/restart")
    asked_at = time.monotonic()
    if going["menus"]:
        click.echo(f"{going['menus']} callers in menus may finish, for {going['drain_s']:g} s at most.")
    while True:
        await asyncio.sleep(LOOK_S)
        took_s = time.monotonic() - asked_at
        try:
            now = await ask(socket, "GET", "/status")
        except Unusable:
            now = None
        if now is not None and now["started_at"] != before["started_at"]:
            click.echo(f"The daemon is back after {took_s:.1f} s: {now['waiting']} waiting, {now['talking']} talking.")
            return
        if took_s > going["drain_s"] + BACK_S:
            raise Unusable(f"the daemon has not come back within {took_s:.0f} s: its log says why")
