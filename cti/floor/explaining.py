"""Why it went so: each offer's reasons with its fact, and each wait's, shortly after it began and when it was given up.

To explain a wait costs time that grows with the queue's agents, so it has at most `SHARE` of the time: one caller after
another is explained when nothing else has to happen, and some later where too many wait. Only who gives up is explained
at once, before the engine forgets them; where too many do, their last explanation stands.
"""

import asyncio
import time
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any, Final, NamedTuple

from cti.acd.decisions import MakeOffer
from cti.acd.interaction import InteractionState
from cti.acd.views import InteractionView
from cti.errors import NotFound
from cti.events import (
    ChannelHungUp,
    InteractionConnected,
    InteractionEnded,
    InteractionQueued,
    OfferEnded,
    WaitExplained,
)
from cti.floor.means import Means
from cti.floor.outlook import outlooks
from cti.reports.kept import KeptOffer, KeptWait, kept_offer, kept_wait, plain

AFTER_S: Final = 1.0
"""Who has an agent as soon as this needs no explanation."""
AGAIN_S: Final = 600.0
"""A long wait is explained anew so often: agents come and go meanwhile."""
BEFORE_S: Final = 1.0
"""So long before the longest wait is over."""
SHARE: Final = 0.05
"""Of the time; the rest is for the calls."""
AHEAD_SHOWN: Final = 5


class Ahead(NamedTuple):
    """One who comes before; `points` without ageing."""

    interaction_id: str
    position: int
    queued_at: float
    points: float


class Live(NamedTuple):
    """What is so at this moment; `position` from 1, None for one that does not wait; `ahead`: the nearest before it."""

    state: InteractionState
    wait: KeptWait
    position: int | None
    estimate_s: float | None
    ahead: tuple[Ahead, ...]
    offers: tuple[KeptOffer, ...]


class Explaining:
    def __init__(self, means: Means, busy: Callable[[], float] = time.perf_counter) -> None:
        self._means = means
        self._busy = busy
        self._due: dict[str, float] = {}
        self._heap: list[tuple[float, str]] = []
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = 0.0
        self._not_before = 0.0

    # --- offers

    def offer(self, made: MakeOffer) -> dict[str, Any] | None:
        """What goes with the fact of this offer, which the engine has just decided."""
        why = self._means.engine.offer_reasons(made.interaction_id)
        choice = self._choice(made.queue)
        found = (kept_offer(one, queue=made.queue, choice=choice) for one in why if one.offer_id == made.offer_id)
        return next(map(plain, found), None)

    def _choice(self, queue: str) -> str:
        rules = self._means.engine.queue(queue)
        return rules.choice if rules is not None else ""

    # --- somebody asks

    def live(self, interaction_id: str) -> Live | None:
        """None for one that the distributor does not know (any more)."""
        engine = self._means.engine
        try:
            view = engine.interaction(interaction_id)
        except NotFound:
            return None
        choice, now = self._choice(view.queue), self._means.clock()
        why = engine.explain(interaction_id, now)
        return Live(
            state=view.state,
            wait=kept_wait(why, view, choice=choice, agent=engine.agent, at=now, most=len(why.candidates)),
            position=engine.position(interaction_id),
            estimate_s=engine.wait_estimate(interaction_id),
            ahead=self._ahead(view),
            offers=tuple(kept_offer(one, queue=view.queue, choice=choice) for one in why.offers),
        )

    def _ahead(self, view: InteractionView) -> tuple[Ahead, ...]:
        before: list[Ahead] = []
        for position, other in enumerate(self._means.engine.waiting(view.queue), start=1):
            if other.interaction_id == view.interaction_id:
                return tuple(before[-AHEAD_SHOWN:])
            before.append(Ahead(other.interaction_id, position, other.queued_at, other.priority + other.points))
        return ()

    def show_outlook(self) -> None:
        """How long people will wait, to the screens; call it every few seconds."""
        desk = self._means.desk
        for outlook in outlooks(self._means.engine):
            desk.expect(outlook.queue, outlook.wait_s, outlook.error_s)
            for one in outlook.places:
                desk.calls.expect(one.interaction_id, one.position, one.wait_s)

    # --- those who wait, one after another

    def on_queued(self, fact: InteractionQueued) -> None:
        self._plan(fact.interaction_id, AFTER_S)

    def on_offer_ended(self, fact: OfferEnded) -> None:
        """Whoever waits again is explained again."""
        if fact.reason not in ("answered", "caller_gone"):
            self._plan(fact.interaction_id, AFTER_S)

    def on_hung_up(self, fact: ChannelHungUp) -> None:
        """Before the engine is told: who gives up is explained as it is then; not who is lost with Asterisk."""
        conversation = self._means.conversations.by_channel.get(fact.channel)
        if conversation is not None and not fact.lost and self._not_before <= self._means.clock():
            self._take_time_for(conversation.interaction_id)

    def on_over(self, fact: InteractionConnected | InteractionEnded) -> None:
        self._due.pop(fact.interaction_id, None)

    def _plan(self, interaction_id: str, after_s: float) -> None:
        due = self._due[interaction_id] = self._means.clock() + max(0.0, after_s)
        heappush(self._heap, (due, interaction_id))
        self._arm()

    def _next_due(self) -> float | None:
        while self._heap and self._due.get(self._heap[0][1]) != self._heap[0][0]:
            heappop(self._heap)  # over, or planned anew
        return self._heap[0][0] if self._heap else None

    def _arm(self) -> None:
        due = self._next_due()
        if due is None:
            return
        at = max(due, self._not_before)
        if self._alarm is not None:
            if self._alarm_at <= at:
                return  # too early costs less than another alarm for every caller who need not be explained at all
            self._alarm.cancel()
        self._alarm_at = at
        self._alarm = asyncio.get_running_loop().call_later(max(0.0, at - self._means.clock()), self._turn)

    def _turn(self) -> None:
        """One caller, if it is time; then a pause that is in proportion to what it cost."""
        self._alarm = None
        due, now = self._next_due(), self._means.clock()
        if due is not None and max(due, self._not_before) <= now:
            _, interaction_id = heappop(self._heap)
            del self._due[interaction_id]
            self._take_time_for(interaction_id)
        self._arm()

    def _take_time_for(self, interaction_id: str) -> None:
        began = self._busy()
        self._explain(interaction_id)
        self._not_before = self._means.clock() + (self._busy() - began) * (1 / SHARE - 1)

    def _explain(self, interaction_id: str) -> None:
        try:
            view = self._means.engine.interaction(interaction_id)
        except NotFound:
            return
        if view.state is not InteractionState.QUEUED:
            return
        engine, now = self._means.engine, self._means.clock()
        why = engine.explain(interaction_id, now)
        wait = kept_wait(why, view, choice=self._choice(view.queue), agent=engine.agent, at=now)
        self._means.bus.publish(
            WaitExplained(
                at=wait.at,
                interaction_id=interaction_id,
                queue=view.queue,
                queued_at=view.queued_at,
                why=plain(wait),
            )
        )
        self._plan(interaction_id, _next(view, wait.at))


def _next(view: InteractionView, now: float) -> float:
    """In how many seconds there may be something new to say."""
    soon = AFTER_S / 10
    times = [AGAIN_S]
    if view.relax_at is not None:
        times.append(max(soon, view.relax_at + soon - now))
    if view.wait_until is not None and view.wait_until - BEFORE_S > now:
        times.append(max(soon, view.wait_until - BEFORE_S - now))
    return min(times)
