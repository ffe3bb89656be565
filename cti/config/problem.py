"""One error of pydantic, said for the person who wrote the file: where it is, what was found, what was expected."""

import difflib
import re
import types
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic_core import ErrorDetails

Step = str | int
_SHORT = 60
_KINDS = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "none_required": "nothing",
}
_SECRET = re.compile(r"secret|password|token", re.IGNORECASE)


def describe(model: type[BaseModel], data: Any, error: ErrorDetails) -> tuple[tuple[Step, ...], str]:
    """The path in the file (keys and indexes as written) and one sentence."""
    path, parent = _written_path(model, data, error["loc"])
    kind = error["type"]
    if kind == "extra_forbidden":
        return path, _unknown("key", str(path[-1]), _keys(parent))
    if kind == "missing":
        return path[:-1], f"missing key '{path[-1]}'" + _purpose(parent, str(path[-1]))
    if kind in {"union_tag_not_found", "union_tag_invalid"}:
        return _tag_problem(path, parent, error.get("ctx", {}))
    return path, _value_problem(path, error)


def is_consequence(error: ErrorDetails) -> bool:
    """Bad items are taken out of a list before it is counted: "too few" is then no defect of its own."""
    return error["type"] == "too_short" and len(error["input"]) >= error["ctx"]["min_length"]


def _tag_problem(path: tuple[Step, ...], union: Any, context: Mapping[str, Any]) -> tuple[tuple[Step, ...], str]:
    tag = str(context["discriminator"]).strip("'")
    if "tag" in context:
        return (*path, tag), _unknown(tag, str(context["tag"]), _tags(union))
    return path, f"missing key '{tag}', expected one of {_any_of(_tags(union))}"


def _value_problem(path: tuple[Step, ...], error: ErrorDetails) -> str:
    found, kind = error["input"], error["type"]
    context: Mapping[str, Any] = error.get("ctx", {})
    if kind in {"literal_error", "enum"}:
        allowed = re.findall(r"'([^']*)'", str(context["expected"])) or [str(context["expected"])]
        return f"expected {_one_of(allowed)}, found {_shown(found, path)}{_guess(str(found), allowed)}"
    if kind in {"value_error", "assertion_error"}:
        words = str(context.get("error", error["msg"]))
        return words if isinstance(found, (dict, list)) else f"{words}, found {_shown(found, path)}"
    if kind == "too_short" and not found:
        return f"expected at least {context['min_length']} {'key' if isinstance(found, dict) else 'item'}, found none"
    if kind == "string_pattern_mismatch":
        return f"expected text of the form {context['pattern']}, found {_shown(found, path)}"
    expected = _KINDS.get(kind) or error["msg"].removeprefix("Input should be ").removeprefix("a valid ")
    if kind.startswith(("greater_than", "less_than")):
        expected = f"a number {expected}"
    return f"expected {_lower_first(expected)}, found {_shown(found, path)}"


def _written_path(model: type[BaseModel], data: Any, loc: tuple[Step, ...]) -> tuple[tuple[Step, ...], Any]:
    """Pydantic puts the names of union members into `loc`, which nobody wrote: leave them out.

    Also returns the type at the last element's parent, or, where the path ends at a union, that union.
    """
    path: list[Step] = []
    here: Any = model
    parent: Any = model
    for step in loc:
        here = _bare(here)
        if step == "[key]":
            continue
        members = _members(here)
        if members:
            parent = here = next((member for member in members if _is_named(member, step)), None)
            continue
        parent = here
        path.append(step)
        data = _item(data, step)
        here = _below(here, step)
    here = _bare(here)
    return tuple(path), here if _members(here) else parent


def _bare(kind: Any) -> Any:
    """Without `Annotated` and without the None of an optional."""
    while True:
        if get_origin(kind) is Annotated:
            kind = get_args(kind)[0]
            continue
        if get_origin(kind) in {Union, types.UnionType}:
            kinds = [one for one in get_args(kind) if one is not type(None)]
            if len(kinds) == 1:
                kind = kinds[0]
                continue
        return kind


def _members(kind: Any) -> tuple[Any, ...]:
    if get_origin(kind) not in {Union, types.UnionType}:
        return ()
    return tuple(_bare(member) for member in get_args(kind) if member is not type(None))


def _is_named(member: Any, label: Step) -> bool:
    return getattr(member, "__name__", str(member)) == label or label in _literals(member)


def _literals(member: Any) -> list[str]:
    if not _is_model(member):
        return []
    kinds = [field.annotation for field in member.model_fields.values()]
    # a union's tag is a Literal of one value: one of several is an ordinary choice
    return [str(get_args(kind)[0]) for kind in kinds if get_origin(kind) is Literal and len(get_args(kind)) == 1]


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _below(kind: Any, step: Step) -> Any:
    if _is_model(kind):
        for name, field in kind.model_fields.items():
            if step in {name, field.alias}:
                return field.annotation
        return None
    args = get_args(kind)
    if get_origin(kind) is dict:
        return args[1]
    return args[0] if args else None


def _item(data: Any, step: Step) -> Any:
    try:
        return data[step]
    except (KeyError, IndexError, TypeError):
        return None


def _keys(parent: Any) -> list[str]:
    return [field.alias or name for name, field in parent.model_fields.items()] if _is_model(parent) else []


def _tags(parent: Any) -> list[str]:
    return [tag for member in _members(parent) for tag in _literals(member)]


def _purpose(parent: Any, key: str) -> str:
    field = parent.model_fields.get(key) if _is_model(parent) else None
    return f": {field.description}" if field is not None and field.description else ""


def _unknown(what: str, found: str, allowed: list[str]) -> str:
    expected = f", expected one of {_any_of(allowed)}" if allowed else ""
    return f"unknown {what} '{found}'{expected}{_guess(found, allowed)}"


def _any_of(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _one_of(words: list[str]) -> str:
    return f"one of {_any_of(words)}" if len(words) > 1 else _any_of(words)


def _guess(found: str, allowed: Iterable[str]) -> str:
    near = difflib.get_close_matches(found, list(allowed), n=1)
    return f"; did you mean '{near[0]}'?" if near else ""


def _shown(found: Any, path: tuple[Step, ...]) -> str:
    if isinstance(found, SecretStr) or any(_SECRET.search(str(step)) for step in path):
        return "something else (not shown)"
    if found is None:
        return "nothing"
    if isinstance(found, bool):
        return str(found).lower()
    if isinstance(found, dict):
        return "a mapping"
    if isinstance(found, list):
        return "a list"
    text = repr(found)
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 3]}..."


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
