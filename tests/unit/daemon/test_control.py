"""The control socket with both ends real: who may open it, what comes back, what errors become."""

import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from cti.daemon.control import Routes, ask, controlled
from cti.errors import ConfigError, Conflict, CtiError, NotFound, Problem, Unusable

BAD = (Problem("queues.yaml", 3, "expected a number"), Problem("laidian.yaml", 0, "there is no such file"))


async def _echo(names: Mapping[str, str]) -> object:
    return {"you asked for": names["what"]}


async def _missing(_names: Mapping[str, str]) -> object:
    raise NotFound("interaction", "i1")


async def _bad(_names: Mapping[str, str]) -> object:
    raise ConfigError(*BAD)


async def _busy(_names: Mapping[str, str]) -> object:
    raise Conflict("not now")


async def _defect(_names: Mapping[str, str]) -> object:
    raise RuntimeError("secret inside")


ROUTES: Routes = {
    ("GET", "/echo/{what}"): _echo,
    ("GET", "/missing"): _missing,
    ("POST", "/bad"): _bad,
    ("POST", "/busy"): _busy,
    ("POST", "/defect"): _defect,
}


@pytest.fixture
async def path(tmp_path: Path) -> AsyncIterator[Path]:
    path = tmp_path / "var" / "laidian.sock"
    async with controlled(ROUTES, path):
        yield path
    assert not path.exists()


async def test_a_command_is_answered_and_only_our_user_may_ask(path: Path) -> None:
    assert await ask(path, "GET", "/echo/42") == {"you asked for": "42"}
    assert _mode(path) == 0o600


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


async def test_errors_arrive_as_they_were_raised(path: Path) -> None:
    with pytest.raises(ConfigError) as bad:
        await ask(path, "POST", "/bad")
    assert bad.value.problems == BAD
    for method, command, text in (
        ("GET", "/missing", "there is no interaction i1"),
        ("POST", "/busy", "not now"),
        ("POST", "/defect", "something went wrong inside the daemon; its log says more"),
        ("GET", "/bad", "the daemon does not know the command GET /bad: is it of this version?"),
    ):
        with pytest.raises(CtiError) as error:
            await ask(path, method, command)
        assert str(error.value) == text


async def test_nobody_listens(tmp_path: Path) -> None:
    path = tmp_path / "laidian.sock"
    with pytest.raises(Unusable, match=r"^no daemon answers at .*laidian\.sock \(No such file or directory\)"):
        await ask(path, "GET", "/status")
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    with pytest.raises(Unusable, match="Connection refused"):
        await ask(path, "GET", "/status")


async def test_the_socket_of_a_dead_daemon_is_taken_over_and_that_of_a_later_one_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "laidian.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    later = AsyncExitStack()
    async with AsyncExitStack() as earlier:
        await earlier.enter_async_context(controlled(ROUTES, path))
        await later.enter_async_context(controlled(ROUTES, path))
    async with later:
        assert await ask(path, "GET", "/echo/1") == {"you asked for": "1"}


async def test_a_path_that_no_socket_can_have(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="longer than 107 bytes, set control_socket"):
        async with controlled(ROUTES, tmp_path / ("x" * 100)):
            pass
    (tmp_path / "file").touch()
    with pytest.raises(Unusable, match=r"file cannot be made: Address already in use"):
        async with controlled(ROUTES, tmp_path / "file"):
            pass
