"""The aiohttp application: the route table, the websocket and the pages behind one gate."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Final

import msgspec
import structlog
from aiohttp import web

from cti.errors import Forbidden, Unusable
from cti.web import (
    openapi,
    routes_account,
    routes_board,
    routes_customers,
    routes_floor,
    routes_merges,
    routes_oidc,
    routes_personal,
    routes_quality,
    routes_records,
    routes_scores,
    routes_session,
    routes_tokens,
    routes_watch,
)
from cti.web.crowd import CROWD, Crowd
from cti.web.docs_page import STYLE, page
from cti.web.encoding import body_of, json_response, query_of
from cti.web.errors import HTTP_CODES, INTERNAL, TooManyAttempts, Unauthorised, described
from cti.web.headers import CSRF_HEADER, NO_STORE, security_headers
from cti.web.known import MUST, LoggedIn
from cti.web.messages import Problem
from cti.web.pages import Pages
from cti.web.registry import ANYONE, IN_PERSON, Answer, Call, Route
from cti.web.site import Site
from cti.web.ws import PATH as WS_PATH
from cti.web.ws import Sockets

log = structlog.get_logger(__name__)

MAX_BODY: Final = 64 * 1024

ROUTES: Final[tuple[Route, ...]] = (
    *routes_session.ROUTES,
    *routes_floor.ROUTES,
    *routes_board.ROUTES,
    *routes_customers.ROUTES,
    *routes_merges.ROUTES,
    *routes_records.ROUTES,
    *routes_quality.ROUTES,
    *routes_scores.ROUTES,
    *routes_watch.ROUTES,
    *routes_account.ROUTES,
    *routes_tokens.ROUTES,
    *routes_personal.ROUTES,
)

OUTSIDE_THE_TABLE: Final = frozenset(
    {
        ("GET", WS_PATH),
        ("GET", routes_oidc.START),
        ("GET", routes_oidc.BACK),
        ("GET", "/api/v1/openapi.json"),
        ("GET", "/api/docs"),
        ("GET", "/api/docs.css"),
        ("GET", "/{path}"),
    }
)
"""What needs no row: the websocket checks every command by a table of its own, the rest shows no data."""

Serve = Callable[[web.Request], Awaitable[web.StreamResponse]]


def build(site: Site, routes: Sequence[Route] = ROUTES) -> web.Application:
    """The whole application. Raises Unusable when a route is served that no table declares."""
    app = web.Application(middlewares=[_problems], client_max_size=MAX_BODY)
    app[CROWD] = Crowd()
    for route in routes:
        app.router.add_route(route.method, route.path, _served(route, site))
    _add_documents(app, site, routes)
    sockets = Sockets(site)
    app.router.add_get(WS_PATH, sockets.serve, allow_head=False)
    routes_oidc.add(app, site)
    app.router.add_get("/{path:.*}", Pages(site.config.static).serve, allow_head=False)
    app.on_response_prepare.append(_headers(site))
    app.on_shutdown.append(sockets.close)
    check_declared(app, routes)
    return app


def check_declared(app: web.Application, routes: Sequence[Route]) -> None:
    """Raises Unusable for a route that the application serves although no table says who may call it."""
    declared = {(route.method, route.path) for route in routes} | OUTSIDE_THE_TABLE
    for served in app.router.routes():
        path = served.resource.canonical if served.resource is not None else "?"
        if (served.method, path) not in declared:
            raise Unusable(f"the route {served.method} {path} does not declare who may call it")


def _served(route: Route, site: Site) -> Serve:
    async def serve(request: web.Request) -> web.StreamResponse:
        known = await _sender(route, site, request)
        if known is not None:
            request.app[CROWD].recognise(request)
        try:
            _authorise(route, site, request, known)
            body = await body_of(request, route.body) if route.body is not None else None
            query = query_of(request, route.query) if route.query is not None else None
            answer = await route.serve(Call(request=request, site=site, known=known, body=body, query=query))
        except Forbidden as refusal:
            actor = known.actor if known else None
            site.audited(actor, f"{request.method} {request.path}", "", allowed=False, detail=str(refusal))
            raise
        return _response(answer, route.status)

    return serve


async def _sender(route: Route, site: Site, request: web.Request) -> LoggedIn | None:
    """Where anybody may, a token is not ours to judge: `/metrics` has one of its own."""
    if route.roles is ANYONE and "Authorization" in request.headers:
        return None
    return await site.gate.who(request)


def _authorise(route: Route, site: Site, request: web.Request, known: LoggedIn | None) -> None:
    """Raises Unauthorised or Forbidden."""
    if route.unsafe:
        site.gate.check_origin(request, required=False)
    if route.roles is ANYONE:
        return
    if known is None:
        raise Unauthorised("nobody is logged in, or the session has ended")
    if not route.admits(known.actor.role):
        raise Forbidden(f"this is not for the role {known.actor.role}")
    if known.scopes is not None:
        _check_scope(route, known.scopes)
    elif route.unsafe:
        site.gate.check_csrf(request, known)
    if known.must and not route.anyway:
        raise Forbidden(MUST[known.must])


def _check_scope(route: Route, scopes: Collection[str]) -> None:
    """Raises Forbidden. Programs send no cookie, so that no other page can make a browser send their token."""
    if route.scope == IN_PERSON:
        raise Forbidden("this is for people, not for programs with a token")
    if route.scope not in scopes:
        raise Forbidden(f"this token has not the scope {route.scope}")


def _response(answer: Answer, status: int) -> web.StreamResponse:
    if isinstance(answer, web.StreamResponse):
        return answer
    return web.Response(status=204) if answer is None else json_response(answer, status=status)


@web.middleware
async def _problems(request: web.Request, handler: Serve) -> web.StreamResponse:
    """Every error becomes JSON by the table of `errors.py`; a defect is logged and says nothing of itself."""
    try:
        return await handler(request)
    except web.HTTPException as refusal:
        return _of_aiohttp(refusal)
    except Exception as error:
        found = described(error)
        if found is None:
            log.exception("request failed", method=request.method, path=request.path)
            return json_response(INTERNAL, status=500)
        response = json_response(found[1], status=found[0])
        if isinstance(error, TooManyAttempts):
            response.headers["Retry-After"] = str(max(1, round(error.retry_after_s)))
        return response


def _of_aiohttp(refusal: web.HTTPException) -> web.StreamResponse:
    problem = Problem(code=HTTP_CODES.get(refusal.status, "failed"), message=refusal.reason)
    response = json_response(problem, status=refusal.status)
    if allow := refusal.headers.get("Allow"):
        response.headers["Allow"] = allow
    return response


def _headers(site: Site) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    every = security_headers(
        phone_ws_url=site.config.phone_ws_url, demo=site.config.demo, secure=site.config.secure_cookie
    )

    async def add(request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(every)
        if request.path.startswith(("/api/", "/healthz", "/readyz", "/metrics")):
            response.headers.setdefault("Cache-Control", NO_STORE)

    return add


def _add_documents(app: web.Application, site: Site, routes: Sequence[Route]) -> None:
    described_api = openapi.document(
        routes, version=site.config.version, cookie=site.gate.cookie, csrf_header=CSRF_HEADER
    )
    raw, html = msgspec.json.encode(described_api), page(described_api)

    async def document(_: web.Request) -> web.Response:
        return web.Response(body=raw, content_type="application/json", charset="utf-8")

    async def docs(_: web.Request) -> web.Response:
        return web.Response(text=html, content_type="text/html")

    async def style(_: web.Request) -> web.Response:
        return web.Response(text=STYLE, content_type="text/css")

    app.router.add_get("/api/v1/openapi.json", document, allow_head=False)
    app.router.add_get("/api/docs", docs, allow_head=False)
    app.router.add_get("/api/docs.css", style, allow_head=False)
