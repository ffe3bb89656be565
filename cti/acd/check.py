"""What is wrong with the rules of the queues as a whole, before they go live. Pure: files and lines are for others."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal

import msgspec

from cti.acd.limits import parse_way_out
from cti.acd.queue import QueueRules
from cti.acd.relax import HIGHEST_LEVEL
from cti.agents.agent import AgentProfile
from cti.agents.capacity import MEDIA, counted_as

Path = tuple[str | int, ...]
_LEVELS: Final = f"1 to {HIGHEST_LEVEL}"


class Problem(msgspec.Struct, frozen=True):
    """`path` is ("queues", name, field, ...) or ("agents", id, field, ...), as deep as the fault is.

    An "error" must not go live; a "warning" may be meant. `message` is one sentence without the path.
    """

    path: Path
    message: str
    severity: Literal["error", "warning"] = "error"


def problems(
    rules: Sequence[QueueRules],
    profiles: Iterable[AgentProfile] | None = None,
    *,
    when_closed: Mapping[str, str] | None = None,
    closed_together: Iterable[Collection[str]] = (),
) -> tuple[Problem, ...]:
    """All of them, queue by queue. Without `profiles` what depends on the agents is not looked at.

    `when_closed`: queue -> its way out outside its opening hours. `closed_together`: the sets of queues that are closed
    at one time or another; a way out that is taken when closed is part of a cycle only together with the others.
    """
    agents = None if profiles is None else tuple(profiles)
    known = {one.name for one in rules}
    closed = when_closed or {}
    found: list[Problem] = []
    for one in rules:
        found += _levels(("queues", one.name, "skills"), one.skills)
        found += _relaxation(one, known)
        found += _ways_out(one, known, closed.get(one.name, ""))
        if agents is not None:
            found += _nobody(one, agents)
            found += _nobody_takes(one, agents)
    found += _cycles(rules, closed, closed_together)
    for agent in agents or ():
        found += _levels(("agents", agent.agent_id, "skills"), agent.skills)
        found += _capacity(("agents", agent.agent_id, "capacity"), agent.capacity)
    return tuple(found)


def _levels(path: Path, skills: Mapping[str, int], lowest: int = 1) -> Iterator[Problem]:
    for skill, level in skills.items():
        if not lowest <= level <= HIGHEST_LEVEL:
            allowed = _LEVELS if lowest else f"{_LEVELS}, or 0 for no longer needed"
            yield Problem((*path, skill), f"expected a level of {allowed}, found {level}")


def _capacity(path: Path, capacity: Mapping[str, int]) -> Iterator[Problem]:
    for medium, most in capacity.items():
        if medium not in MEDIA:
            counted = f"; a {medium} counts as voice" if medium == "callback" else ""
            yield Problem((*path, medium), f"expected one of {', '.join(MEDIA)}{counted}")
        elif most < 0:
            yield Problem((*path, medium), f"expected 0 or more, found {most}")


def _nobody_takes(rules: QueueRules, agents: tuple[AgentProfile, ...]) -> Iterator[Problem]:
    """A medium of which no agent of the queue gets any."""
    medium = counted_as(rules.medium)
    own = [agent for agent in agents if f"queue:{rules.name}" in agent.doors]
    if own and not any(medium in agent.media for agent in own):
        yield Problem(("queues", rules.name, "medium"), f"no agent of this queue has capacity for {medium}", "warning")


def _relaxation(rules: QueueRules, known: set[str]) -> Iterator[Problem]:
    for number, step in enumerate(rules.relax):
        path = ("queues", rules.name, "relax", number)
        yield from _levels((*path, "skills"), step.skills, lowest=0)
        for place, queue in enumerate(step.queues):
            if queue not in known:
                yield Problem((*path, "queues", place), f"there is no queue '{queue}'")
        if not (step.skills or step.lower or step.queues or step.groups or step.points):
            yield Problem(path, "this step changes nothing", "warning")
        if rules.max_wait_s is not None and step.after_s >= rules.max_wait_s:
            message = f"never reached: nobody waits for longer than {rules.max_wait_s:g} s"
            yield Problem((*path, "after_s"), message, "warning")


def _exits(rules: QueueRules, when_closed: str = "") -> Iterator[tuple[Path, str]]:
    """Where the ways out are written, and what they say."""
    if rules.way_out:
        yield ("queues", rules.name, "way_out"), rules.way_out
    for number, limit in enumerate(rules.limits):
        yield ("queues", rules.name, "limits", number, "way_out"), limit.way_out
    if when_closed:
        yield ("queues", rules.name, "when_closed"), when_closed


def _ways_out(rules: QueueRules, known: set[str], when_closed: str) -> Iterator[Problem]:
    if rules.max_wait_s is not None and not rules.way_out:
        yield Problem(("queues", rules.name, "max_wait_s"), "a longest wait needs a way_out", "warning")
    for path, text in _exits(rules, when_closed):
        try:
            way_out = parse_way_out(text)
        except ValueError as error:
            yield Problem(path, str(error))
            continue
        if way_out.kind == "queue" and way_out.target not in known:
            yield Problem(path, f"there is no queue '{way_out.target}'")


def _nobody(rules: QueueRules, agents: tuple[AgentProfile, ...]) -> Iterator[Problem]:
    """A skill that no agent of the queue has, or of those whom relaxation adds; a group in which nobody is."""
    path: Path = ("queues", rules.name)
    if not any(f"queue:{rules.name}" in agent.doors for agent in agents):
        yield Problem(path, "no agent is in this queue", "warning")
    for number, step in enumerate(rules.relax):
        for place, group in enumerate(step.groups):
            if not any(group in agent.groups for agent in agents):
                yield Problem((*path, "relax", number, "groups", place), f"no agent is in group '{group}'", "warning")
    if not rules.skills:
        return
    after_s = reached_after(rules, agents)
    if after_s is None:
        yield Problem((*path, "skills"), "nobody has these skills at these levels, and no relaxation helps")
    elif after_s > 0:
        message = f"nobody has these skills at these levels; until {after_s:g} s have passed all wait in vain"
        yield Problem((*path, "skills"), message, "warning")


def reached_after(rules: QueueRules, agents: Iterable[AgentProfile]) -> float | None:
    """After how many seconds of waiting the first of these agents fits a caller of the queue; None: never."""
    agents = tuple(agents)
    for after_s, doors, skills in _stages(rules):
        if any(agent.has(skills) and not agent.doors.isdisjoint(doors) for agent in agents):
            return after_s
    return None


def _stages(rules: QueueRules) -> Iterator[tuple[float, tuple[str, ...], dict[str, int]]]:
    """From when on, by which doors, with which skills."""
    skills = dict(rules.skills)
    doors: tuple[str, ...] = (rules.door,)
    yield 0.0, doors, skills
    for step in rules.relax:
        skills, doors = step.relaxed(skills), (*doors, *step.doors)
        yield step.after_s, doors, skills


Onward = Mapping[str, list[tuple[str, Path]]]
"""Queue -> the queues to which its ways out lead, and where that is written."""


def _cycles(
    rules: Sequence[QueueRules], when_closed: Mapping[str, str], closed_together: Iterable[Collection[str]]
) -> Iterator[Problem]:
    """A caller could go round and round: each cycle is said once, where the way out is written that closes it."""
    said: set[frozenset[str]] = set()
    for closed in ((), *closed_together):
        onward = {one.name: _onward(one, when_closed.get(one.name, "") if one.name in closed else "") for one in rules}
        done: set[str] = set()
        for one in rules:
            if one.name not in done:
                for circle, path in _walk((one.name,), onward, done):
                    if (members := frozenset(circle)) not in said:
                        said.add(members)
                        yield Problem(path, "a cycle of ways out: " + " -> ".join(circle))


def _walk(trail: tuple[str, ...], onward: Onward, done: set[str]) -> Iterator[tuple[tuple[str, ...], Path]]:
    for following, path in onward.get(trail[-1], ()):
        if following in trail:
            yield (*trail[trail.index(following) :], following), path
        elif following not in done:
            yield from _walk((*trail, following), onward, done)
    done.add(trail[-1])


def _onward(rules: QueueRules, when_closed: str) -> list[tuple[str, Path]]:
    found = []
    for path, text in _exits(rules, when_closed):
        kind, _, target = text.partition(":")
        if kind == "queue":
            found.append((target, path))
    return found
