"""What goes on now - queues, agents -, and the codes that agents choose from."""

from cti.desk.views import AgentView, QueueView
from cti.web.registry import EVERYBODY, Call, Route
from cti.web.resources import AgentList, QueueList, WorkCodes


async def queues(call: Call) -> QueueList:
    seen = call.site.hub.seen_by(call.actor).get("queues", {})
    return QueueList(items=tuple(view for view in seen.values() if isinstance(view, QueueView)))


async def agents(call: Call) -> AgentList:
    seen = call.site.hub.seen_by(call.actor).get("agents", {})
    return AgentList(items=tuple(view for view in seen.values() if isinstance(view, AgentView)))


async def codes(call: Call) -> WorkCodes:
    return call.site.codes()


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
)
