"""What the web server needs of the rest of the daemon. `cti/daemon` hands in the real ones, tests hand in fakes."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

import msgspec

from cti.desk.audience import Actor
from cti.desk.commands import AnyCommand
from cti.desk.views import NoteView
from cti.recording.keys import NO_KEYS, Keyring
from cti.web.explained import Explanation
from cti.web.resources import (
    AuditTrail,
    CustomerCard,
    CustomerHits,
    InteractionCard,
    Interactions,
    PhoneView,
    Recordings,
    RecordingView,
    Timeline,
)
from cti.web.resources_customers import (
    Changed,
    CustomerPatchBody,
    MergeAnswer,
    MergeBody,
    MergeList,
    MergePreview,
    TimelineQuery,
    UndoAnswer,
)

Result = dict[str, str | int | float | bool | None]


class Floor(Protocol):
    """Executes commands. Whether an agent may touch *this* call is the floor's decision; the role was checked."""

    async def execute(self, command: AnyCommand, actor: Actor) -> Result | None:
        """Raises an error of `cti.errors`; what it returns goes into `Reply.result`."""


class Phones(Protocol):
    async def credentials(self, agent_id: str) -> PhoneView:
        """How this agent's browser registers its softphone. Raises NotFound when the agent has no web phone."""


class Stations(Protocol):
    """Whose page has whose phone (`cti.floor.stations.Stations`). A page is known by its tab."""

    def came(self, agent_id: str, tab: str) -> None: ...

    def went(self, agent_id: str, tab: str) -> None: ...

    def check_owner(self, agent_id: str, tab: str) -> None:
        """Raises Conflict when the phone is another tab's."""


class NoStations:
    """Nobody's page is asked for."""

    def came(self, agent_id: str, tab: str) -> None: ...

    def went(self, agent_id: str, tab: str) -> None: ...

    def check_owner(self, agent_id: str, tab: str) -> None: ...


class WebConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What of the settings the web server reads. `keys` open the recordings.

    `public_origin`: what browsers call us by when a proxy stands before us; "" when they reach us directly.
    """

    static: Path
    recordings: Path
    version: str
    phone_ws_url: str = ""
    public_origin: str = ""
    secure_cookie: bool = False
    demo: bool = False
    keys: Keyring = NO_KEYS


Readiness = Callable[[], Awaitable[dict[str, str]]]
"""Part of the daemon -> "ok", "away" (it is done without for now) or "failed" (no call can be served)."""


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for; None and "" do not narrow. `before`: the end of the page before, see `next_before`."""

    since: float | None = None
    before: float | None = None
    agent_id: str = ""
    queue: str = ""
    number: str = ""
    outcome: str = ""
    customer_id: int | None = None
    disposition: str = ""
    complaint: bool | None = None
    limit: int = 50


class CustomersPort(Protocol):
    async def search(self, text: str, limit: int) -> CustomerHits:
        """By name, company or any part of a number; `text` "" gives those seen last."""

    async def card(self, customer_id: int) -> CustomerCard:
        """Raises NotFound."""

    async def change(self, customer_id: int, patch: CustomerPatchBody, by: str) -> Changed:
        """Raises NotFound, BadInput, and Conflict with the present version as its state."""

    async def timeline(self, customer_id: int, query: TimelineQuery) -> Timeline:
        """Raises NotFound."""

    async def add_note(self, customer_id: int, author: str, text: str, at: float) -> NoteView:
        """Raises NotFound."""


class MergesPort(Protocol):
    """Every method raises NotFound; and Conflict where two are one already, or were edited or merged meanwhile."""

    async def preview(self, customer_id: int, other: int) -> MergePreview: ...

    async def merge(self, customer_id: int, body: MergeBody, by: str) -> MergeAnswer: ...

    async def undo(self, merge_id: int, by: str) -> UndoAnswer: ...

    async def of(self, customer_id: int) -> MergeList: ...


class InteractionsPort(Protocol):
    async def search(self, sought: Sought) -> Interactions: ...

    async def card(self, interaction_id: str) -> InteractionCard:
        """Raises NotFound."""


class StoredRecording(msgspec.Struct, frozen=True, kw_only=True):
    """`path` of the WAV is below the recordings folder; `agents` are the ids of all who took part."""

    view: RecordingView
    path: str
    agents: frozenset[str]


class RecordingsPort(Protocol):
    async def search(self, sought: Sought) -> Recordings: ...

    async def get(self, interaction_id: str) -> StoredRecording:
        """Raises NotFound, also when there is one that failed."""


class ExplanationsPort(Protocol):
    async def explain(self, interaction_id: str) -> Explanation:
        """Of one that goes on or is over. Raises NotFound."""


class AuditPort(Protocol):
    async def search(self, sought: Sought) -> AuditTrail: ...
