"""What a daemon is made of. `build.py` joins the parts, `running.py` runs them, `start.py` takes over what goes on."""

import asyncio
import time
from dataclasses import dataclass, field
from importlib.metadata import version

import msgspec

from cti.acd.engine import Engine
from cti.agi.server import FastAgiServer
from cti.ami.client import AmiClient
from cti.bus import Bus
from cti.calls.mirror import Mirror
from cti.daemon.leaving import Leaving
from cti.daemon.reload import Reload
from cti.desk.desk import Desk
from cti.desk.hub import Hub
from cti.floor.commands import Commands
from cti.floor.disk import Disk
from cti.floor.floor import Floor
from cti.floor.hotline import Hotline
from cti.floor.phones import PhoneBook
from cti.floor.roster import Roster
from cti.floor.supervising import Supervision
from cti.mqtt.publisher import Publisher as MqttPublisher
from cti.nodes.nodes import Nodes
from cti.privacy.personal_data import PersonalData
from cti.privacy.retention import Retention
from cti.recording.keys import Keyring
from cti.recording.publish import Publisher
from cti.reports.explaining import Names
from cti.settings import Settings
from cti.site.explain import Explanations
from cti.site.site import names
from cti.store.interactions import OpenInteraction
from cti.store.store import Store


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """What `laidian status` tells."""

    version: str
    url: str
    started_at: float
    link: bool
    waiting: int
    talking: int
    signed_in: int


@dataclass(slots=True, kw_only=True)
class Daemon:
    """Everything that runs. `url` is what a browser opens; `agi_port` where Asterisk asks.

    `settings` are those of the start, `reload.settings` those in force.
    """

    settings: Settings
    bus: Bus
    hub: Hub
    desk: Desk
    store: Store
    roster: Roster
    engine: Engine
    nodes: Nodes
    floor: Floor
    disk: Disk
    supervision: Supervision
    commands: Commands
    hotline: Hotline
    phones: PhoneBook
    publisher: Publisher
    reload: Reload
    keys: Keyring
    personal: PersonalData
    leaving: Leaving
    retention: Retention
    demo: bool = False
    url: str = ""
    agi_port: int = 0
    agi: FastAgiServer | None = None
    mqtt: MqttPublisher | None = None
    started_at: float = field(default_factory=time.time)
    up: asyncio.Event = field(default_factory=asyncio.Event)
    starting: asyncio.Lock = field(default_factory=asyncio.Lock)
    left: dict[str, list[OpenInteraction]] = field(default_factory=dict)
    """By node that was away when the daemon started: what had not ended there."""

    @property
    def tracker(self) -> Mirror:
        """What Asterisk does now."""
        return self.nodes

    def status(self) -> Status:
        conversations = self.floor.conversations.by_id.values()
        return Status(
            version=version("laidian"),
            url=self.url,
            started_at=self.started_at,
            link=self.floor.link,
            waiting=sum(one.waiting for one in conversations),
            talking=sum(one.talking for one in conversations),
            signed_in=len(self.engine.agents()),
        )

    def links(self) -> dict[str, AmiClient]:
        """By the name of the Asterisk."""
        return {node.name or "asterisk": node.ami for node in self.nodes.nodes}

    def explanations(self) -> Explanations:
        """Why an interaction waits, and why its offers went where they went."""

        def named() -> Names:
            return names(self.reload.settings, {who: each.profile.name for who, each in self.roster.members.items()})

        return Explanations(self.floor.explaining, self.store.interactions, named)
