"""How people and programs come in, beside the gate itself."""

from dataclasses import dataclass

from cti.web.accounts import Accounts
from cti.web.ports_login import Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    accounts: Accounts
    tokens: Tokens
