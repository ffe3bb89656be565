"""The OpenAPI 3.1 document, generated from the registry. Nothing in it is written by hand a second time."""

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec
from pydantic import BaseModel

from cti.rights import SCOPES
from cti.web.errors import HTTP_CODES, TABLE
from cti.web.messages import Problem
from cti.web.registry import ANYONE, IN_PERSON, Route

REF: Final = "#/components/schemas/{name}"
_PARAMETER = re.compile(r"{(\w+)}")


def document(routes: Sequence[Route], *, version: str, cookie: str, csrf_header: str) -> dict[str, Any]:
    """The whole document, ready for a JSON encoder."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Laidian", "version": version, "description": DESCRIPTION},
        "paths": paths,
        "components": {
            "schemas": _schemas(routes),
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": cookie},
                "csrf": {"type": "apiKey", "in": "header", "name": csrf_header},
                "token": {"type": "http", "scheme": "bearer", "description": f"Scopes: {', '.join(SCOPES)}."},
            },
        },
    }


DESCRIPTION: Final = (
    "Log in with POST /api/v1/session; the session comes as an HttpOnly cookie. Its `csrf` goes back in X-CSRF-Token "
    "with every POST, PATCH and DELETE. Programs send `Authorization: Bearer ld_...`, without "
    "cookie and `csrf`: `laidian token add` makes such a token. "
    "Times are unix seconds (UTC). Live state comes over the websocket /ws/v1."
)


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{route.tag}_{route.serve.__name__}",
        "tags": [route.tag],
        "summary": route.summary,
        "parameters": [*_path_parameters(route), *_query_parameters(route)],
        "responses": _responses(route),
        "x-roles": ["anyone"] if route.roles is ANYONE else sorted(route.roles),
    }
    if route.body is not None:
        schema = {"$ref": REF.format(name=route.body.__name__)}
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    if route.roles is not ANYONE:
        operation["security"] = [{"session": [], "csrf": []} if route.unsafe else {"session": []}]
        if route.scope != IN_PERSON:
            operation["security"].append({"token": [route.scope]})
    return operation


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PARAMETER.findall(route.path)
    ]


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    schema = route.query.model_json_schema()
    return [
        {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": field}
        for name, field in schema["properties"].items()
    ]


def _responses(route: Route) -> dict[str, Any]:
    done: dict[str, Any] = {"description": HTTPStatus(route.status).phrase}
    if route.answer is not None:
        done["content"] = {route.media: {"schema": {"$ref": REF.format(name=route.answer.__name__)}}}
    elif route.media != "application/json":
        done["content"] = {route.media: {"schema": {"type": "string", "contentMediaType": route.media}}}
    return {str(route.status): done} | {
        str(status): {"description": _phrase(status), "content": _refusal(route, status)}
        for status in sorted(statuses(route))
    }


def _refusal(route: Route, status: int) -> dict[str, Any]:
    conflict = route.conflict if status == HTTPStatus.CONFLICT else None
    return {"application/json": {"schema": {"$ref": REF.format(name=(conflict or Problem).__name__)}}}


def statuses(route: Route) -> set[int]:
    """Which errors a caller of this route has to expect."""
    found = set(route.errors) | {500, 503}
    if route.roles is not ANYONE:
        found |= {401, 403}
    if route.query is not None:
        found.add(422)
    if route.body is not None:
        found |= {400, 403, 413, 415, 422}
    return found - {route.status}


def _phrase(status: int) -> str:
    code = next((code for _, at, code in TABLE if at == status), HTTP_CODES.get(status, "failed"))
    return f"{HTTPStatus(status).phrase} (`{code}`)"


def _schemas(routes: Sequence[Route]) -> dict[str, Any]:
    answers = {one for route in routes for one in (route.answer, route.conflict) if one is not None}
    structs = [*sorted(answers, key=lambda struct: struct.__name__), Problem]
    _, components = msgspec.json.schema_components(structs, ref_template=REF)
    bodies: dict[str, type[BaseModel]] = {route.body.__name__: route.body for route in routes if route.body}
    for name in sorted(bodies):
        schema = bodies[name].model_json_schema(ref_template="#/components/schemas/{model}")
        components |= schema.pop("$defs", {}) | {name: schema}
    return dict(sorted(components.items()))
