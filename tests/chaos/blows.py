"""What falls on them. Each strike breaks one thing and returns when it is whole again."""

import asyncio
import random
from collections.abc import Awaitable, Callable

from tests.chaos.stand import Stand
from tests.chaos.wire import Wire
from tests.harness.mosquitto import Mosquitto
from tests.harness.postgres import Postgres

Strike = Callable[[Stand, random.Random], Awaitable[None]]

DAEMON_AWAY_S = (0.2, 1.5)
STOPPED_S = 4.0
CUT_S = 10.0


async def daemon_killed(stand: Stand, chance: random.Random) -> None:
    """`kill -9`, and a start after a moment."""
    await stand.daemon.kill()
    await asyncio.sleep(chance.uniform(*DAEMON_AWAY_S))
    await stand.start()


async def asterisk_killed(stand: Stand, _chance: random.Random) -> None:
    """`kill -9`: every call is over. Nobody tells the daemon but a connection that ends."""
    await stand.kill_asterisk()
    await asyncio.sleep(1)
    await stand.start_asterisk()


def database_stopped(postgres: Postgres) -> Strike:
    async def database_stopped(_stand: Stand, _chance: random.Random) -> None:
        await asyncio.to_thread(postgres.kill)
        await asyncio.sleep(STOPPED_S)
        await asyncio.to_thread(postgres.start)

    return database_stopped


def broker_stopped(mosquitto: Mosquitto) -> Strike:
    async def broker_stopped(_stand: Stand, _chance: random.Random) -> None:
        await mosquitto.stop()
        await asyncio.sleep(STOPPED_S)
        await mosquitto.start()

    return broker_stopped


def wire_cut(wire: Wire) -> Strike:
    async def wire_cut(_stand: Stand, _chance: random.Random) -> None:
        wire.cut()
        await asyncio.sleep(CUT_S)
        wire.mend()

    return wire_cut
