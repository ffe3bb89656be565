"""All that is configured, read together and checked: `laidian check`, the start and a reload go by this alone."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from cti.acd import check as acd
from cti.acd.limits import parse_way_out
from cti.acd.queue import QueueRules
from cti.agents.agent import AgentProfile
from cti.agents.wrap_up import FormRules
from cti.calendars.config import Opening, read_opening
from cti.calendars.together import closed_together
from cti.config.file import Located, Step, load_located
from cti.customers.numbers import country_code
from cti.errors import ConfigError, Problem
from cti.floor.rules import QueueCare
from cti.ivr.check import Checked, Known, load_flows, returns
from cti.ivr.flow import Flow
from cti.prompts import catalog
from cti.quality.config import read_scorecards
from cti.settings import Settings, SettingsFile, forms
from cti.settings.customers import complaints
from cti.settings.queues import QueueSettings, QueuesFile
from cti.settings.rules import all_queue_rules, queue_care

T = TypeVar("T")
Prompts = Mapping[str, frozenset[str]]
"""Language -> the ids of what can be said in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Fit to go live. `warnings` may be meant."""

    settings: Settings
    rules: tuple[QueueRules, ...]
    cares: Mapping[str, QueueCare]
    forms: Mapping[str, FormRules]
    flows: Mapping[str, Flow]
    warnings: tuple[Problem, ...]


def examine(settings: Settings, now: float, profiles: Sequence[AgentProfile] | None = None) -> Configuration:
    """Read what the settings lead to - flows, prompts, opening hours - and check all of it as a whole.

    Raises one `ConfigError` with every problem of every file. What depends on the agents is only ever a warning:
    people come and go while the files stay. Without `profiles` it is not looked at.
    """
    problems: list[Problem] = []
    rules = all_queue_rules(settings.queues)
    opening = _collect(lambda: _opening(settings, now), problems) or Opening(calendars={})
    _collect(lambda: read_scorecards(settings.root / "config", settings.queues), problems)
    prompts = _collect(lambda: _prompts(settings), problems)
    flows: Mapping[str, Checked] | None = None
    if prompts is not None:
        known = Known(prompts=prompts, queues=frozenset(settings.queues), somebody=_somebody(rules, profiles))
        flows = _collect(lambda: load_flows(settings.flows, known), problems)
        problems += _ways_out(settings, prompts)
        problems += _admission(settings, prompts)
    if flows is not None:
        problems += _hotlines(settings, flows)
    problems += _outbound(settings)
    problems += _customers(settings)
    errors, warnings = _queues(settings, rules, opening, profiles, now)
    problems += errors
    problems += forms.problems(settings)
    if problems or flows is None:
        raise ConfigError(*problems)
    return Configuration(
        settings=settings,
        rules=rules,
        cares=_cares(settings, opening),
        forms=forms.form_rules(settings),
        flows={name: checked.flow for name, checked in flows.items()},
        warnings=(
            *(w for checked in flows.values() for w in checked.warnings),
            *opening.warnings,
            *warnings,
            *_in_plain_text(settings),
        ),
    )


def _collect(read: Callable[[], T], problems: list[Problem]) -> T | None:
    try:
        return read()
    except ConfigError as error:
        problems += error.problems
        return None


def _prompts(settings: Settings) -> Prompts:
    catalogs = catalog.read(settings.prompts)
    return {language: frozenset(catalogs[language].prompts) for language in settings.languages if language in catalogs}


def _opening(settings: Settings, now: float) -> Opening:
    return read_opening(settings.root / "config", settings.queues, now)


def _cares(settings: Settings, opening: Opening) -> dict[str, QueueCare]:
    return {
        name: queue_care(
            queue,
            settings.queueing,
            time_zone=settings.time_zone,
            country_code=country_code(settings.region),
            opening=opening.calendars.get(name),
        )
        for name, queue in settings.queues.items()
    }


def _somebody(
    rules: Sequence[QueueRules], profiles: Sequence[AgentProfile] | None
) -> Callable[[str, Mapping[str, int]], bool] | None:
    if profiles is None:
        return None
    by_name = {one.name: one for one in rules}

    def somebody(queue: str, skills: Mapping[str, int]) -> bool:
        """True also for a queue that is not there: that is said elsewhere."""
        if queue not in by_name:
            return True
        own = by_name[queue].skills
        needed = {skill: max(own.get(skill, 0), skills.get(skill, 0)) for skill in {*own, *skills}}
        return acd.reached_after(msgspec.structs.replace(by_name[queue], skills=needed), profiles) is not None

    return somebody


def _hotlines(settings: Settings, flows: Mapping[str, Checked]) -> Iterator[Problem]:
    located: Located[SettingsFile] | None = None
    for number, flow in settings.hotlines.items():
        if flow not in flows:
            located = located or load_located(settings.root / "config" / "laidian.yaml", SettingsFile)
            text = f"there is no flow '{flow}' in {settings.flows}, there are: {', '.join(flows) or 'none'}"
            yield located.problem(text, "hotlines", number)
        elif returns(flows[flow].flow):
            located = located or load_located(settings.root / "config" / "laidian.yaml", SettingsFile)
            text = f"the flow '{flow}' returns to an agent, and a caller who dials in comes from none"
            yield located.problem(text, "hotlines", number)
    for index, one in enumerate(settings.agent_flows):
        if one.flow not in flows or not returns(flows[one.flow].flow):
            located = located or load_located(settings.root / "config" / "laidian.yaml", SettingsFile)
            fitting = ", ".join(name for name, flow in flows.items() if returns(flow.flow)) or "none"
            text = f"there is no flow '{one.flow}' with steps of the type return, there are: {fitting}"
            yield located.problem(text, "agent_flows", index, "flow")


def _outbound(settings: Settings) -> Iterator[Problem]:
    """Who is called back on the number that they saw must reach somebody, and one number alone is no prefix."""
    shown = settings.outbound.caller_id
    if shown is None or "*" in settings.hotlines:
        return
    if shown not in settings.hotlines:
        located = load_located(settings.root / "config" / "laidian.yaml", SettingsFile)
        text = f"no hotline answers at '{shown}', there are: {', '.join(settings.hotlines)}"
        yield located.problem(text, "outbound", "caller_id")


def _in_plain_text(settings: Settings) -> Iterator[Problem]:
    """Passwords and customers' data beyond this machine without TLS."""
    web = settings.web
    if not web.secure and web.host != "localhost" and not web.host.startswith(("127.", "::1")):
        located = load_located(settings.root / "config" / "laidian.yaml", SettingsFile)
        text = "passwords travel in plain text: set web.tls, or web.secure_cookie behind a proxy that speaks HTTPS"
        yield located.problem(text, "web", "host")


