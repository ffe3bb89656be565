"""What every part of the floor works with: whom it asks, whom it orders about, whom it tells."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from cti.acd.engine import Engine
from cti.bus import Bus
from cti.desk.desk import Desk
from cti.floor.conversation import Conversations
from cti.floor.orders import Orders
from cti.floor.permits import Permits
from cti.floor.recorder import Recorder
from cti.floor.roster import Roster
from cti.floor.rules import Rules
from cti.switch.port import Switch


@dataclass(slots=True, kw_only=True)
class Means:
    """One for the whole floor. `link`: AMI is connected and the mirror is right; `clock` gives unix seconds.

    `kept` returns when every fact that was published so far survives a crash. `node_of` says on which telephone system
    a channel is, "" where there is only one.
    """

    engine: Engine
    switch: Switch
    bus: Bus
    desk: Desk
    roster: Roster
    recorder: Recorder
    rules: Rules
    kept: Callable[[], Awaitable[object]]
    clock: Callable[[], float]
    orders: Orders = field(default_factory=Orders)
    conversations: Conversations = field(default_factory=Conversations)
    link: bool = True
    node_of: Callable[[str], str] = lambda _: ""
    permits: Permits = field(init=False)

    def __post_init__(self) -> None:
        self.permits = Permits(self.bus, self.rules, self.clock)
