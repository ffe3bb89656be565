"""A mirror of Asterisk's channels, bridges and calls, from AMI events. The only file that reads AMI headers.

Partial knowledge is normal: the daemon may start beside an Asterisk full of calls, and events get lost with the link.
An event of an unknown channel makes it known with what the event says; an event of a channel that is gone is stale and
changes nothing; saying a thing twice is no news. Headers: docs.asterisk.org, "AMI Events", Asterisk 22.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from cti.ami.messages import unescaped
from cti.calls.channel import Channel, ChannelState
from cti.calls.mirror import Mirror
from cti.events import (
    CallEnded,
    ChannelAnswered,
    ChannelCreated,
    ChannelHungUp,
    ChannelRinging,
    Fact,
    OriginateFailed,
    SpyStarted,
)

AmiEvent = Mapping[str, str]
"""Headers of an event, its name under "Event" (`cti.ami.messages.Event` is one)."""

NOTHING: Sequence[Fact] = ()
UNKNOWN = "<unknown>"
"""What AMI writes for an empty caller id."""
_STATES = {str(state.value): state for state in ChannelState}
_REACHABLE = {"Reachable": True, "NonQualified": True, "Unreachable": False, "Removed": False}
"""`ContactStatus` that decides; "Unknown" does not. "NonQualified" is registered, and nobody pings it."""
_UNREACHABLE_STATES = {"Unavailable", "Invalid", "Unknown"}
"""Device states (Asterisk: main/devicestate.c) of an endpoint that no phone answers for."""
_LATEST = 32_503_680_000
"""The year 3000 in unix seconds: no event of Asterisk's tells a later time."""
_MOST_DIGITS = 9
_GONE_KEPT = 4096
"""How many hung-up channels are remembered at least, so that stale events do not bring them back."""


