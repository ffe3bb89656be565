"""The mirror, one situation at a time. Whole calls are in test_traces.py."""

import pytest

from cti.calls.channel import ChannelState, endpoint_of
from cti.calls.tracker import NOTHING, WANTED, Tracker
from cti.events import (
    BridgeEntered,
    BridgeLeft,
    CallEnded,
    ChannelCreated,
    ChannelHungUp,
    ChannelRinging,
    EndpointReachable,
    Fact,
)

NOW = 1_700_000_000.0


def event(name: str, uniqueid: str, state: str = "6", **more: str) -> dict[str, str]:
    """A channel event as Asterisk 22 sends it, without the headers that the mirror does not read."""
    return {
        "Event": name,
        "Timestamp": "1700000001.250000",
        "Channel": f"PJSIP/1001-{uniqueid}",
        "ChannelState": state,
        "CallerIDNum": "13800138000",
        "CallerIDName": "王小明",
        "Exten": "4000",
        "Uniqueid": uniqueid,
        "Linkedid": uniqueid,
        **more,
    }


def kinds(facts: object) -> list[str]:
    assert isinstance(facts, (list, tuple))
    return [type(fact).__name__ for fact in facts]


def talking_pair(tracker: Tracker) -> list[Fact]:
    """`a` and `b` in bridge `x`, two calls that met: both have the older linkedid once in the bridge."""
    facts: list[Fact] = []
    for item in (
        event("Newchannel", "a", "4"),
        event("Newstate", "a", "6"),
        event("Newchannel", "b", "0"),
        event("Newstate", "b", "5"),
        event("Newstate", "b", "6"),
        event("BridgeEnter", "b", BridgeUniqueid="x", BridgeTechnology="simple_bridge"),
        event("BridgeEnter", "a", BridgeUniqueid="x", BridgeTechnology="native_rtp"),
    ):
        facts += tracker.feed(item, NOW)
    return facts


def test_a_call_from_ringing_to_the_bridge_is_told_once_and_in_order() -> None:
    tracker = Tracker()
    facts = talking_pair(tracker)
    assert kinds(facts) == [
        "ChannelCreated", "ChannelAnswered", "ChannelCreated", "ChannelRinging", "ChannelAnswered", "BridgeEntered",
        "BridgeEntered",
    ]  # fmt: skip
    created, entered = facts[0], facts[-1]
    assert isinstance(created, ChannelCreated)
    assert (created.caller_number, created.caller_name, created.exten) == ("13800138000", "王小明", "4000")
    assert isinstance(entered, BridgeEntered)
    assert (entered.channel, entered.bridge, entered.peers) == ("a", "x", ("b",))
    assert tracker.peers("a") == ("b",)
    bridge = tracker.bridge("x")
    assert bridge is not None
    assert (bridge.channels, bridge.technology) == (("b", "a"), "native_rtp")


def test_facts_carry_asterisks_clock_and_ours_where_it_sends_none() -> None:
    tracker = Tracker()
    assert [fact.at for fact in tracker.feed(event("Newchannel", "a", "4"), NOW)] == [1_700_000_001.25]
    silent = event("Newstate", "a", "6")
    del silent["Timestamp"]
    assert [fact.at for fact in tracker.feed(silent, NOW + 9)] == [NOW + 9]


def test_the_last_hang_up_leaves_nothing_behind() -> None:
    tracker = Tracker()
    talking_pair(tracker)
    first = tracker.feed(event("Hangup", "b", Cause="16", **{"Cause-txt": "Normal Clearing"}), NOW)
    assert kinds(first) == ["BridgeLeft", "ChannelHungUp", "CallEnded"]
    gone = first[1]
    assert isinstance(gone, ChannelHungUp)
    assert (gone.cause, gone.cause_text) == (16, "Normal Clearing")
    assert kinds(tracker.feed(event("BridgeLeave", "a", BridgeUniqueid="x"), NOW)) == ["BridgeLeft"]
    assert kinds(tracker.feed(event("Hangup", "a", Cause="16"), NOW)) == ["ChannelHungUp", "CallEnded"]
    assert (tracker.channels(), tracker.bridges(), tracker.calls()) == ((), (), ())
    assert tracker.channel_named("PJSIP/1001-a") is None


