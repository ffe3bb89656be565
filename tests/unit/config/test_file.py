from pathlib import Path
from typing import Annotated, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, SecretStr, field_validator

from cti.config.file import ConfigModel, load, load_located, parse
from cti.errors import ConfigError, Problem


class Say(ConfigModel):
    type: Literal["say"]
    prompt: str
    next: str = ""


class Enqueue(ConfigModel):
    type: Literal["queue"]
    queue: str
    priority: int = Field(default=0, ge=0, le=10)


class Site(ConfigModel):
    name: str = Field(description="how the site is called in topics")
    language: Literal["zh", "en"] = "zh"
    seats: int = Field(default=5, gt=0)
    open_at: str = ""
    extension: str = ""
    record: bool = True
    rate: float = 1.0
    password: int | None = None
    key: SecretStr | None = None
    tags: tuple[str, ...] = ()
    steps: dict[str, Annotated[Say | Enqueue, Field(discriminator="type")]] = Field(default={})

    @field_validator("name")
    @classmethod
    def _one_word(cls, name: str) -> str:
        if " " in name:
            raise ValueError("expected one word")
        return name


KEYS = "'name', 'language', 'seats', 'open_at', 'extension', 'record', 'rate', 'password', 'key', 'tags', 'steps'"


def problems(text: str, model: type[BaseModel] = Site) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse(text, model, "f.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_a_good_file_becomes_the_model(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    file.write_text("\ufeffname: 上海\nopen_at: 10:00\nextension: 1001\ntags: [no, +86100, 0755]\nrate: 2\n", "utf-8")
    site = load(file, Site)
    assert site == Site(name="上海", open_at="10:00", extension="1001", tags=("no", "+86100", "0755"), rate=2.0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "name: a\nquue: 1\nseets: 3\n",
            [
                f"f.yaml:2: unknown key 'quue', expected one of {KEYS}",
                f"f.yaml:3: unknown key 'seets', expected one of {KEYS}; did you mean 'seats'?",
            ],
        ),
        ("# nothing\n", ["f.yaml:1: missing key 'name': how the site is called in topics"]),
        ("name: a b\n", ["f.yaml:1: expected one word, found 'a b'"]),
        ("name: a\nseats: many\n", ["f.yaml:2: expected a whole number, found 'many'"]),
        ("name: a\nseats: 0\n", ["f.yaml:2: expected a number greater than 0, found 0"]),
        ("name: a\nrecord: 7\n", ["f.yaml:2: expected true or false, found 7"]),
        ("name: true\n", ["f.yaml:1: expected text, found true"]),
        ("name:\n", ["f.yaml:1: expected text, found nothing"]),
        ("name: a\nlanguage: zn\n", ["f.yaml:2: expected one of 'zh', 'en', found 'zn'"]),
        ("name: a\npassword: hunter2\n", ["f.yaml:2: expected a whole number, found something else (not shown)"]),
        ("name: a\nkey: [1]\n", ["f.yaml:2: expected text, found a list"]),
        ("name: a\ntags:\n  - b\n  - [c]\n", ["f.yaml:4: expected text, found a list"]),
        ("- a\n", ["f.yaml:1: expected a mapping, found a list"]),
    ],
)
def test_what_was_found_and_what_was_expected(text: str, expected: list[str]) -> None:
    assert problems(text) == expected


