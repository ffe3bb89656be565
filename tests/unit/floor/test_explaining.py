"""When the floor explains: each offer at once, each wait soon after, and never for more than its share of the time."""

from itertools import pairwise

from cti.acd.events import QueueRulesChanged
from cti.acd.queue import QueueRules
from cti.acd.relax import RelaxStep
from cti.desk import commands as ask
from cti.desk.views import QueueView, WaitingView
from cti.events import InteractionConnected, InteractionEnded, OfferMade, WaitExplained
from cti.floor.explaining import AGAIN_S, Explaining
from cti.reports.kept import offer_of, wait_of
from tests.unit.floor.shop import QUEUES, Shop


def test_an_offer_carries_why_and_a_caller_who_is_served_at_once_needs_no_more(shop: Shop) -> None:
    shop.sign_in("1001", "1002")
    shop.talk()
    (made,) = shop.of(OfferMade)
    kept = offer_of(made.why)
    assert kept is not None
    assert (kept.agent_id, kept.idle, kept.queue, kept.choice) == (made.agent_id, 2, "sales", "longest_idle")
    assert [one.agent_id for one in kept.candidates] == ["1001", "1002"]
    assert not shop.of(WaitExplained)


def test_a_wait_is_explained_once_soon_and_then_now_and_again(shop: Shop) -> None:
    shop.ask("1001", ask.SignIn, phone="desk")
    shop.call(3)
    (first,) = shop.of(WaitExplained)
    kept = wait_of(first.why)
    assert kept is not None
    assert (kept.verdict, [(one.agent_id, one.rejection and one.rejection.reason) for one in kept.candidates]) == (
        "occupied",
        [("1001", "signed_in")],
    )
    place = shop.floor.conversations.by_id[first.interaction_id].place
    assert place is not None
    assert (first.queue, first.queued_at) == ("sales", place.queued_at)
    shop.run(AGAIN_S + 3)
    assert len(shop.of(WaitExplained)) == 2


def test_who_gives_up_is_explained_as_it_was_then(shop: Shop) -> None:
    channel = shop.call(3)
    (first,) = shop.of(WaitExplained)
    assert verdict(first) == "nobody"
    shop.ask("1001", ask.SignIn, phone="desk")
    shop.hang_up(channel, 30)
    first, last = shop.of(WaitExplained)
    (ended,) = shop.of(InteractionEnded)
    assert verdict(last) == "occupied"
    assert last.at <= ended.at
    assert shop.facts.index(last) < shop.facts.index(ended)


def test_when_everybody_gives_up_at_once_the_last_explanations_stand(shop: Shop) -> None:
    """At 10 ms each, within a second after the first no more than five are explained."""
    channels = [shop.call(0.001) for _ in range(20)]
    shop.run(10)
    spent = iter(n / 100 for n in range(1000))
    shop.floor.explaining._busy = lambda: next(spent)
    told = len(shop.of(WaitExplained))
    for channel in channels:
        shop.hang_up(channel, 0.05)
    assert 2 <= len(shop.of(WaitExplained)) - told <= 7


def verdict(fact: WaitExplained) -> str:
    kept = wait_of(fact.why)
    assert kept is not None
    return kept.verdict


def test_a_relaxation_step_is_explained_and_so_is_a_wait_about_to_expire(shop: Shop) -> None:
    sales = QueueRules(name="sales", relax=(RelaxStep(after_s=10, queues=("care",)),), max_wait_s=30)
    shop.inside(shop.floor.feed, QueueRulesChanged(rules=(sales, QUEUES[1])))
    shop.call(28)
    doors = [kept.doors for fact in shop.of(WaitExplained) if (kept := wait_of(fact.why))]
    assert doors == [("queue:sales",), ("queue:sales", "queue:care")]
    shop.run(1.7)
    assert len(shop.of(WaitExplained)) == 3
    shop.run(5)
    assert len(shop.of(WaitExplained)) == 3


def test_who_was_rung_in_vain_waits_and_is_explained_with_that_offer(shop: Shop) -> None:
    shop.sign_in("1001")
    shop.call(12)
    (explained,) = shop.of(WaitExplained)
    (made,) = shop.of(OfferMade)
    assert explained.at > made.ring_until
    live = shop.floor.explaining.live(explained.interaction_id)
    assert live is not None
    assert (live.state, live.position, [offer.agent_id for offer in live.offers]) == ("queued", 1, ["1001"])
    assert shop.floor.explaining.live("nobody") is None


def test_who_waits_behind_others_is_told_who_they_are(shop: Shop) -> None:
    shop.call(1)
    shop.call(1)
    shop.call(3)
    first, second, third = sorted(shop.floor.conversations.by_id.values(), key=lambda one: one.started_at)
    live = shop.floor.explaining.live(third.interaction_id)
    assert live is not None
    assert [(one.interaction_id, one.position) for one in live.ahead] == [
        (first.interaction_id, 1),
        (second.interaction_id, 2),
    ]


def test_explaining_takes_no_more_than_its_share_of_the_time(shop: Shop) -> None:
    """At 10 ms each, twenty callers are explained one by one, 200 ms apart."""
    spent = iter(n / 100 for n in range(1000))
    shop.floor.explaining = Explaining(shop.floor._means, busy=lambda: next(spent))
    shop.floor._mirror = shop.floor._who_hears()
    for _ in range(20):
        shop.call(0.001)
    shop.run(10)
    times = [fact.at for fact in shop.of(WaitExplained)]
    assert len(times) == 20
    assert min(later - earlier for earlier, later in pairwise(times)) > 0.18
    assert not shop.of(InteractionConnected)


def test_the_board_is_told_places_and_how_long_it_will_take(shop: Shop) -> None:
    """The rate at which a backlog moves is known after three who left it."""
    channels = [shop.call(5) for _ in range(6)]
    shop.floor.explaining.show_outlook()
    places = {view.interaction_id: view.position for view in views(shop)}
    assert list(places.values()) == [1, 2, 3, 4, 5, 6]
    assert {view.wait_s for view in views(shop)} == {None}
    for channel in channels[:4]:
        shop.hang_up(channel, 20)
    shop.floor.explaining.show_outlook()
    shop.desk.flush()
    first, second = views(shop)
    assert (first.position, second.position) == (1, 2)
    assert first.wait_s is not None
    assert second.wait_s is not None
    assert first.wait_s > 0
    assert abs(second.wait_s - 2 * first.wait_s) <= 10
    tile = shop.hub.entities("queues")["sales"]
    assert isinstance(tile, QueueView)
    assert (tile.wait_s, tile.wait_error_s) == (second.wait_s, None)


def views(shop: Shop) -> list[WaitingView]:
    waiting = [view for view in shop.hub.entities("waiting").values() if isinstance(view, WaitingView)]
    return sorted(waiting, key=lambda view: view.queued_at)
