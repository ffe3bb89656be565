"""The distributor's alarm: set once for many phones that are answered, and in time for the one that is not."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any

from cti.acd import events as acd
from cti.acd.decisions import Decision, RevokeOffer
from cti.desk import commands as ask
from cti.floor.distributor import Distributor
from tests.unit.floor.shop import Shop

RING_S = 5.0  # of "sales" in the shop


def offers(shop: Shop) -> list[str]:
    return [leg.offer_id for one in shop.floor.conversations.by_id.values() for leg in one.ringing.values()]


def test_an_unanswered_phone_rings_for_its_time_whoever_was_rung_before(shop: Shop) -> None:
    shop.sign_in("1001", "1002")
    first = shop.call(2)
    shop.answer("1001", 1)
    shop.call(0.9)  # while the alarm of the first ring still runs
    assert len(offers(shop)) == 1
    shop.hang_up(first, 0)
    made = max(fact.at for fact in shop.facts if type(fact).__name__ == "OfferMade")
    shop.run(made + RING_S - shop.now() - 0.1)
    assert len(offers(shop)) == 1
    shop.run(0.2)
    assert "rona" in shop.state("1002") or "rona" in shop.state("1001")


def test_an_earlier_deadline_moves_the_alarm_and_no_later_one_does(shop: Shop) -> None:
    decided: list[tuple[float, Decision]] = []
    means = shop.floor.means
    distributor = Distributor(means, lambda decision: decided.append((shop.now(), decision)))
    timers = 0
    call_at = shop.loop.call_at

    def counted(*args: object, **named: object) -> asyncio.TimerHandle:
        nonlocal timers
        timers += 1
        return call_at(*args, **named)  # type: ignore[arg-type]  # handed on as they came

    def story() -> None:
        shop.loop.call_at = counted  # type: ignore[method-assign]
        for agent_id in ("1001", "1002"):
            distributor.feed(acd.AgentReady(agent_id=agent_id))
        for count in range(8):
            name = f"caller-{count}"
            queued = acd.CallerQueued(interaction_id=name, queue="sales", queued_at=shop.now(), priority=0)
            distributor.feed(queued)
        shop.loop.call_at = call_at  # type: ignore[method-assign]

    for agent_id in ("1001", "1002"):
        assert not shop.ask(agent_id, ask.SignIn, phone="desk")
    began = shop.now()
    shop.inside(story)
    assert timers == 1
    shop.run(RING_S + 0.1)
    revoked = [at - began for at, decision in decided if isinstance(decision, RevokeOffer)]
    assert revoked
    assert all(abs(at - RING_S) < 0.05 for at in revoked)


async def test_an_alarm_that_is_due_already_can_be_set_anew() -> None:
    """After a restart ring times may have passed: the loop has no timer for them."""
    deadlines = [time.time() - 1, time.time() + 60, time.time() + 30, None]
    engine = SimpleNamespace(next_deadline=lambda: deadlines[0])
    means: Any = SimpleNamespace(engine=engine, link=True, clock=time.time)
    distributor = Distributor(means, lambda _: None)
    while len(deadlines) > 1:
        distributor.arm()
        del deadlines[0]
    distributor.arm()
    await asyncio.sleep(0.01)
    assert deadlines == [None]
