"""A real MQTT broker on a free loopback port, which a test can stop and have back."""

import asyncio
import shutil
from contextlib import suppress
from pathlib import Path

from tests.harness.ports import tcp_port

HOST = "127.0.0.1"


class Mosquitto:
    """`lines` come behind the listener's own; it keeps nothing over a stop."""

    def __init__(self, folder: Path, *lines: str) -> None:
        self.port = tcp_port()
        self._configuration = folder / "mosquitto.conf"
        own = (f"listener {self.port} {HOST}", *(lines or ("allow_anonymous true",)), "persistence false", "")
        self._configuration.write_text("\n".join(own))
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
        assert program, "mosquitto is not installed: `make setup` installs it"
        self._process = await asyncio.create_subprocess_exec(
            program, "-c", str(self._configuration), stderr=asyncio.subprocess.DEVNULL
        )
        async with asyncio.timeout(30):
            while True:
                with suppress(OSError):
                    _, writer = await asyncio.open_connection(HOST, self.port)
                    writer.close()
                    return
                await asyncio.sleep(0.02)

    async def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            await self._process.wait()
            self._process = None
