"""Whole calls, as a real Asterisk 22.10 told them: the traces of tests/traces/calls are the specification.

Every trace is replayed complete, cut off at either end, with events twice or in pieces; whatever is done to it, the
mirror stays consistent, and is empty once every channel has hung up.
"""

from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti.ami.codec import Decoder
from cti.ami.messages import Event
from cti.calls.tracker import WANTED, Tracker
from cti.events import (
    BridgeEntered,
    BridgeLeft,
    CallEnded,
    ChannelAnswered,
    ChannelCreated,
    ChannelHungUp,
    ChannelRinging,
    EndpointReachable,
    Fact,
    OriginateFailed,
    SpyStarted,
)

FOLDER = Path(__file__).parents[2] / "traces" / "calls"
TRACES = sorted(path.stem for path in FOLDER.glob("*.ami"))
MirrorFact = (
    ChannelCreated
    | ChannelRinging
    | ChannelAnswered
    | ChannelHungUp
    | BridgeEntered
    | BridgeLeft
    | CallEnded
    | EndpointReachable
    | SpyStarted
    | OriginateFailed
)
NOW = 1_700_000_000.0
LIST_ITEMS = frozenset({"CoreShowChannel", "EndpointList"})


def read(trace: str) -> bytes:
    return (FOLDER / f"{trace}.ami").read_bytes()


def decode(pieces: Iterable[bytes], wanted: frozenset[str] = WANTED) -> list[Event]:
    decoder = Decoder(wanted)
    return [message for piece in pieces for message in decoder.feed(piece) if isinstance(message, Event)]


EVENTS = {trace: decode([read(trace)]) for trace in TRACES}


def expected(trace: str) -> list[Fact]:
    lines = (FOLDER / f"{trace}.facts.json").read_bytes().splitlines()
    return [msgspec.json.decode(line, type=MirrorFact) for line in lines]


def replay(events: Iterable[Event]) -> tuple[Tracker, list[Fact]]:
    tracker = Tracker()
    facts: list[Fact] = []
    for event in events:
        facts += tracker.feed(event, NOW)
        check(tracker)
    return tracker, facts


def check(tracker: Tracker) -> None:
    """What must hold between any two events."""
    channels = {channel.channel: channel for channel in tracker.channels()}
    in_bridges = [member for bridge in tracker.bridges() for member in bridge.channels]
    assert len(in_bridges) == len(set(in_bridges)), "a channel is in one bridge at most"
    assert {(member, bridge.bridge) for bridge in tracker.bridges() for member in bridge.channels} == {
        (channel.channel, channel.bridge) for channel in channels.values() if channel.bridge
    }
    in_calls = [(member, call.linkedid) for call in tracker.calls() for member in call.channels]
    assert sorted(in_calls) == sorted((channel.channel, channel.linkedid) for channel in channels.values())
    for channel in channels.values():
        assert tracker.channel_named(channel.name) == channel


def check_empty(tracker: Tracker) -> None:
    assert (tracker.channels(), tracker.bridges(), tracker.calls()) == ((), (), ())
    assert tracker._names == {}


