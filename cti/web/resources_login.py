"""What the REST API answers and accepts about log-ins: accounts, sessions, second factors, API tokens."""

from typing import Annotated

from pydantic import Field

from cti.desk.views import Text
from cti.rights import Scope
from cti.web.resources import Body, Resource


class WaysIn(Resource, frozen=True, kw_only=True):
    """What the log-in page offers beside the password; `provider` is the label of its button, None for none."""

    provider: Text | None


class FactorView(Resource, frozen=True, kw_only=True):
    """`required`: by the role. `codes_left`: recovery codes that were not used yet."""

    offered: bool
    required: bool
    enrolled: bool
    codes_left: int


class AccountView(Resource, frozen=True, kw_only=True):
    """`own_password`: there is one that may be changed here; `via`: how this session was opened."""

    login: str
    via: str
    own_password: bool
    min_length: int
    second_factor: FactorView


class OwnSessionView(Resource, frozen=True, kw_only=True):
    session_id: str
    created_at: float
    seen_at: float
    expires_at: float
    address: str
    browser: str
    via: str
    this_one: bool = False


class OwnSessions(Resource, frozen=True, kw_only=True):
    items: tuple[OwnSessionView, ...]


class Enrolment(Resource, frozen=True, kw_only=True):
    """For the authenticator app: `uri` as a QR code, `secret` to be typed. Told this once."""

    uri: str
    secret: str


class RecoveryCodes(Resource, frozen=True, kw_only=True):
    """Each opens the account once, in the place of a code. Told this once."""

    codes: tuple[str, ...]


class TokenView(Resource, frozen=True, kw_only=True):
    """`prefix`: how the secret begins."""

    token_id: int
    name: str
    login: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: float
    created_by: str
    expires_at: float | None
    last_used_at: float | None
    revoked_at: float | None


class TokenList(Resource, frozen=True, kw_only=True):
    items: tuple[TokenView, ...]


class NewToken(Resource, frozen=True, kw_only=True):
    """`secret` is what a program sends in `Authorization: Bearer`; it is told this once."""

    token: TokenView
    secret: str


# --- bodies ---

Password = Annotated[str, Field(min_length=1, max_length=256)]


class _AsTyped(Body):
    """A blank may be part of a password."""

    model_config = Body.model_config | {"str_strip_whitespace": False}


class NewPasswordBody(_AsTyped):
    old: Password
    new: Password


class ProofBody(_AsTyped):
    """The password once more, before something about the account changes."""

    password: Password


class CodeBody(Body):
    code: Annotated[str, Field(min_length=6, max_length=40)]


class GivenPasswordBody(_AsTyped):
    """What an administrator chose for somebody, who has to choose another at the next log-in."""

    password: Password


class NewTokenBody(Body):
    name: Annotated[str, Field(min_length=1, max_length=60)]
    login: Annotated[str, Field(min_length=1, max_length=64)]
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1)]
    days: Annotated[int, Field(ge=1, le=3650)] | None = None
