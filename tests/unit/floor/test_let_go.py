"""The caller whose agent hung up first is let go by one order; the dialplan asks only about those who were not."""

from typing import Any, cast

from cti.desk import commands as ask
from cti.events import InteractionEnded
from tests.unit.floor.agi import FakeEnvironment
from tests.unit.floor.shop import Shop


class Told:
    """A session that notes what it is asked for."""

    def __init__(self, channel: str) -> None:
        self.env = FakeEnvironment(channel)
        self.asked: list[tuple[str, ...]] = []

    async def set_variable(self, name: str, value: str) -> None:
        self.asked.append((name, value))

    async def set_music(self, *, on: bool) -> None:
        self.asked.append(("music", str(on)))


def after(shop: Shop, channel: str) -> list[tuple[str, ...]]:
    session = Told(channel)
    shop.loop.run_until_complete(shop.hotline.after(cast("Any", session)))
    return session.asked


def test_nobody_else_is_about_to_have_the_caller(shop: Shop) -> None:
    customer, _ = shop.talk()
    assert after(shop, customer) == [("LD_DONE", "1")]


def test_a_caller_who_is_not_known(shop: Shop) -> None:
    assert after(shop, "9.9") == [("LD_DONE", "1")]


def asked_after(shop: Shop) -> list[str]:
    """The callers for whom the dialplan comes to ask, from now on."""
    asked: list[str] = []
    after = shop.exchange.routes["after"]

    async def noted(session: Any) -> None:
        asked.append(session.env.uniqueid)
        await after(session)

    shop.exchange.routes["after"] = noted
    return asked


def test_the_dialplan_need_not_ask_about_a_caller_who_is_let_go(shop: Shop) -> None:
    customer, _ = shop.talk()
    asked = asked_after(shop)
    shop.hang_up(shop.leg("1001").uniqueid)
    assert (asked, shop.exchange.ended_by[customer]) == ([], "daemon")
    assert [(e.outcome, e.ended_by) for e in shop.of(InteractionEnded)] == [("handled", "agent")]


def test_an_order_that_fails_leaves_it_to_the_dialplan(shop: Shop) -> None:
    customer, _ = shop.talk()
    asked = asked_after(shop)
    shop.exchange.faults.append("refused")
    shop.hang_up(shop.leg("1001").uniqueid)
    assert (asked, shop.exchange.ended_by[customer]) == ([customer], "daemon")
    assert [(e.outcome, e.ended_by) for e in shop.of(InteractionEnded)] == [("handled", "agent")]


def test_a_caller_for_whom_something_is_to_come_is_not_let_go(shop: Shop) -> None:
    """Nobody knows whether Asterisk has got the order of this transfer."""
    customer, interaction = shop.talk()
    asked = asked_after(shop)
    shop.exchange.faults.append("lost")
    shop.ask("1001", ask.Transfer, interaction_id=interaction, kind="queue", target="care")
    shop.hang_up(shop.leg("1001").uniqueid)
    assert asked == [customer]
