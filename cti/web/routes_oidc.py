"""A browser's way to an OpenID provider and back. Pages, not API: every end is a page that a person sees."""

from typing import Final

import structlog
from aiohttp import web

from cti.web.headers import NO_STORE
from cti.web.sign_on import PENDING_S, SignOn, SignOnFailed
from cti.web.site import Site

log = structlog.get_logger(__name__)

START: Final = "/login/oidc"
BACK: Final = "/login/oidc/callback"


def add(app: web.Application, site: Site) -> None:
    pages = _Pages(site)
    app.router.add_get(START, pages.start, allow_head=False)
    app.router.add_get(BACK, pages.back, allow_head=False)


class _Pages:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._cookie: Final = f"{'__Secure-' if site.gate.secure else ''}laidian-oidc"

    async def start(self, request: web.Request) -> web.StreamResponse:
        try:
            address, handle = await self._sign_on.begin(self._site.gate.origin(request) + BACK)
        except SignOnFailed as failure:
            return self._refused(request, failure)
        response = _to(address)
        response.set_cookie(
            self._cookie,
            handle,
            max_age=int(PENDING_S),
            path=START,
            httponly=True,
            secure=self._site.gate.secure,
            samesite="Lax",  # the way back begins at the provider's
        )
        return response

    async def back(self, request: web.Request) -> web.StreamResponse:
        gate = self._site.gate
        try:
            user = await self._sign_on.finish(request.cookies.get(self._cookie, ""), request.query)
        except SignOnFailed as failure:
            return self._refused(request, failure)
        known = await gate.open(user, "oidc", gate.client(request))
        self._site.audited(known.actor, "session.oidc", known.actor.login, allowed=True)
        response = _to("/")
        gate.set_cookie(response, known)
        response.del_cookie(self._cookie, path=START)
        return response

    @property
    def _sign_on(self) -> SignOn:
        if self._site.entrance.sign_on is None:
            raise web.HTTPNotFound
        return self._site.entrance.sign_on

    def _refused(self, request: web.Request, failure: SignOnFailed) -> web.StreamResponse:
        log.warning("log-in at the provider failed", reason=str(failure), why=failure.why, address=request.remote)
        self._site.audited(None, "session.oidc", "", allowed=False, detail=str(failure)[:300])
        return _to(f"/login?problem={failure.why}")


def _to(address: str) -> web.Response:
    return web.Response(status=303, headers={"Location": address, "Cache-Control": NO_STORE})
