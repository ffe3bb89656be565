"""What a page asks for its agent's own phone in the browser."""

from cti.desk import commands as ask
from cti.desk.audience import Actor
from cti.floor.conversation import Conversation, Leg
from cti.floor.floor import Floor

Result = dict[str, str | int | float | bool | None]


class OwnPhone:
    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    async def claim(self, command: ask.ClaimPhone, actor: Actor) -> Result | None:
        return {"owner": self._floor.stations.claim(actor.agent_id, command.tab, seize=command.seize)}

    async def reattach(self, conversation: Conversation, leg: Leg, command: ask.Reattach) -> None:
        """Raises Conflict when the phone is another tab's, is not registered, or the call is not the agent's alone."""
        self._floor.stations.check_owner(leg.agent_id, command.tab)
        self._floor.reattaching.begin(conversation, leg)

    async def check(self, command: ask.CheckPhone, actor: Actor) -> Result | None:
        self._floor.gate.begin(actor.agent_id, command.tab)
        return None

    async def checked(self, command: ask.PhoneChecked, actor: Actor) -> Result | None:
        self._floor.gate.end(actor.agent_id, command.tab, command.step)
        return None
