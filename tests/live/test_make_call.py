"""`laidian call` as a person runs it: with nothing up, and beside a running `laidian up`."""

import asyncio
import contextlib
import json
import signal
import socket
import wave
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.harness.house import write_config
from tests.harness.process import LAIDIAN

START_S = 90.0


def _free(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with config/ on free ports and nothing else."""
    tcp, udp = socket.SOCK_STREAM, socket.SOCK_DGRAM
    write_config(
        tmp_path,
        web={"port": _free(tcp)},
        agi={"port": _free(tcp)},
        ami={"port": _free(tcp)},
        sip={"port": _free(udp), "websocket_port": _free(tcp)},
    )
    return tmp_path


async def _start(*arguments: str) -> Process:
    return await asyncio.create_subprocess_exec(LAIDIAN, *arguments, stdout=PIPE, stderr=STDOUT, limit=2**20)


async def _call(root: Path, *options: str) -> tuple[int, list[str]]:
    """(exit code, lines) of `laidian call`, log lines included."""
    process = await _start("call", "--root", str(root), *options)
    async with asyncio.timeout(2 * START_S):
        said, _ = await process.communicate()
    return process.returncode or 0, said.decode().strip().splitlines()


def _in_order(lines: list[str], *parts: str) -> None:
    """Each part stands in a line of its own after the one before."""
    rest = iter(lines)
    for part in parts:
        assert any(part in line for line in rest), f"{part!r} is missing or misplaced in:\n" + "\n".join(lines)


@contextlib.asynccontextmanager
async def _up(root: Path) -> AsyncIterator[Process]:
    """`laidian up`, ended by the Ctrl-C that a person presses."""
    process = await _start("up", "--root", str(root))
    assert process.stdout is not None
    said: list[str] = []
    try:
        async with asyncio.timeout(START_S):
            while not any("Ctrl-C stops" in line for line in said):
                line = (await process.stdout.readline()).decode()
                assert line, "laidian up has ended:\n" + "".join(said)
                said.append(line)
        reading = asyncio.create_task(process.stdout.read())
        yield process
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(20):
            rest = (await reading).decode()
            assert await process.wait() == 0, rest
        assert "Traceback" not in rest
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _left_behind(root: Path) -> list[str]:
    """Command lines of processes that name this folder."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if str(root) in words:
                found.append(words)
    return found


async def test_without_a_running_stack_everything_is_started_for_one_call(root: Path) -> None:
    code, lines = await _call(root)
    assert code == 0, "\n".join(lines)
    _in_order(
        lines,
        "starting Asterisk and the daemon",
        "13900000001 dials 4000",
        "the caller hears the menu",
        "the caller presses 2",
        "张伟 waits in the queue after_sales",
        "a simulated agent comes",
        "answers after a wait of",
        "the caller hears the agent",
        "the agent hears the caller",
        "the caller hangs up",
        "is published",
        "connected, heard and recorded",
    )
    told = json.loads(lines[-1])
    assert set(told) == {"interaction", "agent", "waited_s", "talked_s", "recording"}
    assert 0 < told["waited_s"] < 20
    assert 3 <= told["talked_s"] < 15
    with wave.open(told["recording"]) as file:
        assert file.getnchannels() == 2
        assert file.getnframes() / file.getframerate() == pytest.approx(told["talked_s"], abs=0.5)
    assert _left_behind(root) == []


async def test_beside_a_running_stack_two_calls_leave_everything_as_it_was(root: Path) -> None:
    async with _up(root):
        for keys, queue in (("3", "complaints"), ("9,2", "after_sales_en")):
            code, lines = await _call(root, "--digits", keys, "--talk", "1.5")
            assert code == 0, "\n".join(lines)
            _in_order(lines, "Laidian is running at", f"in the queue {queue}", "comes", "is published")
            assert json.loads(lines[-1])["agent"] in {"1001", "1003", "1005", "1006"}
    assert _left_behind(root) == []


async def test_what_is_wrong_is_one_sentence(root: Path) -> None:
    def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.0 200 OK\r\n\r\nhello")
        writer.close()

    port = int((root / "config" / "laidian.yaml").read_text().partition("web:")[2].partition("port: ")[2].split()[0])
    async with await asyncio.start_server(hang_up, "127.0.0.1", port):
        code, lines = await _call(root)
    assert code == 2
    assert lines == [
        f"the program that listens at http://127.0.0.1:{port} is not Laidian; set web.port in config/laidian.yaml"
    ]
