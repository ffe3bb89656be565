"""A real Asterisk with our dialplan, scripted phones around it, and a stand-in for the daemon's AGI door."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from cti.agi.server import FastAgiServer
from cti.agi.session import AgiSession
from cti.private_asterisk import (
    AgentEndpoint,
    AsteriskSettings,
    Installation,
    PrivateAsterisk,
    find_or_build,
)
from tests.harness.ami_tap import AmiTap, ami_tap
from tests.harness.asterisk import open_private
from tests.live.private_asterisk.phone import Phone


@dataclass(slots=True)
class Door:
    """The daemon's AGI server as the dialplan sees it: who came in by which route, and what each is told.

    A caller hears music until they are taken away, or - for routes in `finishing` - is let go with these variables.
    """

    port: int
    visits: list[tuple[str, str, float]] = field(default_factory=list)
    finishing: dict[str, dict[str, str]] = field(default_factory=dict)
    read: dict[str, str | None] = field(default_factory=dict)
    _stack: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)

    async def open(self) -> None:
        routes = {name: self._route(name) for name in ("hotline", "resume", "after", "transfer")}
        server = FastAgiServer(routes, port=self.port)
        self.port = (await self._stack.enter_async_context(server)).port

    async def close(self) -> None:
        """As when the daemon dies: all connections drop."""
        await self._stack.aclose()

    def _route(self, name: str):  # type: ignore[no-untyped-def] # noqa: ANN202
        async def route(session: AgiSession) -> None:
            self.visits.append((name, session.env.uniqueid, time.time()))
            for variable in self.read:
                self.read[variable] = await session.get_variable(variable)
            for variable, value in self.finishing.get(name, {}).items():
                await session.set_variable(variable, value)
            if name not in self.finishing:
                await session.set_music(on=True)
                await session.wait_for_digit(600_000)

        return route

    @property
    def names(self) -> list[str]:
        return [name for name, _, _ in self.visits]

    async def visit(self, name: str, within: float = 15.0) -> str:
        """The unique id of the last channel that came in by this route, when it has."""
        async with asyncio.timeout(within):
            while name not in self.names:  # noqa: ASYNC110 - a test may look every 20 ms
                await asyncio.sleep(0.02)
        return next(uniqueid for visited, uniqueid, _ in reversed(self.visits) if visited == name)


@dataclass(frozen=True, slots=True)
class Stage:
    asterisk: PrivateAsterisk
    door: Door
    tap: AmiTap

    async def call_in(self, caller: Phone, number: str = "4000") -> str:
        """The customer's unique id once the daemon has been asked what to do."""
        self.door.visits.clear()
        caller.dial(number, self.asterisk.sip_port)
        return await self.door.visit("hotline")

    async def ring(self, agent: str, channel_id: str, context: str = "ld-agent", **variables: str) -> None:
        await self.tap.act(
            "Originate",
            {
                "Channel": f"PJSIP/d{agent}",
                "Context": context,
                "Exten": "s",
                "Priority": "1",
                "Timeout": "10000",
                "ChannelId": channel_id,
                "Async": "true",
                "Variable": [f"{name}={value}" for name, value in variables.items()],
            },
        )

    async def connect(self, agent: str, channel_id: str, customer: str, context: str = "ld-agent") -> None:
        await self.ring(agent, channel_id, context, LD_CUSTOMER=customer)
        await self.tap.wait_event("BridgeEnter", Uniqueid=channel_id)

    async def redirect(self, channel: str, context: str) -> None:
        await self.tap.action("Redirect", Channel=channel, Context=context, Exten="s", Priority="1")

    async def set(self, channel: str, variable: str, value: str) -> None:
        await self.tap.action("Setvar", Channel=channel, Variable=variable, Value=value)

    async def record(self, channel: str) -> tuple[Path, float]:
        """The raw stereo file, and the time of its first sample by Asterisk's clock."""
        file = self.asterisk.recordings_dir / f"{channel}.raw"
        await self.tap.action("MixMonitor", Channel=channel, File=str(file), Options="D")
        started = await self.tap.wait_event("MixMonitorStart", Uniqueid=channel)
        return file, float(started["Timestamp"])

    async def finish_recording(self, channel: str) -> float:
        """Seconds of recording by Asterisk's clock; the file is complete when this returns."""
        started = await self.tap.wait_event("MixMonitorStart", Uniqueid=channel)
        await self.tap.action("StopMixMonitor", Channel=channel)
        stopped = await self.tap.wait_event("MixMonitorStop", Uniqueid=channel)
        await asyncio.sleep(0.2)  # the file is closed by a thread of its own just behind the event
        return float(stopped["Timestamp"]) - float(started["Timestamp"])


@contextlib.asynccontextmanager
async def open_stage(settings: AsteriskSettings, phones: Sequence[Phone]) -> AsyncIterator[Stage]:
    """`phones` are the hard phones of agents 1001, 1002, ... at fixed addresses."""
    agents = tuple(
        AgentEndpoint(extension=str(1001 + number), contact=f"sip:{phone.host}:{phone.port}")
        for number, phone in enumerate(phones)
    )
    door = Door(port=0)
    await door.open()
    try:
        async with (
            open_private(replace(settings, agents=agents, agi_port=door.port)) as asterisk,
            ami_tap(asterisk.ami_port, asterisk.ami_user, asterisk.ami_secret) as tap,
        ):
            yield Stage(asterisk, door, tap)
    finally:
        await door.close()


@pytest.fixture(scope="session")
def installation() -> Installation:
    return find_or_build()


@pytest.fixture
def settings(tmp_path: Path) -> AsteriskSettings:
    return AsteriskSettings(run_dir=tmp_path / "asterisk", patience_s=3)
