"""A private Asterisk with phones around it and no daemon: for tests of the parts below the daemon, and for traces."""

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cti.agi.server import FastAgiServer
from cti.agi.session import AgiSession
from cti.private_asterisk import AgentEndpoint, AsteriskSettings, PrivateAsterisk
from cti.private_asterisk.model import new_secret
from cti.simulated.phone import Phone
from tests.harness.ami_tap import AmiTap, ami_tap
from tests.harness.asterisk import open_private
from tests.harness.phones import TRUNK_HOST, agent_phone, caller_phone, outside_phone
from tests.harness.ports import udp_port


@dataclass(slots=True)
class Waiting:
    """The daemon's stand-in at the AGI port: callers hear music until they press a key, are taken or hang up.

    Whoever presses a key is connected to the endpoint `then`, if there is one, and let go otherwise.
    """

    keys: list[str] = field(default_factory=list)
    then: str = ""

    async def hotline(self, session: AgiSession) -> None:
        await session.set_music(on=True)
        key = await session.wait_for_digit(600_000)
        self.keys.append(key or "")
        await session.set_music(on=False)
        if self.then:
            await session.exec("Dial", f"PJSIP/{self.then}", "20", "g", deadline_s=60)
        await session.set_variable("LD_DONE", "1")

    async def done(self, session: AgiSession) -> None:
        await session.set_variable("LD_DONE", "1")


@dataclass(frozen=True, slots=True)
class Lab:
    asterisk: PrivateAsterisk
    secrets: dict[str, str]
    waiting: Waiting

    @property
    def server(self) -> str:
        return f"127.0.0.1:{self.asterisk.sip_port}"

    def agent(self, extension: str) -> Phone:
        return agent_phone(self.server, extension, self.secrets[extension])

    def caller(self, number: str, name: str = "") -> Phone:
        return caller_phone(self.server, number, name)

    def outside(self) -> Phone:
        return outside_phone(self.server, self.asterisk.settings.trunk_port)

    def tap(self) -> contextlib.AbstractAsyncContextManager[AmiTap]:
        return ami_tap(self.asterisk.ami_port, self.asterisk.ami_user, self.asterisk.ami_secret)


@contextlib.asynccontextmanager
async def open_lab(
    folder: Path, extensions: Sequence[str] = ("1001", "1002"), contacts: Mapping[str, str] | None = None
) -> AsyncIterator[Lab]:
    """Asterisk runs in `folder`; each of `extensions` may register a phone (`lab.agent(extension)`).

    `contacts` are extensions whose phones do not register: extension -> "sip:127.0.0.1:5090".
    """
    secrets = {extension: new_secret() for extension in extensions}
    waiting = Waiting()
    routes = {"hotline": waiting.hotline, "resume": waiting.hotline, "after": waiting.done, "transfer": waiting.done}
    async with FastAgiServer(routes, port=0) as agi:
        settings = AsteriskSettings(
            run_dir=folder / "asterisk",
            agi_port=agi.port,
            trunk_port=udp_port(TRUNK_HOST),
            agents=(
                *(AgentEndpoint(extension=extension, phone_secret=secret) for extension, secret in secrets.items()),
                *(AgentEndpoint(extension=extension, contact=uri) for extension, uri in (contacts or {}).items()),
            ),
        )
        async with open_private(settings) as asterisk:
            yield Lab(asterisk, secrets, waiting)
