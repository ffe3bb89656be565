"""Who may do what: the roles, what is granted beyond them, what a token may, and whose things somebody may touch. Pure.

The one place of these rules. Routes and commands name a set of roles from here in their tables (`cti/web/registry.py`,
`cti/desk/commands.py`), and ask a predicate from here before they touch one object. A predicate only answers: whoever
asks refuses with `Forbidden` and a sentence of their own. What is shown of the floor to whom: `cti/desk/audience.py`.
"""

from collections.abc import Collection
from typing import Final, Literal, get_args

import msgspec

from cti.events import Role

EVERYBODY: Final = frozenset[Role]({"agent", "supervisor", "admin"})
WIDE_ROLES: Final = frozenset[Role]({"supervisor", "admin"})
"""They see and direct the whole floor."""
ADMINS: Final = frozenset[Role]({"admin"})

Right = Literal["recording.download", "customer.merge"]
RIGHTS: Final[tuple[Right, ...]] = get_args(Right)
"""What a role has as a rule, and one person may be granted beyond it (`laidian user allow`)."""

BY_ROLE: Final[dict[Role, frozenset[Right]]] = {
    "agent": frozenset(),
    "supervisor": frozenset({"recording.download", "customer.merge"}),
    "admin": frozenset({"recording.download", "customer.merge"}),
}


def has(right: Right, role: Role, granted: Collection[str]) -> bool:
    """By the role, or because it was granted to this person."""
    return right in BY_ROLE[role] or right in granted


Scope = Literal[
    "read:floor",
    "read:calls",
    "read:recordings",
    "read:customers",
    "write:customers",
    "read:quality",
    "write:quality",
    "read:audit",
    "read:metrics",
    "live",
    "command",
    "admin:people",
    "admin:data",
]
"""What a token may: never more than the person for whom it was made, and of that only what its scopes name.

`live` opens the websocket, `command` lets commands through it. A route declares the scope that it needs; one that is
for people in front of a browser only - passwords, second factors, the softphone - declares `in person`.
"""
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
LIVE: Final[Scope] = "live"
COMMAND: Final[Scope] = "command"
IN_PERSON: Final = "in person"


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who acts or looks: one logged-in person. `agent_id` is the key of this person's own entities."""

    agent_id: str
    role: Role
    login: str = ""
    name: str = ""

    @property
    def wide(self) -> bool:
        """Sees the whole floor, not only what is their own."""
        return self.role in WIDE_ROLES


# --- one object ------------------------------------------------------------------------------------------------------


def is_own(agent_id: str, owners: Collection[str]) -> bool:
    """One of `owners`, whatever the role: a live call, a comment, a score, a queue that one leaves."""
    return agent_id in owners


def may_hear(actor: Actor, took_part: Collection[str]) -> bool:
    """The recording of a conversation, its waveform, its comments: who took part, and who has the whole floor."""
    return actor.wide or is_own(actor.agent_id, took_part)


def may_download(actor: Actor, took_part: Collection[str], granted: Collection[str]) -> bool:
    """To keep a recording takes the right beside being allowed to hear it."""
    return may_hear(actor, took_part) and has("recording.download", actor.role, granted)


def may_see_score(actor: Actor, agent_id: str, *, finished: bool) -> bool:
    """Nobody reads the draft of a judgement about themselves."""
    return actor.wide or (finished and is_own(actor.agent_id, (agent_id,)))


def may_pick_from(actor: Actor, queue: str, own_queues: Collection[str]) -> bool:
    """Take a caller out of the line by hand."""
    return actor.wide or queue in own_queues


def may_change_task(actor: Actor, created_by: str, *, sees: bool) -> bool:
    """`sees`: it is the actor's, or that of a queue or group of theirs."""
    return actor.wide or sees or is_own(actor.agent_id, (created_by,))


def seen_by(actor: Actor, asked_for: str) -> str:
    """Of whom a search finds something: agents find their own, whatever they ask for. "" is everybody."""
    return asked_for if actor.wide else actor.agent_id