def _customers(settings: Settings) -> Iterator[Problem]:
    located: Located[SettingsFile] | None = None
    for text, path in complaints(settings.customer_fields, settings.links):
        located = located or load_located(settings.root / "config" / "laidian.yaml", SettingsFile)
        yield located.problem(text, *path)


def _queues(
    settings: Settings,
    rules: Sequence[QueueRules],
    opening: Opening,
    profiles: Sequence[AgentProfile] | None,
    now: float,
) -> tuple[list[Problem], list[Problem]]:
    """(errors, warnings) of the queues' rules as a whole, and of the people."""
    when_closed = {name: queue.when_closed for name, queue in settings.queues.items()}
    onward = {name for name, way_out in when_closed.items() if way_out.startswith("queue:")}
    calendars = {name: calendar for name, calendar in opening.calendars.items() if name in onward}
    closed = closed_together(calendars, now)
    certain = set(acd.problems(rules, when_closed=when_closed, closed_together=closed))
    found = acd.problems(rules, profiles, when_closed=when_closed, closed_together=closed)
    located = _located(settings) if found else None
    errors: list[Problem] = []
    warnings: list[Problem] = []
    for one in found:
        problem = _placed(located, one)
        (errors if one.severity == "error" and one in certain else warnings).append(problem)
    warnings += _strangers(profiles or (), settings.queues)
    return errors, warnings


def _located(settings: Settings) -> Located[QueuesFile]:
    return load_located(settings.root / "config" / "queues.yaml", QueuesFile)


def _placed(located: Located[QueuesFile] | None, found: acd.Problem) -> Problem:
    """With file:line; what is wrong with a person has only a name to go by."""
    if found.path[0] == "queues" and located is not None:
        return located.problem(found.message, *found.path)
    _, agent_id, *field = found.path
    return Problem(f"agent {agent_id}", 0, f"{' '.join(map(str, field))}: {found.message}")


def _strangers(profiles: Iterable[AgentProfile], queues: Mapping[str, QueueSettings]) -> Iterator[Problem]:
    for profile in profiles:
        for queue in profile.queues:
            if queue not in queues:
                yield Problem(f"agent {profile.agent_id}", 0, f"there is no queue '{queue}'")


def _ways_out(settings: Settings, prompts: Prompts) -> Iterator[Problem]:
    """Ways out that need something beside the rules: a prompt to be spoken, a queue that calls back."""
    located: Located[QueuesFile] | None = None
    for name, queue in settings.queues.items():
        for path, text in _exits(queue):
            if complaint := _complaint(queue, text, prompts):
                located = located or _located(settings)
                yield located.problem(complaint, "queues", name, *path)


def _admission(settings: Settings, prompts: Prompts) -> Iterator[Problem]:
    """Where new callers are sent when there are too many of them."""
    own = settings.admission
    name = own.queue or next(iter(settings.queues), "")
    if name not in settings.queues:
        located = load_located(settings.root / "config" / "laidian.yaml", SettingsFile)
        yield located.problem(f"there is no queue '{name}'", "admission", "queue")
    elif own.way_out:
        way = parse_way_out(own.way_out)
        complaint = _complaint(settings.queues[name], own.way_out, prompts)
        if way.kind == "queue" and way.target not in settings.queues:
            complaint = f"there is no queue '{way.target}'"
        if complaint:
            located = load_located(settings.root / "config" / "laidian.yaml", SettingsFile)
            yield located.problem(complaint, "admission", "way_out")


def _exits(queue: QueueSettings) -> Iterator[tuple[tuple[Step, ...], str]]:
    if queue.way_out:
        yield ("way_out",), queue.way_out
    for number, limit in enumerate(queue.limits):
        yield ("limits", number, "way_out"), limit.way_out
    if queue.when_closed:
        yield ("when_closed",), queue.when_closed


def _complaint(queue: QueueSettings, text: str, prompts: Prompts) -> str:
    way_out = parse_way_out(text)
    if way_out.kind == "callback" and queue.callback is None:
        return "the way out 'callback' needs the block `callback` in this queue"
    if way_out.kind == "announcement":
        lacking = sorted(language for language, ids in prompts.items() if way_out.target not in ids)
        files = ", ".join(f"ivr_prompts/{language}/prompts.yaml" for language in lacking)
        return f"unknown prompt '{way_out.target}': it is not in {files}" if lacking else ""
    return ""
