"""One leg as Asterisk sees it."""

from enum import IntEnum

import msgspec


class ChannelState(IntEnum):
    """`ChannelState` of the manager events (Asterisk: include/asterisk/channelstate.h)."""

    DOWN = 0
    RESERVED = 1
    OFF_HOOK = 2
    DIALING = 3
    RING = 4
    """The far end rings us: a caller whom the dialplan has not answered."""
    RINGING = 5
    """We ring the far end: an agent's phone."""
    UP = 6
    BUSY = 7
    DIALING_OFF_HOOK = 8
    PRE_RING = 9


class ChannelView(msgspec.Struct, frozen=True, kw_only=True):
    """A channel at one moment. Times are unix seconds; `answered_at` is None until it is up.

    A channel that was found already up (attached, adopted) has the moment when we learnt of it as `answered_at`.
    """

    channel: str
    """Unique id; for a leg that we originated, the `ChannelId` that we chose."""
    name: str
    linkedid: str
    state: ChannelState
    caller_number: str
    caller_name: str
    exten: str
    bridge: str
    """Unique id of the bridge that it is in, "" for none."""
    created_at: float
    answered_at: float | None

    @property
    def endpoint(self) -> str:
        """`1001` of `PJSIP/1001-0000002a`; "" for a channel that belongs to no endpoint (Local/..., ConfBridge's)."""
        return endpoint_of(self.name)


def endpoint_of(name: str) -> str:
    """The PJSIP endpoint in a channel name, see `ChannelView.endpoint`."""
    technology, _, rest = name.partition("/")
    return rest.rpartition("-")[0] if technology == "PJSIP" else ""


class Channel:
    """The tracker's own, changing record of a channel; `view()` is what leaves."""

    __slots__ = (
        "answered_at",
        "bridge",
        "caller_name",
        "caller_number",
        "created_at",
        "exten",
        "linkedid",
        "moved_at",
        "name",
        "rang",
        "seen_at",
        "spies_on",
        "state",
        "uniqueid",
    )

    def __init__(self, uniqueid: str, name: str, linkedid: str, created_at: float, seen_at: float) -> None:
        self.uniqueid = uniqueid
        self.name = name
        self.linkedid = linkedid
        self.created_at = created_at
        self.seen_at = seen_at
        """By our own clock, when we heard of it; a status list asked for earlier cannot know it."""
        self.moved_at = 0.0
        """By our own clock, when an event last told that it entered or left a bridge."""
        self.state = ChannelState.DOWN
        self.rang = False
        self.answered_at: float | None = None
        self.caller_number = ""
        self.caller_name = ""
        self.exten = ""
        self.bridge = ""
        self.spies_on = ""
        """Unique id of the channel that ChanSpy, running here, listens to."""

    def view(self) -> ChannelView:
        return ChannelView(
            channel=self.uniqueid,
            name=self.name,
            linkedid=self.linkedid,
            state=self.state,
            caller_number=self.caller_number,
            caller_name=self.caller_name,
            exten=self.exten,
            bridge=self.bridge,
            created_at=self.created_at,
            answered_at=self.answered_at,
        )
