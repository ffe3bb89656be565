"""Calls between colleagues, told as stories on the model of Asterisk."""

import pytest

from cti.desk import commands as ask
from cti.events import InteractionStarted, InternalCallConnected, InternalCallEnded, OfferMade, RecordingStarted
from tests.unit.floor.shop import Shop


def call(shop: Shop, caller: str = "1001", target: str = "1002") -> str:
    """The call; the caller's own phone has answered, and the colleague's rings."""
    assert not shop.ask(caller, ask.DialOut, kind="agent", target=target)
    shop.run(1)
    shop.answer(caller)
    return next(iter(shop.floor.colleagues._calls))


def joined(shop: Shop) -> str:
    started = call(shop)
    leg = shop.leg("1002")
    shop.loop.call_soon(shop.exchange.answer, leg.uniqueid)
    shop.run(1)
    assert len(shop.of(InternalCallConnected)) == 1
    return started


def over(shop: Shop) -> None:
    shop.run(60)
    assert not shop.floor.colleagues._calls
    assert not shop.hub.entities("call")
    assert shop.complaints() == []


@pytest.mark.parametrize("by", ["caller", "colleague", "desk"])
def test_the_whole_way(shop: Shop, by: str) -> None:
    shop.sign_in("1001", "1002")
    shop.ask("1002", ask.NotReady, reason="lunch")
    started = joined(shop)
    assert (shop.state("1001"), shop.state("1002")) == ("busy", "busy")
    for agent_id, other in (("1001", "1002"), ("1002", "1001")):
        view = shop.desk.call(agent_id)
        assert view is not None
        assert (view.phase, view.direction, view.number, view.customer) == ("connected", "internal", other, None)
    waiting = shop.call()
    assert not shop.of(OfferMade)
    if by == "desk":
        assert not shop.ask("1002", ask.HangUp, interaction_id=started)
    else:
        shop.hang_up(shop.leg("1001" if by == "caller" else "1002").uniqueid)
    shop.run(2)
    assert [ended.reason for ended in shop.of(InternalCallEnded)] == ["hung_up"]
    assert (shop.state("1001"), shop.state("1002")) == ("offered", "not_ready:lunch")
    assert not shop.of(RecordingStarted)
    assert len(shop.of(InteractionStarted)) == 1  # the caller's who waited
    shop.hang_up(waiting)
    over(shop)


@pytest.mark.parametrize(("cause", "reason"), [(17, "busy"), (21, "declined"), (19, "no_answer")])
def test_a_colleague_who_does_not_come(shop: Shop, cause: int, reason: str) -> None:
    shop.sign_in("1001")
    call(shop)
    view = shop.desk.call("1002")
    assert view is not None
    assert (view.phase, view.direction, view.caller_name) == ("offered", "internal", "1001")
    shop.hang_up(shop.leg("1002").uniqueid, 2, cause)
    assert [ended.reason for ended in shop.of(InternalCallEnded)] == [reason]
    assert shop.state("1001") == "ready"
    over(shop)


def test_declined_and_cancelled_at_the_desks(shop: Shop) -> None:
    first = call(shop)
    assert "not your call" in shop.ask("1003", ask.HangUp, interaction_id=first)
    assert not shop.ask("1002", ask.Decline, interaction_id=first)
    shop.run(2)
    second = call(shop)
    assert not shop.ask("1001", ask.HangUp, interaction_id=second)
    shop.run(2)
    assert [ended.reason for ended in shop.of(InternalCallEnded)] == ["declined", "cancelled"]
    assert not shop.exchange.channels
    over(shop)


def test_who_cannot_be_called(shop: Shop) -> None:
    shop.sign_in("1001", "1002")
    assert "there is no colleague 7777" in shop.ask("1001", ask.DialOut, kind="agent", target="7777")
    assert "that is you" in shop.ask("1001", ask.DialOut, kind="agent", target="1001")
    shop.register("1003", reachable=False)
    assert "1003's phone is not registered" in shop.ask("1001", ask.DialOut, kind="agent", target="1003")
    customer = shop.call()
    ringing = "1001" if shop.state("1001") == "offered" else "1002"
    other = "1002" if ringing == "1001" else "1001"
    assert f"{ringing} is being rung" in shop.ask(other, ask.DialOut, kind="agent", target=ringing)
    shop.answer(ringing)
    assert f"{ringing} is in a call" in shop.ask(other, ask.DialOut, kind="agent", target=ringing)
    assert "you are in a call" in shop.ask(ringing, ask.DialOut, kind="agent", target=other)
    shop.hang_up(customer)
    assert f"{ringing} is wrapping up" in shop.ask(other, ask.DialOut, kind="agent", target=ringing)
    over(shop)


def test_who_is_in_a_call_with_a_colleague_calls_nobody_else_and_signs_in_busy(shop: Shop) -> None:
    started = joined(shop)
    assert "is in a call" in shop.ask("1003", ask.DialOut, kind="agent", target="1002")
    assert not shop.ask("1001", ask.SignIn, phone="desk")
    assert shop.state("1001") == "busy"
    tile = shop.hub.entities("agents")["1002"]
    assert tile.on_phone  # type: ignore[union-attr]
    shop.ask("1001", ask.HangUp, interaction_id=started)
    shop.run(2)
    assert shop.state("1001").startswith("not_ready")
    over(shop)
