"""How much may be dialled: each limit for itself, what is spent, and that a restart forgets nothing."""

from itertools import count

import pytest

from cti.calendars.calendar import Calendar
from cti.events import DialEnded, DialFact, DialPermitted, DialPurpose
from cti.floor.rules import OutboundRules, TollBounds
from cti.floor.toll import UNANSWERED_S, Asked, Refusal, Toll, ended
from cti.switch.permit import Permit

NUMBER = "+8613900000001"
PRICES = {"+86": 0.1, "+86139": 0.5, "+852": 2.0}
IDS = count()


class Guard:
    """A guard with a clock that is set by hand; `facts` is what it would have put into the books."""

    def __init__(self, **rules: object) -> None:
        self.rules = OutboundRules(allow=("+86", "+852", "95588"), **rules)  # type: ignore[arg-type]
        self.toll = Toll(lambda: self.rules, lambda: "CN")
        self.now = 1_000_000.0
        self.facts: list[DialFact] = []

    def ask(self, number: str = NUMBER, user: str = "1001", purpose: DialPurpose = "call") -> str:
        """The channel, or which limit it was."""
        channel = f"c{next(IDS)}"
        found = self.toll.ask(Asked(number, user, purpose, channel, "i1"), f"p{channel}", self.now)
        if isinstance(found, Refusal):
            return f"{found.reason}: {found.limit}"
        permit, fact = found
        assert isinstance(permit, Permit)
        assert (permit.number, permit.permit_id) == (number, fact.permit_id)
        self.take(fact)
        return channel

    def take(self, fact: DialFact) -> None:
        self.facts.append(fact)
        self.toll.take(fact)

    def answer(self, channel: str) -> None:
        (use,) = self.toll.on(channel)
        use.answered_at = self.now

    def end(self, channel: str, after_s: float = 0) -> DialEnded:
        self.now += after_s
        (use,) = self.toll.on(channel)
        fact = ended(use, self.now)
        self.take(fact)
        return fact


@pytest.mark.parametrize(("span_s", "bound"), [(60, "per_minute"), (3600, "per_hour"), (86_400, "per_day")])
def test_a_rate_is_of_the_last_span_and_of_one_user(span_s: float, bound: str) -> None:
    guard = Guard(per_user=TollBounds(**{bound: 2}))
    assert guard.ask().startswith("c")
    guard.now += span_s / 2
    assert guard.ask().startswith("c")
    assert guard.ask() == f"rate: 2 calls in one {bound.removeprefix('per_')} for each user"
    assert guard.ask(user="1002").startswith("c")
    assert guard.ask(user="").startswith("c")
    guard.now += span_s / 2
    assert guard.ask().startswith("c")
    assert guard.ask().startswith("rate")


def test_all_together_have_a_limit_too_whoever_asks() -> None:
    guard = Guard(in_all=TollBounds(per_minute=2))
    assert guard.ask(user="").startswith("c")
    assert guard.ask(user="1001").startswith("c")
    assert guard.ask(user="1002") == "rate: 2 calls in one minute"


def test_so_many_at_once_and_one_that_nobody_heard_of_again_is_over() -> None:
    guard = Guard(in_all=TollBounds(at_once=1))
    first = guard.ask()
    assert guard.ask() == "at_once: 1 calls at once"
    guard.end(first)
    guard.ask()
    guard.now += UNANSWERED_S + 1
    (lost,) = guard.toll.overdue(guard.now)
    guard.take(ended(lost, guard.now))
    assert guard.ask().startswith("c")


def test_one_number_is_not_called_all_day() -> None:
    guard = Guard(per_number_day=2)
    for user in ("", "1001"):
        assert guard.ask(user=user).startswith("c")
    assert guard.ask(user="1002") == "rate: 2 calls to one number in one day"
    assert guard.ask("+8613900000002").startswith("c")


@pytest.mark.parametrize(
    ("number", "price"), [("+8621", 0.1), ("+8613900000001", 0.5), ("+85223456789", 2.0), ("+4930", 2.0), ("95588", 2)]
)
def test_the_longest_beginning_has_the_price_and_what_has_none_costs_the_most(number: str, price: float) -> None:
    assert Guard(prices=PRICES).toll.price(number) == price
    assert Guard().toll.price(number) == 0


def test_what_was_spent_and_what_is_running_count_by_begun_minutes() -> None:
    guard = Guard(prices=PRICES, per_user=TollBounds(spend_per_hour=3))
    first = guard.ask()
    guard.answer(first)
    assert guard.end(first, after_s=61).cost == 1.0
    second = guard.ask()
    guard.answer(second)
    guard.now += 60
    assert guard.ask().startswith("c")  # 1.0 and 0.5 and 0.5
    guard.now += 61  # the second is in its third minute
    assert guard.ask() == "spend: 3 in one hour for each user"
    assert guard.ask("+8621888888888") == "spend: 3 in one hour for each user"
    assert guard.ask(user="1002").startswith("c")
    assert guard.end(second).cost == 1.5
    guard.now += 3600
    assert guard.ask().startswith("c")


def test_a_call_that_nobody_answered_costs_nothing() -> None:
    guard = Guard(prices=PRICES, in_all=TollBounds(spend_per_day=0.5))
    assert (guard.end(guard.ask(), after_s=40).cost, guard.facts[-1].number) == (0.0, NUMBER)
    assert guard.ask().startswith("c")
    assert guard.ask() == "spend: 0.5 in one day"


def test_a_restart_forgets_nothing() -> None:
    guard = Guard(prices=PRICES, per_user=TollBounds(per_day=3, spend_per_day=2), in_all=TollBounds(at_once=2))
    first = guard.ask()
    guard.answer(first)
    guard.end(first, after_s=100)
    guard.ask()
    again = Guard(prices=PRICES, per_user=TollBounds(per_day=3, spend_per_day=1.9), in_all=TollBounds(at_once=2))
    again.now = guard.now
    for fact in guard.facts:
        again.take(fact)
    assert again.ask() == "spend: 1.9 in one day for each user"
    again.rules = guard.rules
    assert again.ask().startswith("c")
    assert again.ask() == "rate: 3 calls in one day for each user"
    assert again.ask(user="1002") == "at_once: 2 calls at once"


def test_no_calls_at_night_and_help_at_any_time() -> None:
    never = Calendar(time_zone="Asia/Shanghai", weekly=((),) * 7)
    guard = Guard(hours=never, emergency=True, in_all=TollBounds(at_once=1))
    assert guard.ask() == "hours: "
    assert [guard.ask("110").startswith("c") for _ in range(3)] == [True] * 3


def test_the_days_of_many_users_and_numbers_do_not_stay_in_memory() -> None:
    guard = Guard()
    for each in range(500):
        guard.end(guard.ask(f"+86139{each:08}", user=f"u{each}"))
    guard.now += 86_401
    guard.toll.forget_idle(guard.now)
    assert not guard.toll._of_number
    assert not guard.toll._of_user
    assert not guard.toll._by_channel


def test_what_is_no_call_of_ours_is_not_allowed() -> None:
    guard = Guard()
    assert [guard.ask(number) for number in ("+4930123456", "110", "1002")] == ["not_allowed: "] * 3
    assert not [fact for fact in guard.facts if isinstance(fact, DialPermitted)]
