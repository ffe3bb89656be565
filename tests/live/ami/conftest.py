"""A real Asterisk with our dialplan, SIPp as callers and as an agent's phone, and our own AMI client and AGI server."""

import asyncio
import contextlib
import socket
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from cti.ami.client import Account, AmiClient
from cti.ami.messages import Event
from cti.private_asterisk import AgentEndpoint, AsteriskSettings, PrivateAsterisk
from tests.harness.asterisk import open_private

HERE = Path(__file__).parent
ACCOUNTS = """
[operator]
secret = {secret}
permit = 127.0.0.1/255.255.255.255
read = all
write = all

; What the daemon's account must have: a caller's number may bring whole events along.
[guarded]
secret = {secret}
permit = 127.0.0.1/255.255.255.255
read = system,call
write = system,call,reporting
eventfilter(action(exclude),method(regex)) = [[:cntrl:]]Event:|[[:cntrl:]]{{3}}Response:
"""


def free_port(host: str) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


class Lab:
    """Asterisk and the things that talk to it."""

    def __init__(self, asterisk: PrivateAsterisk, agent_port: int) -> None:
        self.asterisk = asterisk
        self.agent_port = agent_port
        self.secret = asterisk.ami_secret

    def account(self, username: str = "", secret: str = "") -> Account:
        """The daemon's account; `operator` may do everything, `guarded` hears no forged events."""
        return Account(
            port=self.asterisk.ami_port, username=username or self.asterisk.ami_user, secret=secret or self.secret
        )

    @contextlib.asynccontextmanager
    async def client(
        self, username: str = "", wanted: frozenset[str] = frozenset(), on_event: Callable[[Event], None] | None = None
    ) -> AsyncIterator[AmiClient]:
        up = asyncio.Event()

        async def on_up(_: AmiClient) -> None:
            up.set()

        client = AmiClient(
            self.account(username), wanted=wanted, on_event=on_event or (lambda _event: None), on_up=on_up
        )
        run = asyncio.create_task(client.run(), name="ami-client")
        try:
            async with asyncio.timeout(20):
                await up.wait()
            yield client
        finally:
            run.cancel()
            await asyncio.gather(run, return_exceptions=True)

    @contextlib.asynccontextmanager
    async def sipp(self, scenario: str, *args: str) -> AsyncIterator[Process]:
        process = await asyncio.create_subprocess_exec(
            "sipp",
            "-sf",
            str(HERE / scenario),
            *args,
            "-nostdin",
            "-trace_err",
            stdout=DEVNULL,
            stderr=DEVNULL,
            cwd=self.asterisk.settings.run_dir,
        )
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    @contextlib.asynccontextmanager
    async def caller(self, number: str, *, name: str = "caller", user: str = "13900001") -> AsyncIterator[Process]:
        target = f"127.0.0.1:{self.asterisk.sip_port}"
        port = str(free_port("127.0.0.2"))
        options = ["-i", "127.0.0.2", "-p", port, "-s", number, "-m", "1", "-key", "name", name, "-key", "user", user]
        async with self.sipp("caller.xml", *options, target) as process:
            yield process

    @contextlib.asynccontextmanager
    async def agent(self) -> AsyncIterator[Process]:
        """The phone of d1001."""
        async with self.sipp("agent.xml", "-i", "127.0.0.1", "-p", str(self.agent_port)) as process:
            await asyncio.sleep(0.2)
            yield process


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lab]:
    agent_port = free_port("127.0.0.1")
    settings = AsteriskSettings(
        run_dir=tmp_path_factory.mktemp("asterisk"),
        witness=True,
        patience_s=5,
        agents=(AgentEndpoint(extension="1001", contact=f"sip:127.0.0.1:{agent_port}", name="王芳"),),
    )
    async with open_private(settings) as asterisk:
        lab = Lab(asterisk, agent_port)
        manager_conf = next(settings.run_dir.rglob("manager.conf"))
        manager_conf.write_text(manager_conf.read_text() + ACCOUNTS.format(secret=lab.secret))
        await asterisk.cli("manager reload")
        yield lab
