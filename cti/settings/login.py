"""`login` of `config/laidian.yaml`: how people prove who they are, and how long that holds."""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from cti.config.file import ConfigModel
from cti.config.label import Text
from cti.config.secret_file import read_secret
from cti.events import Role

Seconds = Annotated[float, Field(gt=0)]


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _issuer(url: str) -> str:
    """OpenID Connect Discovery 1.0, section 4: https, no query, no fragment."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname or "")):
        raise ValueError("expected an https:// address (http:// only on this machine)")
    if not parts.netloc or parts.query or parts.fragment:
        raise ValueError("expected an address without ? and #")
    return url


SIGN_ON: Final[Text] = {"zh": "单点登录", "en": "Single sign-on"}


class OidcSettings(ConfigModel):
    """Log-in at an OpenID provider. `login_claim` names our login, `role_claim` a text or a list that `roles` maps.

    Without `role_claim` roles are ours: somebody new gets `new_role`. With it, whoever has none of `roles` stays out,
    and the highest that fits is taken over at each log-in.
    """

    issuer: Annotated[str, AfterValidator(_issuer)]
    client_id: Annotated[str, Field(min_length=1)]
    client_secret_file: Path | None = None
    label: Text = SIGN_ON
    scopes: tuple[Annotated[str, Field(pattern=r"^[a-zA-Z0-9_.:/-]+$")], ...] = ("openid", "profile")
    login_claim: Annotated[str, Field(min_length=1)] = "preferred_username"
    role_claim: str | None = None
    roles: dict[str, Role] = Field(default_factory=dict)
    create_users: bool = False
    new_role: Role = "agent"
    clock_skew_s: Annotated[float, Field(ge=0, le=300)] = 30

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.role_claim is None) != (not self.roles):
            raise ValueError("expected role_claim and roles together, or neither")
        if "openid" not in self.scopes:
            raise ValueError("expected openid among the scopes")
        return self

    def secret(self, root: Path) -> str:
        """From LAIDIAN_OIDC_SECRET or `client_secret_file`; "" for a public client. `Unusable` when it is not there."""
        file = None if self.client_secret_file is None else root / self.client_secret_file
        return read_secret("the OIDC secret", variable="LAIDIAN_OIDC_SECRET", file=file)


class RequiredTotp(ConfigModel):
    """Whoever has one of these roles enrols at the next log-in and cannot do without; the others may enrol."""

    required_for: Annotated[tuple[Role, ...], Field(min_length=1)]


class LockOutSettings(ConfigModel):
    """After so many failures within `window_s` log-in is closed: for that login, and for that address."""

    failures: Annotated[int, Field(ge=3)] = 10
    per_address: Annotated[int, Field(ge=3)] = 30
    window_s: Seconds = 300


class PasswordSettings(ConfigModel):
    """For new passwords; those that are in use stay. `refused`: words of this site, as its company's name."""

    min_length: Annotated[int, Field(ge=8, le=128)] = 12
    refused: tuple[str, ...] = ()


class LoginSettings(ConfigModel):
    """`idle_s`: a session ends when for so long neither a page was open nor a request came; `session_s`: in any case.

    `key_file` seals the secrets of second factors in the database; it is made when it is missing.
    """

    oidc: OidcSettings | None = None
    totp: Literal["off", "optional"] | RequiredTotp = "optional"
    lock_out: LockOutSettings = LockOutSettings()
    password: PasswordSettings = PasswordSettings()
    idle_s: Seconds = 3600
    session_s: Seconds = 12 * 3600
    key_file: Path = Path("var/login.key")

    @property
    def totp_required_for(self) -> frozenset[Role]:
        return frozenset(self.totp.required_for) if isinstance(self.totp, RequiredTotp) else frozenset()
