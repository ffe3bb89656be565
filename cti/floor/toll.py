"""What may be dialled over the trunk, and how much of it. Pure; the one place where a `Permit` is made.

Limits are over the last minute, hour and day, not over those of the clock. What is spent is reckoned by whole minutes
from the answer to the end, and those who talk now count with what they have cost so far, at least one minute.
"""

import math
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from cti.calendars.calendar import is_open
from cti.customers.numbers import is_emergency, is_premium, is_public
from cti.events import DialEnded, DialFact, DialPermitted, DialPurpose, DialRefusal, DialRefused
from cti.floor.rules import OutboundRules, TollBounds
from cti.switch.permit import Permit

MINUTE_S, HOUR_S, DAY_S = 60.0, 3600.0, 86_400.0
UNANSWERED_S: Final = 180.0
"""A leg of which nothing was heard for so long was never made, or its end was missed."""


class Asked(NamedTuple):
    """Who wants to have which canonical number dialled. `allow`: how it may begin; None: as the rules say.

    `channel` is the leg that is to be, or the customer's who is sent on. `user` "": nobody in person. `written`: what
    is to be dialled for that number, if it is not the number itself.
    """

    number: str
    user: str
    purpose: DialPurpose
    channel: str
    interaction_id: str
    allow: tuple[str, ...] | None = None
    written: str = ""


class Refusal(NamedTuple):
    reason: DialRefusal
    limit: str = ""


@dataclass(slots=True, eq=False)
class Use:
    """A permit whose call is not over."""

    permitted: DialPermitted
    answered_at: float | None = None

    def minutes(self, now: float) -> int:
        talked_s = 0.0 if self.answered_at is None else now - self.answered_at
        return max(1, math.ceil(talked_s / MINUTE_S))

    def cost(self, now: float) -> float:
        return self.minutes(now) * self.permitted.price


class _Window:
    """Amounts of the last `span_s` seconds."""

    def __init__(self, span_s: float) -> None:
        self._span_s = span_s
        self._amounts: deque[tuple[float, float]] = deque()
        self._sum = 0.0

    def add(self, at: float, amount: float) -> None:
        self._amounts.append((at, amount))
        self._sum += amount

    def total(self, now: float) -> float:
        while self._amounts and self._amounts[0][0] <= now - self._span_s:
            self._sum -= self._amounts.popleft()[1]
        if not self._amounts:
            self._sum = 0.0  # no rounding errors pile up
        return self._sum


class _Tally:
    """Of one user, of one number, or of all."""

    def __init__(self) -> None:
        self.calls = tuple(map(_Window, (MINUTE_S, HOUR_S, DAY_S)))
        self.spent = tuple(map(_Window, (HOUR_S, DAY_S)))
        self.live: dict[str, Use] = {}

    def exceeded(self, bounds: TollBounds, price: float, now: float) -> Refusal | None:
        """What one more call for `price` a minute would exceed."""
        if bounds.at_once is not None and len(self.live) >= bounds.at_once:
            return Refusal("at_once", f"{bounds.at_once} calls at once")
        rates = (bounds.per_minute, "minute"), (bounds.per_hour, "hour"), (bounds.per_day, "day")
        for window, (limit, span) in zip(self.calls, rates, strict=True):
            if limit is not None and window.total(now) + 1 > limit:
                return Refusal("rate", f"{limit} calls in one {span}")
        if price:
            spending = (bounds.spend_per_hour, "hour"), (bounds.spend_per_day, "day")
            running = sum(use.cost(now) for use in self.live.values())
            for window, (most, span) in zip(self.spent, spending, strict=True):
                if most is not None and window.total(now) + running + price > most:
                    return Refusal("spend", f"{most:g} in one {span}")
        return None


