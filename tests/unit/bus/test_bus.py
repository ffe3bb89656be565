"""Who hears of which fact, and in which order."""

from cti.bus import Bus
from cti.events import BridgeEntered, BridgeLeft, CallEnded, ChannelFact, Fact


def left(at: float) -> BridgeLeft:
    return BridgeLeft(at=at, channel="1.1", name="PJSIP/trunk-1", linkedid="1.1", bridge="b")


def test_a_listener_hears_the_kinds_that_it_asked_for_and_their_subclasses() -> None:
    bus = Bus()
    everything: list[Fact] = []
    of_channels: list[Fact] = []
    ended: list[Fact] = []
    bus.subscribe(everything.append)
    bus.subscribe(of_channels.append, ChannelFact)
    bus.subscribe(ended.append, (CallEnded, BridgeEntered))
    bus.publish(left(1))
    bus.publish(CallEnded(at=2, linkedid="1.1"))
    assert [fact.at for fact in everything] == [1, 2]
    assert [fact.at for fact in of_channels] == [1]
    assert [fact.at for fact in ended] == [2]


def test_who_comes_later_hears_of_the_next_fact_and_who_leaves_of_no_more() -> None:
    bus = Bus()
    bus.publish(left(1))
    heard: list[Fact] = []
    leave = bus.subscribe(heard.append, BridgeLeft)
    bus.publish(left(2))
    leave()
    bus.publish(left(3))
    assert [fact.at for fact in heard] == [2]


def test_a_fact_that_a_listener_publishes_comes_after_the_one_that_it_hears() -> None:
    bus = Bus()
    first: list[float] = []
    last: list[float] = []

    def answer(fact: Fact) -> None:
        first.append(fact.at)
        if fact.at == 1:
            bus.publish(CallEnded(at=2, linkedid="1.1"))
            raise ValueError("harms nobody else")

    bus.subscribe(answer)
    bus.subscribe(lambda fact: last.append(fact.at))
    bus.publish(left(1))
    assert first == last == [1, 2]
