"""API tokens: what there is, a new one, and no more of one. For administrators."""

from typing import Final

from cti.web.bearer import new_secret, prefix_of
from cti.web.encoding import json_response
from cti.web.registry import ADMINS, Answer, Call, Route
from cti.web.resources_login import NewToken, NewTokenBody, TokenList, TokenView

DAY_S: Final = 86_400.0


async def tokens(call: Call) -> TokenList:
    return TokenList(items=await call.site.entrance.tokens.list())


async def add(call: Call) -> Answer:
    body, now, secret = call.body_as(NewTokenBody), call.site.clock(), new_secret()
    token = await call.site.entrance.tokens.add(
        secret,
        name=body.name,
        login=body.login,
        prefix=prefix_of(secret),
        scopes=tuple(dict.fromkeys(body.scopes)),
        at=now,
        by=call.actor.agent_id,
        expires_at=None if body.days is None else now + body.days * DAY_S,
    )
    call.site.audited(
        call.actor, "token.add", token.login, allowed=True, detail=f"{token.name}: {' '.join(token.scopes)}"
    )
    return json_response(NewToken(token=token, secret=secret), status=201)


async def revoke(call: Call) -> TokenView:
    token = await call.site.entrance.tokens.revoke(call.path_int("token_id", "token"), at=call.site.clock())
    call.site.gate.forget(token.login)
    call.site.audited(call.actor, "token.revoke", token.login, allowed=True, detail=token.name)
    return token


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/tokens",
        serve=tokens,
        roles=ADMINS,
        scope="admin:people",
        summary="All API tokens, also those that are over",
        tag="tokens",
        answer=TokenList,
    ),
    Route(
        method="POST",
        path="/api/v1/tokens",
        serve=add,
        roles=ADMINS,
        scope="admin:people",
        summary="A new API token for somebody, whose secret is told this once",
        tag="tokens",
        body=NewTokenBody,
        answer=NewToken,
        status=201,
        errors=(404, 409),
    ),
    Route(
        method="DELETE",
        path="/api/v1/tokens/{token_id}",
        serve=revoke,
        roles=ADMINS,
        scope="admin:people",
        summary="Revoke a token",
        tag="tokens",
        answer=TokenView,
        errors=(404,),
    ),
)
