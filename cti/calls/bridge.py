"""Channels that hear each other."""

import msgspec

from cti.calls.channel import Channel
from cti.events import BridgeEntered, BridgeLeft, Fact


class BridgeView(msgspec.Struct, frozen=True, kw_only=True):
    """A bridge at one moment; `channels` in the order in which they entered, never empty.

    `technology` is Asterisk's ("simple_bridge", "native_rtp", "softmix", ...) as it was when somebody last entered,
    "" when the bridge was found by a status list.
    """

    bridge: str
    technology: str
    channels: tuple[str, ...]


class Bridge:
    """The tracker's own, changing record of a bridge. It exists as long as somebody is in it."""

    __slots__ = ("channels", "technology", "uniqueid")

    def __init__(self, uniqueid: str) -> None:
        self.uniqueid = uniqueid
        self.technology = ""
        self.channels: dict[str, Channel] = {}
        """By unique id, in the order of entering."""

    def view(self) -> BridgeView:
        return BridgeView(bridge=self.uniqueid, technology=self.technology, channels=tuple(self.channels))


class Bridges:
    """All bridges; keeps `Channel.bridge` in step, so that a channel is in one bridge at most."""

    __slots__ = ("by_id",)

    def __init__(self) -> None:
        self.by_id: dict[str, Bridge] = {}

    def enter(self, channel: Channel, uniqueid: str, technology: str, at: float) -> list[Fact]:
        """Nothing when it is in there already; a bridge that it was in before, it leaves."""
        bridge = self.by_id.get(uniqueid)
        if bridge is not None and technology:
            bridge.technology = technology
        if channel.bridge == uniqueid:
            return []
        facts = self.leave(channel, at)
        if bridge is None:
            bridge = self.by_id[uniqueid] = Bridge(uniqueid)
            bridge.technology = technology
        facts.append(
            BridgeEntered(
                at=at,
                channel=channel.uniqueid,
                name=channel.name,
                linkedid=channel.linkedid,
                bridge=uniqueid,
                peers=tuple(bridge.channels),
            )
        )
        bridge.channels[channel.uniqueid] = channel
        channel.bridge = uniqueid
        return facts

    def leave(self, channel: Channel, at: float) -> list[Fact]:
        """Leave whatever bridge it is in; a bridge that is empty then ceases to exist."""
        uniqueid = channel.bridge
        if not uniqueid:
            return []
        bridge = self.by_id[uniqueid]
        del bridge.channels[channel.uniqueid]
        if not bridge.channels:
            del self.by_id[uniqueid]
        channel.bridge = ""
        return [
            BridgeLeft(at=at, channel=channel.uniqueid, name=channel.name, linkedid=channel.linkedid, bridge=uniqueid)
        ]

    def destroy(self, uniqueid: str, at: float) -> list[Fact]:
        """Whoever is still in there by our books leaves."""
        bridge = self.by_id.get(uniqueid)
        if bridge is None:
            return []
        return [fact for channel in tuple(bridge.channels.values()) for fact in self.leave(channel, at)]
