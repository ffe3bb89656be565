"""The REST API as a table: every route declares who may call it, what it takes and what it answers.

`cti/web/app.py` serves the table and refuses to start with a route that stands in none; `cti/web/openapi.py` describes
it; the role tests are generated from it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

import msgspec
from aiohttp import web
from pydantic import BaseModel

from cti.errors import NotFound
from cti.events import Role
from cti.rights import ADMINS, EVERYBODY, IN_PERSON, WIDE_ROLES, Actor, Scope

__all__ = ["ADMINS", "ANYONE", "BOARD", "EVERYBODY", "IN_PERSON", "Answer", "Call", "Route"]
from cti.web.errors import Unauthorised
from cti.web.known import LoggedIn
from cti.web.site import Site

M = TypeVar("M", bound=BaseModel)

BOARD: Final = WIDE_ROLES
ANYONE: Final = None
"""Also who is not logged in."""

UNSAFE: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, after it was authenticated, authorised and parsed."""

    request: web.Request
    site: Site
    known: LoggedIn | None
    body: BaseModel | None = None
    query: BaseModel | None = None

    @property
    def session(self) -> LoggedIn:
        if self.known is None:
            raise Unauthorised("nobody is logged in")
        return self.known

    @property
    def actor(self) -> Actor:
        return self.session.actor

    def body_as(self, kind: type[M]) -> M:
        """The body, which is of the kind that the route declares."""
        return _checked(self.body, kind)

    def query_as(self, kind: type[M]) -> M:
        return _checked(self.query, kind)

    def path(self, name: str) -> str:
        """Raises NotFound for a name that no database keeps."""
        text = self.request.match_info[name]
        if "\0" in text:
            raise NotFound(name.removesuffix("_id"), text.replace("\0", "?"))
        return text

    def path_int(self, name: str, kind: str) -> int:
        """A number in the path; NotFound(kind) when it is none, since there is no such thing then."""
        text = self.path(name)
        if not text.isascii() or not text.isdecimal() or len(text) > 18:  # noqa: PLR2004 - fits 64 bits
            raise NotFound(kind, text)
        return int(text)


def _checked(model: BaseModel | None, kind: type[M]) -> M:
    if not isinstance(model, kind):
        raise TypeError(f"the route declares {type(model).__name__}, its code expects {kind.__name__}")
    return model


Answer = msgspec.Struct | web.StreamResponse | None
"""A struct becomes JSON, None an empty 204."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """`roles` None: no log-in is needed. `scope`: what a token needs besides, see `cti.rights.Scope`.

    `answer` None: no JSON body (204, or what `media` names).
    """

    method: Literal["GET", "POST", "PATCH", "DELETE"]
    path: str
    serve: Callable[[Call], Awaitable[Answer]]
    roles: frozenset[Role] | None
    scope: Scope | Literal["in person"]
    summary: str
    tag: str
    answer: type[msgspec.Struct] | None = None
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    status: int = 200
    media: str = "application/json"
    errors: tuple[int, ...] = ()
    anyway: bool = False
    """Also for somebody who has to choose a password or enrol a second factor before anything else."""
    conflict: type[msgspec.Struct] | None = None
    """What a 409 answers instead of a bare problem: that and the present state."""

    @property
    def unsafe(self) -> bool:
        return self.method in UNSAFE

    def admits(self, role: Role | None) -> bool:
        return self.roles is ANYONE or role in self.roles
