"""One round each with something else broken than the daemon: what it needs is set up here, and taken away again."""

import asyncio
import contextlib
import random
from pathlib import Path

from tests.chaos.blows import broker_stopped, database_stopped, wire_cut
from tests.chaos.crowd import Crowd
from tests.chaos.judge import Verdict
from tests.chaos.rounds import once, run_round
from tests.chaos.stand import open_stand
from tests.chaos.wire import wire
from tests.harness.mosquitto import Mosquitto
from tests.harness.postgres import private_postgres


async def database_round(root: Path, crowd: Crowd, chance: random.Random) -> Verdict:
    """The facts of the time without a database are in it afterwards."""
    with private_postgres() as postgres:
        async with open_stand(root, agents=crowd.talkers, postgres=postgres) as stand:
            crowd = crowd.beside(stand.start_s)
            return await run_round(stand, crowd, once(database_stopped(postgres), crowd), chance)


async def broker_round(root: Path, crowd: Crowd, chance: random.Random) -> Verdict:
    """Nobody who calls notices; the daemon publishes again by itself."""
    broker = Mosquitto(root)
    await broker.start()
    async with contextlib.AsyncExitStack() as closing:
        closing.push_async_callback(broker.stop)
        stand = await closing.enter_async_context(
            open_stand(root, agents=crowd.talkers, mqtt={"host": "127.0.0.1", "port": broker.port})
        )
        crowd = crowd.beside(stand.start_s)
        verdict = await run_round(stand, crowd, once(broker_stopped(broker), crowd), chance)
        if not await _publishes(broker.port):
            verdict += Verdict(complaints=("the broker is back, and the daemon has told it nothing",))
        return verdict


async def _publishes(port: int) -> bool:
    """Whether the daemon tells a broker anything that kept nothing over its stop: before we listen, or then."""
    import aiomqtt  # noqa: PLC0415  # only this scene needs it

    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(20), aiomqtt.Client("127.0.0.1", port) as client:
            await client.subscribe("laidian/#")
            async for _ in client.messages:
                return True
    return False


async def wire_round(root: Path, crowd: Crowd, chance: random.Random) -> Verdict:
    """Neither end is told; connections are half-open until somebody asks whether the other is still there."""
    with wire() as made:
        async with open_stand(root, agents=crowd.talkers, between=made.between) as stand:
            crowd = crowd.beside(stand.start_s)
            return await run_round(stand, crowd, once(wire_cut(made), crowd), chance)
