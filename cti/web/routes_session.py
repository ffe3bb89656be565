"""Log in, who am I, log out; and the softphone's credentials, which only a log-in gives."""

from aiohttp import web

from cti.rights import RIGHTS, has
from cti.web.encoding import json_response
from cti.web.known import LoggedIn
from cti.web.registry import ANYONE, EVERYBODY, IN_PERSON, Answer, Call, Route
from cti.web.resources import LogInBody, PhoneQuery, PhoneView, SessionView
from cti.web.resources_login import WaysIn


async def _view(call: Call, known: LoggedIn) -> SessionView:
    granted = await call.site.quality.granted(known.actor.agent_id)
    return SessionView(
        login=known.actor.login,
        agent_id=known.actor.agent_id,
        name=known.actor.name,
        role=known.actor.role,
        csrf=known.csrf,
        expires_at=known.expires_at,
        demo=call.site.config.demo,
        version=call.site.config.version,
        rights=tuple(right for right in RIGHTS if has(right, known.actor.role, granted)),
        must=known.must,
    )


async def log_in(call: Call) -> web.Response:
    body = call.body_as(LogInBody)
    gate = call.site.gate
    known = await gate.log_in(body.login, body.password, body.code, gate.client(call.request))
    if call.known is not None and call.known.token:
        await gate.log_out(call.known)  # a session that the browser had, or was given, ends here
    response = json_response(await _view(call, known), status=201)
    call.site.gate.set_cookie(response, known)
    return response


async def ways_in(call: Call) -> WaysIn:
    sign_on = call.site.entrance.sign_on
    return WaysIn(provider=sign_on.label if sign_on is not None else None)


async def who_am_i(call: Call) -> Answer:
    return await _view(call, call.session)


async def log_out(call: Call) -> web.Response:
    await call.site.gate.log_out(call.session)
    call.site.hub.disconnect(call.actor.agent_id, "logged out")
    response = web.Response(status=204)
    call.site.gate.clear_cookie(response)
    return response


async def phone(call: Call) -> PhoneView:
    """Raises Conflict when the phone is in another tab, whose registration a new secret would end."""
    call.site.stations.check_owner(call.actor.agent_id, call.query_as(PhoneQuery).tab)
    return await call.site.phones.credentials(call.actor.agent_id)


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/ways-in",
        serve=ways_in,
        roles=ANYONE,
        scope=IN_PERSON,
        summary="What the log-in page offers",
        tag="session",
        answer=WaysIn,
    ),
    Route(
        method="POST",
        path="/api/v1/session",
        serve=log_in,
        roles=ANYONE,
        scope=IN_PERSON,
        summary="Log in; the session comes as a cookie",
        tag="session",
        body=LogInBody,
        answer=SessionView,
        status=201,
        errors=(401, 429),
    ),
    Route(
        method="GET",
        path="/api/v1/session",
        serve=who_am_i,
        roles=EVERYBODY,
        scope=IN_PERSON,
        anyway=True,
        summary="Who is logged in",
        tag="session",
        answer=SessionView,
    ),
    Route(
        method="DELETE",
        path="/api/v1/session",
        serve=log_out,
        roles=EVERYBODY,
        scope=IN_PERSON,
        anyway=True,
        summary="Log out",
        tag="session",
        status=204,
    ),
    Route(
        method="GET",
        path="/api/v1/phone",
        serve=phone,
        roles=EVERYBODY,
        scope=IN_PERSON,
        summary="How the own browser registers its softphone",
        tag="session",
        query=PhoneQuery,
        answer=PhoneView,
        errors=(404, 409),
    ),
)
