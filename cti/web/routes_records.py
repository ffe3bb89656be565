"""What has been: interactions, recordings with their audio, and the audit trail."""

from typing import Final

from aiohttp import web

from cti.errors import Forbidden
from cti.rights import may_hear, seen_by
from cti.web.audio import send
from cti.web.explained import Explanation
from cti.web.ports import Sought, StoredRecording
from cti.web.registry import BOARD, EVERYBODY, Call, Route
from cti.web.resources import (
    AuditQuery,
    AuditTrail,
    InteractionCard,
    Interactions,
    Recordings,
    RecordingView,
    RecordsQuery,
)

LISTEN: Final = "recording.listen"


def _sought(call: Call) -> Sought:
    """Agents find their own interactions only, whatever they ask for."""
    query = call.query_as(RecordsQuery)
    return Sought(
        since=query.since,
        before=query.before,
        agent_id=seen_by(call.actor, query.agent),
        queue=query.queue,
        number=query.number,
        outcome=query.outcome or "",
        customer_id=query.customer,
        disposition=query.disposition,
        complaint=query.complaint,
        limit=query.limit,
    )


async def interactions(call: Call) -> Interactions:
    return await call.site.interactions.search(_sought(call))


async def interaction(call: Call) -> InteractionCard:
    """An agent may read any interaction of a customer, as the screen-pop shows them, but not what was recorded."""
    return await call.site.interactions.card(call.path("interaction_id"))


async def explain(call: Call) -> Explanation:
    return await call.site.explanations.explain(call.path("interaction_id"))


async def recordings(call: Call) -> Recordings:
    return await call.site.recordings.search(_sought(call))


async def admitted(call: Call) -> StoredRecording:
    stored = await call.site.recordings.get(call.path("interaction_id"))
    if not may_hear(call.actor, stored.agents):
        raise Forbidden("only who took part and supervisors may listen to a recording")
    return stored


async def recording(call: Call) -> RecordingView:
    return (await admitted(call)).view


async def audio(call: Call) -> web.StreamResponse:
    """The WAV, with `Range` so that the player can jump. A listening is audited once."""
    return await send(call, await admitted(call), command=LISTEN, once=True)


async def audit(call: Call) -> AuditTrail:
    query = call.query_as(AuditQuery)
    sought = Sought(since=query.since, before=query.before, agent_id=query.agent, limit=query.limit)
    return await call.site.audit.search(sought)


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/interactions",
        serve=interactions,
        roles=EVERYBODY,
        scope="read:calls",
        summary="Search interactions; agents find their own",
        tag="records",
        query=RecordsQuery,
        answer=Interactions,
    ),
    Route(
        method="GET",
        path="/api/v1/interactions/{interaction_id}",
        serve=interaction,
        roles=EVERYBODY,
        scope="read:calls",
        summary="One interaction with its way through the menu and its segments",
        tag="records",
        answer=InteractionCard,
        errors=(404,),
    ),
    Route(
        method="GET",
        path="/api/v1/interactions/{interaction_id}/explain",
        serve=explain,
        roles=BOARD,
        scope="read:calls",
        summary="Why it waits, and why each of its offers went where it went",
        tag="records",
        answer=Explanation,
        errors=(404,),
    ),
    Route(
        method="GET",
        path="/api/v1/recordings",
        serve=recordings,
        roles=EVERYBODY,
        scope="read:recordings",
        summary="Search recordings; agents find their own",
        tag="records",
        query=RecordsQuery,
        answer=Recordings,
    ),
    Route(
        method="GET",
        path="/api/v1/recordings/{interaction_id}",
        serve=recording,
        roles=EVERYBODY,
        scope="read:recordings",
        summary="One recording: agents only those of their own conversations",
        tag="records",
        answer=RecordingView,
        errors=(404,),
    ),
    Route(
        method="GET",
        path="/api/v1/recordings/{interaction_id}/audio",
        serve=audio,
        roles=EVERYBODY,
        scope="read:recordings",
        summary="Its stereo WAV, with Range; every listening is audited",
        tag="records",
        media="audio/wav",
        errors=(404, 416),
    ),
    Route(
        method="GET",
        path="/api/v1/audit",
        serve=audit,
        roles=BOARD,
        scope="read:audit",
        summary="Who used a right over somebody else, or tried to",
        tag="records",
        query=AuditQuery,
        answer=AuditTrail,
    ),
)
