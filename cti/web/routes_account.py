"""One's own account - password, second factor, sessions - and what administrators do for others."""

import msgspec

from cti.web.registry import ADMINS, EVERYBODY, IN_PERSON, Answer, Call, Route
from cti.web.resources_login import (
    AccountView,
    CodeBody,
    Enrolment,
    GivenPasswordBody,
    NewPasswordBody,
    OwnSessions,
    ProofBody,
    RecoveryCodes,
)


def _done(call: Call, what: str, subject: str = "") -> None:
    call.site.audited(call.actor, what, subject or call.actor.agent_id, allowed=True)


async def account(call: Call) -> AccountView:
    return await call.site.entrance.accounts.view(call.session)


async def change_password(call: Call) -> None:
    body, client = call.body_as(NewPasswordBody), call.site.gate.client(call.request)
    await call.site.entrance.accounts.change_password(call.session, body.old, body.new, client)
    _done(call, "account.password")


async def enrol(call: Call) -> Enrolment:
    body, client = call.body_as(ProofBody), call.site.gate.client(call.request)
    return await call.site.entrance.accounts.enrol(call.session, body.password, client)


async def confirm(call: Call) -> RecoveryCodes:
    codes = await call.site.entrance.accounts.confirm(call.session, call.body_as(CodeBody).code)
    _done(call, "account.second_factor")
    return codes


async def renew_codes(call: Call) -> RecoveryCodes:
    body, client = call.body_as(ProofBody), call.site.gate.client(call.request)
    codes = await call.site.entrance.accounts.renew_codes(call.session, body.password, client)
    _done(call, "account.recovery_codes")
    return codes


async def give_up(call: Call) -> None:
    body, client = call.body_as(ProofBody), call.site.gate.client(call.request)
    await call.site.entrance.accounts.give_up(call.session, body.password, client)
    _done(call, "account.second_factor_removed")


async def sessions(call: Call) -> OwnSessions:
    found = await call.site.entrance.accounts.sessions(call.session, at=call.site.clock())
    mine = call.session.session_id
    return OwnSessions(
        items=tuple(msgspec.structs.replace(one, this_one=one.session_id == mine) for one in found.items)
    )


async def end_session(call: Call) -> None:
    await call.site.entrance.accounts.end_session(call.session, call.path("session_id"))


async def give_password(call: Call) -> None:
    login = call.path("login")
    await call.site.entrance.accounts.give_password(login, call.body_as(GivenPasswordBody).password)
    _done(call, "user.password", login)


async def take_factor(call: Call) -> Answer:
    login = call.path("login")
    await call.site.entrance.accounts.take_factor(login)
    _done(call, "user.second_factor_removed", login)
    return None


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/account",
        serve=account,
        roles=EVERYBODY,
        scope=IN_PERSON,
        anyway=True,
        summary="One's own account: what can be changed about how one logs in",
        tag="account",
        answer=AccountView,
    ),
    Route(
        method="POST",
        path="/api/v1/account/password",
        serve=change_password,
        roles=EVERYBODY,
        scope=IN_PERSON,
        anyway=True,
        summary="Another password; all other sessions of the person end",
        tag="account",
        body=NewPasswordBody,
        status=204,
        errors=(401, 422, 429),
    ),
    Route(
        method="POST",
        path="/api/v1/account/second-factor",
        serve=enrol,
        roles=EVERYBODY,
        scope=IN_PERSON,
        anyway=True,
        summary="Begin with a second factor; it is in force once it is confirmed",
        tag="account",
        body=ProofBody,
        answer=Enrolment,
        errors=(401, 409, 429),
    ),
    Route(
        method="POST",
        path="/api/v1/account/second-factor/confirmation",
        serve=confirm,
        roles=EVERYBODY,
        scope=IN_PERSON,
        anyway=True,
        summary="The app shows the right code; the answer is the recovery codes",
        tag="account",
        body=CodeBody,
        answer=RecoveryCodes,
        errors=(401, 409),
    ),
    Route(
        method="POST",
        path="/api/v1/account/second-factor/recovery-codes",
        serve=renew_codes,
        roles=EVERYBODY,
        scope=IN_PERSON,
        summary="New recovery codes; those of before count no more",
        tag="account",
        body=ProofBody,
        answer=RecoveryCodes,
        errors=(401, 409, 429),
    ),
    Route(
        method="POST",
        path="/api/v1/account/second-factor/removal",
        serve=give_up,
        roles=EVERYBODY,
        scope=IN_PERSON,
        summary="Do without a second factor, where the role may",
        tag="account",
        body=ProofBody,
        status=204,
        errors=(401, 429),
    ),
    Route(
        method="GET",
        path="/api/v1/account/sessions",
        serve=sessions,
        roles=EVERYBODY,
        scope=IN_PERSON,
        summary="Where one is logged in",
        tag="account",
        answer=OwnSessions,
    ),
    Route(
        method="DELETE",
        path="/api/v1/account/sessions/{session_id}",
        serve=end_session,
        roles=EVERYBODY,
        scope=IN_PERSON,
        summary="End one of one's own sessions",
        tag="account",
        status=204,
        errors=(404,),
    ),
    Route(
        method="POST",
        path="/api/v1/users/{login}/password",
        serve=give_password,
        roles=ADMINS,
        scope="admin:people",
        summary="Give somebody a password, who has to choose another at the next log-in",
        tag="people",
        body=GivenPasswordBody,
        status=204,
        errors=(404, 422),
    ),
    Route(
        method="DELETE",
        path="/api/v1/users/{login}/second-factor",
        serve=take_factor,
        roles=ADMINS,
        scope="admin:people",
        summary="Take the second factor of somebody who has lost it",
        tag="people",
        status=204,
        errors=(404, 409),
    ),
)
