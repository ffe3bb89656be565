"""How soon what happens on the floor is on the screens: 500 agents' browsers and 20 supervisors' boards.

The real daemon on the real Asterisk, 20 calls a second of one second each by SIPp through menu, queue and offer, and
all browsers as websockets of another process. `fanout_p99` is the time from a fact (its own time stamp, taken by the
daemon's clock) to the browser that reads it, over everything that a browser is sent at once: an agent's own state and
call, and all that the boards show. Its limit is the round trip of an order that is refused, on the same sockets while
nothing else happens, as often as the facts come: the daemon sleeps before each of both kinds, and has to be woken. In
a row without a pause (`fanout_in_a_row`, without a goal) it takes a fifth of that. What agents see of their
colleagues is sent once a second (`cti.desk.audience.AROUND`) and stands in a figure of its own.
"""

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from typing import Any

from cti.private_asterisk.model import REPOSITORY
from tests.bench import load, ours
from tests.bench.figure import Figure
from tests.bench.sockets import OWN
from tests.bench.stage import MENU, Stage, open_stage

GROUP = "desk"
AGENTS, BOARDS = 500, 20
RATE, SECONDS = 20.0, 20.0
ECHOES, PAUSE_S = 1200, 1 / (3 * RATE)
"""As many as there are facts in `SECONDS`, and as far apart: each call has its agent change the state three times."""
IN_A_ROW = 2000
STALLED = 10
CONNECT_S, ANSWER_S = 60.0, 30.0
GOAL = 0.2


class Browsers:
    """The process that holds all websockets."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def ask(self, order: str, within: float = ANSWER_S) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{order}\n".encode())
        return await self.answer(within)

    async def answer(self, within: float) -> Any:
        assert self._process.stdout is not None
        async with asyncio.timeout(within):
            line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError("the browsers have ended")
        return json.loads(line)


@contextlib.asynccontextmanager
async def browsers(stage: Stage, url: str) -> AsyncIterator[Browsers]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.sockets", url, str(stage.root), cwd=REPOSITORY, stdin=PIPE, stdout=PIPE,
        limit=2**26,
    )  # fmt: skip
    try:
        connected = Browsers(process)
        assert await connected.answer(CONNECT_S) == AGENTS + BOARDS
        yield connected
    finally:
        process.kill()
        await process.wait()


def p99(seconds: list[float]) -> float:
    """The 99th percentile in milliseconds."""
    return sorted(seconds)[int(len(seconds) * 0.99)] * 1000


async def calls(stage: Stage, screens: Browsers) -> dict[str, Any]:
    """Some seconds of calls, and how late the browsers were."""
    await screens.ask("watch")
    count = round(RATE * SECONDS)
    async with load.callers(stage, MENU, calls=count, rate=RATE, keys=load.KEY) as callers:
        counts = await callers.wait(SECONDS + 30)
    if not counts.clean or counts.created != count:
        raise RuntimeError(f"calls failed: {counts}")
    watched: dict[str, Any] = await screens.ask("watched")
    if watched["closed"]:
        raise RuntimeError(f"{watched['closed']} browsers were closed")
    return watched


def at_once(watched: dict[str, Any]) -> list[float]:
    """What the agents' own entities and the boards' took; the colleagues' are apart."""
    return [seconds for topic in (*OWN, "boards") for seconds in watched[topic]]


async def measure() -> tuple[list[float], list[float], dict[str, Any], dict[str, Any]]:
    """The idle round trips, with pauses and in a row; the delays under load; those with some browsers that read
    nothing.
    """
    supervisors = tuple(f"s{number}" for number in range(BOARDS))
    house = ours.one_queue(supervisors)
    async with contextlib.AsyncExitStack() as stack:
        stage = await stack.enter_async_context(open_stage(AGENTS))
        await stack.enter_async_context(load.agents(stage))
        daemon = await stack.enter_async_context(ours.serving(stage, house))
        screens = await stack.enter_async_context(browsers(stage, daemon.url))
        await screens.ask(f"echo {IN_A_ROW // 10} 0")
        idle: list[float] = await screens.ask(f"echo {ECHOES} {PAUSE_S}", SECONDS + ANSWER_S)
        in_a_row: list[float] = await screens.ask(f"echo {IN_A_ROW} 0")
        alone = await calls(stage, screens)
        await screens.ask(f"stall {STALLED}")
        beside = await calls(stage, screens)
        return idle, in_a_row, alone, beside


def run() -> list[Figure]:
    idle, in_a_row, alone, beside = asyncio.run(measure())
    echo, own = p99(idle), p99(at_once(alone))
    return [
        _figure("fanout_p99", own, "idle echo p99", echo, GOAL),
        _figure("fanout_in_a_row", own, "echoes in a row p99", p99(in_a_row), 0),
        _figure("fanout_beside_stalled", p99(at_once(beside)), "without stalled browsers", own, 0.5),
        _figure("fanout_presence", p99(alone["agents"]), "idle echo p99", echo, 0),
    ]


def _figure(name: str, value: float, peer: str, peer_value: float, goal: float) -> Figure:
    return {
        "name": name,
        "value": round(value, 2),
        "unit": "ms",
        "peer": peer,
        "peer_value": round(peer_value, 2),
        "ratio": round(peer_value / value, 3),
        "goal": goal,
    }
