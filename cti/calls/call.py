"""Channels that Asterisk holds to belong together: all of one `linkedid`."""

import msgspec

from cti.calls.channel import Channel


class CallView(msgspec.Struct, frozen=True, kw_only=True):
    """A call at one moment; `channels` in the order in which they joined it, never empty.

    When two calls meet in a bridge, Asterisk gives all their channels the older `linkedid`; the younger call then
    ceases to exist without having ended.
    """

    linkedid: str
    channels: tuple[str, ...]
    started_at: float


class Call:
    """The tracker's own, changing record of a call. It exists as long as it has a channel."""

    __slots__ = ("channels", "linkedid", "started_at")

    def __init__(self, linkedid: str, started_at: float) -> None:
        self.linkedid = linkedid
        self.started_at = started_at
        self.channels: dict[str, None] = {}
        """A set that keeps the order of joining."""

    def view(self) -> CallView:
        return CallView(linkedid=self.linkedid, channels=tuple(self.channels), started_at=self.started_at)


class Calls:
    """All calls. A channel is in the one of its `linkedid`, from `join` to `leave`."""

    __slots__ = ("by_id",)

    def __init__(self) -> None:
        self.by_id: dict[str, Call] = {}

    def join(self, channel: Channel) -> None:
        call = self.by_id.get(channel.linkedid)
        if call is None:
            call = self.by_id[channel.linkedid] = Call(channel.linkedid, channel.created_at)
        call.channels[channel.uniqueid] = None

    def leave(self, channel: Channel) -> bool:
        """Whether it was the call's last channel."""
        call = self.by_id[channel.linkedid]
        del call.channels[channel.uniqueid]
        if call.channels:
            return False
        del self.by_id[channel.linkedid]
        return True

    def move(self, channel: Channel, linkedid: str) -> None:
        self.leave(channel)
        channel.linkedid = linkedid
        self.join(channel)
