"""The people of the database as those who work here: their profiles, and on the floor and the screens at the start."""

import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from cti.agents.agent import AgentProfile
from cti.desk.desk import Desk
from cti.errors import Problem
from cti.events import Role
from cti.floor.roster import Roster
from cti.reports.service import AgentFigures, by_quarter, by_queue
from cti.settings import Settings
from cti.store.store import Store
from cti.store.users import User


class Person(NamedTuple):
    profile: AgentProfile
    role: Role
    absent_from: tuple[str, ...] = ()

    def as_configured(self) -> "Person":
        """Without what the person does about it at work."""
        return self._replace(absent_from=())


def workers(users: Iterable[User]) -> tuple[tuple[Person, ...], tuple[Problem, ...]]:
    """Who has a phone here; and who cannot work here, because no profile can be made of what is stored."""
    people: list[Person] = []
    problems: list[Problem] = []
    for user in users:
        if not user.extension:
            continue
        try:
            people.append(Person(_profile(user), user.role, user.absent_from))
        except ValueError as error:
            name = f"agent {user.login}"
            problems.append(Problem(name, 0, str(error).removeprefix(f"{name}: ")))
    return tuple(people), tuple(problems)


def _profile(user: User) -> AgentProfile:
    return AgentProfile(
        agent_id=user.login,
        name=user.name,
        extension=user.extension,
        queues=user.queues,
        skills=user.skills,
        groups=user.groups,
        branch=user.branch,
        tiers=user.tiers,
        weight=user.weight,
    )


def midnight(settings: Settings) -> float:
    """When today began at the site, unix seconds."""
    now = datetime.now(ZoneInfo(settings.time_zone))
    return now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


def introduce(people: Iterable[Person], today: Mapping[str, AgentFigures], *, roster: Roster, desk: Desk) -> None:
    """Put them on the floor and the screens, new ones with their figures of `today`. Known ones keep what they do."""
    for profile, role, absent_from in people:
        member = roster.add(profile, role, absent_from)
        figures = today.get(profile.agent_id)
        desk.add_agent(
            member.profile,
            role,
            absent_from=tuple(sorted(member.absent_from)),
            handled_today=figures.handled if figures else 0,
            talk_today_s=figures.talk_s if figures else 0,
        )


async def seed_queues(settings: Settings, *, desk: Desk, store: Store) -> None:
    """Today's figures of the queues, from the store."""
    targets = {name: queue.target_s for name, queue in settings.queues.items()}
    await store.customers.adopt_orphans()
    visits = await store.figures.visits(midnight(settings))
    desk.queues.seeded(time.time())
    for (start, queue), quarter in by_quarter(visits, targets).items():
        desk.queues.seed_interval(
            start,
            queue=queue,
            offered=quarter.offered,
            answered=quarter.answered,
            abandoned=quarter.abandoned,
            within=quarter.within_target,
        )
    for name, counted in by_queue(visits, targets).items():
        desk.queues.seed(
            name,
            offered=counted.offered,
            answered=counted.answered,
            abandoned=counted.abandoned,
            within=counted.within_target,
            overflowed=counted.overflowed,
        )
