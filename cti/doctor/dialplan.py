"""The dialplan that we ship, as far as it can be held against the one that is loaded. Pure.

Contexts, extensions, priorities and applications are compared; arguments are not, for a site fills them in.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from cti.doctor.observed import Step

_CONTEXT: Final = re.compile(r"^\[(?P<name>[^\]]+)\]")
_STEP: Final = re.compile(r"^(?:exten\s*=>?\s*(?P<exten>[^,]+),|same\s*=>?\s*)(?P<priority>[^,]+),(?P<application>\w+)")


def shipped(text: str) -> dict[str, frozenset[Step]]:
    """Context -> its steps, of a file in the manner of extensions.conf. `n` is the priority after the one before."""
    found: dict[str, set[Step]] = {}
    context, exten, priority = "", "", 0
    for line in map(str.strip, text.splitlines()):
        if heading := _CONTEXT.match(line):
            context = heading["name"]
            found.setdefault(context, set())
        elif (step := _STEP.match(line)) and context:
            exten = (step["exten"] or exten).strip()
            given = step["priority"].partition("(")[0].strip()
            priority = priority + 1 if given == "n" else int(given) if given.isdecimal() else priority
            found[context].add((exten, str(priority), step["application"].lower()))
    return {name: frozenset(steps) for name, steps in found.items()}


def loaded(items: Iterable[Mapping[str, str]]) -> dict[str, frozenset[Step]]:
    """Context -> its steps, of the `ListDialplan` events that answer AMI's ShowDialPlan."""
    found: dict[str, set[Step]] = {}
    for item in items:
        context = found.setdefault(item.get("Context", ""), set())
        if (exten := item.get("Extension")) and (priority := item.get("Priority", "")).isdecimal():
            context.add((exten, priority, item.get("Application", "").lower()))
    return {name: frozenset(steps) for name, steps in found.items()}
