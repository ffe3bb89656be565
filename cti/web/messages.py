"""Everything that crosses `/ws/v1`. One JSON object per websocket message.

Server to browser: first one `Snapshot`, then `Changes` with `seq` counting up by one; a gap means: reconnect. A `Reply`
answers one command by its `id`. `Notice` is for a toast. Browser to server: a `Command`, named in its `cmd`.
"""

from typing import Literal

import msgspec

from cti.desk.commands import ROLES, AnyCommand, Command
from cti.desk.views import AnyView, Change
from cti.events import Role


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, tag="snapshot", tag_field="t"):
    seq: int
    at: float
    role: Role
    agent_id: str
    topics: dict[str, dict[str, AnyView]]


class Changes(msgspec.Struct, frozen=True, kw_only=True, tag="changes", tag_field="t"):
    seq: int
    at: float
    changes: tuple[Change, ...]


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """`code`: "bad_request", "forbidden", "not_found", "conflict", "unavailable", "failed". `state`: the state now."""

    code: str
    message: str
    field: str = ""
    state: str = ""


class Reply(msgspec.Struct, frozen=True, kw_only=True, tag="reply", tag_field="t"):
    id: int
    ok: bool
    result: dict[str, str | int | float | bool | None] | None = None
    error: Problem | None = None


class Notice(msgspec.Struct, frozen=True, kw_only=True, tag="notice", tag_field="t"):
    level: Literal["info", "warning", "error"]
    code: str
    message: str


class Beat(msgspec.Struct, frozen=True, kw_only=True, tag="beat", tag_field="t"):
    """Sent every other second to a page that gave its tab; it answers with the text "beat", and is gone otherwise.

    Comes to a page in the background too, whose own timers a browser may run once a minute.
    """


ServerMessage = Snapshot | Changes | Reply | Notice | Beat

__all__ = [
    "ROLES",
    "AnyCommand",
    "Beat",
    "Changes",
    "Command",
    "Notice",
    "Problem",
    "Reply",
    "ServerMessage",
    "Snapshot",
]
