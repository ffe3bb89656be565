"""Customers: search, card, change, timeline, notes."""

from cti.errors import Conflict
from cti.web.encoding import json_response
from cti.web.registry import EVERYBODY, Answer, Call, Route
from cti.web.resources import (
    CustomerCard,
    CustomerHits,
    NoteAnswer,
    NoteBody,
    SearchQuery,
    Timeline,
)
from cti.web.resources_customers import CustomerConflict, CustomerForm, CustomerPatchBody, TimelineQuery

KIND = "customer"


async def search(call: Call) -> CustomerHits:
    query = call.query_as(SearchQuery)
    return await call.site.customers.search(query.q, query.limit)


async def card(call: Call) -> CustomerCard:
    return await call.site.customers.card(call.path_int("customer_id", KIND))


async def change(call: Call) -> Answer:
    """Of two who edit at once the second gets the present state along with the refusal, and loses nothing."""
    customer_id, patch = call.path_int("customer_id", KIND), call.body_as(CustomerPatchBody)
    try:
        changed = await call.site.customers.change(customer_id, patch, call.actor.agent_id)
    except Conflict as conflict:
        current = await call.site.customers.card(customer_id)
        words = {"code": "conflict", "message": str(conflict), "field": "", "state": conflict.state}
        return json_response(CustomerConflict(current=current, **words), status=409)
    if changed.detail:
        call.site.audited(call.actor, "customer.edit", str(customer_id), allowed=True, detail=changed.detail)
        await call.site.refresh((customer_id,))
    return changed.card


async def timeline(call: Call) -> Timeline:
    return await call.site.customers.timeline(call.path_int("customer_id", KIND), call.query_as(TimelineQuery))


async def form(call: Call) -> CustomerForm:
    return call.site.customer_form()


async def add_note(call: Call) -> Answer:
    text = call.body_as(NoteBody).text
    customer_id = call.path_int("customer_id", KIND)
    note = await call.site.customers.add_note(customer_id, call.actor.agent_id, text, call.site.clock())
    await call.site.refresh((customer_id,))
    return json_response(NoteAnswer(note=note), status=201)


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/customer-form",
        serve=form,
        roles=EVERYBODY,
        scope="read:customers",
        summary="The fields and links that the site adds to a customer's card",
        tag="customers",
        answer=CustomerForm,
    ),
    Route(
        method="GET",
        path="/api/v1/customers",
        serve=search,
        roles=EVERYBODY,
        scope="read:customers",
        summary="Search by name, company or number",
        tag="customers",
        query=SearchQuery,
        answer=CustomerHits,
    ),
    Route(
        method="GET",
        path="/api/v1/customers/{customer_id}",
        serve=card,
        roles=EVERYBODY,
        scope="read:customers",
        summary="One customer with orders, last contacts and notes",
        tag="customers",
        answer=CustomerCard,
        errors=(404,),
    ),
    Route(
        method="PATCH",
        path="/api/v1/customers/{customer_id}",
        serve=change,
        roles=EVERYBODY,
        scope="write:customers",
        summary="Change a customer; 409 when somebody else did so meanwhile",
        tag="customers",
        body=CustomerPatchBody,
        answer=CustomerCard,
        errors=(404, 409),
        conflict=CustomerConflict,
    ),
    Route(
        method="GET",
        path="/api/v1/customers/{customer_id}/timeline",
        serve=timeline,
        roles=EVERYBODY,
        scope="read:customers",
        summary="All contacts of a customer, newest first, by kind and text",
        tag="customers",
        query=TimelineQuery,
        answer=Timeline,
        errors=(404,),
    ),
    Route(
        method="POST",
        path="/api/v1/customers/{customer_id}/notes",
        serve=add_note,
        roles=EVERYBODY,
        scope="write:customers",
        summary="Add a note",
        tag="customers",
        body=NoteBody,
        answer=NoteAnswer,
        status=201,
        errors=(404,),
    ),
)
