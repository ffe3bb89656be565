"""How people and programs come in, beside the gate itself."""

from dataclasses import dataclass

from cti.web.accounts import Accounts
from cti.web.ports_login import Tokens
from cti.web.sign_on import SignOn


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    accounts: Accounts
    tokens: Tokens
    sign_on: SignOn | None = None
    """At an OpenID provider, where one is configured."""
