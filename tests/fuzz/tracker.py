"""The mirror of Asterisk: any sequence of events leaves it whole, and nothing in it when everybody has hung up."""

import itertools

from cti.calls.tracker import _GONE_KEPT, WANTED, Tracker
from tests.fuzz.source import JUNK, Source

IDS = tuple(f"17000000{n:02}.{n}" for n in range(10))
NAMES = tuple(f"PJSIP/{n}-0000000{n}" for n in range(6))
BRIDGES = ("b1", "b2", "b3")
EVENTS = (*sorted(WANTED), "Newexten")
KEYS = {
    "Uniqueid": IDS,
    "Linkedid": IDS,
    "Channel": NAMES,
    "Newname": NAMES,
    "ChannelState": tuple("0123456789"),
    "BridgeUniqueid": BRIDGES,
    "BridgeId": BRIDGES,
    "CallerIDNum": ("13900000001",),
    "CallerIDName": ("O\\'Neil",),
    "Cause": ("16", "17"),
    "Reason": ("1", "5"),
    "Response": ("Failure", "Success"),
    "Timestamp": ("1700000000.123456",),
    "Duration": ("00:00:12", "99:99:99"),
    "SpyerUniqueid": IDS,
    "SpyeeUniqueid": IDS,
    "ContactStatus": ("Reachable", "Removed", "Unreachable"),
    "EndpointName": ("1001", "w1001"),
    "AOR": ("1001", "w1001"),
    "URI": ("sip:1001@127.0.0.1", "sip:1002@127.0.0.1"),
    "Event": EVENTS,
}
KEY_LIST = tuple(KEYS)
ESSENTIAL = ("Uniqueid", "Linkedid", "Channel", "ChannelState", "BridgeUniqueid")
_ids = itertools.count()


def one_input(data: bytes) -> None:
    source, tracker, now = Source(data), Tracker(), 1_700_000_000.0
    while not source.spent:
        now += 0.5
        if source.byte() < 12:
            items = [_event(source, "CoreShowChannel") for _ in range(source.byte() % 6)]
            contacts = [_event(source, "ContactList") for _ in range(source.byte() % 3)]
            tracker.resync(items, now, asked_at=now - source.byte() % 4, contacts=contacts)
        else:
            tracker.feed(_event(source, source.pick(EVENTS)), now)
    _is_whole(tracker)
    for view in tracker.channels():
        tracker.feed({"Event": "Hangup", "Uniqueid": view.channel, "Cause": "16"}, now)
    _is_empty(tracker)


def _event(source: Source, name: str) -> dict[str, str]:
    event = {"Event": name}
    shape = source.byte()
    for bit, key in enumerate(ESSENTIAL):
        if shape >> bit & 1:
            event[key] = source.pick(KEYS[key])
    for _ in range(source.byte() % 5):
        key = source.pick(KEY_LIST)
        event[key] = source.text(KEYS[key])
    return event


def _is_whole(tracker: Tracker) -> None:
    channels = {view.channel: view for view in tracker.channels()}
    inside = {}
    for bridge in tracker.bridges():
        assert bridge.channels
        for channel in bridge.channels:
            assert channel not in inside, "in two bridges"
            inside[channel] = bridge.bridge
    assert inside == {name: view.bridge for name, view in channels.items() if view.bridge}
    for call in tracker.calls():
        assert all(channels[channel].linkedid == call.linkedid for channel in call.channels)
    for name in JUNK:
        tracker.channel_named(name)


def _is_empty(tracker: Tracker) -> None:
    assert not tracker.channels()
    assert not tracker.bridges()
    assert not tracker.calls()
    assert not tracker._names
    assert len(tracker._gone) + len(tracker._gone_before) <= 2 * _GONE_KEPT + 2
