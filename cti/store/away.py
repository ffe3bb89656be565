"""What the board rings for when the database is away: how much waits for it."""

import time
from collections.abc import Callable
from typing import Final

from cti.desk.alarms import AlarmLimit
from cti.floor.alarms import HouseFigure
from cti.store.inbox import SPARE
from cti.store.writer import WriterStatus

MB: Final = 1 << 20
PATIENCE_S: Final = 5.0
"""A commit that had to be repeated is no alarm."""


def database_alarm(
    status: Callable[[], WriterStatus], limit: int, clock: Callable[[], float] = time.monotonic
) -> HouseFigure:
    """Megabytes that wait: a warning at first, an alarm from where facts are dropped, or kept in memory only."""
    alarm = SPARE * limit / MB
    since: float | None = None

    def waiting() -> float:
        nonlocal since
        now = status()
        since = (since or clock()) if now.away else None
        if now.unwritable:
            return max(alarm, now.spool_bytes / MB)
        if since is None or clock() - since < PATIENCE_S:
            return 0.0
        return max(0.01, now.spool_bytes / MB)

    return HouseFigure("database", waiting, AlarmLimit(kind="database", warn=0.01, alarm=alarm))
