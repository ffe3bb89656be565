"""What an interaction needs of an agent at one moment of its wait, worked out from rules and time alone."""

from typing import TYPE_CHECKING, Any, NamedTuple

from cti.agents.agent import AgentProfile
from cti.agents.capacity import counted_as

if TYPE_CHECKING:
    from cti.acd.interaction import Interaction
    from cti.acd.queue import QueueRules


class Need(NamedTuple):
    """Interactions with equal needs wait in one line and are served by the same agents in the same order.

    `doors` say whose agents may have it: "queue:<name>" and "group:<name>", its own queue first (one group alone, where
    it is for that); none at all where `only_agent` may have it whatever the agent's queues. `only_agent` with doors is
    a preferred agent who is waited for. `branch_only`: nobody of another branch yet. `choice` and `ageing` are the
    queue's, for the order.
    `medium` is the one whose capacity it takes. `node` is the telephone system that the customer is on ("": wherever):
    only a phone of the same one can be connected.
    """

    queue: str
    required: tuple[tuple[str, int], ...] = ()
    only_agent: str = ""
    doors: tuple[str, ...] = ()
    branch: str = ""
    prefer_branch: bool = False
    branch_only: bool = False
    choice: str = "longest_idle"
    ageing: float = 0.0
    medium: str = "voice"
    node: str = ""

    def misfit(self, profile: AgentProfile) -> str:  # noqa: PLR0911  # one for each reason
        """Why this agent may never have it, "" for may have it."""
        if self.medium not in profile.media:
            return f"takes no {self.medium}"
        if self.node and self.node not in profile.nodes:
            return f"has no phone on {self.node}"
        if self.only_agent and profile.agent_id != self.only_agent:
            return f"waits for {self.only_agent} alone"
        if self.branch_only and profile.branch != self.branch:
            return f"waits for branch {self.branch}"
        if self.doors and profile.doors.isdisjoint(self.doors):
            return "not in " + " or ".join(self.doors)
        for skill, level in self.required:
            if profile.skills.get(skill, 0) < level:
                return f"{skill} {profile.skills.get(skill, 0)} below {level}"
        return ""

    @property
    def indexed_by(self) -> tuple[str, ...]:
        """The doors by which the agents who might fit are found."""
        return (f"agent:{self.only_agent}",) if self.only_agent else self.doors


class Stage(NamedTuple):
    """`until` is when the need is another one or the priority rises, None for never; `points` are the steps' so far."""

    need: Need
    points: int
    until: float | None


def stage_at(interaction: "Interaction", rules: "QueueRules", now: float, preferred: AgentProfile | None) -> Stage:
    """`preferred` is the preferred agent, if he is to be waited for at all.

    Times are compared as `entered_at + seconds <= now`, just as the deadline is set: a stage always ends.
    """
    if interaction.only_agent:
        return Stage(_need(interaction, rules, only_agent=interaction.only_agent), 0, None)
    if interaction.only_group:
        return Stage(_need(interaction, rules, doors=(f"group:{interaction.only_group}",)), 0, None)
    skills, points = interaction.asked, 0
    doors: tuple[str, ...] = (rules.door,)
    changes: list[float] = []
    for step in rules.relax:
        begins = interaction.entered_at + step.after_s
        if begins > now:
            changes.append(begins)
            continue
        skills, points = step.relaxed(skills), points + step.points
        doors = tuple(dict.fromkeys(doors + step.doors))
    prefer_branch = bool(rules.prefer_branch and interaction.branch)
    own_branch = interaction.entered_at + rules.branch_wait_s
    branch_only = prefer_branch and own_branch > now
    need = _need(
        interaction,
        rules,
        required=tuple(sorted(skills.items())),
        doors=doors,
        branch=interaction.branch if prefer_branch else "",
        prefer_branch=prefer_branch,
        branch_only=branch_only,
    )
    if branch_only:
        changes.append(own_branch)
    hold = interaction.entered_at + interaction.preferred_wait_s
    if preferred is not None and hold > now and not need._replace(branch_only=False).misfit(preferred):
        need = need._replace(only_agent=preferred.agent_id, branch_only=False)
        changes.append(hold)
    return Stage(need, points, min(changes, default=None))


def _need(interaction: "Interaction", rules: "QueueRules", **asked: Any) -> Need:
    """With what is the same at every stage; `asked` are the other fields."""
    return Need(
        interaction.queue,
        choice=rules.choice,
        ageing=rules.ageing,
        medium=counted_as(interaction.medium),
        node=interaction.node,
        **asked,
    )
