"""Does a flow make sense as a whole? Everything that can be said without a caller, each defect with file:line."""

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import islice
from pathlib import Path

import msgspec

from cti.config.file import Located, load_located
from cti.errors import ConfigError, Problem
from cti.ivr.flow import Flow
from cti.ivr.lookups import LOOKUPS, LookupKind
from cti.ivr.steps import Collect, Enqueue, GoBack, LookUp, SetLanguage
from cti.ivr.steps.base import StepBase
from cti.ivr.steps.lookup import FAILED

MOST_NAMED = 50
CALL_VARIABLES = frozenset({"caller_number", "dialled"})
"""Variables that every `FlowRun` of the hotline is given."""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What flows may refer to. `prompts`: language -> ids. `queues` None: not known here, so not checked.

    `somebody`: whether an agent may, sooner or later, have a caller of this queue who needs these skills on top of the
    queue's; None: the people are not known here.
    """

    prompts: Mapping[str, Collection[str]]
    queues: Collection[str] | None = None
    somebody: Callable[[str, Mapping[str, int]], bool] | None = None
    lookups: Mapping[str, LookupKind] = msgspec.field(default_factory=lambda: LOOKUPS)


class Checked(msgspec.Struct, frozen=True):
    """`warnings` do not stop the flow from working: steps that nothing leads to, skills that nobody has."""

    flow: Flow
    warnings: tuple[Problem, ...]


def load_flows(folder: Path, known: Known) -> dict[str, Checked]:
    """Every `*.yaml` of the folder by its name without suffix; the problems of all come in one `ConfigError`."""
    flows: dict[str, Checked] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            flows[path.stem] = load_flow(path, known)
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(*problems)
    return flows


def load_flow(path: Path | str, known: Known) -> Checked:
    return check(load_located(path, Flow), known)


def check(flow: Located[Flow], known: Known) -> Checked:
    """Raises `ConfigError` with all problems, in the order of the file."""
    problems = [
        *_unknown_steps(flow),
        *_unknown_names(flow, known),
        *_missing_prompts(flow, known),
        *_unset_variables(flow, known),
        *_spoken_secrets(flow),
        *_half_returns(flow),
    ]
    if not problems:
        problems += _rounds_in_silence(flow)
    if problems:
        raise ConfigError(*sorted(problems, key=lambda problem: problem.line))
    warnings = (*_unreachable(flow), *_unskilled(flow, known))
    return Checked(flow.value, tuple(sorted(warnings, key=lambda problem: problem.line)))


def _unknown_steps(flow: Located[Flow]) -> Iterator[Problem]:
    steps = flow.value.steps
    if flow.value.entry not in steps:
        yield flow.problem(f"unknown step '{flow.value.entry}', expected one of {_any_of(steps)}", "entry")
    for name, step in steps.items():
        for way in step.ways():
            if way.to not in steps:
                yield flow.problem(
                    f"unknown step '{way.to}', expected one of {_any_of(steps)}", "steps", name, *way.path
                )


def _unknown_names(flow: Located[Flow], known: Known) -> Iterator[Problem]:
    for name, step in flow.value.steps.items():
        match step:
            case Enqueue():
                yield from _unknown_queues(flow, name, step, known)
            case LookUp(lookup=lookup) if lookup not in known.lookups:
                text = f"unknown lookup '{lookup}', expected one of {_any_of(known.lookups)}"
                yield flow.problem(text, "steps", name, "lookup")
            case LookUp():
                yield from _lookup_names(flow, name, step, known.lookups[step.lookup])


def _unknown_queues(flow: Located[Flow], name: str, step: Enqueue, known: Known) -> Iterator[Problem]:
    named = [(("queue",), step.queue), *((("by_language", key), queue) for key, queue in step.by_language.items())]
    for path, queue in named:
        if known.queues is not None and queue not in known.queues:
            text = f"unknown queue '{queue}', expected one of {_any_of(known.queues)}"
            yield flow.problem(text, "steps", name, *path)


def _unskilled(flow: Located[Flow], known: Known) -> Iterator[Problem]:
    for name, step in flow.value.steps.items():
        if isinstance(step, Enqueue) and step.skills and known.somebody is not None:
            for queue in dict.fromkeys((step.queue, *step.by_language.values())):
                if not known.somebody(queue, step.skills):
                    text = f"nobody whom the queue '{queue}' reaches has these skills at these levels"
                    yield flow.problem(text, "steps", name, "skills")


def _lookup_names(flow: Located[Flow], name: str, step: LookUp, kind: LookupKind) -> Iterator[Problem]:
    for outcome in step.outcomes:
        if outcome not in kind.outcomes | {FAILED}:
            text = f"unknown outcome '{outcome}', expected one of {_any_of(sorted(kind.outcomes | {FAILED}))}"
            yield flow.problem(text, "steps", name, "outcomes", outcome)
    for argument in step.arguments:
        if argument not in kind.arguments:
            text = f"unknown argument '{argument}', expected one of {_any_of(sorted(kind.arguments))}"
            yield flow.problem(text, "steps", name, "arguments", argument)
    for argument in sorted(kind.arguments - set(step.arguments)):
        yield flow.problem(f"missing argument '{argument}' of the lookup '{step.lookup}'", "steps", name, "arguments")


def _missing_prompts(flow: Located[Flow], known: Known) -> Iterator[Problem]:
    """Which language is spoken at a step depends on the way there, so each must have every prompt."""
    languages = {flow.value.language: flow.line_of("language")}
    for name, step in flow.value.steps.items():
        if isinstance(step, SetLanguage):
            languages.setdefault(step.language, flow.line_of("steps", name, "language"))
    for language, line in languages.items():
        if language not in known.prompts:
            text = f"there are no prompts in the language '{language}', only in {_any_of(sorted(known.prompts))}"
            yield Problem(flow.file, line, text)
    for name, step in flow.value.steps.items():
        for path, prompts in step.spoken():
            for index, prompt in enumerate(prompts):
                for language in sorted(languages.keys() & known.prompts.keys()):
                    if prompt.id is not None and prompt.id not in known.prompts[language]:
                        text = f"unknown prompt '{prompt.id}': it is not in ivr_prompts/{language}/prompts.yaml"
                        yield flow.problem(text, "steps", name, *path, index)


def _unset_variables(flow: Located[Flow], known: Known) -> Iterator[Problem]:
    there = _variables(flow.value, known)
    for name, step in flow.value.steps.items():
        for path, variable in _used_variables(step):
            if variable not in there:
                text = f"unknown variable '{variable}', expected one of {_any_of(sorted(there))}"
                yield flow.problem(text, "steps", name, *path)


def _spoken_secrets(flow: Located[Flow]) -> Iterator[Problem]:
    """What is played can be seen by whoever watches Asterisk."""
    secrets = {step.variable for step in flow.value.steps.values() if isinstance(step, Collect) and step.secret}
    for name, step in flow.value.steps.items():
        for path, prompts in step.spoken():
            for index, prompt in enumerate(prompts):
                if prompt.variable in secrets:
                    text = f"the variable '{prompt.variable}' is secret and cannot be said"
                    yield flow.problem(text, "steps", name, *path, index)


def returns(flow: Flow) -> bool:
    """Whether it is one that agents send callers through, and that gives them back."""
    return any(isinstance(step, GoBack) for step in flow.steps.values())


def _half_returns(flow: Located[Flow]) -> Iterator[Problem]:
    if not returns(flow.value):
        return
    for name, step in flow.value.steps.items():
        if not isinstance(step, GoBack) and not tuple(step.ways()):
            text = f"a flow that returns to the agent returns always: the step '{name}' must be of the type return"
            yield flow.problem(text, "steps", name, "type")


def _variables(flow: Flow, known: Known) -> frozenset[str]:
    there = set(CALL_VARIABLES)
    for step in flow.steps.values():
        if isinstance(step, Collect):
            there.add(step.variable)
        if isinstance(step, LookUp) and step.lookup in known.lookups:
            there |= known.lookups[step.lookup].variables
    return frozenset(there)


def _used_variables(step: StepBase) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for path, prompts in step.spoken():
        for index, prompt in enumerate(prompts):
            if prompt.variable is not None:
                yield (*path, index), prompt.variable
    if isinstance(step, LookUp):
        for argument, variable in step.arguments.items():
            yield ("arguments", argument), variable


def _rounds_in_silence(flow: Located[Flow]) -> Iterator[Problem]:
    """A caller who presses nothing must come to an end; a dead line would go round for ever.

    Every step that does not end the flow has a way that needs no key, so no round also means that there is a way out.
    """
    settled: set[str] = set()
    for start in flow.value.steps:
        if start not in settled:
            yield from _rounds_from(flow, start, settled)


def _rounds_from(flow: Located[Flow], start: str, settled: set[str]) -> Iterator[Problem]:
    """`settled`: the steps that were looked at; they are added to. No recursion: a flow may have thousands of steps."""
    steps = flow.value.steps
    trail = {start: steps[start].ways()}
    while trail:
        name = next(reversed(trail))
        way = next((way for way in trail[name] if not way.pressed), None)
        if way is None:
            settled.add(name)
            del trail[name]
        elif way.to in trail:
            passed = list(trail)
            around = " -> ".join([*passed[passed.index(way.to) :], way.to])
            yield flow.problem(f"no way out for a caller who presses nothing: {around}", "steps", name, *way.path)
        elif way.to not in settled:
            trail[way.to] = steps[way.to].ways()


def _unreachable(flow: Located[Flow]) -> Iterator[Problem]:
    reached: set[str] = set()
    ahead = [flow.value.entry]
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            ahead += [way.to for way in flow.value.steps[name].ways()]
    for name in flow.value.steps:
        if name not in reached:
            yield flow.problem(f"nothing leads to the step '{name}'", "steps", name)


def _any_of(words: Collection[str]) -> str:
    """Not all of thousands: every problem of a long flow would say them again."""
    more = len(words) - MOST_NAMED
    return ", ".join(f"'{word}'" for word in islice(words, MOST_NAMED)) + (f" and {more} more" if more > 0 else "")
