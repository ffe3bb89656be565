"""Admission control: beyond what we can serve well, a new caller is offered a way out instead of everybody's collapse.

Whoever is on the line already goes on as before. A door that was shut opens again only when it has become clearly
better (`OPENS_AT`), or else it would swing with each caller.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

import structlog

from cti.events import CallbackRequested, InteractionEnded
from cti.floor.conversation import Conversation, Conversations
from cti.floor.rules import AdmissionRules, Rules

log = structlog.get_logger(__name__)

OPENS_AT: Final = 0.9
"""Share of each limit below which the door opens again."""
TICK_S: Final = 0.25
REMEMBERED: Final = 20
"""So many ticks the worst lag of the event loop counts: five seconds."""


class Admission:
    """One for the whole floor. `event_age` is how old the last event of Asterisk was when it came, in seconds."""

    def __init__(self, conversations: Conversations, rules: Rules) -> None:
        self._conversations, self._rules = conversations, rules
        self._turned_away: set[str] = set()
        self._lags: deque[float] = deque(maxlen=REMEMBERED)
        self.event_age: Callable[[], float] = lambda: 0.0
        self.no_room: Callable[[], bool] = lambda: False
        """For recordings (`cti/floor/disk.py`): then newcomers are turned away too, whatever the limits are."""
        self.shut = False
        self.refused = 0
        """How many have been turned away since the start."""

    @property
    def rules(self) -> AdmissionRules:
        return self._rules.admission

    def callers(self) -> int:
        """On the line now, whom agents called included; those who were turned away are not counted."""
        return len(self._conversations.by_channel) - len(self._turned_away)

    async def feel(self) -> None:
        """Run it beside: by how much the event loop comes late."""
        clock = asyncio.get_running_loop().time
        while True:
            began = clock()
            await asyncio.sleep(TICK_S)
            self._lags.append(max(0.0, clock() - began - TICK_S))

    def strain(self) -> float:
        """How much of the limits is used: 1 is all of the one that is nearest. The callers on the line count."""
        rules = self.rules
        used = (
            (self.callers(), rules.callers),
            (self.event_age(), rules.event_age_s),
            (max(self._lags, default=0.0), rules.loop_lag_s),
        )
        return max((value / limit for value, limit in used if limit), default=0.0)

    def look(self) -> float:
        """Whether the door is shut, as the figure of the alarm "overload"; call it once in a while."""
        strain = self.strain()
        if self.shut and strain < OPENS_AT:
            self.shut = False
            log.warning("new callers are served again", callers=self.callers(), turned_away=self.refused)
        return float(max(1, self.callers()) if self.shut else 0)

    def refuses(self, newcomer: Conversation) -> bool:
        """Of one whose interaction has begun and who is on the line already; who is refused counts no more."""
        most = self.rules.callers
        self._turned_away.add(newcomer.interaction_id)  # it is the others who count
        self.look()
        full = most is not None and self.callers() >= most
        if not self.shut and (full or self._is_slow()):
            self.shut = True
            log.warning("too much is going on: new callers are turned away", callers=self.callers())
        if (self.shut or self.no_room()) and not self._is_preferred(newcomer):
            self.refused += 1
            return True
        self._turned_away.discard(newcomer.interaction_id)
        return False

    def _is_slow(self) -> bool:
        rules = self.rules
        late = rules.event_age_s is not None and self.event_age() >= rules.event_age_s
        return late or (rules.loop_lag_s is not None and max(self._lags, default=0.0) >= rules.loop_lag_s)

    def _is_preferred(self, newcomer: Conversation) -> bool:
        card, least = newcomer.card, self.rules.vip
        return least is not None and card is not None and card.vip >= least

    def on_left(self, fact: InteractionEnded | CallbackRequested) -> None:
        """Of those who were turned away: not on the line any more."""
        self._turned_away.discard(fact.interaction_id)
