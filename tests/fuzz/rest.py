"""The REST API without sockets: any request gets an answer, never a mistake of ours, and only what is its sender's."""

import asyncio
import atexit
import shutil
import tempfile
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlencode

import msgspec
from aiohttp import http_exceptions, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_parser import HttpRequestParser

from cti.web.app import MAX_BODY, ROUTES, build
from cti.web.headers import CSRF_HEADER
from cti.web.limiter import LoginLimiter
from cti.web.registry import Route
from tests.fuzz.source import Source, as_json
from tests.unit.web.conftest import World
from tests.unit.web.fake_login import Session

LOGINS = ("", "anna", "sue", "ada", "ben")
CSRF = "the token of the session"
PARTS = (
    "i1",
    "7",
    "3",
    "5",
    "8",
    "0",
    "-1",
    "..",
    "%2e%2e%2f%2e%2e",
    "9" * 30,
    "x" * 300,
    "%00",
    "%ff",
    "1%0d%0aX: y",
    "a" * 5000,
)
LIKELY: tuple[Any, ...] = (
    "anna", "i1", "sales", "7", "50", "1", "1700000000", "true", "handled", "text", "service", 1, 2, 4, 1.5, True, None,
    {"greeting": 1, "verified": None, "solution": 5}, ["+8613900000001"], [], {}, {"label": "home", "text": "Beijing"},
)  # fmt: skip
STRANGE = (
    "GET /api/v1/nothing", "PUT /api/v1/session", "GET /assets/../../etc/passwd", "GET /" + "x" * 400, "GET /%00",
    "GET /desk/%2e%2e/%2e%2e/etc/passwd", "HEAD /api/v1/session", "OPTIONS /api/v1/session", "GET //etc/passwd",
    "GET /%ff",
)  # fmt: skip
TYPES = ("application/json", "text/plain", "application/json; charset=utf-16", "multipart/form-data; boundary=x", "")
ALL_STATUS = range(200, 500)
FINE = {502, 503, 504}

_folder = Path(tempfile.mkdtemp(prefix="laidian-fuzz-"))
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
_loop = asyncio.new_event_loop()
atexit.register(_loop.close)
_world = World(_folder)
_world.static.mkdir()
(_world.static / "index.html").write_text("<!doctype html>")
(_folder / "outside").write_text("outside")
_app = build(_world.site)
_app.freeze()


class _Protocol:
    """As much of aiohttp's connection as a parser and a request ask for."""

    ssl_context = None
    peername = ("127.0.0.1", 1)
    sockname = None
    transport = None
    _reading_paused = False

    def pause_reading(self) -> None:
        pass

    def resume_reading(self, **_: object) -> None:
        pass


_protocol: Any = _Protocol()


class _Sink(AbstractStreamWriter):
    """Takes what an answer streams by itself."""

    async def write(self, chunk: object) -> None:
        pass

    async def write_eof(self, chunk: bytes = b"") -> None:
        pass

    async def drain(self) -> None:
        pass

    def enable_compression(self, *_: Any, **__: Any) -> None:
        pass

    def enable_chunking(self) -> None:
        pass

    async def write_headers(self, status_line: str, headers: object) -> None:
        pass


def one_input(data: bytes) -> None:
    source = Source(data)
    login, has_token = source.pick(LOGINS), source.byte() < 230
    route = source.pick(ROUTES) if source.byte() < 240 else None
    method, address = _address(source, route)
    body = _body(source, route)
    headers = [("Host", "127.0.0.1"), ("Content-Length", str(len(body)))]
    headers.append(("Content-Type", source.pick(TYPES) if source.byte() > 230 else TYPES[0]))
    if login:
        headers.append(("Cookie", f"{_world.gate.cookie}={login}"))
    if has_token:
        headers.append((CSRF_HEADER, CSRF))
    if source.byte() > 240:
        headers.append((source.pick(("Origin", "Range", "Cookie", "X-Forwarded-For", "Expect")), source.text()))
    lines = [f"{method} {address} HTTP/1.1", *(f"{name}: {value}" for name, value in headers), "", ""]
    head = "\r\n".join(lines).encode("utf-8", "replace")
    try:
        parsed = _parsed(head + body)
    except http_exceptions.HttpProcessingError:
        return  # aiohttp refuses it with 400
    for message, payload in parsed:
        _check(route, login, has_token, _answer(message, payload))
    _begin()


def _address(source: Source, route: Route | None) -> tuple[str, str]:
    if route is None:
        method, _, address = source.pick(STRANGE).partition(" ")
        return method, address
    path = route.path
    while "{" in path:
        before, _, after = path.partition("{")
        part = source.pick(PARTS) if source.byte() < 200 else quote(source.text().encode("utf-8", "replace"), safe="")
        path = before + part + after.partition("}")[2]
    names = tuple(route.query.model_fields) if route.query is not None else ("x",)
    asked = {}
    for _ in range(source.byte() % 4):
        asked[source.pick(names)] = source.text(tuple(one for one in LIKELY if isinstance(one, str)))
    return route.method, path + ("?" + urlencode(asked, errors="replace") if asked else "")


def _body(source: Source, route: Route | None) -> bytes:
    if source.byte() > 240:
        return source.pick((b"", b"[" * 3000, b'{"a":' * 2000, b"null", b"[]", b"\xff", b'"\\ud800"')) + source.bytes()
    if route is None or route.body is None:
        return b""
    fields = {}
    for name in route.body.model_fields:
        if source.byte() < 200:
            fields[name] = source.value(LIKELY)
    return as_json(fields).encode()


def _parsed(raw: bytes) -> list[tuple[Any, Any]]:
    """By aiohttp's own parser, with the limits that its server has."""
    parser = HttpRequestParser(_protocol, _loop, 2**16, max_line_size=8190, max_field_size=8190)
    messages, _, _ = parser.feed_data(raw)
    return list(messages)


def _answer(message: Any, payload: Any) -> web.StreamResponse:
    request = web.Request(message, payload, _protocol, _Sink(), cast("Any", None), _loop, client_max_size=MAX_BODY)
    try:
        return _loop.run_until_complete(_app._handle(request))
    except web.HTTPException as refusal:  # of an `Expect` that nobody fulfils
        return refusal


def _check(route: Route | None, login: str, has_token: bool, response: web.StreamResponse) -> None:
    assert response.status in ALL_STATUS or response.status in FINE, response.status
    if route is None or response.status >= 300:
        return
    role = _world.users.users[login].role if login else None
    assert route.admits(role), f"{role} gets {route.method} {route.path}"
    assert not route.unsafe or has_token or route.roles is None, f"{route.method} {route.path} without a token"
    if isinstance(response, web.Response) and isinstance(response.body, bytes) and response.content_type == TYPES[0]:
        msgspec.json.decode(response.body)


def _begin() -> None:
    """Everybody is logged in; what the fakes remember is forgotten."""
    _world.users.__init__()  # type: ignore[misc]
    _world.login.factors.factors.clear()
    _world.login.tokens.tokens.clear()
    _world.login.failures.failures.clear()
    _world.gate._known.clear()
    for login in LOGINS[1:]:
        user = _world.users.users[login]
        _world.sessions.sessions[login] = Session(user=user, csrf=CSRF, expires_at=2e9, seen_at=_world.now)
    _world.gate._limiter = LoginLimiter()
    _world.facts.clear()
    _world.refreshed.clear()
    _world.interactions.sought.clear()
    _world.customers.timelines.clear()
    _world.quality.__init__()  # type: ignore[misc]


_begin()