class Tracker(Mirror):
    """Feed it every event of one AMI connection, in the order in which they came.

    `now` is our own clock in unix seconds. Facts carry the event's `Timestamp` (manager.conf: timestampevents=yes)
    where there is one. Not to be shared between threads.
    """

    def __init__(self) -> None:
        super().__init__()
        self._gone: set[str] = set()
        self._gone_before: set[str] = set()
        self._by_event: dict[str, Callable[[AmiEvent, float], Sequence[Fact]]] = {
            "Newchannel": self._on_channel,
            "Newstate": self._on_channel,
            "NewCallerid": self._on_caller_id,
            "Rename": self._on_rename,
            "Hangup": self._on_hangup,
            "BridgeEnter": self._on_bridge_enter,
            "BridgeLeave": self._on_bridge_leave,
            "BridgeDestroy": self._on_bridge_destroy,
            "ContactStatus": self._on_contact_status,
            "ChanSpyStart": self._on_spy_start,
            "OriginateResponse": self._on_originate_response,
        }

    # --- what comes in -----------------------------------------------------------------------------------------

    def feed(self, event: AmiEvent, now: float) -> Sequence[Fact]:
        """The facts that this event is the first to tell, in order; any event may be fed."""
        method = self._by_event.get(event.get("Event", ""))
        return NOTHING if method is None else method(event, now)

    def seed(self, channels: Iterable[AmiEvent], now: float, *, contacts: Iterable[AmiEvent] | None = None) -> None:
        """Start from what Asterisk is doing already, see `resync`; what is found happened before our time."""
        self.resync(channels, now, asked_at=now, contacts=contacts)

    def resync(
        self,
        channels: Iterable[AmiEvent],
        now: float,
        *,
        asked_at: float,
        contacts: Iterable[AmiEvent] | None = None,
    ) -> list[Fact]:
        """Make the mirror equal to what Asterisk lists, and say what must have happened meanwhile.

        `channels` are the items of `CoreShowChannels` (they tell the bridges too), `contacts` what `resync_contacts`
        takes, None when nobody asked. `asked_at` is our clock when `CoreShowChannels` was sent: what
        events told since then is newer than the list. A channel that vanished is `ChannelHungUp` with cause 0.
        """
        listed = [item for item in channels if item.get("Event") == "CoreShowChannel" and item.get("Uniqueid")]
        known = {item["Uniqueid"] for item in listed}
        facts: list[Fact] = []
        for channel in list(self._channels.values()):
            if channel.uniqueid not in known and channel.seen_at < asked_at:
                facts += self._hang_up(channel, now)
        for item in listed:
            facts += self._on_listed_channel(item, now, asked_at)
        return facts if contacts is None else facts + self.resync_contacts(contacts, now)

    def lose(self, at: float, *, first: Collection[str] = ()) -> list[Fact]:
        """All channels that we had heard of until `at` are gone with their Asterisk; those of `first` first."""
        lost = [channel for channel in self._channels.values() if channel.seen_at <= at]
        facts: list[Fact] = []
        for channel in sorted(lost, key=lambda one: one.uniqueid not in first):
            facts += self._hang_up(channel, at, lost=True)
        return facts

    def resync_contacts(self, items: Iterable[AmiEvent], now: float) -> list[Fact]:
        """Reachability from the items of `PJSIPShowEndpoints`, or of `PJSIPShowContacts`.

        Prefer the former: a contact that stands in the configuration is only in there, has no `ContactStatus`, and
        asking for contacts when nobody has registered is answered with an error.
        """
        contacts: dict[str, set[str]] = {}
        for item in items:
            if item.get("Event") == "EndpointList" and item.get("DeviceState") not in _UNREACHABLE_STATES:
                listed = item.get("Contacts", "").split(",")  # "<aor>/<uri>,<aor>/<uri>,"
                contacts[item.get("ObjectName", "")] = {entry.partition("/")[2] for entry in listed if entry}
            elif item.get("Event") == "ContactList" and _REACHABLE.get(item.get("Status", "")):
                contacts.setdefault(item.get("Endpoint", ""), set()).add(item.get("Uri", ""))
        return self._contacts.replace(contacts, now)

    # --- channels ----------------------------------------------------------------------------------------------

    def _on_channel(self, event: AmiEvent, now: float) -> Sequence[Fact]:
        """`Newchannel` and `Newstate`: both tell the whole channel."""
        channel = self._channels.get(event.get("Uniqueid", ""))
        if channel is None:
            return self._adopt(event, now)
        self._follow(channel, event)
        state = _STATES.get(event.get("ChannelState", ""))
        if state is None or state is channel.state:
            return NOTHING
        return self._enter_state(channel, state, _at(event, now))

    def _adopt(self, event: AmiEvent, now: float, created_at: float | None = None) -> list[Fact]:
        """Make a channel known with what an event about it says; nothing comes of one that is gone already."""
        uniqueid = event.get("Uniqueid", "")
        if not uniqueid or uniqueid in self._gone or uniqueid in self._gone_before:
            return []
        at = _at(event, now)
        name, linkedid = event.get("Channel", ""), event.get("Linkedid") or uniqueid
        channel = Channel(uniqueid, name, linkedid, at if created_at is None else created_at, now)
        channel.exten = event.get("Exten", "")
        _take_caller_id(channel, event)
        self._channels[uniqueid] = channel
        self._names[name] = uniqueid
        self._calls.join(channel)
        facts: list[Fact] = [
            ChannelCreated(
                at=at,
                channel=uniqueid,
                name=name,
                linkedid=linkedid,
                caller_number=channel.caller_number,
                caller_name=channel.caller_name,
                exten=channel.exten,
            )
        ]
        state = _STATES.get(event.get("ChannelState", ""))
        return [*facts, *self._enter_state(channel, state, at)] if state is not None else facts

    def _enter_state(self, channel: Channel, state: ChannelState, at: float) -> Sequence[Fact]:
        if channel.answered_at is not None:  # what is up stays up until it is hung up; anything else is stale
            return NOTHING
        channel.state = state
        if state is ChannelState.UP:
            channel.answered_at = at
            return (ChannelAnswered(at=at, channel=channel.uniqueid, name=channel.name, linkedid=channel.linkedid),)
        if state is ChannelState.RINGING and not channel.rang:
            channel.rang = True
            return (ChannelRinging(at=at, channel=channel.uniqueid, name=channel.name, linkedid=channel.linkedid),)
        return NOTHING

    def _follow(self, channel: Channel, event: AmiEvent) -> None:
        """Take over a name or a `linkedid` that has changed; Asterisk sends no event for the latter."""
        name = event.get("Channel", "")
        if name and name != channel.name:
            self._rename(channel, name)
        linkedid = event.get("Linkedid", "")
        if linkedid and linkedid != channel.linkedid:
            self._calls.move(channel, linkedid)

    def _on_caller_id(self, event: AmiEvent, now: float) -> Sequence[Fact]:
        facts = self._on_channel(event, now)
        channel = self._channels.get(event.get("Uniqueid", ""))
        if channel is not None:
            _take_caller_id(channel, event)
        return facts

    def _on_rename(self, event: AmiEvent, _now: float) -> Sequence[Fact]:
        channel = self._channels.get(event.get("Uniqueid", ""))
        name = event.get("Newname", "")
        if channel is not None and name:
            self._rename(channel, name)
        return NOTHING

    def _rename(self, channel: Channel, name: str) -> None:
        self._forget_name(channel)
        channel.name = name
        self._names[name] = channel.uniqueid

    def _forget_name(self, channel: Channel) -> None:
        if self._names.get(channel.name) == channel.uniqueid:
            del self._names[channel.name]

    def _on_hangup(self, event: AmiEvent, now: float) -> Sequence[Fact]:
        uniqueid = event.get("Uniqueid", "")
        channel = self._channels.get(uniqueid)
        if channel is None:
            if uniqueid:
                self._bury(uniqueid)
            return NOTHING
        self._follow(channel, event)
        return self._hang_up(channel, _at(event, now), _cause(event), event.get("Cause-txt", ""))

    def _hang_up(
        self, channel: Channel, at: float, cause: int = 0, cause_text: str = "", *, lost: bool = False
    ) -> list[Fact]:
        facts = self._bridges.leave(channel, at)
        uniqueid, name, linkedid = channel.uniqueid, channel.name, channel.linkedid
        del self._channels[uniqueid]
        self._forget_name(channel)
        self._bury(uniqueid)
        facts.append(
            ChannelHungUp(
                at=at,
                channel=uniqueid,
                name=name,
                linkedid=linkedid,
                cause=cause,
                cause_text=cause_text,
                lost=lost,
            )
        )
        if self._calls.leave(channel):
            facts.append(CallEnded(at=at, linkedid=linkedid))
        return facts

    def _bury(self, uniqueid: str) -> None:
        self._gone.add(uniqueid)
        if len(self._gone) > _GONE_KEPT:
            self._gone, self._gone_before = set(), self._gone

    # --- bridges -----------------------------------------------------------------------------------------------

    def _on_bridge_enter(self, event: AmiEvent, now: float) -> Sequence[Fact]:
        facts = self._on_channel(event, now)
        channel = self._channels.get(event.get("Uniqueid", ""))
        bridge = event.get("BridgeUniqueid", "")
        if channel is None or not bridge:
            return facts
        channel.moved_at = now
        return [*facts, *self._bridges.enter(channel, bridge, event.get("BridgeTechnology", ""), _at(event, now))]

    def _on_bridge_leave(self, event: AmiEvent, now: float) -> Sequence[Fact]:
        facts = self._on_channel(event, now)
        channel = self._channels.get(event.get("Uniqueid", ""))
        if channel is None or channel.bridge != event.get("BridgeUniqueid"):
            return facts
        channel.moved_at = now
        return [*facts, *self._bridges.leave(channel, _at(event, now))]

    def _on_bridge_destroy(self, event: AmiEvent, now: float) -> Sequence[Fact]:
        return self._bridges.destroy(event.get("BridgeUniqueid", ""), _at(event, now))

    # --- legs of ours --------------------------------------------------------------------------------------------

    def _on_spy_start(self, event: AmiEvent, now: float) -> Sequence[Fact]:
        channel = self._channels.get(event.get("SpyerUniqueid", ""))
        target = event.get("SpyeeUniqueid", "")
        if channel is None or channel.spies_on == target:
            return NOTHING
        channel.spies_on = target
        return (
            SpyStarted(
                at=_at(event, now),
                channel=channel.uniqueid,
                name=channel.name,
                linkedid=channel.linkedid,
                target=target,
            ),
        )

    def _on_originate_response(self, event: AmiEvent, now: float) -> Sequence[Fact]:
        """Only a failure without any channel is news (endpoint unknown or unregistered); others end by `Hangup`."""
        uniqueid = event.get("Uniqueid", "")
        known = uniqueid in self._channels or uniqueid in self._gone or uniqueid in self._gone_before
        if event.get("Response") != "Failure" or uniqueid in {"", UNKNOWN} or known:
            return NOTHING
        self._bury(uniqueid)
        reason = _number(event.get("Reason", ""))
        return (OriginateFailed(at=_at(event, now), channel=uniqueid, reason=reason),)

    # --- status lists ------------------------------------------------------------------------------------------

    def _on_listed_channel(self, item: AmiEvent, now: float, asked_at: float) -> list[Fact]:
        """An item of `CoreShowChannels`; its `Duration` ("01:02:03") is how long it has existed."""
        uniqueid = item["Uniqueid"]
        if uniqueid in self._channels:
            facts = [*self._on_channel(item, now)]
        else:
            facts = self._adopt(item, now, created_at=now - _seconds(item.get("Duration", "")))
        channel = self._channels.get(uniqueid)
        if channel is None:
            return facts
        _take_caller_id(channel, item)
        if channel.moved_at >= asked_at:
            return facts
        bridge = item.get("BridgeId", "")
        return facts + (self._bridges.enter(channel, bridge, "", now) if bridge else self._bridges.leave(channel, now))

    # --- reachability ------------------------------------------------------------------------------------------

    def _on_contact_status(self, event: AmiEvent, now: float) -> Sequence[Fact]:
        reachable = _REACHABLE.get(event.get("ContactStatus", ""))
        endpoint = event.get("EndpointName") or event.get("AOR", "")
        if reachable is None or not endpoint:
            return NOTHING
        return self._contacts.change(endpoint, event.get("URI", ""), reachable=reachable, at=_at(event, now))


def _at(event: AmiEvent, now: float) -> float:
    try:
        at = float(event["Timestamp"])
    except (KeyError, ValueError):
        return now
    return at if 0 < at < _LATEST else now  # not "nan" or "inf" either


def _cause(event: AmiEvent) -> int:
    return _number(event.get("Cause", ""))


def _number(text: str) -> int:
    """0 for what is none; Python refuses to read thousands of digits."""
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else 0


def _seconds(duration: str) -> float:
    seconds = 0.0
    for part in duration.split(":"):
        seconds = seconds * 60 + _number(part)
    return seconds


def _take_caller_id(channel: Channel, event: AmiEvent) -> None:
    number, name = event.get("CallerIDNum", UNKNOWN), event.get("CallerIDName", UNKNOWN)
    channel.caller_number = "" if number == UNKNOWN else number
    channel.caller_name = "" if name == UNKNOWN else unescaped(name)


WANTED = frozenset(Tracker()._by_event)  # noqa: SLF001 (the table is the tracker's; this is its public face)
"""Names of the events that the tracker reads; an AMI decoder may skip all others."""
