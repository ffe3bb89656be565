"""YAML files that people write, read into typed models; every defect is reported with file:line and what was expected.

`load` is for a file that stands alone. `load_located` keeps the lines, for a reader that checks cross-references
afterwards (a menu choice that leads to an unknown step): collect `located.problem(text, *path)` of each and raise
them as one `ConfigError`.

The YAML is a cautious subset: keys are text exactly as written (`1:` is the key "1"); `true`/`false`, `null`,
decimal numbers and text are the only plain values, so that `10:00`, `no`, `2026-11-21` and `+86100` stay text;
duplicate keys, tags, merge keys and anchors that contain themselves are refused.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from cti.config.problem import Step, describe, is_consequence
from cti.errors import ConfigError, Problem

__all__ = ["ConfigModel", "Located", "Step", "load", "load_located", "parse"]


class ConfigModel(BaseModel):
    """Base of every model that is read from a file: unknown keys are refused, values are frozen.

    Text fields take a plain number as it was written (`extension: 1001`).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True, allow_inf_nan=False)


MOST_BYTES = 4 << 20
MOST_LEVELS = 64
MOST_VALUES = 200_000
"""With anchors a few lines may stand for any number of values, each of which would be read."""
MOST_DIGITS = 18
ModelT = TypeVar("ModelT", bound=BaseModel)
Path_ = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Located(Generic[ModelT]):
    """A validated file and where each part of it stands. A path is keys and list indexes as written in the file."""

    file: str
    value: ModelT
    lines: dict[Path_, int]

    def line_of(self, *path: Step) -> int:
        """The line of that key or list item, or of its nearest parent that is written; 1 for the file's top."""
        return _nearest(self.lines, path)

    def problem(self, text: str, *path: Step) -> Problem:
        return Problem(self.file, self.line_of(*path), text)


def load(path: Path | str, model: type[ModelT]) -> ModelT:
    """The file as a `model`. Raises one `ConfigError` with all of the file's problems."""
    return load_located(path, model).value


def load_located(path: Path | str, model: type[ModelT]) -> Located[ModelT]:
    """Like `load`, with the lines. Problems name the file just as `path` does."""
    file = str(path)
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        reason = (
            "there is no such file" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
        )
        raise ConfigError(Problem(file, 0, reason)) from error
    if len(raw) > MOST_BYTES:
        raise ConfigError(Problem(file, 0, f"expected at most {MOST_BYTES} bytes, found {len(raw)}"))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            Problem(file, line, f"expected UTF-8 text, found the byte 0x{raw[error.start]:02x}")
        ) from error
    return parse(text, model, file)


def parse(text: str, model: type[ModelT], file: str = "<text>") -> Located[ModelT]:
    """The YAML `text` as a `model`; `file` is the name used in problems. Raises `ConfigError`."""
    tree = _Tree(file)
    return validated(tree.read(text), model, file, tree.lines, tree.problems)


def validated(
    data: Any, model: type[ModelT], file: str, lines: dict[Path_, int], problems: list[Problem]
) -> Located[ModelT]:
    """What was read, as a `model`. `problems`: those found before; they are added to. Raises `ConfigError`."""
    try:
        value = model.model_validate({} if data is None else data)
    except ValidationError as invalid:
        for error in invalid.errors(include_url=False):
            if is_consequence(error):
                continue
            path, words = describe(model, data, error)
            problems.append(Problem(file, _nearest(lines, path), words))
        raise ConfigError(*sorted(problems, key=lambda problem: problem.line)) from None
    if problems:
        raise ConfigError(*problems)
    return Located(file, value, lines)


def _nearest(lines: dict[Path_, int], path: Path_) -> int:
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