def check_story(facts: list[Fact]) -> None:
    """Every channel is created first and hung up last, once each; it enters and leaves bridges in turn."""
    told: dict[str, list[str]] = {}
    for fact in facts:
        if isinstance(
            fact, ChannelCreated | ChannelRinging | ChannelAnswered | ChannelHungUp | BridgeEntered | BridgeLeft
        ):
            told.setdefault(fact.channel, []).append(type(fact).__name__)
    for story in told.values():
        assert story[0] == "ChannelCreated"
        assert story[-1] == "ChannelHungUp"
        assert story.count("ChannelCreated") == story.count("ChannelHungUp") == 1
        bridging = [word for word in story if word.startswith("Bridge")]
        assert bridging == ["BridgeEntered", "BridgeLeft"] * (len(bridging) // 2)


def test_there_are_traces() -> None:
    assert len(TRACES) >= 11


@pytest.mark.parametrize("trace", TRACES)
def test_a_complete_trace_tells_the_expected_facts(trace: str) -> None:
    tracker, facts = replay(EVENTS[trace])
    assert facts == expected(trace)
    check_story(facts)
    check_empty(tracker)


@pytest.mark.parametrize("trace", TRACES)
def test_attached_in_the_middle_nothing_is_left_at_the_end(trace: str) -> None:
    events = EVENTS[trace]
    for start in range(len(events)):
        tracker, facts = replay(events[start:])
        check_empty(tracker)
        check_story(facts)


@pytest.mark.parametrize("trace", TRACES)
def test_cut_off_anywhere_a_status_list_that_is_empty_ends_it(trace: str) -> None:
    events = EVENTS[trace]
    for end in range(len(events)):
        tracker, facts = replay(events[:end])
        assert facts == expected(trace)[: len(facts)]
        rest = tracker.resync([], NOW + 5, asked_at=NOW + 4)
        check_empty(tracker)
        check_story([*facts, *rest])
        assert {fact.cause for fact in rest if isinstance(fact, ChannelHungUp)} <= {0}


@pytest.mark.parametrize("trace", TRACES)
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_events_that_come_twice_tell_nothing_new(trace: str, data: st.DataObject) -> None:
    events = EVENTS[trace]
    copies = data.draw(st.lists(st.integers(1, 3), min_size=len(events), max_size=len(events)))
    tracker, facts = replay(event for event, count in zip(events, copies, strict=True) for _ in range(count))
    assert facts == expected(trace)
    check_empty(tracker)


@pytest.mark.parametrize("trace", TRACES)
def test_a_trace_that_is_replayed_as_a_whole_tells_no_call_twice(trace: str) -> None:
    tracker, facts = replay([*EVENTS[trace], *EVENTS[trace]])
    calls = [fact for fact in facts if not isinstance(fact, EndpointReachable)]
    assert calls == [fact for fact in expected(trace) if not isinstance(fact, EndpointReachable)]
    check_empty(tracker)


@pytest.mark.parametrize("trace", TRACES)
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_however_the_network_cut_it_the_facts_are_the_same(trace: str, data: st.DataObject) -> None:
    raw = read(trace)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=40)))
    pieces = [raw[start:end] for start, end in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
    assert replay(decode(pieces))[1] == expected(trace)


@pytest.mark.parametrize("trace", TRACES)
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_whatever_is_lost_or_late_the_mirror_is_consistent_and_empties(trace: str, data: st.DataObject) -> None:
    """Events are lost and change places; when Asterisk then lists no channel, there is none."""
    events = EVENTS[trace]
    order = data.draw(st.lists(st.integers(0, len(events) - 1), max_size=2 * len(events)))
    tracker, facts = replay(events[index] for index in order)
    check_story([*facts, *tracker.resync([], NOW + 5, asked_at=NOW + 4)])
    check_empty(tracker)


@pytest.mark.parametrize("trace", ["answered_and_the_caller_hangs_up", "held_and_resumed"])
def test_seeded_by_a_real_status_list_it_equals_the_mirror_that_saw_it_all(trace: str) -> None:
    events = decode([read(trace)], WANTED | LIST_ITEMS)
    items = [event for event in events if event.name == "CoreShowChannel"]
    contacts = [event for event in events if event.name == "EndpointList"]
    place = events.index(items[0])
    watcher, _ = replay(event for event in events[:place] if event.name not in LIST_ITEMS)
    newcomer = Tracker()
    newcomer.seed(items, NOW, contacts=contacts or None)
    check(newcomer)

    def picture(tracker: Tracker) -> tuple[object, ...]:
        channels = {
            (view.channel, view.name, view.linkedid, view.state, view.bridge, view.caller_number, view.caller_name)
            for view in tracker.channels()
        }
        return channels, {(bridge.bridge, frozenset(bridge.channels)) for bridge in tracker.bridges()}

    assert picture(newcomer) == picture(watcher)
    if contacts:
        assert newcomer.reachable() - {"trunk"} == watcher.reachable() == {"d1001"}
    assert watcher.resync(items, NOW + 5, asked_at=NOW + 4) == []
    for event in events[place:]:
        newcomer.feed(event, NOW)
    check_empty(newcomer)
