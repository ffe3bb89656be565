"""Whether an ID token may be believed: OpenID Connect Core 1.0, section 3.1.3.7. Pure: keys and `now` are arguments."""

import hmac
from typing import Any, Final

import msgspec
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from cti.errors import CtiError

ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)
"""With a key of the provider's only: none is no signature, and an HS key would be our own secret."""


class TokenRefused(CtiError):
    """The ID token is not what was asked for."""


class UnknownKey(TokenRefused):
    """It names a key that we have not: the provider may have rotated them."""


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    issuer: str
    client_id: str
    nonce: str
    clock_skew_s: float


def believed(token: str, keys: KeySet, expected: Expected, now: float) -> dict[str, Any]:
    """The claims. Raises TokenRefused, UnknownKey."""
    try:
        decoded = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
    except InvalidKeyIdError as error:
        raise UnknownKey(f"the ID token is signed with a key that the provider does not publish ({error})") from None
    except (JoseError, ValueError) as error:
        raise TokenRefused(f"the ID token is not signed by the provider ({error})") from None
    claims: dict[str, Any] = decoded.claims
    rules = jwt.JWTClaimsRegistry(
        now=int(now),
        leeway=int(expected.clock_skew_s),
        iss={"essential": True, "value": expected.issuer},
        aud={"essential": True, "value": expected.client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        rules.validate(claims)
    except JoseError as error:
        raise TokenRefused(f"the ID token does not hold: {error}") from None
    _check_party(claims, expected)
    return claims


def _check_party(claims: dict[str, Any], expected: Expected) -> None:
    """Raises TokenRefused for a token that was made for somebody else, or for another log-in."""
    audience = claims["aud"]
    many = isinstance(audience, list) and len(audience) > 1
    if (many or "azp" in claims) and claims.get("azp") != expected.client_id:
        raise TokenRefused("the ID token was made for another client (azp)")
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise TokenRefused("the ID token belongs to another log-in (nonce)")
    if not isinstance(claims["sub"], str) or not claims["sub"]:
        raise TokenRefused("the ID token names nobody (sub)")
