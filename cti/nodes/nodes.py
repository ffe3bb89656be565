"""The Asterisks that the daemon works with, most often one: one mirror, one switch, and who is where.

Of several each has a name, which is its `systemname` in asterisk.conf, so that the unique id of every channel begins
with it ("north-1795301685.1"). Channels that we originate have the id that we chose, on whichever node that was.
"""

import asyncio
import re
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import TypeVar

import structlog

from cti.ami.messages import Response
from cti.calls.bridge import BridgeView
from cti.calls.call import CallView
from cti.calls.channel import ChannelView
from cti.calls.mirror import Mirror
from cti.errors import NotConnected
from cti.events import ChannelHungUp, EndpointReachable, Fact, LinkLost, LinkRestored, OriginateFailed
from cti.nodes.node import BOOT_ERROR_S, Node

log = structlog.get_logger(__name__)

ENDPOINT = re.compile(r"PJSIP/(?:[^@]*@)?([^/]+)$")
Fields = Mapping[str, str | Sequence[str]]
Found = TypeVar("Found")


class Nodes(Mirror):
    """`Mirror` of all of them together, and the `Ami` of the switch. Give `add` each node before it runs.

    `tell` is to be each node's `publish`. It passes the facts on, and says of phones on which nodes they are.
    """

    def __init__(self, publish: Callable[[Fact], None]) -> None:
        super().__init__()
        self._publish = publish
        self.nodes: list[Node] = []
        self._ours: dict[str, Node] = {}
        """Legs that we have ordered and that no mirror may know yet."""
        self._told: dict[str, tuple[str, ...]] = {}

    def add(self, node: Node) -> None:
        self.nodes.append(node)

    @property
    def several(self) -> bool:
        return len(self.nodes) > 1

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for node in self.nodes:
                group.create_task(node.run(), name=f"ami {node.name}".strip())

    # --- what comes from a node

    def tell(self, name: str, fact: Fact) -> None:
        if isinstance(fact, ChannelHungUp | OriginateFailed):
            self._ours.pop(fact.channel, None)
        if not self.several:
            self._publish(fact)
        elif isinstance(fact, EndpointReachable):
            self._look_for([fact.endpoint], fact.at)
        elif isinstance(fact, LinkLost):
            partial = any(node.up for node in self.nodes)
            self._publish(LinkLost(at=fact.at, reason=fact.reason, node=name, partial=partial))
            self._look_for(self._all_of(name), fact.at)
        elif isinstance(fact, LinkRestored):
            self._publish(LinkRestored(at=fact.at, down_s=fact.down_s, node=name))
            self._look_for(self._all_of(name), fact.at)
        else:
            self._publish(fact)

    def _all_of(self, name: str) -> Iterable[str]:
        return sorted(chain.from_iterable(node.tracker.reachable() for node in self.nodes if node.name == name))

    def _look_for(self, endpoints: Iterable[str], at: float) -> None:
        for endpoint in endpoints:
            nodes = tuple(node.name for node in self._with_phone(endpoint))
            if self._told.get(endpoint, ()) != nodes:
                self._told[endpoint] = nodes
                self._publish(EndpointReachable(at=at, endpoint=endpoint, reachable=bool(nodes), nodes=nodes))

    # --- where something is

    def _with_phone(self, endpoint: str) -> list[Node]:
        """The nodes that can be reached and on which this phone is registered."""
        return [node for node in self.nodes if node.up and endpoint in node.tracker.reachable()]

    def of(self, channel: str) -> Node | None:
        """The node that this channel is on, as far as is known."""
        if not self.several:
            return self.nodes[0]
        for node in self.nodes:
            if channel.startswith(f"{node.name}-") or node.tracker.channel(channel) is not None:
                return node
        return self._ours.get(channel)

    def name_of(self, channel: str) -> str:
        """Of a channel's node, "" where there is only one, or nobody knows."""
        node = self.of(channel) if self.several and channel else None
        return node.name if node is not None else ""

    def for_page(self, agent_id: str) -> int:
        """Which of the nodes the agent's page is to register with: always the same one, while it can be reached."""
        own = zlib.crc32(agent_id.encode()) % len(self.nodes)
        order = range(own, own + len(self.nodes))
        return next((n % len(self.nodes) for n in order if self.nodes[n % len(self.nodes)].up), own)

    def ended_with_its_asterisk(self, channel: str, started_at: float) -> bool:
        """Of an interaction that began then: whether its Asterisk has been started anew since."""
        node = self.of(channel)
        return node is not None and node.booted_at is not None and started_at < node.booted_at - BOOT_ERROR_S

    # --- orders

    async def action(self, name: str, fields: Fields) -> Response:
        """On the node that it is about; a new leg is made where the channels are that its variables name.

        A new leg without any is made where its phone is, or (a call over the trunk) on the first that can be reached.
        """
        node = self._for_originate(fields) if name == "Originate" else self.of(str(fields.get("Channel", "")))
        if node is None:
            node = next((one for one in self.nodes if one.up), self.nodes[0])
        if name == "Originate" and self.several:
            self._ours[str(fields["ChannelId"])] = node
        if self.several and not node.up:
            raise NotConnected(f"the telephone system {node.name} cannot be reached at the moment")
        return await node.ami.action(name, fields)

    def _for_originate(self, fields: Fields) -> Node | None:
        if not self.several:
            return self.nodes[0]
        variables = fields.get("Variable", ())
        for variable in variables if not isinstance(variables, str) else [variables]:
            node = self.of(variable.partition("=")[2])
            if node is not None:
                return node
        phone = ENDPOINT.match(str(fields.get("Channel", "")))
        return next(iter(self._with_phone(phone.group(1))), None) if phone else None

    # --- the mirror of all

    @property
    def size(self) -> tuple[int, int]:
        sizes = [node.tracker.size for node in self.nodes]
        return sum(channels for channels, _ in sizes), sum(bridges for _, bridges in sizes)

    def channels(self) -> tuple[ChannelView, ...]:
        return tuple(chain.from_iterable(node.tracker.channels() for node in self.nodes))

    def channel(self, uniqueid: str) -> ChannelView | None:
        return _first(node.tracker.channel(uniqueid) for node in self.nodes)

    def channel_named(self, name: str) -> ChannelView | None:
        return _first(node.tracker.channel_named(name) for node in self.nodes)

    def bridges(self) -> tuple[BridgeView, ...]:
        return tuple(chain.from_iterable(node.tracker.bridges() for node in self.nodes))

    def bridge(self, uniqueid: str) -> BridgeView | None:
        return _first(node.tracker.bridge(uniqueid) for node in self.nodes)

    def calls(self) -> tuple[CallView, ...]:
        return tuple(chain.from_iterable(node.tracker.calls() for node in self.nodes))

    def call(self, linkedid: str) -> CallView | None:
        return _first(node.tracker.call(linkedid) for node in self.nodes)

    def peers(self, uniqueid: str) -> tuple[str, ...]:
        return tuple(chain.from_iterable(node.tracker.peers(uniqueid) for node in self.nodes))

    def reachable(self) -> frozenset[str]:
        return frozenset().union(*(node.tracker.reachable() for node in self.nodes))


def _first(found: Iterable[Found | None]) -> Found | None:
    return next((one for one in found if one is not None), None)
