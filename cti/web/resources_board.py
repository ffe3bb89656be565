"""What the supervisor's board reads over REST: the interactions behind its numbers, and today's alarms."""

from typing import Annotated, Any, Literal

from pydantic import Field

from cti.events import AlarmKind, AlarmLevel
from cti.web.resources import Body, Resource

Counted = Literal["offered", "answered", "within_target", "late", "abandoned", "overflowed", "handled"]


class BehindView(Resource, frozen=True, kw_only=True):
    """One wait, or one talk of an agent ("handled"). `outcome` is the wait's ("" while it goes on), or who ended the
    talk; `lasted_s` its length. The interaction itself is at `/api/v1/interactions/<interaction_id>`.
    """

    interaction_id: str
    at: float
    lasted_s: float | None
    outcome: str
    medium: str
    queue: str
    agent_id: str
    agent_name: str
    customer_name: str
    customer_number: str
    disposition: str
    has_recording: bool


class Behind(Resource, frozen=True, kw_only=True):
    """Newest first. `count` is all of them: the number that was asked about. `next`: cursor of the next page."""

    items: tuple[BehindView, ...]
    count: int
    next: str | None


class LedgerEntry(Resource, frozen=True, kw_only=True):
    """One fact, by the name and with the fields that it has in `cti/events.py`."""

    at: float
    type: str
    fields: dict[str, Any]


class Ledger(Resource, frozen=True, kw_only=True):
    """In the order in which it happened."""

    items: tuple[LedgerEntry, ...]


class PastAlarmView(Resource, frozen=True, kw_only=True):
    """`level` is the last one, `worst` the worst; `value` reached `limit` then. `cleared_at` None: it goes on."""

    alarm_id: str
    queue: str
    kind: AlarmKind
    level: AlarmLevel
    worst: AlarmLevel
    value: float | None
    limit: float | None
    raised_at: float
    cleared_at: float | None
    acknowledged_by: str
    acknowledged_at: float | None


class PastAlarms(Resource, frozen=True, kw_only=True):
    """Newest first."""

    items: tuple[PastAlarmView, ...]


class NumberQuery(Body):
    """Which number: `what` was counted, of a queue or an agent ("" for all). `since` null: today, from midnight on.

    Waits count when they began, talks ("handled") when they ended, before `until`.
    """

    what: Counted = "offered"
    queue: Annotated[str, Field(max_length=64)] = ""
    agent: Annotated[str, Field(max_length=64)] = ""
    since: float | None = None
    until: float | None = None
    cursor: Annotated[str, Field(max_length=200)] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50
