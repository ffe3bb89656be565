"""Customers: search, card, change, timeline, notes."""

from cti.web.encoding import json_response
from cti.web.registry import EVERYBODY, Answer, Call, Route
from cti.web.resources import (
    CustomerCard,
    CustomerHits,
    CustomerPatchBody,
    NoteAnswer,
    NoteBody,
    PageQuery,
    SearchQuery,
    Timeline,
)

KIND = "customer"


async def search(call: Call) -> CustomerHits:
    query = call.query_as(SearchQuery)
    return await call.site.customers.search(query.q, query.limit)


async def card(call: Call) -> CustomerCard:
    return await call.site.customers.card(call.path_int("customer_id", KIND))


async def change(call: Call) -> CustomerCard:
    return await call.site.customers.change(call.path_int("customer_id", KIND), call.body_as(CustomerPatchBody))


async def timeline(call: Call) -> Timeline:
    query = call.query_as(PageQuery)
    return await call.site.customers.timeline(call.path_int("customer_id", KIND), query.before, query.limit)


async def add_note(call: Call) -> Answer:
    text = call.body_as(NoteBody).text
    customer_id = call.path_int("customer_id", KIND)
    note = await call.site.customers.add_note(customer_id, call.actor.agent_id, text, call.site.clock())
    return json_response(NoteAnswer(note=note), status=201)


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/customers",
        serve=search,
        roles=EVERYBODY,
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
        summary="Change a customer; 409 when somebody else did so meanwhile",
        tag="customers",
        body=CustomerPatchBody,
        answer=CustomerCard,
        errors=(404, 409),
    ),
    Route(
        method="GET",
        path="/api/v1/customers/{customer_id}/timeline",
        serve=timeline,
        roles=EVERYBODY,
        summary="All contacts of a customer, newest first",
        tag="customers",
        query=PageQuery,
        answer=Timeline,
        errors=(404,),
    ),
    Route(
        method="POST",
        path="/api/v1/customers/{customer_id}/notes",
        serve=add_note,
        roles=EVERYBODY,
        summary="Add a note",
        tag="customers",
        body=NoteBody,
        answer=NoteAnswer,
        status=201,
        errors=(404,),
    ),
)
