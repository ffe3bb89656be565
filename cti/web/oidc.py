"""An OpenID provider over HTTP: discovery, keys, and a code exchanged for who it is (authorization code with PKCE)."""

import base64
import hashlib
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

import aiohttp
import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from cti.errors import CtiError
from cti.web.oidc_token import Expected, TokenRefused, UnknownKey, believed

DEADLINE_S: Final = 10.0
LARGEST: Final = 512 * 1024
KNOWN_S: Final = 3600.0
"""How long what the provider publishes about itself is taken as it was."""
KEYS_AGAIN_S: Final = 30.0
"""Unknown keys make us ask again, but not more often than this."""


class ProviderFailed(CtiError):
    """The provider cannot be reached, or answers something else than the standard says."""


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """Of OpenID Connect Discovery 1.0, what is used here."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class _TokenAnswer(msgspec.Struct, frozen=True, kw_only=True):
    id_token: str
    access_token: str = ""


class ProviderRules(msgspec.Struct, frozen=True, kw_only=True):
    issuer: str
    client_id: str
    client_secret: str
    scopes: tuple[str, ...]
    login_claim: str
    clock_skew_s: float


class Provider:
    def __init__(self, rules: ProviderRules, *, clock: Callable[[], float] = time.time) -> None:
        self._rules = rules
        self._clock = clock
        self._metadata: tuple[float, Metadata] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def address(self, *, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Where the browser is sent. Raises ProviderFailed."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self._rules.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(self._rules.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        endpoint = (await self._about()).authorization_endpoint
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    async def claims(self, code: str, *, redirect_uri: str, nonce: str, verifier: str) -> dict[str, Any]:
        """Who has logged in there. Raises ProviderFailed and TokenRefused."""
        about = await self._about()
        answer = await self._exchange(about, code, redirect_uri, verifier)
        rules = self._rules
        expected = Expected(
            issuer=rules.issuer, client_id=rules.client_id, nonce=nonce, clock_skew_s=rules.clock_skew_s
        )
        try:
            claims = believed(answer.id_token, await self._key_set(about), expected, self._clock())
        except UnknownKey:
            keys = await self._key_set(about, again=True)
            claims = believed(answer.id_token, keys, expected, self._clock())
        if rules.login_claim in claims or not about.userinfo_endpoint or not answer.access_token:
            return claims
        return claims | await self._userinfo(about, answer.access_token, claims["sub"])

    async def _about(self) -> Metadata:
        now = self._clock()
        if self._metadata is None or now - self._metadata[0] >= KNOWN_S:
            url = f"{self._rules.issuer.rstrip('/')}/.well-known/openid-configuration"
            found = _decoded(await self._ask("GET", url), Metadata)
            if found.issuer != self._rules.issuer:
                raise ProviderFailed(f"the provider calls itself {found.issuer}, not {self._rules.issuer}")
            self._metadata = (now, found)
        return self._metadata[1]

    async def _key_set(self, about: Metadata, *, again: bool = False) -> KeySet:
        now = self._clock()
        if self._keys is not None and now - self._keys[0] < (KEYS_AGAIN_S if again else KNOWN_S):
            return self._keys[1]
        raw = _decoded(await self._ask("GET", about.jwks_uri), dict)
        try:
            keys = KeySet.import_key_set(raw)  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise ProviderFailed(f"the keys of the provider cannot be read ({error})") from None
        self._keys = (now, keys)
        return keys

    async def _exchange(self, about: Metadata, code: str, redirect_uri: str, verifier: str) -> _TokenAnswer:
        rules = self._rules
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        headers: dict[str, str] = {}
        if not rules.client_secret:
            form["client_id"] = rules.client_id
        elif "client_secret_basic" in about.token_endpoint_auth_methods_supported:
            headers["Authorization"] = aiohttp.encode_basic_auth(rules.client_id, rules.client_secret)
        else:
            form |= {"client_id": rules.client_id, "client_secret": rules.client_secret}
        raw = await self._ask("POST", about.token_endpoint, form=form, headers=headers)
        return _decoded(raw, _TokenAnswer)

    async def _userinfo(self, about: Metadata, access_token: str, subject: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {access_token}"}
        told: dict[str, Any] = _decoded(await self._ask("GET", about.userinfo_endpoint, headers=headers), dict)
        if told.get("sub") != subject:
            raise TokenRefused("the provider's userinfo is about somebody else (sub)")
        return told

    async def _ask(
        self, method: str, url: str, *, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> bytes:
        deadline = aiohttp.ClientTimeout(total=DEADLINE_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=deadline) as http,
                http.request(
                    method,
                    url,
                    data=form,
                    headers={"Accept": "application/json"} | dict(headers or {}),
                    allow_redirects=False,
                ) as response,
            ):
                body = await response.content.read(LARGEST)
                status = response.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise ProviderFailed(f"the provider cannot be reached ({error or type(error).__name__})") from None
        if status != 200:  # noqa: PLR2004 - HTTP
            raise ProviderFailed(f"the provider answers {status} at {url}: {body[:200].decode(errors='replace')}")
        return body


T = TypeVar("T")


def _decoded(raw: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.MsgspecError as error:
        raise ProviderFailed(f"the provider answers something else than the standard says ({error})") from None
