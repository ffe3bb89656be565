"""Everything that a request may need, in one place that is handed to every route."""

import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field

from cti.desk.audience import Actor
from cti.desk.hub import Hub
from cti.events import CommandAudited, Fact
from cti.web.auth import Gate
from cti.web.entrance import Entrance
from cti.web.listening import Listening
from cti.web.ports import (
    AuditPort,
    CustomersPort,
    ExplanationsPort,
    Floor,
    InteractionsPort,
    MergesPort,
    NoStations,
    Phones,
    Readiness,
    RecordingsPort,
    Stations,
    WebConfig,
)
from cti.web.ports_board import BoardPort
from cti.web.ports_personal import PersonalPort
from cti.web.ports_quality import QualityPort
from cti.web.resources import WorkCodes
from cti.web.resources_customers import CustomerForm
from cti.web.scraping import Scraping
from cti.web.waveforms import Waveforms


async def _at_once() -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    config: WebConfig
    gate: Gate
    hub: Hub
    floor: Floor
    phones: Phones
    customers: CustomersPort
    merges: MergesPort
    interactions: InteractionsPort
    explanations: ExplanationsPort
    recordings: RecordingsPort
    quality: QualityPort
    personal: PersonalPort
    board: BoardPort
    audit: AuditPort
    entrance: Entrance
    publish: Callable[[Fact], None]
    readiness: Readiness
    codes: Callable[[], WorkCodes]
    """As they are now: a reload may change them."""
    customer_form: Callable[[], CustomerForm]
    """As `codes`."""
    refresh: Callable[[Collection[int]], Awaitable[None]]
    """Show these customers anew on every desk that has one of them; they have changed."""
    stations: Stations = field(default_factory=NoStations)
    clock: Callable[[], float] = field(default=time.time)
    waveforms: Waveforms = field(default_factory=Waveforms)
    scraping: Scraping = field(default_factory=Scraping)
    listening: Listening = field(default_factory=Listening)
    kept: Callable[[], Awaitable[object]] = _at_once
    """Returns when every fact that was published so far survives a crash."""

    def audited(
        self,
        actor: Actor | None,
        command: str,
        subject: str,
        *,
        allowed: bool,
        detail: str = "",
        interaction_id: str = "",
    ) -> None:
        """Put on the bus that somebody used a right over somebody else, or tried to. `actor` None: nobody known."""
        self.publish(
            CommandAudited(
                at=self.clock(),
                actor=actor.agent_id if actor else "",
                role=actor.role if actor else "",
                command=command,
                subject=subject,
                allowed=allowed,
                detail=detail,
                interaction_id=interaction_id,
            )
        )
