"""What is different between the configuration in force and the next one, in words for the person who reloads. Pure."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec
from pydantic import BaseModel

from cti.daemon.people import Person
from cti.settings import Settings, SettingsFile
from cti.settings.configuration import Configuration

RELOADABLE = (
    "queues",
    "queueing",
    "outbound",
    "admission",
    "hotlines",
    "agent_flows",
    "not_ready_reasons",
    "dispositions",
    "disposition_trees",
    "retention",
)
"""The settings that a reload applies; all others count at the next start."""


def changes(old: Configuration, new: Configuration) -> tuple[str, ...]:
    """One line for each kind of thing that changed; none when nothing did."""
    before, after = old.settings, new.settings
    opening = ({name: care.opening for name, care in one.cares.items() if care.opening} for one in (old, new))
    return (
        *_named("queue", before.queues, after.queues),
        *_named("set of opening hours", *opening, plural="sets of opening hours"),
        *_named("flow", old.flows, new.flows),
        *_named("hotline", before.hotlines, after.hotlines),
        *_named("flow of the agents", *({one.flow: one for one in s.agent_flows} for s in (before, after))),
        *(f"queueing changed: {text}" for text in filter(None, (_fields(before.queueing, after.queueing),))),
        *(f"admission changed: {text}" for text in filter(None, (_fields(before.admission, after.admission),))),
        *(f"outbound changed: {text}" for text in filter(None, (_fields(before.outbound, after.outbound),))),
        *(f"retention changed: {text}" for text in filter(None, (_fields(before.retention, after.retention),))),
        *_named("not-ready reason", *({one.code: one for one in s.not_ready_reasons} for s in (before, after))),
        *(["dispositions changed"] if before.dispositions != after.dispositions else ()),
        *_named("disposition tree", before.disposition_trees, after.disposition_trees),
    )


def people_changes(old: Mapping[str, Person], new: Mapping[str, Person]) -> tuple[str, ...]:
    """`old` and `new`: agent id -> person."""
    return tuple(_named("person", old, new, plural="people"))


def needs_restart(old: Settings, new: Settings) -> tuple[str, ...]:
    """Dotted names of settings that differ and that no reload applies. Values may be secret: they are not shown."""
    names: list[str] = []
    for name in SettingsFile.model_fields:
        before, after = getattr(old, name), getattr(new, name)
        if name in RELOADABLE or before == after:
            continue
        if isinstance(before, BaseModel) and isinstance(after, BaseModel):
            names += [f"{name}.{field}" for field, _, _ in _different(before, after)]
        else:
            names.append(name)
    return tuple(names)


def _named(kind: str, old: Mapping[str, Any], new: Mapping[str, Any], *, plural: str = "") -> Iterator[str]:
    """Lines such as "2 queues changed: a (ring_s 20 -> 15), b"."""
    changed = [name for name in new if name in old and old[name] != new[name]]
    for verb, names in (
        ("added", [name for name in new if name not in old]),
        ("removed", [name for name in old if name not in new]),
        ("changed", [f"{name}{_bracketed(_fields(old[name], new[name]))}" for name in changed]),
    ):
        if names:
            yield f"{len(names)} {kind if len(names) == 1 else plural or f'{kind}s'} {verb}: {', '.join(names)}"


def _bracketed(text: str) -> str:
    return f" ({text})" if text else ""


def _fields(old: Any, new: Any) -> str:
    if isinstance(old, str | int | float):
        return _turned("", old, new) if old != new else ""
    return ", ".join(_turned(name, before, after) for name, before, after in _different(old, new))


def _turned(name: str, old: Any, new: Any) -> str:
    """With both values where they are short; of a table or list only that it changed."""
    if isinstance(old, Collection | BaseModel) and not isinstance(old, str):
        return name
    if isinstance(new, Collection | BaseModel) and not isinstance(new, str):
        return name
    return f"{name} {_shown(old)} -> {_shown(new)}".strip()


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _different(old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    """Fields that differ; of records of records those of the inner ones. A flow or a calendar has none to name."""
    if isinstance(old, Person) and isinstance(new, Person):
        before, after = ({**msgspec.structs.asdict(one.profile), "role": one.role} for one in (old, new))
    elif isinstance(old, BaseModel) and isinstance(new, BaseModel) and "steps" not in type(old).model_fields:
        before, after = dict(old), dict(new)
    else:
        return
    for name in after:
        if before[name] != after[name]:
            yield name, before[name], after[name]