def test_calls_that_meet_become_the_older_one_and_end_once() -> None:
    tracker = Tracker()
    talking_pair(tracker)
    assert {call.linkedid for call in tracker.calls()} == {"a", "b"}
    tracker.feed(event("BridgeLeave", "b", BridgeUniqueid="x", Linkedid="a"), NOW)
    (call,) = tracker.calls()
    assert (call.linkedid, call.channels) == ("a", ("a", "b"))
    ends = [*tracker.feed(event("Hangup", "a"), NOW), *tracker.feed(event("Hangup", "b", Linkedid="a"), NOW)]
    assert [fact.linkedid for fact in ends if isinstance(fact, CallEnded)] == ["a"]


def test_an_event_of_an_unknown_channel_makes_it_known() -> None:
    facts = Tracker().feed(event("BridgeEnter", "a", BridgeUniqueid="x"), NOW)
    assert kinds(facts) == ["ChannelCreated", "ChannelAnswered", "BridgeEntered"]


def test_a_stale_event_does_not_bring_a_channel_back() -> None:
    tracker = Tracker()
    tracker.feed(event("Newchannel", "a", "4"), NOW)
    tracker.feed(event("Hangup", "a"), NOW)
    for name in sorted(WANTED - {"ContactStatus"}):
        assert list(tracker.feed(event(name, "a", BridgeUniqueid="x", Newname="n"), NOW)) == []
    assert tracker.channels() == ()


def test_a_hang_up_that_comes_first_wins() -> None:
    tracker = Tracker()
    assert list(tracker.feed(event("Hangup", "a"), NOW)) == []
    assert list(tracker.feed(event("Newchannel", "a", "4"), NOW)) == []


def test_ringing_after_the_answer_is_stale() -> None:
    tracker = Tracker()
    tracker.feed(event("Newchannel", "a", "6"), NOW)
    assert list(tracker.feed(event("Newstate", "a", "5"), NOW)) == []
    channel = tracker.channel("a")
    assert channel is not None
    assert channel.state is ChannelState.UP


def test_entering_a_second_bridge_leaves_the_first() -> None:
    tracker = Tracker()
    talking_pair(tracker)
    facts = tracker.feed(event("BridgeEnter", "a", BridgeUniqueid="y"), NOW)
    assert kinds(facts) == ["BridgeLeft", "BridgeEntered"]
    assert list(tracker.feed(event("BridgeLeave", "a", BridgeUniqueid="x"), NOW)) == []
    assert tracker.peers("a") == ()


def test_a_destroyed_bridge_has_nobody_in_it() -> None:
    tracker = Tracker()
    talking_pair(tracker)
    facts = tracker.feed({"Event": "BridgeDestroy", "BridgeUniqueid": "x"}, NOW)
    assert [fact.channel for fact in facts if isinstance(fact, BridgeLeft)] == ["b", "a"]
    assert tracker.bridges() == ()


def test_a_masquerade_swaps_names_and_each_name_finds_its_channel() -> None:
    tracker = Tracker()
    talking_pair(tracker)
    a, b = "PJSIP/1001-a", "PJSIP/1001-b"
    for uniqueid, old, new in (("a", a, f"{a}<MASQ>"), ("b", b, a), ("a", f"{a}<MASQ>", f"{b}<ZOMBIE>")):
        assert tracker.feed({"Event": "Rename", "Uniqueid": uniqueid, "Channel": old, "Newname": new}, NOW) is NOTHING
    by_name = {name: tracker.channel_named(name) for name in (a, b, f"{b}<ZOMBIE>")}
    assert {name: view.channel if view else None for name, view in by_name.items()} == {
        a: "b", b: None, f"{b}<ZOMBIE>": "a",
    }  # fmt: skip


def test_a_caller_id_that_the_dialplan_sets_is_seen_and_unknown_is_empty() -> None:
    tracker = Tracker()
    tracker.feed(event("Newchannel", "a", "4", CallerIDNum="<unknown>", CallerIDName="<unknown>"), NOW)
    before = tracker.channel("a")
    tracker.feed(event("NewCallerid", "a", "4", CallerIDNum="02166", CallerIDName="仓库"), NOW)
    after = tracker.channel("a")
    assert before is not None
    assert after is not None
    assert (before.caller_number, before.caller_name) == ("", "")
    assert (after.caller_number, after.caller_name) == ("02166", "仓库")


