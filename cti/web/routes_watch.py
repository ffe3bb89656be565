"""For those who watch the daemon: `/metrics`, `/healthz`, `/readyz`."""

from typing import Final

from aiohttp import web

from cti.web.encoding import json_response
from cti.web.errors import Unauthorised
from cti.web.registry import ANYONE, Answer, Call, Route
from cti.web.resources import Health

TEXT_FORMAT: Final = "text/plain; version=0.0.4; charset=utf-8"


async def metrics(call: Call) -> web.Response:
    """Raises Unauthorised."""
    scraping = call.site.scraping
    if not scraping.admits(call.request.remote or "", call.request.headers):
        raise Unauthorised("metrics are read with a token, or from where the configuration allows it")
    return web.Response(body=await scraping.metrics(), headers={"Content-Type": TEXT_FORMAT})


async def healthy(_: Call) -> Health:
    """The event loop answers; whether the rest does is `readyz`."""
    return Health(ok=True, checks={"event_loop": "ok"})


async def ready(call: Call) -> Answer:
    checks = await call.site.readiness()
    health = Health(ok="failed" not in checks.values(), checks=checks)
    return json_response(health, status=200 if health.ok else 503)


ROUTES = (
    Route(
        method="GET",
        path="/healthz",
        serve=healthy,
        roles=ANYONE,
        scope="read:floor",
        summary="Whether the daemon is alive",
        tag="daemon",
        answer=Health,
    ),
    Route(
        method="GET",
        path="/readyz",
        serve=ready,
        roles=ANYONE,
        scope="read:floor",
        summary="Whether the daemon can serve calls now",
        tag="daemon",
        answer=Health,
        errors=(503,),
    ),
    Route(
        method="GET",
        path="/metrics",
        serve=metrics,
        roles=ANYONE,
        scope="read:floor",
        summary="Figures for Prometheus; from the own machine, from allowed networks, or with a bearer token",
        tag="daemon",
        media="text/plain",
        errors=(401,),
    ),
)
