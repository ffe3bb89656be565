"""Duplicates: what a merge would give, merge, undo. For supervisors, and agents who were granted `customer.merge`."""

from typing import Final

from cti import rights
from cti.errors import Forbidden
from cti.web.encoding import json_response
from cti.web.registry import EVERYBODY, Answer, Call, Route
from cti.web.resources_customers import MergeAnswer, MergeBody, MergeList, MergePreview, MergeQuery, UndoAnswer

KIND: Final = "customer"


async def _admit(call: Call) -> None:
    granted = await call.site.quality.granted(call.actor.agent_id)
    if not rights.has("customer.merge", call.actor.role, granted):
        raise Forbidden("you may not merge customers; a supervisor may, or can be asked for the right customer.merge")


async def preview(call: Call) -> MergePreview:
    await _admit(call)
    return await call.site.merges.preview(call.path_int("customer_id", KIND), call.query_as(MergeQuery).other)


async def merge(call: Call) -> Answer:
    await _admit(call)
    body, customer_id = call.body_as(MergeBody), call.path_int("customer_id", KIND)
    answer = await call.site.merges.merge(customer_id, body, call.actor.agent_id)
    detail = f"merge {answer.merge_id}: customer {body.other} is part of this one now"
    call.site.audited(call.actor, "customer.merge", str(customer_id), allowed=True, detail=detail)
    await call.site.refresh((customer_id, body.other))
    return json_response(answer, status=201)


async def undo(call: Call) -> UndoAnswer:
    await _admit(call)
    merge_id = call.path_int("merge_id", "merge")
    answer = await call.site.merges.undo(merge_id, call.actor.agent_id)
    kept, other = answer.kept.customer.customer_id, answer.other.customer.customer_id
    detail = f"merge {merge_id}: customer {other} stands alone again"
    call.site.audited(call.actor, "customer.unmerge", str(kept), allowed=True, detail=detail)
    await call.site.refresh((kept, other))
    return answer


async def listed(call: Call) -> MergeList:
    return await call.site.merges.of(call.path_int("customer_id", KIND))


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/customers/{customer_id}/merge-preview",
        serve=preview,
        roles=EVERYBODY,
        scope="read:customers",
        summary="What merging another customer into this one would give; needs the right customer.merge",
        tag="customers",
        query=MergeQuery,
        answer=MergePreview,
        errors=(403, 404, 409),
    ),
    Route(
        method="POST",
        path="/api/v1/customers/{customer_id}/merges",
        serve=merge,
        roles=EVERYBODY,
        scope="write:customers",
        summary="Merge another customer into this one; needs the right customer.merge",
        tag="customers",
        body=MergeBody,
        answer=MergeAnswer,
        status=201,
        errors=(404, 409),
    ),
    Route(
        method="GET",
        path="/api/v1/customers/{customer_id}/merges",
        serve=listed,
        roles=EVERYBODY,
        scope="read:customers",
        summary="Who was merged into this customer",
        tag="customers",
        answer=MergeList,
    ),
    Route(
        method="POST",
        path="/api/v1/merges/{merge_id}/undo",
        serve=undo,
        roles=EVERYBODY,
        scope="write:customers",
        summary="Part two merged customers; edits made since are kept; needs the right customer.merge",
        tag="customers",
        answer=UndoAnswer,
        errors=(404, 409),
    ),
)