def test_a_name_is_as_the_caller_wrote_it() -> None:
    tracker = Tracker()
    tracker.feed(event("Newchannel", "a", "4", CallerIDName=r"O\'Neil \"x\""), NOW)
    channel = tracker.channel("a")
    assert channel is not None
    assert channel.caller_name == 'O\'Neil "x"'


def test_what_nobody_wants_costs_nothing() -> None:
    assert Tracker().feed({"Event": "VarSet", "Uniqueid": "a"}, NOW) is NOTHING
    assert Tracker().feed({}, NOW) is NOTHING


@pytest.mark.parametrize("name", sorted(WANTED))
def test_an_event_without_its_headers_is_no_news_and_no_crash(name: str) -> None:
    assert list(Tracker().feed({"Event": name}, NOW)) == []


@pytest.mark.parametrize("number", ["9" * 5000, "-1", "²", "nan", "inf", "1e400", "\u0661"])
def test_a_number_that_asterisk_would_not_write_is_no_crash(number: str) -> None:
    """Python refuses to read thousands of digits; found by tests/fuzz."""
    tracker = Tracker()
    facts = list(tracker.feed(event("Newchannel", "a", number, Timestamp=number), NOW))
    facts += tracker.feed(event("Hangup", "a", number, Cause=number, Timestamp=number), NOW)
    facts += tracker.feed({"Event": "OriginateResponse", "Uniqueid": "b", "Response": "Failure", "Reason": number}, NOW)
    facts += tracker.resync([listed("c") | {"Duration": f"{number}:{number}", "Timestamp": "x"}], NOW, asked_at=NOW)
    assert kinds(facts)[:1] == ["ChannelCreated"]
    assert all(0 < fact.at <= NOW + 2 for fact in facts)


# --- attaching and reconnecting ----------------------------------------------------------------------------------


def listed(uniqueid: str, bridge: str = "", state: str = "6", **more: str) -> dict[str, str]:
    return event("CoreShowChannel", uniqueid, state, BridgeId=bridge, Duration="00:01:40", **more)


def test_attached_to_a_running_asterisk_it_knows_channels_bridges_and_calls() -> None:
    tracker = Tracker()
    tracker.seed([listed("a", "x"), listed("b", "x", Linkedid="a"), listed("c", "", "4")], NOW)
    assert tracker.peers("a") == ("b",)
    assert {call.linkedid: call.channels for call in tracker.calls()} == {"a": ("a", "b"), "c": ("c",)}
    channel = tracker.channel("a")
    assert channel is not None
    assert channel.created_at == NOW - 100
    for uniqueid in "abc":
        tracker.feed(event("Hangup", uniqueid), NOW)
    assert (tracker.channels(), tracker.bridges(), tracker.calls()) == ((), (), ())


def test_after_a_reconnect_what_happened_meanwhile_is_told() -> None:
    tracker = Tracker()
    talking_pair(tracker)
    facts = tracker.resync([listed("a"), listed("c", "", "5")], NOW + 60, asked_at=NOW + 59)
    assert kinds(facts) == [
        "BridgeLeft", "ChannelHungUp", "CallEnded", "BridgeLeft", "ChannelCreated", "ChannelRinging",
    ]  # fmt: skip
    gone = facts[1]
    assert isinstance(gone, ChannelHungUp)
    assert (gone.channel, gone.cause) == ("b", 0)
    assert [type(fact) for fact in facts[4:]] == [ChannelCreated, ChannelRinging]


def test_a_reconnect_to_the_same_calls_is_no_news() -> None:
    tracker = Tracker()
    talking_pair(tracker)
    assert tracker.resync([listed("a", "x"), listed("b", "x")], NOW + 60, asked_at=NOW + 59) == []


def test_events_that_overtake_the_list_are_believed() -> None:
    tracker = Tracker()
    talking_pair(tracker)
    tracker.feed(event("BridgeLeave", "a", BridgeUniqueid="x"), NOW + 59.5)
    tracker.feed(event("Hangup", "b"), NOW + 59.5)
    tracker.feed(event("Newchannel", "c", "4"), NOW + 59.5)
    assert tracker.resync([listed("a", "x"), listed("b", "x")], NOW + 60, asked_at=NOW + 59) == []
    assert [channel.channel for channel in tracker.channels()] == ["a", "c"]
    assert tracker.bridges() == ()


