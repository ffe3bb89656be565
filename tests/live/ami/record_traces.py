"""Records what Asterisk sends over AMI during real calls, byte for byte: `python -m tests.live.ami.record_traces`.

Two accounts listen to the same calls: the daemon's own, with its event filters, and the witness, unfiltered. The traces
are in `tests/traces`; unit tests replay them and the benchmarks decode them.
"""

import asyncio
import gzip
import tempfile
from pathlib import Path

from cti.agi.server import FastAgiServer
from cti.agi.session import AgiSession
from cti.ami.client import AmiClient
from cti.ami.codec import variable
from cti.private_asterisk import AgentEndpoint, AsteriskSettings, private_asterisk
from tests.live.ami.conftest import Lab, free_port

TRACES = Path(__file__).parents[2] / "traces"
TALK_S = 0.5
NAMES = ("张小龙", "王芳", "Zoë O'Neil", "李 <img src=x onerror=alert(1)>")


class Tap:
    """A manager connection that keeps what it reads."""

    def __init__(self, port: int, username: str, secret: str) -> None:
        self.data = b""
        self._port, self._username, self._secret = port, username, secret

    async def start(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        login = f"Action: Login\r\nActionID: tap-1\r\nUsername: {self._username}\r\nSecret: {self._secret}\r\n\r\n"
        self._writer.write(login.encode())
        self._task = asyncio.create_task(self._read(), name=f"tap-{self._username}")

    async def _read(self) -> None:
        while data := await self._reader.read(65536):
            self.data += data

    async def stop(self) -> bytes:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._writer.close()
        return self.data


class Hotline:
    """The shortest hotline that makes every event of a real one: menu key, music, agent, recording, hang-up."""

    def __init__(self, client: AmiClient, recordings: Path) -> None:
        self._client = client
        self._recordings = recordings
        self._calls = 0
        self.done = 0

    async def hotline(self, session: AgiSession) -> None:
        await session.answer()
        customer = session.env.uniqueid
        key = asyncio.create_task(session.wait_for_digit(5000))
        await asyncio.sleep(0.05)
        digit = {"Channel": session.env.channel, "Digit": "2", "Duration": "100", "Receive": "true"}
        await self._client.action("PlayDTMF", digit)
        if await key != "2":
            raise RuntimeError("the key was not heard")
        await session.set_music(on=True)
        self._calls += 1
        agent = f"ld-trace-{self._calls}"
        await self._client.action(
            "Originate",
            {
                "Channel": "PJSIP/d1001",
                "Context": "ld-agent",
                "Exten": "s",
                "Priority": "1",
                "ChannelId": agent,
                "CallerID": session.env.caller_number,
                "Variable": [variable("LD_CUSTOMER", customer)],
                "Async": "true",
            },
        )
        asyncio.get_running_loop().create_task(self._talk(agent), name=agent)
        await session.wait_for_digit(20_000)

    async def _talk(self, agent: str) -> None:
        await asyncio.sleep(0.2)
        await self._client.action("MixMonitor", {"Channel": agent, "File": str(self._recordings / f"{agent}.raw")})
        await asyncio.sleep(TALK_S)
        await self._client.action("Hangup", {"Channel": agent})

    async def after(self, session: AgiSession) -> None:
        await session.set_variable("LD_DONE", "1")
        self.done += 1


async def record(run_dir: Path, calls: int) -> tuple[bytes, bytes]:
    """Returns what the daemon's account and what the witness received."""
    port = free_port("127.0.0.1")
    agent = AgentEndpoint(extension="1001", contact=f"sip:127.0.0.1:{port}", name="王芳")
    async with private_asterisk(AsteriskSettings(run_dir=run_dir, witness=True, agents=(agent,))) as asterisk:
        lab = Lab(asterisk, port)
        async with lab.client() as client, lab.agent():
            hotline = Hotline(client, asterisk.recordings_dir)
            taps = [
                Tap(asterisk.ami_port, asterisk.ami_user, asterisk.ami_secret),
                Tap(asterisk.ami_port, "witness", asterisk.witness_secret),
            ]
            routes = {"hotline": hotline.hotline, "after": hotline.after}
            async with FastAgiServer(routes, port=asterisk.agi_port), asyncio.timeout(30 + calls):
                for tap in taps:
                    await tap.start()
                for number in range(calls):
                    asyncio.get_running_loop().create_task(
                        _dial(lab, NAMES[number % len(NAMES)]), name=f"dial-{number}"
                    )
                    await asyncio.sleep(0.3)
                while hotline.done < calls:  # noqa: ASYNC110  # a recording looks, the hotline need not tell
                    await asyncio.sleep(0.1)
                await asyncio.sleep(1)
            daemon, witness = [await tap.stop() for tap in taps]
    return daemon, witness


async def _dial(lab: Lab, name: str) -> None:
    async with lab.caller("4000", name=name) as process:
        await process.wait()


def anonymous(trace: bytes, run_dir: Path) -> bytes:
    """No path of the machine that recorded it."""
    return trace.replace(str(run_dir).encode(), b"/srv/laidian").replace(str(Path.home()).encode(), b"/srv/laidian")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        run_dir = Path(folder) / "asterisk"
        few = [anonymous(trace, run_dir) for trace in asyncio.run(record(run_dir / "few", 2))]
        many = [anonymous(trace, run_dir) for trace in asyncio.run(record(run_dir / "many", 30))]
    for name, trace in zip(("daemon", "witness"), few, strict=True):
        (TRACES / f"hotline_2_calls_{name}.ami").write_bytes(trace)
    for name, trace in zip(("daemon", "witness"), many, strict=True):
        (TRACES / f"hotline_30_calls_{name}.ami.gz").write_bytes(gzip.compress(trace, mtime=0))


if __name__ == "__main__":
    main()
