"""The interactions in the engine's care, the rules of their queues, and the order in which they wait."""

from collections.abc import Iterable
from math import isfinite

from cti.acd.events import ONLY_AGENT_WAIT_S, CallerQueued
from cti.acd.interaction import Interaction, InteractionState, InteractionTrigger
from cti.acd.matching import Matching
from cti.acd.queue import QueueRules
from cti.acd.ranked import Ranked
from cti.acd.roster import Deadlines
from cti.acd.views import InteractionView
from cti.errors import NotFound


class Line:
    """`matching` and `deadlines` are shared with the engine."""

    def __init__(self, matching: Matching, deadlines: Deadlines) -> None:
        self._matching = matching
        self._deadlines = deadlines
        self._rules: dict[str, QueueRules] = {}
        self._configured: frozenset[str] = frozenset()
        self._interactions: dict[str, Interaction] = {}
        self._arrivals = 0
        self._order: dict[str, Ranked[str]] = {}

    # --- rules

    def rules(self, queue: str) -> QueueRules | None:
        """The rules of a queue, also of one that is no longer configured but still serves somebody."""
        return self._rules.get(queue)

    def configured(self, queue: str) -> QueueRules:
        """The rules of a queue that takes new interactions; `NotFound` for any other."""
        if queue not in self._configured:
            raise NotFound("queue", queue)
        return self._rules[queue]

    def all_rules(self) -> tuple[QueueRules, ...]:
        found = (self._rules[name] for name in self._configured)
        return tuple(sorted(found, key=lambda rules: (rules.order, rules.name)))

    def reload(self, rules: Iterable[QueueRules]) -> None:
        """Take these rules; `ValueError` when two have one name. What waits is put in order and in need by them."""
        rules = tuple(rules)
        configured = {one.name: one for one in rules}
        if len(configured) != len(rules):
            raise ValueError("two queues have the same name")
        served = {one.queue for one in self._interactions.values()}
        self._rules = {name: one for name, one in self._rules.items() if name in served} | configured
        self._configured = frozenset(configured)
        for interaction in self._interactions.values():
            self._apply_rules(interaction)
            if interaction.state is InteractionState.QUEUED:
                self._put(interaction)
            elif interaction.state is InteractionState.OFFERED:
                self._order[interaction.queue].put(interaction.interaction_id, interaction.rank)
        self._matching.sweep()

    def _apply_rules(self, interaction: Interaction) -> None:
        rules = self._rules.get(interaction.queue)
        if rules is None:
            return
        interaction.priority = rules.priority + interaction.asked_priority
        needs = dict(rules.skills)
        for skill, level in interaction.asked_skills.items():
            needs[skill] = max(level, needs.get(skill, 0))
        interaction.required = tuple(sorted(needs.items()))
        longest = rules.max_wait_s if interaction.max_wait_s is None else interaction.max_wait_s
        interaction.wait_until = None if longest is None else interaction.entered_at + longest

    # --- interactions

    def find(self, interaction_id: str) -> Interaction | None:
        return self._interactions.get(interaction_id)

    def admit(self, interaction_id: str, queue: str = "") -> Interaction:
        """The interaction, known from now on; `queue` counts for a new one only."""
        interaction = self._interactions.get(interaction_id)
        if interaction is None:
            self._arrivals += 1
            interaction = Interaction(interaction_id, self._arrivals, queue=queue)
            self._interactions[interaction_id] = interaction
        return interaction

    def forget(self, interaction: Interaction) -> None:
        self.leave(interaction)
        del self._interactions[interaction.interaction_id]

    def join(self, interaction: Interaction, event: CallerQueued, now: float) -> None:
        """Wait as the event says. It is not waiting and not offered when this is called."""
        longest = event.max_wait_s
        if event.only_agent and longest is None:
            longest = ONLY_AGENT_WAIT_S
        interaction.queue = event.queue
        interaction.asked_priority = event.priority
        interaction.asked_skills = event.skills
        interaction.queued_at = event.queued_at
        interaction.entered_at = now if event.entered_at is None else event.entered_at
        interaction.preferred_agent = event.preferred_agent
        interaction.only_agent = event.only_agent
        interaction.max_wait_s = longest
        interaction.way_out = event.way_out
        interaction.offers = max(interaction.offers, event.offers)
        self._apply_rules(interaction)
        self.wait(interaction, InteractionTrigger.QUEUE)

    def wait(self, interaction: Interaction, trigger: InteractionTrigger) -> None:
        """Take the place that its rank gives it."""
        interaction.move(trigger)
        self._put(interaction)

    def _put(self, interaction: Interaction) -> None:
        order = self._order.setdefault(interaction.queue, Ranked())
        order.put(interaction.interaction_id, interaction.rank)
        self._matching.wait(interaction)
        due = ("wait", interaction.interaction_id)
        if interaction.wait_until is None:
            self._deadlines.discard(due)
        else:
            self._deadlines.put(due, (interaction.wait_until,))

    def pause(self, interaction: Interaction) -> None:
        """It is being offered: it keeps its place in the order, but nobody else gets it and its wait cannot expire."""
        self._matching.leave(interaction.interaction_id)
        self._deadlines.discard(("wait", interaction.interaction_id))

    def leave(self, interaction: Interaction) -> None:
        """It no longer waits, whether it did or not."""
        self.pause(interaction)
        if order := self._order.get(interaction.queue):
            order.discard(interaction.interaction_id)

    # --- to be seen

    def waiting(self, queue: str) -> tuple[InteractionView, ...]:
        return tuple(self._view(self._interactions[one]) for one in self._order.get(queue, ()))

    def position(self, interaction_id: str) -> int | None:
        interaction = self._interactions.get(interaction_id)
        order = self._order.get(interaction.queue) if interaction else None
        if order is None or interaction_id not in order:
            return None
        return order.before(interaction_id) + 1

    def view(self, interaction_id: str) -> InteractionView:
        interaction = self._interactions.get(interaction_id)
        if interaction is None:
            raise NotFound("interaction", interaction_id)
        return self._view(interaction)

    def views(self) -> tuple[InteractionView, ...]:
        return tuple(self._view(one) for one in sorted(self._interactions.values(), key=lambda one: one.arrival))

    @staticmethod
    def _view(interaction: Interaction) -> InteractionView:
        return InteractionView(
            interaction_id=interaction.interaction_id,
            state=interaction.state,
            queue=interaction.queue,
            priority=interaction.priority,
            queued_at=interaction.queued_at,
            entered_at=interaction.entered_at,
            wait_until=interaction.wait_until,
            skills=dict(interaction.required),
            preferred_agent=interaction.preferred_agent,
            only_agent=interaction.only_agent,
            offers=interaction.offers,
            offer_id=interaction.offer_id,
            agent_ids=tuple(interaction.agents),
        )


def check_numbers(event: CallerQueued) -> None:
    """`ValueError` for a time or a number that would not compare."""
    numbers = (event.queued_at, event.entered_at or 0.0, event.max_wait_s or 0.0)
    if not all(isfinite(number) for number in numbers) or (event.max_wait_s or 0.0) < 0:
        raise ValueError(f"interaction {event.interaction_id}: times must be finite numbers, and no wait negative")
