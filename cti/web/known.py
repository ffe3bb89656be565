"""Whom a request comes from, once that was found out."""

from typing import Final, Literal

import msgspec

from cti.rights import Actor

Via = Literal["password", "oidc", "token"]
Must = Literal["", "change_password", "enrol"]
"""What somebody has to do before anything else: a session that has to can do nothing else."""


MUST: Final[dict[str, str]] = {
    "change_password": "choose a password of your own first",
    "enrol": "your role needs a second factor: enrol one first",
}


class LoggedIn(msgspec.Struct, frozen=True, kw_only=True):
    """`token`: the cookie's, "" for a program. `scopes`: what a program may; None for a person, who may all."""

    actor: Actor
    csrf: str
    expires_at: float
    token: str
    session_id: str = ""
    via: Via = "password"
    must: Must = ""
    scopes: frozenset[str] | None = None
