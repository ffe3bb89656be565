"""Changing the configuration of a daemon that runs, with everything that lives going on as it was.

All is read and checked first; what is wrong raises and nothing has changed. Then, in one step of the event loop, the
new rules are in force: whoever waits has the place, the needs and the ways out that they give, running rings and
wrap-ups end as they began, and today's figures stay (pain 11).
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import msgspec
import structlog

from cti.acd import events as acd
from cti.daemon.changes import RELOADABLE, changes, needs_restart, people_changes
from cti.daemon.people import Person, introduce, midnight, workers
from cti.desk.desk import Desk
from cti.errors import ConfigError, CtiError, NotFound
from cti.events import AgentStateChanged, Fact, SegmentEnded
from cti.floor.floor import Floor
from cti.floor.phones import PhoneBook
from cti.floor.rules import Rules
from cti.reports.service import AgentFigures
from cti.settings import Settings, read
from cti.settings.configuration import Configuration, examine
from cti.settings.rules import admission_rules, outbound_rules
from cti.store.store import Store
from cti.web.ws import ENDED

log = structlog.get_logger(__name__)


class Reloaded(msgspec.Struct, frozen=True, kw_only=True):
    """What a reload did, in words. `restart`: settings that differ from the files until the next start."""

    changes: tuple[str, ...]
    warnings: tuple[str, ...]
    restart: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Reload:
    """`configuration` is what is in force, for the people it is the roster. Subscribe `on_fact` to the bus for
    `HEARS`.

    `reasons` are the not-ready reasons that agents may give, changed in place like `rules`.
    """

    HEARS: ClassVar[tuple[type[Fact], ...]] = (AgentStateChanged, SegmentEnded)

    configuration: Configuration
    floor: Floor
    desk: Desk
    rules: Rules
    reasons: set[str]
    phones: PhoneBook
    store: Store
    disconnect: Callable[[str, str], None]
    """Closes the browsers of an agent (agent id, why)."""
    renew: list[Callable[[], None]] = field(default_factory=list)
    """What is read again besides: certificates. Each raises a `CtiError` when it cannot be, and goes on as it was."""
    leaving: set[str] = field(default_factory=set)
    """Who is no longer among the people, and still has something to finish."""
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def settings(self) -> Settings:
        """Those in force."""
        return self.configuration.settings

    async def __call__(self) -> Reloaded:
        """Raises ConfigError with file:line, or another error when the database is away; nothing has changed then."""
        async with self._one_at_a_time:
            for each in self.renew:
                await asyncio.to_thread(each)
            while True:
                before = self._people()
                written = await asyncio.to_thread(read, self.settings.root)
                people = await self._stored_people()
                configuration = await self._examined(written, people)
                today = await self.store.figures.agents(midnight(self.settings))
                if self._people() == before:  # else a supervisor assigned somebody something else meanwhile
                    break
            now = {agent_id: person.as_configured() for agent_id, person in people.items()}
            done = Reloaded(
                changes=(*changes(self.configuration, configuration), *people_changes(before, now)),
                warnings=tuple(map(str, configuration.warnings)),
                restart=needs_restart(self.settings, written),
            )
            self._take_over(configuration, people, before, today)
            if any(_endpoint(before.get(agent_id)) != _endpoint(person) for agent_id, person in people.items()):
                await self._write_phones()
            return done

    async def _stored_people(self) -> dict[str, Person]:
        people, problems = workers(await self.store.users.list())
        if problems:
            raise ConfigError(*problems)
        return {person.profile.agent_id: person for person in people}

    async def _examined(self, written: Settings, people: Mapping[str, Person]) -> Configuration:
        settings = self.settings.model_copy(update={name: getattr(written, name) for name in RELOADABLE})
        profiles = [person.profile for person in people.values()]
        return await asyncio.to_thread(examine, settings, self.floor.clock(), profiles)

    def _people(self) -> dict[str, Person]:
        """Those in force."""
        members = self.floor.roster.members.items()
        return {who: Person(one.configured, one.role) for who, one in members if who not in self.leaving}

    async def and_log(self) -> None:
        """For SIGHUP, which has nobody to answer to."""
        try:
            done = await self()
        except CtiError as error:
            log.error("the configuration is not reloaded, nothing has changed", problems=str(error))  # noqa: TRY400
        else:
            log.info("reloaded", changes=done.changes, warnings=done.warnings, restart=done.restart)

    # --- in one step of the event loop -----------------------------------------------------------------------------

    def _take_over(
        self,
        configuration: Configuration,
        people: Mapping[str, Person],
        before: Mapping[str, Person],
        today: Mapping[str, AgentFigures],
    ) -> None:
        new_queues = configuration.settings.queues.keys() - self.settings.queues.keys()
        touched = [
            person
            for agent_id, person in people.items()
            if before.get(agent_id) != person.as_configured() or not new_queues.isdisjoint(person.profile.queues)
        ]
        self.configuration = configuration
        self._replace_rules(configuration)
        introduce(touched, today, roster=self.floor.roster, desk=self.desk)
        # People before rules: by the new rules nobody is to be offered what only the old profile fits.
        for person in touched:
            self._tell_of(person.profile.agent_id)
            if (had := before.get(person.profile.agent_id)) and had.role != person.role:
                self.disconnect(person.profile.agent_id, "the role has changed")
        self.floor.feed(acd.QueueRulesChanged(rules=configuration.rules))
        for agent_id in before.keys() - people.keys():
            self.leaving.add(agent_id)
            self._see_off(agent_id)

    def _replace_rules(self, configuration: Configuration) -> None:
        settings, rules = configuration.settings, self.rules
        rules.flows, rules.hotlines, rules.cares = configuration.flows, settings.hotlines, configuration.cares
        rules.outbound, rules.admission = outbound_rules(settings), admission_rules(settings)
        rules.forms = configuration.forms
        rules.agent_flows = frozenset(one.flow for one in settings.agent_flows)
        rules.base = {name: queue.priority for name, queue in settings.queues.items()}
        self.reasons.clear()
        self.reasons.update(reason.code for reason in settings.not_ready_reasons)
        for one in configuration.rules:
            self.desk.queues.configure(one.name, dict(one.label), one.target_s)
        self.desk.queues.keep(settings.queues)
        self.desk.configured(self.floor.clock())

    def _tell_of(self, agent_id: str) -> None:
        """Somebody who may be signed in, and who is taken back if about to leave."""
        came_back = agent_id in self.leaving
        self.leaving.discard(agent_id)
        if not self._is_signed_in(agent_id):
            return
        profile, reachable = self.floor.roster.profile(agent_id), self.floor.reachability.of(agent_id)
        if came_back:
            self.floor.feed(acd.AgentSignedIn(profile=profile, reachable=reachable))
        else:
            self.floor.feed(acd.AgentProfileChanged(profile=profile))
        self.floor.feed(acd.ReachabilityChanged(agent_id=agent_id, reachable=reachable))
        self.floor.show_phone(agent_id)

    def _is_signed_in(self, agent_id: str) -> bool:
        try:
            self.floor.engine.agent(agent_id)
        except NotFound:
            return False
        return True

    # --- who goes --------------------------------------------------------------------------------------------------

    def on_fact(self, fact: Fact) -> None:
        if isinstance(fact, AgentStateChanged | SegmentEnded) and fact.agent_id in self.leaving:
            asyncio.get_running_loop().call_soon(self._see_off, fact.agent_id)

    def _see_off(self, agent_id: str) -> None:
        """Signed out as soon as no conversation is in the way, and then no longer there at all."""
        if agent_id not in self.leaving:
            return
        if self._is_signed_in(agent_id):
            self.floor.feed(acd.AgentSignedOut(agent_id=agent_id))
        if not self._is_signed_in(agent_id) and self.floor.conversations.of_agent(agent_id) is None:
            self.leaving.discard(agent_id)
            self.floor.roster.remove(agent_id)
            self.desk.remove_agent(agent_id)
            self.disconnect(agent_id, ENDED)
            self.floor.orders.start(f"phones without {agent_id}", self._write_phones())

    # --- their phones ----------------------------------------------------------------------------------------------

    async def _write_phones(self) -> None:
        """What Asterisk refuses now it takes at the next log-in of anybody: the reload as such has happened."""
        try:
            await asyncio.to_thread(self.phones.write)
            await self.phones.reload_now()
        except (CtiError, OSError) as error:
            log.warning("the agents' endpoints could not be loaded", reason=str(error))


def _endpoint(person: Person | None) -> tuple[str, str] | None:
    """What of somebody is written into the endpoints of Asterisk."""
    return (person.profile.extension, person.profile.name) if person else None
