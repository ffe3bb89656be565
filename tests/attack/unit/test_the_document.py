"""Schemathesis makes requests from our own OpenAPI document, and holds the answers against it.

The site is the real one with fakes behind its ports, on a socket of its own, in a thread. Every operation is asked as
each role in turn, with what its schema allows and with what it does not.
"""

import asyncio
import tempfile
import threading
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any, Final

import pytest
import schemathesis
from aiohttp.test_utils import TestServer
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from cti.web.app import ROUTES, build
from cti.web.headers import CSRF_HEADER
from cti.web.openapi import document
from tests.unit.web.conftest import World
from tests.unit.web.fake_login import Session

LOGINS: Final = ("anna", "sue", "ada")
"""An agent, a supervisor and an administrator."""
CSRF: Final = "the token of the session"
EXAMPLES: Final = 6
CHECKS: Final = [not_a_server_error, content_type_conformance, response_schema_conformance]

schema = schemathesis.openapi.from_dict(document(ROUTES, version="1", cookie="laidian", csrf_header=CSRF_HEADER))


class Served:
    """The site in a loop of its own; `url` is where."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.loop = asyncio.new_event_loop()
        self.server = TestServer(build(world.site))
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.logins = cycle(LOGINS)
        self.url = ""

    def start(self) -> None:
        self.thread.start()
        asyncio.run_coroutine_threadsafe(self.server.start_server(), self.loop).result(30)
        self.url = str(self.server.make_url("")).rstrip("/")

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self.server.close(), self.loop).result(30)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(30)
        self.loop.close()

    def next_session(self) -> dict[str, str]:
        """The cookie of a session that lasts, of each role in turn."""
        login = next(self.logins)
        user = self.world.users.users[login]
        self.world.sessions.sessions[login] = Session(user=user, csrf=CSRF, expires_at=2e9, seen_at=self.world.now)
        return {self.world.gate.cookie: login}


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with tempfile.TemporaryDirectory() as folder:
        served = Served(World(Path(folder)))
        served.world.static.mkdir(exist_ok=True)
        (served.world.static / "index.html").write_text("<!doctype html>")
        served.start()
        yield served
        served.stop()


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_operation_answers_as_it_is_described(case: Any, served: Any) -> None:
    case.call_and_validate(
        base_url=served.url, headers={CSRF_HEADER: CSRF}, cookies=served.next_session(), checks=CHECKS, timeout=30
    )
