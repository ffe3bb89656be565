"""JSON in and out. One JSON library: msgspec decodes, pydantic only judges what was decoded."""

import asyncio
import re
from typing import Final, TypeVar

import msgspec
from aiohttp import web
from pydantic import BaseModel

from cti.web.errors import BadInput, TooSlow, UnsupportedMediaType

M = TypeVar("M", bound=BaseModel)

BODY_S = 20.0
TOO_DEEP: Final = "the JSON is nested too deeply"
NUL: Final = "a text holds the character NUL, which no database keeps"
_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_encode = msgspec.json.Encoder().encode


def json_response(answer: object, *, status: int = 200) -> web.Response:
    return web.Response(
        body=_encode(answer),
        status=status,
        content_type="application/json",
        charset="utf-8",
        headers={"Cache-Control": "no-store"},
    )


def holds_nul(raw: bytes) -> bool:
    """Whether JSON has the escape of the character U+0000 (raw it would be no JSON)."""
    return b"\\u0000" in raw and _NUL.search(raw) is not None


async def body_of(request: web.Request, kind: type[M]) -> M:
    """Raises UnsupportedMediaType, TooSlow, msgspec.DecodeError, BadInput or pydantic.ValidationError."""
    if request.content_type != "application/json":
        raise UnsupportedMediaType("send the body as application/json")
    try:
        async with asyncio.timeout(BODY_S):
            raw = await request.read()
    except TimeoutError:
        raise TooSlow(f"the body did not come within {BODY_S:g} seconds") from None
    try:
        decoded = msgspec.json.decode(raw)
    except RecursionError:
        raise BadInput(TOO_DEEP) from None
    if holds_nul(raw):
        raise BadInput(NUL)
    if not isinstance(decoded, dict):
        raise BadInput("the body must be a JSON object")
    return kind.model_validate(decoded)


def query_of(request: web.Request, kind: type[M]) -> M:
    """A parameter that comes twice is refused. Raises BadInput or pydantic.ValidationError."""
    for name in request.query:
        if len(request.query.getall(name)) > 1:
            raise BadInput("this parameter may come only once", name)
        if "\0" in name + request.query[name]:
            raise BadInput(NUL, name.replace("\0", "?"))
    return kind.model_validate(dict(request.query))
