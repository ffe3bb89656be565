"""Installations that cannot work: a folder with a configuration, an Asterisk beside it, and one thing that is wrong."""

import asyncio
import contextlib
import shutil
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml

from cti.private_asterisk import PrivateAsterisk
from tests.harness.house import configured, open_asterisk
from tests.harness.process import Ended, run_laidian


@dataclass(frozen=True, slots=True)
class Installation:
    root: Path
    asterisk: PrivateAsterisk

    def change(self, section: str, **values: Any) -> None:
        """Keys of one section of config/laidian.yaml."""
        file = self.root / "config" / "laidian.yaml"
        settings = yaml.safe_load(file.read_text())
        settings.setdefault(section, {}).update(values)
        file.write_text(yaml.safe_dump(settings, allow_unicode=True))

    def own_flow(self, right: str, wrong: str) -> Path:
        """The flow of the repository with one defect, at its first place."""
        flows = self.root / "config" / "flows"
        text = (flows / "after_sales.yaml").read_text()
        originals = flows.resolve()
        flows.unlink()  # it was a link
        shutil.copytree(originals, flows)
        file = flows / "after_sales.yaml"
        file.write_text(text.replace(right, wrong, 1))
        return file

    async def start(self) -> Ended:
        return await run_laidian("daemon", "--root", str(self.root))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asterisk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PrivateAsterisk]:
    async with open_asterisk(tmp_path_factory.mktemp("asterisk")) as running:
        yield running


@pytest.fixture
def installation(tmp_path: Path, asterisk: PrivateAsterisk) -> Installation:
    configured(tmp_path, asterisk)
    return Installation(tmp_path, asterisk)


@pytest.fixture
def taken_port() -> Iterator[int]:
    """Somebody else listens there."""
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        yield somebody.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        port: int = somebody.getsockname()[1]
    return port


@contextlib.asynccontextmanager
async def manager_of(version: str) -> AsyncIterator[int]:
    """The port of a manager that lets everybody in and says that it is this Asterisk."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Asterisk Call Manager/9.0.0\r\n")
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while block := await reader.readuntil(b"\r\n\r\n"):
                action = dict(line.split(": ", 1) for line in block.decode().strip().split("\r\n"))
                answer = f"Response: Success\r\nActionID: {action['ActionID']}\r\n"
                answer += f"Challenge: 1\r\nAsteriskVersion: {version}\r\n\r\n"
                if action["Action"] == "Login":
                    answer += "Event: FullyBooted\r\nStatus: Fully Booted\r\n\r\n"
                writer.write(answer.encode())
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