def test_the_members_of_a_tagged_union_are_found_through_the_names_that_pydantic_adds() -> None:
    text = """name: a
steps:
  queue:
    type: queue
    queue: x
    prioritee: 2
  far:
    type: queue
    queue: x
    priority: 11
  hello:
    type: sya
    prompt: hi
  bare:
    prompt: hi
  late:
    type: say
"""
    assert problems(text) == [
        "f.yaml:6: unknown key 'prioritee', expected one of 'type', 'queue', 'priority'; did you mean 'priority'?",
        "f.yaml:10: expected a number less than or equal to 10, found 11",
        "f.yaml:12: unknown type 'sya', expected one of 'say', 'queue'; did you mean 'say'?",
        "f.yaml:14: missing key 'type', expected one of 'say', 'queue'",
        "f.yaml:16: missing key 'prompt'",
    ]


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join(f'*a{n - 1}' for _ in range(10))}]\n" for n in range(1, 12)
)
"""Twelve lines that stand for a million million values."""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name: a\nname: b\n", "f.yaml:2: duplicate key 'name', first seen on line 1"),
        ("name: a\ntags: [b\nrate: 1\n", "f.yaml:3: not valid YAML: while parsing a flow sequence expected ',' or ']'"),
        ("name: 'a\n", "f.yaml:2: not valid YAML: while scanning a quoted scalar found unexpected end of stream"),
        ("name: a\n\trate: 1\n", "f.yaml:2: not valid YAML: while scanning for the next token found character '\\t'"),
        ("name: a\n? [x]\n: 1\n", "f.yaml:2: expected text as a key, found a list or a mapping"),
        (
            "name: !!python/name:os.system\n",
            "f.yaml:1: the tag 'tag:yaml.org,2002:python/name:os.system' is not allowed",
        ),
        ("name: a\ntags: &x [*x]\n", "f.yaml:2: an anchor contains itself"),
        ("name: a\n--- \nname: b\n", "f.yaml:2: not valid YAML: expected a single document in the stream"),
        ("name: a\nopen_at: \x07\n", "f.yaml:2: not valid YAML: the character"),
        ("name: a\ntags: " + "[" * 100_000, "f.yaml:2: not valid YAML: nested more than 64 levels deep"),
        ("name: a\ntags: " + "{a: " * 5_000, "f.yaml:2: not valid YAML: nested more than 64 levels deep"),
        ("- " * 3_000, "f.yaml:1: not valid YAML: nested more than 64 levels deep"),
        ('name: "\\ud800"\n', "f.yaml:1: half of a surrogate pair (\\ud800 to \\udfff) is no character"),
        ('name: a\n"\\udfff": b\n', "f.yaml:2: half of a surrogate pair (\\ud800 to \\udfff) is no character"),
        (BOMB, "f.yaml:1: there are more than 200000 values, anchors repeated"),
    ],
)
def test_what_yaml_would_let_pass_or_cannot_read(text: str, expected: str) -> None:
    assert problems(text)[0].startswith(expected)


def test_thousands_of_digits_are_no_number(tmp_path: Path) -> None:
    assert problems("name: a\nrate: " + "9" * 5_000)
    (tmp_path / "long.yaml").write_bytes(b"#" * (5 << 20))
    with pytest.raises(ConfigError, match=r"long.yaml: expected at most 4194304 bytes, found 5242880"):
        load(tmp_path / "long.yaml", Site)


def test_a_missing_file_a_folder_and_foreign_bytes(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"name: a\nopen_at: caf\xe9\n")
    for path, line, text in (
        (tmp_path / "none.yaml", 0, "there is no such file"),
        (tmp_path, 0, "cannot be read: Is a directory"),
        (latin, 2, "expected UTF-8 text, found the byte 0xe9"),
    ):
        with pytest.raises(ConfigError) as caught:
            load(path, Site)
        assert caught.value.problems == (Problem(str(path), line, text),)


def test_lines_for_cross_references(tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    file.write_text("name: a\ntags:\n  - x\n  - y\nsteps:\n  hi: {type: say, prompt: p,\n    next: away}\n", "utf-8")
    located = load_located(file, Site)
    assert located.line_of("steps", "hi", "next") == 7
    assert located.line_of("tags", 1) == 4
    assert located.line_of("steps", "hi", "unwritten") == 6
    assert located.line_of("unwritten") == 1
    assert located.problem("unknown step 'away'", "steps", "hi", "next") == Problem(str(file), 7, "unknown step 'away'")


@settings(max_examples=200)
@given(st.text(alphabet="ab:-[]{}&*!'\"\n 01?|>#\t~", max_size=40))
def test_any_text_is_a_model_or_a_config_error_with_lines_inside_the_file(text: str) -> None:
    found: tuple[Problem, ...] = ()
    try:
        parse(text, Site, "f.yaml")
    except ConfigError as error:
        found = error.problems or (Problem("", -1, "an error without a problem"),)
    assert all(0 <= problem.line <= text.count("\n") + 2 for problem in found)
