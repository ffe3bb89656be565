"""A supervisor on somebody else's call is offered none, and what they were before they are again."""

from cti.desk import commands as ask
from cti.events import OfferMade, SupervisionEnded, SupervisionStarted
from tests.unit.floor.shop import Shop


def listens(shop: Shop, supervisor: str = "2001") -> None:
    assert not shop.ask(supervisor, ask.Supervise, agent_id="1001")
    shop.run(0.5)
    shop.answer(supervisor)
    assert shop.of(SupervisionStarted)


def ready_supervisor(shop: Shop) -> str:
    """One who takes calls of `sales`, too, while 1001 talks; the customer's channel."""
    customer, _ = shop.talk("1001")
    shop.register("2001")
    shop.sign_in("2001")
    assert shop.state("2001") == "ready"
    return customer


def test_who_listens_is_offered_no_call_and_is_ready_again_afterwards(shop: Shop) -> None:
    ready_supervisor(shop)
    listens(shop)
    assert shop.state("2001") == "not_ready:supervising"
    second = shop.call()
    assert not shop.of(OfferMade, agent_id="2001")
    assert shop.ask("2001", ask.Ready) == "on a call as a supervisor: you can be ready when that is over"
    assert shop.ask("2002", ask.ForceState, agent_id="2001", state="ready")
    assert not shop.ask("2001", ask.StopSupervising)
    shop.run(2)
    assert shop.of(SupervisionEnded)
    assert [offer.agent_id for offer in shop.of(OfferMade)][-1] == "2001"
    shop.hang_up(second)


def test_who_was_at_lunch_is_at_lunch_afterwards(shop: Shop) -> None:
    ready_supervisor(shop)
    assert not shop.ask("2001", ask.NotReady, reason="lunch")
    listens(shop)
    assert shop.state("2001") == "not_ready:lunch"
    assert not shop.ask("2001", ask.StopSupervising)
    shop.run(1)
    assert shop.state("2001") == "not_ready:lunch"


def test_the_call_ends_and_the_supervisor_is_ready_again(shop: Shop) -> None:
    customer = ready_supervisor(shop)
    listens(shop)
    shop.hang_up(customer)
    shop.run(1)
    assert shop.state("2001") == "ready"


def test_after_a_take_over_and_its_wrap_up_the_supervisor_is_ready(shop: Shop) -> None:
    customer = ready_supervisor(shop)
    listens(shop)
    assert not shop.ask("2001", ask.Supervise, agent_id="1001", mode="take_over")
    shop.run(1)
    assert shop.state("2001").startswith("busy")
    shop.hang_up(customer)
    shop.run(5)
    assert shop.state("2001") == "ready"


def test_a_phone_that_is_not_answered_leaves_the_supervisor_ready(shop: Shop) -> None:
    ready_supervisor(shop)
    assert not shop.ask("2001", ask.Supervise, agent_id="1001")
    shop.run(40)
    assert shop.state("2001") == "ready"