class _Loader(yaml.SafeLoader):
    """Composes nodes with the YAML 1.2 core values only, without octal, sexagesimal, dates, yes/no and merge keys."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own shape
    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """As PyYAML does it, by recursion, which must end before Python's own limit."""
        if self._depth >= MOST_LEVELS:
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # PyYAML's own
            raise yaml.composer.ComposerError(None, None, f"nested more than {MOST_LEVELS} levels deep", mark)
        self._depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1


_TAG = "tag:yaml.org,2002:"
for _kind, _pattern, _first in (
    ("bool", r"true|True|false|False", "tTfF"),
    ("null", r"~|null|Null|", "~nN"),
    # no sign and no leading zero: +86100 and 0755 are text, not numbers that lost a character
    ("int", r"-?(?:0|[1-9][0-9]*)", "-0123456789"),
    ("float", r"-?(?:0|[1-9][0-9]*)\.[0-9]+", "-0123456789"),
):
    _Loader.add_implicit_resolver(
        f"{_TAG}{_kind}", re.compile(f"^(?:{_pattern})$"), [*_first, *[""] * (_kind == "null")]
    )


class _Tree:
    """Turns composed nodes into plain data and notes the line of every key and list item."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._open: list[yaml.Node] = []
        self._values = 0
        self.lines: dict[Path_, int] = {}
        self.problems: list[Problem] = []

    def read(self, text: str) -> Any:
        """Raises `ConfigError` for what is no YAML; lesser defects are kept in `problems`."""
        try:
            node = _Loader(text).get_single_node()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            words = " ".join(part for part in (error.context, error.problem) if part)
            raise ConfigError(Problem(self._file, mark.line + 1 if mark else 0, f"not valid YAML: {words}")) from error
        except yaml.reader.ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            found = f"not valid YAML: the character {error.character!r} is not allowed"
            raise ConfigError(Problem(self._file, line, found)) from error
        return None if node is None else self._value(node, ())

    def _complain(self, node: yaml.Node, text: str) -> None:
        self.problems.append(Problem(self._file, node.start_mark.line + 1, text))

    def _value(self, node: yaml.Node, path: Path_) -> Any:
        if node in self._open:
            self._complain(node, "an anchor contains itself")
            return None
        self._values += 1
        if self._values > MOST_VALUES:
            line = node.start_mark.line + 1
            raise ConfigError(Problem(self._file, line, f"there are more than {MOST_VALUES} values, anchors repeated"))
        self._open.append(node)
        try:
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, path)
            if isinstance(node, yaml.SequenceNode):
                return self._sequence(node, path)
            return self._scalar(node)
        finally:
            self._open.pop()

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._complain(key, "expected text as a key, found a list or a mapping")
                continue
            name = self._text(key)
            here = (*path, name)
            if name in found:
                self._complain(key, f"duplicate key '{name}', first seen on line {self.lines[here]}")
                continue
            self.lines[here] = key.start_mark.line + 1
            found[name] = self._value(value, here)
        return found

    def _sequence(self, node: yaml.SequenceNode, path: Path_) -> list[Any]:
        found = []
        for index, item in enumerate(node.value):
            self.lines[*path, index] = item.start_mark.line + 1
            found.append(self._value(item, (*path, index)))
        return found

    def _text(self, node: yaml.Node) -> str:
        text: str = node.value
        try:
            text.encode()
        except UnicodeEncodeError:
            self._complain(node, "half of a surrogate pair (\\ud800 to \\udfff) is no character")
            return text.encode(errors="replace").decode()
        return text

    def _scalar(self, node: yaml.Node) -> Any:
        text = self._text(node)
        match node.tag.removeprefix(_TAG):
            case "str":
                return text
            case "int":
                return int(text) if len(text) <= MOST_DIGITS else text
            case "bool":
                return text.lower() == "true"
            case "null":
                return None
            case "float":
                # "22.10" stays text, so that a text field keeps its last zero; pydantic reads it as a number elsewhere
                return float(text) if str(float(text)) == text else text
        self._complain(node, f"the tag {node.tag!r} is not allowed")
        return text