# --- reachability ------------------------------------------------------------------------------------------------


def contact(status: str, uri: str = "sip:1001@127.0.0.1:5061") -> dict[str, str]:
    return {"Event": "ContactStatus", "EndpointName": "1001", "AOR": "1001", "URI": uri, "ContactStatus": status}


def test_an_endpoint_is_reachable_while_one_of_its_phones_is() -> None:
    tracker = Tracker()
    story = [("NonQualified", "a"), ("Reachable", "a"), ("Reachable", "b"), ("Unreachable", "a"), ("Unknown", "b")]
    told = [fact for status, uri in story for fact in tracker.feed(contact(status, uri), NOW)]
    assert told == [EndpointReachable(at=NOW, endpoint="1001", reachable=True)]
    assert tracker.reachable() == {"1001"}
    assert tracker.feed(contact("Removed", "b"), NOW) == [EndpointReachable(at=NOW, endpoint="1001", reachable=False)]
    assert tracker.reachable() == frozenset()


def test_a_reconnect_tells_who_became_reachable_or_not() -> None:
    tracker = Tracker()
    tracker.feed(contact("Reachable"), NOW)
    items = [
        {"Event": "ContactList", "ObjectName": "1002;@1", "Endpoint": "1002", "Status": "NonQualified", "Uri": "u"}
    ]
    facts = tracker.resync([], NOW, asked_at=NOW, contacts=items)
    assert facts == [
        EndpointReachable(at=NOW, endpoint="1001", reachable=False),
        EndpointReachable(at=NOW, endpoint="1002", reachable=True),
    ]
    assert tracker.resync([], NOW, asked_at=NOW) == []


def test_a_phone_at_a_fixed_address_is_reachable_and_an_unregistered_one_is_not() -> None:
    """Items as Asterisk 22.10 gave them for d1001 (fixed), d1002 (registered) and d1009 (never seen)."""
    tracker = Tracker()
    fixed, registered = "d1001/sip:127.0.0.1:5999,", "d1002/sip:d1002@127.0.0.1:46394,"
    items = [
        {"Event": "EndpointList", "ObjectName": "d1001", "DeviceState": "Not in use", "Contacts": fixed},
        {"Event": "EndpointList", "ObjectName": "d1002", "DeviceState": "Not in use", "Contacts": registered},
        {"Event": "EndpointList", "ObjectName": "d1009", "DeviceState": "Unavailable", "Contacts": ""},
    ]
    tracker.resync_contacts(items, NOW)
    assert tracker.reachable() == {"d1001", "d1002"}
    gone = {"Event": "ContactStatus", "EndpointName": "d1002", "URI": "sip:d1002@127.0.0.1:46394"}
    assert tracker.feed({**gone, "ContactStatus": "Removed"}, NOW) == [
        EndpointReachable(at=NOW, endpoint="d1002", reachable=False)
    ]


@pytest.mark.parametrize(
    ("name", "endpoint"),
    [
        ("PJSIP/1001-0000002a", "1001"),
        ("PJSIP/web-1001-0000002a", "web-1001"),
        ("Local/s@x-00000001;1", ""),
        ("CBAnn/7000-00000000;2", ""),
    ],
)
def test_the_endpoint_of_a_channel_name(name: str, endpoint: str) -> None:
    assert endpoint_of(name) == endpoint


def test_channels_that_are_lost_with_their_asterisk_end_with_the_named_first() -> None:
    tracker = Tracker()
    talking_pair(tracker)
    tracker.feed(event("Newchannel", "late", "4"), NOW + 5)
    facts = tracker.lose(NOW + 1, first={"b"})
    ends = [fact for fact in facts if isinstance(fact, ChannelHungUp)]
    assert [(end.channel, end.lost, end.at) for end in ends] == [("b", True, NOW + 1), ("a", True, NOW + 1)]
    assert kinds(facts).count("BridgeLeft") == 2
    assert [view.channel for view in tracker.channels()] == ["late"]
    assert not tracker.bridges()
