"""Somebody is brought into a call: the decisions that the histories cannot tell apart."""

from collections.abc import Iterator

import pytest

from cti.desk import commands as ask
from cti.events import (
    InteractionConnected,
    InteractionEnded,
    InteractionQueued,
    InteractionTransferred,
    PartyLeft,
    SegmentEnded,
)
from tests.unit.floor.shop import Shop


@pytest.fixture
def talking() -> Iterator[Shop]:
    """1001 talks with a customer; 1002 is ready."""
    shop = Shop(3)
    try:
        shop.run(0.1)
        shop.talk("1001")
        shop.sign_in("1002")
        yield shop
    finally:
        shop.close()


def do(shop: Shop, command: type[ask.Command], who: str = "1001", **more: str) -> str:
    (interaction,) = shop.floor.conversations.by_id
    refused = shop.ask(who, command, interaction_id=interaction, **more)
    shop.run(0.2)
    return refused


def consult(shop: Shop, *, answered: bool = True) -> None:
    assert not do(shop, ask.Consult, kind="agent", target="1002")
    if answered:
        shop.answer("1002", 0.5)


def test_a_colleague_who_is_asked_is_offered_nothing_and_is_free_at_once_afterwards(talking: Shop) -> None:
    consult(talking)
    assert talking.state("1002") == "busy"
    other = talking.call(3)
    assert talking.floor.conversations.by_channel[other].waiting
    assert not talking.legs("1002", up=False)
    view = talking.desk.call("1002")
    assert view is not None
    assert (view.asked_by, view.phase) == ("1001", "connected")
    (party,) = view.parties
    assert (party.state, party.target, party.by) == ("consulting", "1002", "1001")
    asked = talking.desk.call("1001")
    assert asked is not None
    talking.ask("1001", ask.CancelConsult, interaction_id=asked.interaction_id)
    talking.run(1)
    assert talking.state("1002") in {"offered", "busy"}  # with the caller who waited
    assert talking.of(PartyLeft, reason="dropped")
    own = talking.desk.call("1001")
    assert own is not None
    assert (own.phase, own.parties) == ("connected", ())


@pytest.mark.parametrize(
    ("target", "why"),
    [("1001", "yourself"), ("1003", "not signed in"), ("9999", "9999"), ("2001", "listening")],
)
def test_who_cannot_be_asked(talking: Shop, target: str, why: str) -> None:
    talking.ask("2001", ask.SignIn, phone="desk")
    talking.ask("2001", ask.Supervise, agent_id="1001", mode="listen")
    talking.run(0.2)
    assert why in do(talking, ask.Consult, kind="agent", target=target)
    assert not talking.floor.conversations.of_agent("1002")


def test_nobody_but_the_agent_may_act_and_not_on_what_is_divided(talking: Shop) -> None:
    consult(talking)
    for command in (ask.Swap, ask.CompleteTransfer, ask.CancelConsult, ask.Conference, ask.Hold):
        assert "not your call" in do(talking, command, "1002")
    assert "brought 1002" in do(talking, ask.Resume)
    assert "brought 1002" in do(talking, ask.Transfer, kind="queue", target="care")
    assert "one at a time" in do(talking, ask.Consult, kind="number", target="13811112222")
    assert do(talking, ask.DropParty, party_id="1")
    assert "not in a conference" in do(talking, ask.LeaveConference)


def test_a_customer_who_hangs_up_on_hold_was_not_left_by_the_agent(talking: Shop) -> None:
    (customer,) = talking.floor.conversations.by_channel
    consult(talking)
    talking.hang_up(customer, 2)
    (ended,) = talking.of(InteractionEnded)
    assert (ended.ended_by, ended.outcome) == ("customer", "handled")
    assert talking.state("1001") == "wrap_up"
    assert talking.state("1002") == "ready"
    assert not talking.legs("1002")


@pytest.mark.parametrize("how", ["phone", "desk", "supervisor"])
def test_an_agent_who_goes_while_asking_leaves_the_customer_the_head_of_the_queue(talking: Shop, how: str) -> None:
    consult(talking)
    if how == "phone":
        talking.hang_up(talking.leg("1001").uniqueid)
    elif how == "desk":
        do(talking, ask.HangUp)
    else:
        assert not talking.ask("2001", ask.ForceHangUp, agent_id="1001")
    talking.run(1)
    assert [segment.ended_by for segment in talking.of(SegmentEnded)] == ["lost"]
    assert len(talking.of(InteractionQueued)) == 2
    assert not talking.of(InteractionEnded)


@pytest.mark.parametrize("free", [True, False])
def test_given_in_vain_the_customer_comes_back_to_who_is_free(talking: Shop, free: bool) -> None:
    consult(talking, answered=False)
    assert not do(talking, ask.CompleteTransfer)
    assert talking.state("1001") == "wrap_up"
    if free:
        assert not talking.ask("1001", ask.Ready)
    talking.ask("1003", ask.SignIn, phone="desk")
    talking.hang_up(talking.leg("1002").uniqueid, 1, 21)
    (conversation,) = talking.floor.conversations.by_id.values()
    assert conversation.place is not None
    assert conversation.place.only_agent == ("1001" if free else "")
    assert len(talking.of(InteractionTransferred)) == 1
    assert [left.reason for left in talking.of(PartyLeft)] == ["declined"]


def test_the_agent_is_free_only_when_the_two_are_together(talking: Shop) -> None:
    consult(talking)
    talking.exchange.faults.extend(["", "refused"])
    assert "bad mood" in do(talking, ask.CompleteTransfer)
    assert talking.state("1001") == "busy"
    assert not do(talking, ask.CompleteTransfer)
    talking.run(1)
    assert talking.state("1001") == "wrap_up"
    last = talking.of(InteractionConnected)[-1]
    assert (last.agent_id, last.segment, last.how) == ("1002", 2, "transfer")
