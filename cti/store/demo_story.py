"""Thirty days of calls as the floor would have told them. Pure: dice in, facts out."""

import random
from typing import Literal, NamedTuple

from cti.events import (
    CustomerIdentified,
    Fact,
    InteractionConnected,
    InteractionEnded,
    InteractionQueued,
    InteractionStarted,
    InteractionTransferred,
    IvrStepped,
    LanguageChosen,
    OfferEnded,
    OfferMade,
    Outcome,
    SegmentEnded,
    WrapUpSaved,
)
from cti.store.demo_people import CUSTOMERS, SCENARIOS, USERS, DemoCustomer, Scenario

DAYS = 30
HOUR_S, DAY_S = 3600, 86_400
CHINA_S = 8 * HOUR_S
OPENS, CLOSES = 9, 21
_BUSY_HOURS = (9, 10, 10, 11, 11, 14, 14, 15, 15, 16, 17, 19, 20)
_RECORDED_S = (22, 38)
SELF_SERVED, ABANDONED, TRANSFERRED, CUSTOMER_HANGS_UP = 0.06, 0.09, 0.08, 0.6
"""Shares."""
HOTLINE = "4000"


class Story(NamedTuple):
    """One interaction. `recorded_s` 0: it has no recording."""

    interaction_id: str
    facts: list[Fact]
    ended_at: float
    recorded_s: int


class _Caller(NamedTuple):
    customer_id: int
    customer: DemoCustomer
    number: str
    scenario: Scenario
    queue: str


def tell(dice: random.Random, now: float, count: int) -> list[Story]:
    """In order of time. No agent is in two calls at once."""
    teller = _Teller(dice)
    begins = sorted(_moment(dice, now) for _ in range(count))
    return [teller.story(n, at, recent=n > count - 40) for n, at in enumerate(begins)]


def _moment(dice: random.Random, now: float) -> float:
    """In opening hours of China; what would lie ahead, or be going on still, is put a week back."""
    midnight = (now + CHINA_S) // DAY_S * DAY_S - CHINA_S
    day = min(int(dice.expovariate(1 / 11)), DAYS - 1)
    at = midnight - day * DAY_S + dice.choice(_BUSY_HOURS) * HOUR_S + dice.uniform(0, HOUR_S)
    return at if at < now - HOUR_S else at - 7 * DAY_S


class _Teller:
    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._free_at = dict.fromkeys((user.login for user in USERS if user.role == "agent"), 0.0)

    def story(self, n: int, at: float, *, recent: bool) -> Story:
        """`recent` ones may be short, with a recording."""
        dice = self._dice
        caller = self._caller()
        i = f"{int(at * 1000):012x}demo{n:04d}"
        facts = _arrival(i, at, caller)
        fate = dice.random()
        if caller.scenario.queue == "after_sales" and fate < SELF_SERVED:
            return _self_served(i, facts, at)
        queued_at = at + dice.uniform(14, 30)
        facts.append(
            InteractionQueued(at=queued_at, interaction_id=i, queue=caller.queue, priority=5, queued_at=queued_at)
        )
        answered_at = queued_at + min(dice.expovariate(1 / 14) + 3, 110)
        agent = self._agent(caller.queue, answered_at)
        if agent is None or fate > 1 - ABANDONED:
            end = queued_at + dice.uniform(25, 160)
            return Story(i, [*facts, _ended(i, end, "abandoned", "customer")], end, 0)
        facts += _answered(i, 1, caller.queue, agent, queued_at=queued_at, at=answered_at)
        if caller.queue == "after_sales" and dice.random() < TRANSFERRED:
            return self._transferred(i, facts, caller, agent, answered_at)
        recorded_s = dice.randint(*_RECORDED_S) if recent and n % 3 == 0 else 0
        talk_s = recorded_s or dice.randint(*caller.scenario.talk_s)
        return self._closed(i, facts, caller, agent, began=answered_at, talk_s=talk_s, recorded_s=recorded_s)

    def _caller(self) -> _Caller:
        """Customers of a high level call more often; the first calls the most."""
        weights = [6, *(1 + customer.vip for customer in CUSTOMERS[1:])]
        customer_id = self._dice.choices(range(1, len(CUSTOMERS) + 1), weights)[0]
        customer = CUSTOMERS[customer_id - 1]
        scenario = self._dice.choices(SCENARIOS, (5, 3, 5, 2, 4, 6, 2, 2, 1))[0]
        queue = scenario.queue
        if customer.language == "en" and queue == "after_sales":
            queue = "after_sales_en"
        return _Caller(customer_id, customer, self._dice.choice(customer.numbers), scenario, queue)

    def _agent(self, queue: str, at: float) -> str | None:
        able = [user.login for user in USERS if queue in user.queues and self._free_at[user.login] < at - 15]
        return self._dice.choice(able) if able else None

    def _transferred(self, i: str, facts: list[Fact], caller: _Caller, first: str, answered_at: float) -> Story:
        """The first agent passes the caller on to the queue of complaints."""
        talked_s = self._dice.randint(40, 120)
        at = answered_at + talked_s
        self._free_at[first] = at + 60
        facts += [
            InteractionTransferred(at=at, interaction_id=i, from_agent=first, kind="queue", target="complaints"),
            _segment(i, 1, first, at=at, talk_s=talked_s, by="transfer"),
            InteractionQueued(at=at, interaction_id=i, queue="complaints", priority=8, queued_at=at),
        ]
        second_at = at + self._dice.uniform(4, 25)
        second = self._agent("complaints", second_at)
        if second is None:
            end = at + self._dice.uniform(40, 90)
            return Story(i, [*facts, _ended(i, end, "abandoned", "customer")], end, 0)
        facts += _answered(i, 2, "complaints", second, queued_at=at, at=second_at)
        complaint = next(scenario for scenario in SCENARIOS if scenario.complaint)
        moved = caller._replace(scenario=complaint, queue="complaints")
        talk_s = self._dice.randint(*complaint.talk_s)
        return self._closed(i, facts, moved, second, began=second_at, talk_s=talk_s, segment=2)

    def _closed(
        self,
        i: str,
        facts: list[Fact],
        caller: _Caller,
        agent: str,
        *,
        began: float,
        talk_s: int,
        segment: int = 1,
        recorded_s: int = 0,
    ) -> Story:
        end = began + talk_s
        wrapped_up = end + self._dice.uniform(8, 50)
        self._free_at[agent] = wrapped_up
        by: Literal["customer", "agent"] = "customer" if self._dice.random() < CUSTOMER_HANGS_UP else "agent"
        scenario = caller.scenario
        notes = scenario.notes_en if caller.customer.language == "en" else scenario.notes_zh
        facts += [
            _segment(i, segment, agent, at=end, talk_s=talk_s, by=by),
            _ended(i, end, "handled", by),
            WrapUpSaved(
                at=wrapped_up,
                interaction_id=i,
                agent_id=agent,
                disposition=scenario.disposition,
                note=self._dice.choice(notes),
                complaint=scenario.complaint,
                follow_up_at=end + 2 * DAY_S if scenario.complaint else None,
            ),
        ]
        return Story(i, facts, end, recorded_s)


