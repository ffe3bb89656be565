"""The configured trees of dispositions: what is wrong with them, and what the floor goes by."""

from collections.abc import Iterable, Iterator, Mapping

from cti.agents.wrap_up import FormField, FormRules
from cti.config.file import Located, load_located
from cti.errors import Problem
from cti.settings import Settings, SettingsFile
from cti.settings.dispositions import Disposition, FieldSettings, Place, Tree, everything, leaves
from cti.settings.queues import QueuesFile

DEFAULT = ""
"""The name of the tree `dispositions`, which a queue has that names none."""


def trees(settings: Settings) -> Mapping[str, Tree]:
    return {DEFAULT: settings.dispositions, **settings.disposition_trees}


def form_rules(settings: Settings) -> dict[str, FormRules]:
    """Queue -> its form; under "" that of a conversation which came through no queue."""
    dispositions = {
        name: {leaf.code: tuple(map(_field, leaf.fields)) for leaf in leaves(tree)}
        for name, tree in trees(settings).items()
    }
    found = {"": FormRules(dispositions=dispositions[DEFAULT])}
    for name, queue in settings.queues.items():
        found[name] = FormRules(
            dispositions=dispositions[queue.dispositions],
            required=queue.disposition_required,
            waits=queue.wrap_up_unfinished == "wait",
        )
    return found


def _field(field: FieldSettings) -> FormField:
    options = tuple(option.code for option in field.options)
    return FormField(code=field.code, kind=field.kind, required=field.required, options=options)


def problems(settings: Settings) -> Iterator[Problem]:
    """A queue whose tree is not there; a code that is there twice, or that means two things in two trees."""
    config = settings.root / "config"
    strangers = [
        name
        for name, queue in settings.queues.items()
        if queue.dispositions and queue.dispositions not in settings.disposition_trees
    ]
    if strangers:
        queues = load_located(config / "queues.yaml", QueuesFile)
        there = ", ".join(settings.disposition_trees) or "none"
        for name in strangers:
            text = f"there is no tree '{settings.queues[name].dispositions}' in disposition_trees, there are: {there}"
            yield queues.problem(text, "queues", name, "dispositions")
    if settings.dispositions or settings.disposition_trees:
        yield from _codes(settings, load_located(config / "laidian.yaml", SettingsFile))


def _codes(settings: Settings, located: Located[SettingsFile]) -> Iterator[Problem]:
    known: dict[str, tuple[Disposition, Place]] = {}
    for name, tree in trees(settings).items():
        top: Place = ("disposition_trees", name) if name else ("dispositions",)
        placed = list(everything(tree, top))
        yield from _twice("code", [(node.code, place) for node, place in placed], located)
        for node, place in placed:
            first, where = known.setdefault(node.code, (node, place))
            if first.label != node.label:
                line = located.line_of(*where)
                text = f"'{node.code}' has another label on line {line}: in all trees one code means one thing"
                yield located.problem(text, *place)
            fields = [(field.code, (*place, "fields", at)) for at, field in enumerate(node.fields)]
            yield from _twice("field", fields, located)
            for field, here in zip(node.fields, (place for _, place in fields), strict=True):
                options = [(option.code, (*here, "options", at)) for at, option in enumerate(field.options)]
                yield from _twice("option", options, located)


def _twice(what: str, codes: Iterable[tuple[str, Place]], located: Located[SettingsFile]) -> Iterator[Problem]:
    seen: dict[str, Place] = {}
    for code, place in codes:
        if code in seen:
            line = located.line_of(*seen[code])
            text = f"the {what} '{code}' is here for the second time, it is on line {line} already"
            yield located.problem(text, *place)
        seen.setdefault(code, place)
