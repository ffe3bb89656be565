"""The picture of Asterisk that the tracker paints; anybody may look at it."""

from cti.calls.bridge import Bridges, BridgeView
from cti.calls.call import Calls, CallView
from cti.calls.channel import Channel, ChannelView
from cti.calls.contact import Contacts


class Mirror:
    """What Asterisk is doing, as immutable views of this moment; `tracker.py` keeps it up to date."""

    def __init__(self) -> None:
        self._channels: dict[str, Channel] = {}
        self._names: dict[str, str] = {}
        self._bridges = Bridges()
        self._calls = Calls()
        self._contacts = Contacts()

    @property
    def size(self) -> tuple[int, int]:
        """How many channels and bridges there are."""
        return len(self._channels), len(self._bridges.by_id)

    def channels(self) -> tuple[ChannelView, ...]:
        return tuple(channel.view() for channel in self._channels.values())

    def channel(self, uniqueid: str) -> ChannelView | None:
        channel = self._channels.get(uniqueid)
        return None if channel is None else channel.view()

    def channel_named(self, name: str) -> ChannelView | None:
        """By the name that it has now ("PJSIP/1001-0000002a"); a masquerade renames."""
        return self.channel(self._names.get(name, ""))

    def bridges(self) -> tuple[BridgeView, ...]:
        return tuple(bridge.view() for bridge in self._bridges.by_id.values())

    def bridge(self, uniqueid: str) -> BridgeView | None:
        bridge = self._bridges.by_id.get(uniqueid)
        return None if bridge is None else bridge.view()

    def calls(self) -> tuple[CallView, ...]:
        return tuple(call.view() for call in self._calls.by_id.values())

    def call(self, linkedid: str) -> CallView | None:
        call = self._calls.by_id.get(linkedid)
        return None if call is None else call.view()

    def peers(self, uniqueid: str) -> tuple[str, ...]:
        """Unique ids of the channels that are in a bridge with this one."""
        channel = self._channels.get(uniqueid)
        bridge = self._bridges.by_id.get(channel.bridge) if channel else None
        return tuple(other for other in bridge.channels if other != uniqueid) if bridge else ()

    def reachable(self) -> frozenset[str]:
        """Endpoints of which at least one phone is registered and answers."""
        return frozenset(self._contacts.by_endpoint)
