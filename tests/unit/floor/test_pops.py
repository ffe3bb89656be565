"""The phone rings when the page has shown who calls; a page that never says so holds nobody up twice."""

from cti.desk import commands as ask
from cti.events import OfferMade
from tests.unit.floor.shop import Shop


def called(shop: Shop, *, painted_after: float = 9.0) -> float:
    """How long after the offer the agent's phone rings, in seconds."""
    before = len(shop.of(OfferMade))
    shop.call(0.01)
    while len(shop.of(OfferMade)) == before:
        shop.run(0.01)
    offer = shop.of(OfferMade)[-1]
    while not shop.legs("1001"):
        shop.run(0.01)
        if shop.now() - offer.at > painted_after:
            shown(shop, offer)
            painted_after = 9.0
    return shop.now() - offer.at


def shown(shop: Shop, offer: OfferMade) -> None:
    shop.ask("1001", ask.PopShown, interaction_id=offer.interaction_id, offer_id=offer.offer_id, at=0.0)


def over(shop: Shop) -> None:
    for channel in shop.exchange.of_kind("customer"):
        shop.loop.call_soon(shop.exchange.hang_up_phone, channel.uniqueid)
    shop.run(5)


def test_a_page_is_waited_for_until_it_has_painted(shop: Shop) -> None:
    shop.pops.pages.add("1001")
    shop.sign_in("1001")
    assert called(shop) < 0.3, "beside a hard phone it may be a program"
    shown(shop, shop.of(OfferMade)[-1])
    over(shop)
    assert 0.5 < called(shop, painted_after=0.5) < 0.7


def test_who_paints_no_more_is_waited_for_once(shop: Shop) -> None:
    shop.pops.pages.add("1001")
    shop.sign_in("1001")
    called(shop, painted_after=0.05)
    over(shop)
    assert 0.9 < called(shop) < 1.2
    over(shop)
    assert called(shop) < 0.3
    shown(shop, shop.of(OfferMade)[-1])  # late, but it is a page
    over(shop)
    assert 0.9 < called(shop) < 1.2


def test_nobody_waits_for_who_has_no_page(shop: Shop) -> None:
    shop.sign_in("1001")
    assert called(shop) < 0.15