def _arrival(i: str, at: float, caller: _Caller) -> list[Fact]:
    english = caller.customer.language == "en"
    facts: list[Fact] = [
        InteractionStarted(
            at=at,
            interaction_id=i,
            medium="voice",
            channel=f"demo-{i}",
            linkedid=f"demo-{i}",
            customer_number=caller.number,
            caller_name="",
            dialled=HOTLINE,
        ),
        CustomerIdentified(
            at=at,
            interaction_id=i,
            customer_id=caller.customer_id,
            customer_name=caller.customer.name,
            vip=caller.customer.vip,
        ),
    ]
    if english:
        facts.append(_step(i, at + 5, "9", "英文服务"))
    facts.append(LanguageChosen(at=at + 6, interaction_id=i, language="en" if english else "zh"))
    label = caller.scenario.label_en if english else caller.scenario.label_zh
    facts.append(_step(i, at + 10, caller.scenario.digits, label))
    return facts


def _step(i: str, at: float, digits: str, label: str) -> IvrStepped:
    return IvrStepped(at=at, interaction_id=i, flow="after_sales", step="main_menu", digits=digits, label=label)


def _self_served(i: str, facts: list[Fact], at: float) -> Story:
    """Heard where the order is, and needed nobody."""
    end = at + 45
    facts[-1] = _step(i, at + 10, "1", "查询订单")
    facts.append(IvrStepped(at=at + 25, interaction_id=i, flow="after_sales", step="order_status", label="订单已发货"))
    return Story(i, [*facts, _ended(i, end, "self_served", "customer")], end, 0)


def _answered(i: str, n: int, queue: str, agent: str, *, queued_at: float, at: float) -> list[Fact]:
    rang_at = at - 2.5
    return [
        OfferMade(
            at=rang_at,
            interaction_id=i,
            offer_id=f"{i}-{n}",
            agent_id=agent,
            queue=queue,
            waited_s=rang_at - queued_at,
            ring_until=rang_at + 20,
        ),
        OfferEnded(at=at, interaction_id=i, offer_id=f"{i}-{n}", agent_id=agent, reason="answered"),
        InteractionConnected(at=at, interaction_id=i, agent_id=agent, segment=n, queue=queue, waited_s=at - queued_at),
    ]


def _segment(
    i: str, n: int, agent: str, *, at: float, talk_s: float, by: Literal["customer", "agent", "transfer"]
) -> SegmentEnded:
    return SegmentEnded(at=at, interaction_id=i, agent_id=agent, segment=n, talk_s=talk_s, hold_s=0, ended_by=by)


def _ended(i: str, at: float, outcome: Outcome, by: Literal["customer", "agent"]) -> InteractionEnded:
    return InteractionEnded(at=at, interaction_id=i, outcome=outcome, ended_by=by)
