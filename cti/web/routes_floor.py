"""What goes on now - queues, agents -, the codes that agents choose from, and whether the daemon is well."""

from cti.desk.views import AgentView, QueueView
from cti.web.encoding import json_response
from cti.web.registry import ANYONE, EVERYBODY, Answer, Call, Route
from cti.web.resources import AgentList, Health, QueueList, WorkCodes


async def queues(call: Call) -> QueueList:
    seen = call.site.hub.seen_by(call.actor).get("queues", {})
    return QueueList(items=tuple(view for view in seen.values() if isinstance(view, QueueView)))


async def agents(call: Call) -> AgentList:
    seen = call.site.hub.seen_by(call.actor).get("agents", {})
    return AgentList(items=tuple(view for view in seen.values() if isinstance(view, AgentView)))


async def codes(call: Call) -> WorkCodes:
    return call.site.codes()


async def healthy(_: Call) -> Health:
    """The event loop answers; whether the rest does is `readyz`."""
    return Health(ok=True, checks={})


async def ready(call: Call) -> Answer:
    checks = await call.site.readiness()
    health = Health(ok=all(state == "ok" for state in checks.values()), checks=checks)
    return json_response(health, status=200 if health.ok else 503)


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/queues",
        serve=queues,
        roles=EVERYBODY,
        scope="read:floor",
        summary="All queues now",
        tag="floor",
        answer=QueueList,
    ),
    Route(
        method="GET",
        path="/api/v1/agents",
        serve=agents,
        roles=EVERYBODY,
        scope="read:floor",
        summary="All agents now; agents see of their colleagues only name, extension, queues and state",
        tag="floor",
        answer=AgentList,
    ),
    Route(
        method="GET",
        path="/api/v1/codes",
        serve=codes,
        roles=EVERYBODY,
        scope="read:floor",
        summary="Dispositions and reasons for being not ready",
        tag="floor",
        answer=WorkCodes,
    ),
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
)
