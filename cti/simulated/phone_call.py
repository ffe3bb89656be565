"""What a phone knows of one of its calls."""

import time
from collections import deque
from dataclasses import dataclass, field
from itertools import pairwise

from cti.simulated.tones import WINDOW_S, Window

HISTORY_S = 120.0
STEADY_S = 0.3
"""How long a set of tones must be heard without a change to count: music may hit one for a moment."""


@dataclass(eq=False, slots=True)
class PhoneCall:
    """One call of a phone, kept up to date. Times are unix seconds, None until it happened."""

    key: int
    incoming: bool
    peer: str
    invite_at: float
    """When the INVITE came in, or was sent."""
    ringing_at: float | None = None
    established_at: float | None = None
    closed_at: float | None = None
    reason: str = ""
    """Why it was closed, in the SIP stack's words."""
    digits: str = ""
    """What the far end pressed."""
    heard: deque[Window] = field(default_factory=lambda: deque(maxlen=round(HISTORY_S / WINDOW_S)))

    @property
    def up(self) -> bool:
        return self.established_at is not None and self.closed_at is None

    def tones(self, last_s: float = STEADY_S) -> frozenset[int]:
        """What was heard steadily in the last seconds: in all windows but one for each second."""
        windows = [window for window in self.heard if window.at > time.time() - last_s - WINDOW_S]
        if len(windows) < last_s / WINDOW_S / 2:
            return frozenset()
        needed = len(windows) - int(last_s)
        seen = [hz for window in windows for hz in window.tones]
        return frozenset(hz for hz in seen if seen.count(hz) >= needed)

    def ever_heard(self, since: float = 0.0) -> frozenset[int]:
        """Every tone that was heard in two windows running since then: the strict judge of who must hear nothing."""
        windows = [frozenset(window.tones) for window in self.heard if window.at >= since]
        return frozenset().union(*(a & b for a, b in pairwise(windows)))

    def sound_s(self, since: float = 0.0) -> float:
        """For how many seconds anything at all was to be heard since then."""
        return sum(WINDOW_S for window in self.heard if window.at >= since and window.sound)
