"""After a restart the line stands as it was before the first phone rings, and the store is told nothing twice."""

from cti.acd.interaction import InteractionState
from cti.events import InteractionEnded, InteractionQueued, OfferMade
from cti.floor.conversation import Conversation, Place
from cti.floor.expected import Expectation
from tests.unit.floor.shop import EPOCH, Shop


def stands_by(shop: Shop, name: str, queued_at: float, *, known: bool = True) -> None:
    """Somebody whom a starting daemon found in the music; `known`: the store has it that they wait."""
    conversation = Conversation(
        interaction_id=name,
        channel=f"channel-{name}",
        linkedid=f"channel-{name}",
        number="+8613900000001",
        caller_name="",
        dialled="4000",
        language="zh",
        started_at=queued_at,
        state=InteractionState.SELF_SERVICE,
    )
    waits = ("sales", queued_at) if known else None
    expectation = Expectation(name, queued_at, 0, 0, None, (), talked=False, waits=waits)
    place = Place("sales", 0, queued_at, entered_at=queued_at)
    shop.inside(shop.floor.expected.stand_by, conversation, place, expectation)


def test_the_longest_is_served_first_whoever_was_found_first(shop: Shop) -> None:
    shop.sign_in("1001")
    before = EPOCH - 60
    stands_by(shop, "third", before + 3)
    stands_by(shop, "first", before + 1)
    stands_by(shop, "second", before + 2, known=False)
    assert shop.of(OfferMade) == []  # not before everything is ready
    shop.inside(shop.floor.expected.line_up)
    assert [offer.interaction_id for offer in shop.of(OfferMade)] == ["first"]
    assert [fact.interaction_id for fact in shop.of(InteractionQueued)] == ["second"]
    assert [view.interaction_id for view in shop.engine.waiting("sales")] == ["first", "second", "third"]
    assert abs(shop.of(OfferMade)[0].waited_s - (shop.now() - before - 1)) < 1
    assert shop.of(InteractionEnded) == []


def test_who_has_hung_up_by_then_does_not_stand_in_it(shop: Shop) -> None:
    shop.sign_in("1001")
    stands_by(shop, "gone", EPOCH - 60)
    shop.inside(shop.floor.parting.reap, "channel-gone")
    shop.inside(shop.floor.expected.line_up)
    assert shop.of(OfferMade) == []
    assert [(end.interaction_id, end.outcome) for end in shop.of(InteractionEnded)] == [("gone", "abandoned")]
