"""Who is not let in, and who is shown out: the limits of the queues, looked at after everything else was decided."""

from collections.abc import Callable

from cti.acd.decisions import Decision, LeaveReason, WaitExpired
from cti.acd.estimate import WaitEstimate
from cti.acd.interaction import Interaction, InteractionState, InteractionTrigger
from cti.acd.limits import exceeded
from cti.acd.line import Line
from cti.acd.matching import Matching


class Doorkeeper:
    """`emit` receives the decisions; the rest is shared with the engine."""

    def __init__(
        self, line: Line, matching: Matching, estimate: WaitEstimate, emit: Callable[[Decision], None]
    ) -> None:
        self._line = line
        self._matching = matching
        self._estimate = estimate
        self._emit = emit

    def look(self, now: float) -> None:
        """Who came in and was offered to nobody at once begins to wait, or leaves; so does who is left alone."""
        fresh, self._line.fresh = self._line.fresh, {}
        for interaction_id, entering in fresh.items():
            interaction = self._line.find(interaction_id)
            if interaction is not None and interaction.state is InteractionState.QUEUED:
                self._admit(interaction, entering=entering, now=now)
        if self._matching.deserted:
            self._matching.deserted = False
            self._clear_deserted(now)

    def staff_changed(self) -> None:
        """Look at the staff of all queues next time."""
        self._matching.deserted = True

    def _admit(self, interaction: Interaction, *, entering: bool, now: float) -> None:
        known = self._estimate.is_known(interaction.interaction_id)
        estimate = None
        if not known:
            estimate = self._estimate.entered(
                interaction.interaction_id, interaction.queue, interaction.priority, now, interaction.beyond
            )
        rules = self._line.rules(interaction.queue)
        if rules is None or not rules.limits or interaction.reserved:
            return
        limit = exceeded(
            rules.limits,
            entering=entering,
            length=self._line.length(interaction.queue),
            wait_estimate=estimate,
            staffed=self._matching.staffed(rules.reach()),
        )
        if limit is not None:
            self._estimate.turned_away(interaction.interaction_id)
            self.see_out(interaction, limit.way_out, limit.when, now)

    def _clear_deserted(self, now: float) -> None:
        for rules in self._line.served_rules():
            limit = next((one for one in rules.limits if one.when == "nobody"), None)
            if limit is None or self._matching.staffed(rules.reach()):
                continue
            for interaction in self._line.queued(rules.name):
                if not interaction.reserved:
                    self.see_out(interaction, limit.way_out, "nobody", now)

    def see_out(self, interaction: Interaction, way_out: str, why: LeaveReason, now: float) -> None:
        """It waits no more, and goes by this way out."""
        self._line.leave(interaction, now)
        interaction.move(InteractionTrigger.EXPIRE)
        self._emit(
            WaitExpired(interaction_id=interaction.interaction_id, queue=interaction.queue, way_out=way_out, why=why)
        )
