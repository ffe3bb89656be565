"""A customer's data given out and erased, for administrators; legal holds, for supervisors too."""

import asyncio
from typing import IO, Final

from aiohttp import web

from cti.errors import BadValue
from cti.web.encoding import json_response
from cti.web.registry import ADMINS, BOARD, Answer, Call, Route
from cti.web.resources_personal import ErasureAnswer, ErasureBody, HoldBody, Holds, HoldView

KIND: Final = "customer"
_PIECE: Final = 256 * 1024


async def export(call: Call) -> web.StreamResponse:
    customer_id = call.path_int("customer_id", KIND)
    file = await call.site.personal.export(customer_id, call.actor.agent_id, call.actor.role)
    try:
        return await _send(call, file, f"customer-{customer_id}.zip")
    finally:
        file.close()


async def _send(call: Call, file: IO[bytes], name: str) -> web.StreamResponse:
    headers = {
        "Content-Type": "application/zip",
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
    }
    response = web.StreamResponse(headers=headers)
    response.content_length = await asyncio.to_thread(file.seek, 0, 2)
    file.seek(0)
    await response.prepare(call.request)
    while piece := await asyncio.to_thread(file.read, _PIECE):
        await response.write(piece)
    return response


async def erase(call: Call) -> ErasureAnswer:
    customer_id, body = call.path_int("customer_id", KIND), call.body_as(ErasureBody)
    if body.confirm != customer_id:
        raise BadValue("an erasure cannot be undone: confirm it with the customer's id", "confirm")
    done = await call.site.personal.erase(customer_id, call.actor.agent_id, call.actor.role, body.reason)
    await call.site.refresh((customer_id,))
    return done


async def holds(call: Call) -> Holds:
    return await call.site.personal.holds()


async def hold(call: Call) -> Answer:
    made = await call.site.personal.hold(call.body_as(HoldBody), call.actor.agent_id)
    _audited(call, "hold.add", made)
    return json_response(made, status=201)


async def release(call: Call) -> HoldView:
    released = await call.site.personal.release(call.path_int("hold_id", "legal hold"), call.actor.agent_id)
    _audited(call, "hold.release", released)
    return released


def _audited(call: Call, command: str, one: HoldView) -> None:
    detail, interaction = f"{one.kind}: {one.reason}", one.key if one.kind == "interaction" else ""
    call.site.audited(call.actor, command, one.key, allowed=True, detail=detail, interaction_id=interaction)


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/customers/{customer_id}/export",
        serve=export,
        roles=ADMINS,
        scope="admin:data",
        summary="Everything that is known of a customer, with the recordings, as a zip file; audited",
        tag="personal data",
        media="application/zip",
        errors=(404, 409),
    ),
    Route(
        method="POST",
        path="/api/v1/customers/{customer_id}/erasure",
        serve=erase,
        roles=ADMINS,
        scope="admin:data",
        summary="Erase everything that says who a customer is; figures stay; it cannot be undone",
        tag="personal data",
        body=ErasureBody,
        answer=ErasureAnswer,
        errors=(404, 409),
    ),
    Route(
        method="GET",
        path="/api/v1/holds",
        serve=holds,
        roles=BOARD,
        scope="admin:data",
        summary="What must be kept whatever its time",
        tag="personal data",
        answer=Holds,
    ),
    Route(
        method="POST",
        path="/api/v1/holds",
        serve=hold,
        roles=BOARD,
        scope="admin:data",
        summary="Hold an interaction, a customer or a queue: nothing of it is deleted or erased",
        tag="personal data",
        body=HoldBody,
        answer=HoldView,
        status=201,
        errors=(404, 409),
    ),
    Route(
        method="DELETE",
        path="/api/v1/holds/{hold_id}",
        serve=release,
        roles=BOARD,
        scope="admin:data",
        summary="Release what was held",
        tag="personal data",
        answer=HoldView,
        errors=(404,),
    ),
)
