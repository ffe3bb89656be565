"""What the board's routes need of the rest of the daemon, as in `cti.web.ports`."""

from typing import Protocol

from cti.web.resources_board import Behind, Ledger, NumberQuery, PastAlarms


class BoardPort(Protocol):
    async def behind(self, query: NumberQuery) -> Behind:
        """Raises BadInput for a cursor that is none."""

    async def alarms(self) -> PastAlarms:
        """Those that were raised today."""

    async def ledger(self, interaction_id: str) -> Ledger:
        """Raises NotFound."""
