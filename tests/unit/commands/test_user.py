"""`laidian user add`, `set` and `list` as they are typed."""

import asyncio
import getpass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cti.cli import main
from cti.settings import read
from cti.store.users import User, look_at_users
from tests.harness.house import write_config


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_config(tmp_path)
    monkeypatch.setattr(getpass, "getpass", lambda _prompt: "wet tin roof song")
    done = user(tmp_path, "add", "1007", "--name", "周敏", "--extension", "1007", "--queue", "after_sales")
    assert done.exit_code == 0, done.output
    return tmp_path


def user(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["user", arguments[0], "--root", str(root), *arguments[1:]])


def stored(root: Path) -> list[User]:
    return asyncio.run(look_at_users(read(root).database_url))


def test_what_is_set_is_stored_and_listed_and_the_rest_stays(root: Path) -> None:
    done = user(
        root,
        *("set", "1007", "--skill", "zh=8", "--skill", "english=5", "--group", "bilingual", "--branch", "north"),
        *("--tier", "after_sales=1", "--weight", "2.5", "--role", "supervisor"),
    )
    line = (
        "1007\tsupervisor\t1007\t周敏\tqueues after_sales; skills zh=8, english=5; groups bilingual; branch north; "
        "tiers after_sales=1; weight 2.5\n"
    )
    assert (done.exit_code, done.output) == (0, line)
    assert user(root, "list").output == line
    (person,) = stored(root)
    assert person.skills == {"zh": 8, "english": 5}
    assert person.password_hash.startswith("$argon2")
    assert (person.groups, person.tiers, person.weight) == (("bilingual",), {"after_sales": 1}, 2.5)


def test_lists_are_replaced_and_emptied(root: Path) -> None:
    user(root, "set", "1007", "--skill", "zh=8", "--group", "bilingual")
    user(root, "set", "1007", "--queue", "operator", "--queue", "complaints", "--skill", "english=3", "--group", "")
    (person,) = stored(root)
    assert (person.queues, person.skills, person.groups) == (("operator", "complaints"), {"english": 3}, ())


def test_disable_and_enable(root: Path) -> None:
    assert "(disabled)" in user(root, "set", "1007", "--disable").output
    assert stored(root) == []
    assert user(root, "set", "1007", "--enable").exit_code == 0
    assert [person.login for person in stored(root)] == ["1007"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--skill", "zh=11"), "--skill zh: expected a level of 1 to 10, found 11"),
        (("--skill", "zh=0"), "--skill zh: expected a level of 1 to 10, found 0"),
        (("--skill", "zh"), "--skill: expected NAME=NUMBER, found 'zh'"),
        (("--skill", "zh=high"), "--skill: expected NAME=NUMBER, found 'zh=high'"),
        (
            ("--queue", "sales"),
            "--queue: there is no queue 'sales', there are: after_sales, after_sales_en, complaints, operator",
        ),
        (
            ("--tier", "sales=1"),
            "--tier: there is no queue 'sales', there are: after_sales, after_sales_en, complaints, operator",
        ),
        (("--tier", "operator=-1"), "--tier operator: expected 0 or more, found -1"),
        (("--weight", "0"), "--weight: expected a number above 0, found 0"),
        (("--weight", "nan"), "--weight: expected a number above 0, found nan"),
        (("--extension", "1008"), "--extension: 1008 belongs to 1008 (Ann)"),
        (("--extension", "desk"), "--extension: expected digits, found 'desk'"),
    ],
)
def test_bad_data_is_refused_with_the_field_and_nothing_is_stored(
    root: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    assert user(root, "add", "1008", "--name", "Ann", "--extension", "1008").exit_code == 0
    before = stored(root)
    done = user(root, "set", "1007", "--name", "changed", *arguments)
    assert (done.exit_code, done.output) == (1, f"{sentence}\n")
    assert stored(root) == before


def test_somebody_who_is_not_there_and_somebody_who_is_there_already(root: Path) -> None:
    done = user(root, "set", "1009", "--name", "Bob")
    assert (done.exit_code, done.output) == (1, "there is no user 1009\n")
    done = user(root, "add", "1007", "--name", "Bob")
    assert (done.exit_code, done.output) == (1, "there is a user 1007 already\n")
    assert user(root, "add", "1010", "--name", "Bob", "--skill", "zh=12").exit_code == 1
    assert [person.login for person in stored(root)] == ["1007"]
