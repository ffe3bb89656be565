"""Whoever dials out asks here first: the answer is a `Permit` or a sentence, and a fact either way.

What may be dialled is decided in `toll.py`.
"""

import secrets
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

import structlog

from cti.bus import Bus
from cti.calls.channel import ChannelView
from cti.customers.numbers import canonical
from cti.errors import Forbidden
from cti.events import (
    BridgeEntered,
    ChannelAnswered,
    ChannelHungUp,
    DialFact,
    DialPurpose,
    DialRefused,
    InteractionConnected,
    InteractionQueued,
    OriginateFailed,
)
from cti.floor.conversation import Conversation
from cti.floor.rules import Rules
from cti.floor.toll import HOUR_S, Asked, Refusal, Toll, Use, ended
from cti.switch.permit import Permit

log = structlog.get_logger(__name__)

ALARM_S: Final = 600.0
"""For so long a refusal counts for the alarm."""
LOOK_S: Final = 60.0
PROBES: Final = 5
"""So many refusals of numbers that are not allowed count for one: who mistypes is no thief."""

_SENT_ON: Final = frozenset({"transfer", "overflow"})
_SENTENCES: Final = {
    "not_allowed": "calls to {number} are not allowed from here",
    "hours": "no calls are made at this time of day",
    "at_once": "too many calls are under way: {limit}",
    "rate": "the limit of calls is reached: {limit}",
    "spend": "the limit of what calls may cost is reached: {limit}",
}


class NotDialled(Forbidden):
    """The guard refuses; `state` is "dial_" and the reason."""

    def __init__(self, number: str, refusal: Refusal) -> None:
        super().__init__(
            _SENTENCES[refusal.reason].format(number=number, limit=refusal.limit), f"dial_{refusal.reason}"
        )
        self.refusal = refusal


class Permits:
    """One for the whole floor. `clock` gives unix seconds."""

    def __init__(self, bus: Bus, rules: Rules, clock: Callable[[], float]) -> None:
        self._bus, self._clock = bus, clock
        self._rules = rules
        self._toll = Toll(lambda: rules.outbound, lambda: rules.region)
        self._sent_on: dict[str, str] = {}
        """Interaction -> the channel of its customer, who was sent to an outside number."""
        self._looked_at = 0.0
        self._refusals: deque[tuple[float, bool]] = deque()
        """When, and whether a limit was reached."""

    @property
    def region(self) -> str:
        return self._rules.region

    def ask(  # the fields of `Asked`
        self,
        number: str,
        *,
        user: str,
        purpose: DialPurpose,
        channel: str,
        interaction_id: str,
        allow: tuple[str, ...] | None = None,
        written: str = "",
    ) -> Permit:
        """`number` is canonical; for the rest see `Asked`. Raises NotDialled, with a sentence that may be shown."""
        now = self._clock()
        if now - self._looked_at > LOOK_S:
            self._look(now)
        asked = Asked(number, user, purpose, channel, interaction_id, allow, written)
        found = self._toll.ask(asked, f"dp-{secrets.token_hex(8)}", now)
        if isinstance(found, Refusal):
            self._refuse(asked, found, now)
            raise NotDialled(number, found)
        permit, permitted = found
        if purpose in _SENT_ON:
            self._no_longer_sent_on(interaction_id)
            self._sent_on[interaction_id] = channel
        self._take(permitted)
        return permit

    def _refuse(self, asked: Asked, refusal: Refusal, now: float) -> None:
        log.warning("not dialled", number=asked.number, user=asked.user, reason=refusal.reason, limit=refusal.limit)
        self._refusals.append((now, refusal.reason != "not_allowed"))
        self._bus.publish(
            DialRefused(
                at=now,
                user=asked.user,
                number=asked.number,
                purpose=asked.purpose,
                interaction_id=asked.interaction_id,
                reason=refusal.reason,
                limit=refusal.limit,
            )
        )

    def _take(self, fact: DialFact) -> None:
        self._toll.take(fact)
        self._bus.publish(fact)

    def _end(self, use: Use) -> None:
        self._take(ended(use, self._clock()))

    # --- what the mirror says --------------------------------------------------------------------------------------

    def on_answered(self, fact: ChannelAnswered) -> None:
        for use in self._toll.on(fact.channel):
            if use.permitted.purpose not in _SENT_ON and use.answered_at is None:
                use.answered_at = fact.at

    def on_entered(self, fact: BridgeEntered) -> None:
        """A customer who was sent on meets whoever answered there."""
        for use in self._toll.on(fact.channel):
            if use.permitted.purpose in _SENT_ON and use.answered_at is None:
                use.answered_at = fact.at

    def on_gone(self, fact: ChannelHungUp | OriginateFailed) -> None:
        for use in self._toll.on(fact.channel):
            self._sent_on.pop(use.permitted.interaction_id, None)
            self._end(use)

    def never(self, channel: str) -> None:
        """The leg was not ordered after all."""
        for use in self._toll.on(channel):
            self._end(use)

    def on_back(self, fact: InteractionQueued | InteractionConnected) -> None:
        """Nobody answered outside, and the customer is ours again."""
        self._no_longer_sent_on(fact.interaction_id)

    def _no_longer_sent_on(self, interaction: str) -> None:
        channel = self._sent_on.pop(interaction, "")
        for use in self._toll.on(channel):
            if use.permitted.purpose in _SENT_ON:
                self._end(use)

    # --- once in a while, and after a start ------------------------------------------------------------------------

    def refused_lately(self) -> int:
        """The figure of the alarm "toll": limits that were reached, and every fifth number that is not allowed."""
        now = self._clock()
        while self._refusals and self._refusals[0][0] <= now - ALARM_S:
            self._refusals.popleft()
        limits = sum(limit for _, limit in self._refusals)
        return limits + (len(self._refusals) - limits) // PROBES

    def _look(self, now: float) -> None:
        """What was never heard of again is over."""
        self._looked_at = now
        for use in self._toll.overdue(now):
            self._end(use)
        self._toll.forget_idle(now)

    def resume(self, facts: Iterable[DialFact], channel_of: Callable[[str], ChannelView | None]) -> None:
        """After a start: the facts of the last day, the oldest first. Who talked and talks no more did so until now.

        `channel_of` is the mirror. More than an hour is not reckoned of a time in which nobody looked.
        """
        for fact in facts:
            self._toll.take(fact)
        now = self._clock()
        for use in self._toll.live():
            permitted, view = use.permitted, channel_of(use.permitted.channel)
            if view is None:
                use.answered_at = max(permitted.at, now - HOUR_S)
                self._end(use)
            elif permitted.purpose in _SENT_ON:
                use.answered_at = permitted.at if view.bridge else None
                self._sent_on[permitted.interaction_id] = permitted.channel
            else:
                use.answered_at = None if view.answered_at is None else max(permitted.at, view.created_at)


def sent_on(permits: Permits, conversation: Conversation, number: str) -> Permit:
    """For a customer whom the configuration sends to `number`: who wrote it there allows it. Raises NotDialled."""
    dialled = canonical(number, permits.region)
    return permits.ask(
        dialled,
        user="",
        purpose="overflow",
        channel=conversation.channel,
        interaction_id=conversation.interaction_id,
        allow=(dialled,),
        written="".join(c for c in number if c in "+0123456789"),
    )
