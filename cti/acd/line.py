"""The interactions in the engine's care, the rules of their queues, and the order in which they wait."""

from collections.abc import Callable, Iterable
from math import isfinite

from cti.acd.estimate import WaitEstimate
from cti.acd.events import ONLY_AGENT_WAIT_S, ONLY_GROUP_WAIT_S, CallerQueued, InteractionChanged
from cti.acd.interaction import Interaction, InteractionState, InteractionTrigger
from cti.acd.matching import Matching
from cti.acd.need import stage_at
from cti.acd.queue import QueueRules
from cti.acd.ranked import Lineup
from cti.acd.roster import Deadlines
from cti.acd.views import InteractionView
from cti.agents.agent import AgentProfile
from cti.agents.capacity import counted_as
from cti.errors import NotFound


class Line:
    """`matching`, `deadlines` and `estimate` are shared with the engine; `awaited` is a preferred agent's profile if
    that agent is at work, hence worth waiting for.

    `fresh` has who came into a queue, or back into it, since the engine last looked: whether it was just entering.
    """

    def __init__(
        self,
        matching: Matching,
        deadlines: Deadlines,
        estimate: WaitEstimate,
        awaited: Callable[[str], AgentProfile | None],
    ) -> None:
        self._matching = matching
        self._deadlines = deadlines
        self._estimate = estimate
        self._awaited = awaited
        self._rules: dict[str, QueueRules] = {}
        self._configured: frozenset[str] = frozenset()
        self._interactions: dict[str, Interaction] = {}
        self._arrivals = 0
        self._order: dict[str, Lineup[str]] = {}
        self.fresh: dict[str, bool] = {}

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

    def served_rules(self) -> tuple[QueueRules, ...]:
        """The rules of every queue that serves somebody or may, by name."""
        return tuple(self._rules[name] for name in sorted(self._rules))

    def reload(self, rules: Iterable[QueueRules], now: float) -> None:
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
            self.reconsider(interaction, now)
        self._matching.sweep()

    def amend(self, interaction: Interaction, event: InteractionChanged, now: float) -> None:
        """Take what the event says of it, and let it have the place that this gives it."""
        if event.priority is not None:
            interaction.asked_priority = event.priority
        if event.vip is not None:
            interaction.vip = event.vip
        if event.skills is not None:
            interaction.asked_skills = event.skills
        if event.preferred_agent is not None:
            interaction.preferred_agent, interaction.held_over = event.preferred_agent, False
        self._apply_rules(interaction)
        self.reconsider(interaction, now)

    def reconsider(self, interaction: Interaction, now: float) -> None:
        """Something of what it needs, or of its points, may be different: put it where it belongs now."""
        if interaction.state is InteractionState.QUEUED:
            self._put(interaction, now)
        elif interaction.state is InteractionState.OFFERED:
            self._stage(interaction, now)
            self._order[interaction.queue].put(interaction.interaction_id, interaction.rank)

    def give_up(self, agent_id: str, now: float) -> None:
        """This agent may no longer be waited for: look again at those who prefer and wait for him."""
        for interaction_id in self._matching.waiting_for(agent_id):
            interaction = self._interactions[interaction_id]
            if not interaction.only_agent:
                self._put(interaction, now)

    def _apply_rules(self, interaction: Interaction) -> None:
        rules = self._rules.get(interaction.queue)
        if rules is None:
            return
        interaction.priority = rules.priority + interaction.asked_priority + rules.vip_points * interaction.vip
        interaction.due = interaction.queued_at + (rules.target_s if rules.serve == "target" else 0.0)
        needs = dict(rules.skills)
        for skill, level in interaction.asked_skills.items():
            needs[skill] = max(level, needs.get(skill, 0))
        interaction.asked = needs
        longest = rules.max_wait_s if interaction.max_wait_s is None else interaction.max_wait_s
        interaction.wait_until = None if longest is None else interaction.entered_at + longest
        asked = interaction.asked_preferred_wait_s
        hold = rules.preferred_wait_s if asked is None else asked
        if hold != interaction.preferred_wait_s:
            interaction.preferred_wait_s, interaction.held_over = hold, False
        interaction.medium = interaction.asked_medium or rules.medium

    def _stage(self, interaction: Interaction, now: float) -> None:
        """Work out what is needed now, and until when. Whoever is no longer waited for never is again."""
        rules = self._rules.get(interaction.queue)
        if rules is None:
            return
        preferred = None if interaction.held_over else self._awaited(interaction.preferred_agent)
        stage = stage_at(interaction, rules, now, preferred)
        interaction.need, interaction.points, interaction.relax_at = stage.need, stage.points, stage.until
        interaction.held_over = not stage.need.only_agent

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

    def forget(self, interaction: Interaction, now: float) -> None:
        self.leave(interaction, now)
        del self._interactions[interaction.interaction_id]

    def join(self, interaction: Interaction, event: CallerQueued, now: float) -> None:
        """Wait as the event says. It is not waiting and not offered when this is called."""
        longest = event.max_wait_s
        if event.only_agent and longest is None:
            longest = ONLY_AGENT_WAIT_S
        if event.only_group and longest is None:
            longest = ONLY_GROUP_WAIT_S
        interaction.queue = event.queue
        interaction.asked_medium = event.medium
        interaction.asked_priority = event.priority
        interaction.asked_skills = event.skills
        interaction.queued_at = event.queued_at
        interaction.entered_at = now if event.entered_at is None else event.entered_at
        interaction.vip = event.vip
        interaction.branch = event.branch
        interaction.preferred_agent = event.preferred_agent
        interaction.asked_preferred_wait_s = event.preferred_wait_s
        interaction.held_over = False
        interaction.node = event.node
        interaction.only_agent, interaction.only_group = event.only_agent, event.only_group
        interaction.max_wait_s = longest
        interaction.way_out = event.way_out
        interaction.offers = max(interaction.offers, event.offers)
        self._apply_rules(interaction)
        self.wait(interaction, InteractionTrigger.QUEUE, now)
        self.fresh[interaction.interaction_id] = event.entered_at is None

    def wait(self, interaction: Interaction, trigger: InteractionTrigger, now: float) -> None:
        """Take the place that its rank gives it."""
        interaction.move(trigger)
        self.fresh[interaction.interaction_id] = False
        self._put(interaction, now)

    def _put(self, interaction: Interaction, now: float) -> None:
        self._stage(interaction, now)
        rank = interaction.rank
        order = self._order.setdefault(interaction.queue, Lineup())
        order.put(interaction.interaction_id, rank)
        self._matching.wait(interaction, rank)
        for kind, at in (("wait", interaction.wait_until), ("relax", interaction.relax_at)):
            if at is None:
                self._deadlines.discard((kind, interaction.interaction_id))
            else:
                self._deadlines.put((kind, interaction.interaction_id), (at,))

    def pause(self, interaction: Interaction) -> None:
        """It is being offered: it keeps its place in the order, but nobody else gets it and its wait cannot expire."""
        if self._matching.leave(interaction.interaction_id):  # only who waits there has these deadlines, see `_put`
            self._deadlines.discard(("wait", interaction.interaction_id))
            self._deadlines.discard(("relax", interaction.interaction_id))

    def leave(self, interaction: Interaction, now: float) -> None:
        """It no longer waits, whether it did or not."""
        self.pause(interaction)
        self._estimate.left(interaction.interaction_id, now)
        if order := self._order.get(interaction.queue):
            order.discard(interaction.interaction_id)

    # --- to be seen

    def queued(self, queue: str) -> list[Interaction]:
        """Who waits in the queue and is not being offered, in order."""
        order = (self._interactions[one] for one in self._order.get(queue, ()))
        return [one for one in order if one.state is InteractionState.QUEUED]

    def length(self, queue: str) -> int:
        """How many are in the queue, the offered ones included."""
        return len(self._order.get(queue, ()))

    def waiting(self, queue: str, most: int | None = None) -> tuple[InteractionView, ...]:
        order = self._order.get(queue)
        return tuple(self._view(self._interactions[one]) for one in (order.firsts(most) if order else ()))

    def last(self, queue: str) -> str | None:
        order = self._order.get(queue)
        return order.last() if order else None

    def position(self, interaction_id: str) -> int | None:
        interaction = self._interactions.get(interaction_id)
        order = self._order.get(interaction.queue) if interaction else None
        if order is None or interaction_id not in order:
            return None
        return order.place(interaction_id) + 1

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
            skills=dict(interaction.need.required),
            asked=interaction.beyond,
            preferred_agent=interaction.preferred_agent,
            only_agent=interaction.only_agent,
            only_group=interaction.only_group,
            offers=interaction.offers,
            offer_id=interaction.offer_ids[0] if interaction.offer_ids else "",
            agent_ids=tuple(interaction.agents),
            offer_ids=tuple(interaction.offer_ids),
            points=interaction.points,
            vip=interaction.vip,
            branch=interaction.branch,
            doors=interaction.need.doors,
            branch_only=interaction.need.branch_only,
            held_for=interaction.need.only_agent if interaction.need.doors else "",
            relax_at=interaction.relax_at,
            medium=interaction.medium,
            node=interaction.node,
        )


def check_values(event: CallerQueued) -> None:
    """`ValueError` for a time or a number that would not compare, and for a medium that is none."""
    longest, preferred = event.max_wait_s or 0.0, event.preferred_wait_s or 0.0
    numbers = (event.queued_at, event.entered_at or 0.0, longest, preferred)
    if not all(map(isfinite, numbers)) or longest < 0 or preferred < 0:
        raise ValueError(f"interaction {event.interaction_id}: times must be finite numbers, and no wait negative")
    if event.medium:
        counted_as(event.medium)
