"""What an agent's page measured of its call's line: taken from who is, or just was, in that call."""

from cti.desk import commands as ask
from cti.desk.audience import Actor
from cti.errors import Conflict
from cti.events import LineQualityMeasured
from cti.floor.means import Means


class LineQuality:
    def __init__(self, means: Means) -> None:
        self._means = means

    async def measured(self, command: ask.MeasuredLine, actor: Actor) -> None:
        """Raises Conflict for any call but the agent's own that was answered and is not wrapped up yet."""
        call = self._means.desk.call(actor.agent_id)
        if call is None or call.interaction_id != command.interaction_id:
            raise Conflict("this is not your call, or it is over", "ended")
        if call.phase in ("offered", "dialling"):
            raise Conflict("nobody talks in this call yet", call.phase)
        self._means.bus.publish(
            LineQualityMeasured(
                at=self._means.clock(),
                interaction_id=command.interaction_id,
                agent_id=actor.agent_id,
                mos=command.mos,
                loss=command.loss,
                jitter_ms=command.jitter_ms,
                rtt_ms=command.rtt_ms,
                seconds=command.seconds,
            )
        )