class Toll:
    """`rules` and `region` are asked for each time: a reload changes them."""

    def __init__(self, rules: Callable[[], OutboundRules], region: Callable[[], str]) -> None:
        self._rules = rules
        self._region = region
        self._all = _Tally()
        self._of_user: defaultdict[str, _Tally] = defaultdict(_Tally)
        self._of_number: defaultdict[str, _Window] = defaultdict(lambda: _Window(DAY_S))
        self._uses: dict[str, Use] = {}
        self._by_channel: dict[str, list[Use]] = {}

    # --- asking ----------------------------------------------------------------------------------------------------

    def ask(self, asked: Asked, permit_id: str, now: float) -> tuple[Permit, DialPermitted] | Refusal:
        """Both are counted by `take`, for the fact may also come from the books."""
        refusal = self._refusal(asked, now)
        if refusal is not None:
            return refusal
        permitted = DialPermitted(
            at=now,
            user=asked.user,
            number=asked.number,
            purpose=asked.purpose,
            interaction_id=asked.interaction_id,
            permit_id=permit_id,
            channel=asked.channel,
            price=self.price(asked.number),
        )
        return Permit(asked.written or asked.number, permit_id), permitted

    def _refusal(self, asked: Asked, now: float) -> Refusal | None:
        rules, region, number = self._rules(), self._region(), asked.number
        if not may_call(rules, number, region, rules.allow if asked.allow is None else asked.allow):
            return Refusal("not_allowed")
        if is_emergency(number, region):
            return None
        if rules.hours is not None and not is_open(rules.hours, now):
            return Refusal("hours")
        price = self.price(number)
        if asked.user and (found := self._of_user[asked.user].exceeded(rules.per_user, price, now)):
            return Refusal(found.reason, f"{found.limit} for each user")
        if (most := rules.per_number_day) is not None and self._of_number[number].total(now) + 1 > most:
            return Refusal("rate", f"{most} calls to one number in one day")
        return self._all.exceeded(rules.in_all, price, now)

    def price(self, number: str) -> float:
        """Of a minute. A number that stands in no row of the table costs what the dearest one does."""
        prices = self._rules().prices
        rows = [prefix for prefix in prices if number.startswith(prefix)]
        return prices[max(rows, key=len)] if rows else max(prices.values(), default=0.0)

    # --- counting --------------------------------------------------------------------------------------------------

    def take(self, fact: DialFact) -> None:
        match fact:
            case DialPermitted():
                self._begin(fact)
            case DialEnded():
                self._end(fact)
            case DialRefused():
                pass

    def _tallies(self, user: str) -> Iterator[_Tally]:
        yield self._all
        if user:
            yield self._of_user[user]

    def _begin(self, fact: DialPermitted) -> None:
        use = self._uses[fact.permit_id] = Use(fact)
        self._by_channel.setdefault(fact.channel, []).append(use)
        self._of_number[fact.number].add(fact.at, 1)
        for tally in self._tallies(fact.user):
            tally.live[fact.permit_id] = use
            for window in tally.calls:
                window.add(fact.at, 1)

    def _end(self, fact: DialEnded) -> None:
        use = self._uses.pop(fact.permit_id, None)
        if use is not None:
            channel = use.permitted.channel
            self._by_channel[channel].remove(use)
            if not self._by_channel[channel]:
                del self._by_channel[channel]
        for tally in self._tallies(fact.user):
            tally.live.pop(fact.permit_id, None)
            if fact.cost:
                for window in tally.spent:
                    window.add(fact.at, fact.cost)

    def on(self, channel: str) -> tuple[Use, ...]:
        """A customer whom we called, and who was then sent on, has two."""
        return tuple(self._by_channel.get(channel, ()))

    def live(self) -> tuple[Use, ...]:
        return tuple(self._uses.values())

    def overdue(self, now: float) -> Iterable[Use]:
        """Those of which nothing was heard."""
        return [use for use in self._uses.values() if use.answered_at is None and now - use.permitted.at > UNANSWERED_S]

    def forget_idle(self, now: float) -> None:
        """Users and numbers of which the last day knows nothing: memory does not grow with them."""
        for number in [one for one, window in self._of_number.items() if not window.total(now)]:
            del self._of_number[number]
        for user in [one for one, tally in self._of_user.items() if not tally.live and not tally.calls[-1].total(now)]:
            del self._of_user[user]


def ended(use: Use, now: float) -> DialEnded:
    """The end of a call, with what it cost."""
    permitted, answered_at = use.permitted, use.answered_at
    return DialEnded(
        at=now,
        user=permitted.user,
        number=permitted.number,
        purpose=permitted.purpose,
        interaction_id=permitted.interaction_id,
        permit_id=permitted.permit_id,
        talked_s=0.0 if answered_at is None else max(0.0, now - answered_at),
        cost=0.0 if answered_at is None else use.cost(now),
    )


def may_call(rules: OutboundRules, number: str, region: str, allow: tuple[str, ...]) -> bool:
    """Of a canonical number. Toll fraud: nobody has us call where the site did not say that we call."""
    if is_emergency(number, region):
        return rules.emergency
    if not number.startswith(allow):
        return False
    if is_public(number):
        return rules.premium or not is_premium(number)
    return number in allow
