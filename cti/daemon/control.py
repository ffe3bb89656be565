"""The control socket: what `laidian reload` and other commands ask of a running daemon.

A unix socket that only the daemon's user may open; whoever may, may do everything. It speaks HTTP and JSON. The server
knows no command of its own: it is given a plain mapping (method, path) -> work. To add one, write

    async def explain(names: Mapping[str, str]) -> object: ...

and put it into the mapping in `asked.py`, for example under ("GET", "/explain/{interaction}"); `names` is then
{"interaction": ...}. What it returns is sent as JSON (msgspec), an error of `cti.errors` as the table below says. The
other end, for `cti/cli.py`, is `ask`.
"""

import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
import msgspec
import structlog
from aiohttp import web

from cti.errors import ConfigError, CtiError, NotFound, Problem, Unusable

log = structlog.get_logger(__name__)

Work = Callable[[Mapping[str, str]], Awaitable[object]]
"""Is handed the names in the path; what it returns is sent as JSON."""
Routes = Mapping[tuple[str, str], Work]

STATUS: Final = ((NotFound, 404), (ConfigError, 422), (CtiError, 409))
"""The first that fits. Anything else is a defect of ours: it is logged, and 500."""
_LONGEST = 107
"""Bytes of a socket's path, `sockaddr_un` of Linux (unix(7)) without the NUL at its end."""
_DEADLINE_S = 60.0
_READ_AND_WRITE_BY_OTHERS = 0o177


class Refusal(msgspec.Struct, frozen=True):
    """The answer with a status of 400 or more. `problems` are (file, line, text)."""

    message: str
    problems: tuple[tuple[str, int, str], ...] = ()


@asynccontextmanager
async def controlled(routes: Routes, path: Path) -> AsyncIterator[None]:
    """Listens as long as the body runs. Raises Unusable when it cannot."""
    app = web.Application()
    for (method, pattern), work in routes.items():
        app.router.add_route(method, pattern, _served(work))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2)
    await runner.setup()
    try:
        bound = _bind(path)
        mine = _inode(path)
        await web.SockSite(runner, bound).start()
        try:
            yield
        finally:
            _remove(path, mine)
    finally:
        await runner.cleanup()


def _bind(path: Path) -> socket.socket:
    """A socket that nobody but us may open from its first moment on; one that a dead daemon left is taken away."""
    if len(os.fsencode(path)) > _LONGEST:
        raise Unusable(f"the path of the control socket is longer than {_LONGEST} bytes, set control_socket: {path}")
    path.parent.mkdir(parents=True, exist_ok=True)
    bound = socket.socket(socket.AF_UNIX)
    before = os.umask(_READ_AND_WRITE_BY_OTHERS)
    try:
        if path.is_socket():
            path.unlink()
        bound.bind(str(path))
    except OSError as error:
        bound.close()
        raise Unusable(f"the control socket {path} cannot be made: {error.strerror}") from None
    finally:
        os.umask(before)
    return bound


def _inode(path: Path) -> int | None:
    return path.stat().st_ino if path.exists() else None


def _remove(path: Path, mine: int | None) -> None:
    """Not that of a daemon which came after us."""
    if _inode(path) == mine:
        path.unlink(missing_ok=True)


def _served(work: Work) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def serve(request: web.Request) -> web.Response:
        try:
            return _json(await work(request.match_info))
        except CtiError as error:
            problems = error.problems if isinstance(error, ConfigError) else ()
            status = next(status for kind, status in STATUS if isinstance(error, kind))
            return _json(Refusal(str(error), tuple((one.file, one.line, one.text) for one in problems)), status)
        except Exception:
            log.exception("a command on the control socket failed", method=request.method, path=request.path)
            return _json(Refusal("something went wrong inside the daemon; its log says more"), 500)

    return serve


def _json(answer: object, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(answer), status=status, content_type="application/json")


async def ask(path: Path, method: str, command: str) -> Any:
    """What the daemon answers, decoded. ConfigError and CtiError as they were raised there.

    Raises Unusable when no daemon listens at `path`.
    """
    deadline = aiohttp.ClientTimeout(total=_DEADLINE_S)
    try:
        async with (
            aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(path)), timeout=deadline) as http,
            http.request(method, f"http://laidian{command}") as response,
        ):
            status, body = response.status, await response.read()
    except (OSError, aiohttp.ClientError, TimeoutError) as error:
        raise Unusable(f"no daemon answers at {path} ({_why(error)}): is it running?") from None
    if status < 400:  # noqa: PLR2004 - HTTP
        return msgspec.json.decode(body)
    try:
        refusal = msgspec.json.decode(body, type=Refusal)
    except msgspec.DecodeError:
        raise CtiError(f"the daemon does not know the command {method} {command}: is it of this version?") from None
    if refusal.problems:
        raise ConfigError(*(Problem(*problem) for problem in refusal.problems))
    raise CtiError(refusal.message)


def _why(error: Exception) -> str:
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    return getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
