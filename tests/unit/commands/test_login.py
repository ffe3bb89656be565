"""`laidian token` and `laidian user password`, `totp-reset` and `oidc-unbind` as they are typed."""

import asyncio
import getpass
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner, Result

from cti.cli import main
from cti.settings import read
from cti.store.store import Store
from cti.store.users import User
from tests.harness.house import write_config

T = TypeVar("T")


def laidian(root: Path, group: str, command: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, [group, command, "--root", str(root), *arguments])


def in_store(root: Path, work: Callable[[Store], Awaitable[T]]) -> T:
    async def run() -> T:
        store = await Store.open(read(root).database_url, spool=root / "spool")
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(run())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_config(tmp_path)
    person = User(login="1001", name="李娜", role="agent", password_hash="x")
    in_store(tmp_path, lambda store: store.users.add(person, at=1.0))
    return tmp_path


def test_a_token_is_made_listed_without_its_secret_and_revoked(root: Path) -> None:
    made = laidian(root, "token", "add", "wallboard", "--for", "1001", "--scope", "read:floor", "--expires", "30")
    assert made.exit_code == 0, made.output
    secret = made.output.strip()
    found = in_store(root, lambda store: store.tokens.bearer(secret, at=time.time()))
    assert found is not None
    assert (found.user.login, found.token.scopes) == ("1001", ("read:floor",))
    over = in_store(root, lambda store: store.tokens.bearer(secret, at=time.time() + 31 * 86_400))
    assert over is None
    listed = laidian(root, "token", "list").output
    assert secret not in listed
    assert f"{secret[:10]}...\tread:floor\tuntil " in listed
    assert "revoked" in laidian(root, "token", "revoke", "1").output
    assert in_store(root, lambda store: store.tokens.bearer(secret, at=time.time())) is None
    assert [row.command for row in in_store(root, lambda store: store.audit.list())] == ["token.revoke", "token.add"]
    assert in_store(root, lambda store: store.audit.verify()).broken is None


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("x", "--for", "1009", "--scope", "read:floor"), "there is no user 1009"),
        (("x", "--for", "1001", "--scope", "everything"), "'everything' is not one of"),
        (("x", "--for", "1001"), "Missing option '--scope'"),
    ],
)
def test_what_is_wrong_with_a_token_is_told(root: Path, arguments: tuple[str, ...], told: str) -> None:
    refused = laidian(root, "token", "add", *arguments)
    assert refused.exit_code != 0
    assert told in refused.output


def test_a_password_is_given_by_rule_and_ends_the_sessions(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add = {"login": "1001", "csrf": "c", "at": time.time(), "expires_at": time.time() + 60}
    in_store(root, lambda store: store.sessions.add("token", **add))  # type: ignore[arg-type]
    monkeypatch.setattr(getpass, "getpass", lambda _prompt: "password12345")
    weak = laidian(root, "user", "password", "1001")
    assert (weak.exit_code, weak.output) == (1, "this password is among those that are tried first\n")
    monkeypatch.setattr(getpass, "getpass", lambda _prompt: "wet tin roof song")
    assert laidian(root, "user", "password", "1001").exit_code == 0
    person = in_store(root, lambda store: store.users.get("1001"))
    assert person.must_change
    assert PasswordHasher().verify(person.password_hash, "wet tin roof song")
    assert in_store(root, lambda store: store.sessions.get("token", at=time.time())) is None


def test_a_second_factor_is_taken_once(root: Path) -> None:
    async def enrol(store: Store) -> None:
        await store.second_factors.begin("1001", b"sealed")
        await store.second_factors.confirm("1001", step=7, codes=["A", "B"], at=1.0)
        assert [await store.second_factors.use_step("1001", step) for step in (7, 8, 8)] == [False, True, False]
        assert [await store.second_factors.use_code("1001", "A", at=2.0) for _ in range(2)] == [True, False]
        factor = await store.second_factors.get("1001")
        assert factor is not None
        assert factor.codes_left == 1

    in_store(root, enrol)
    assert laidian(root, "user", "totp-reset", "1001").exit_code == 0
    assert "1001 has no second factor" in laidian(root, "user", "totp-reset", "1001").output
    assert laidian(root, "user", "oidc-unbind", "1001").exit_code == 0


def test_somebody_with_another_role_or_password_logs_in_anew(root: Path) -> None:
    async def change(store: Store) -> list[bool]:
        alive = []
        for name, role in (("A", "agent"), ("A", "supervisor")):
            await store.sessions.add("t" + role, login="1001", csrf="c", at=1.0, expires_at=60.0)
            person = User(login="1001", name=name, role=role, password_hash="x")  # type: ignore[arg-type]
            await store.users.update(person)
            alive.append(await store.sessions.get("t" + role, at=2.0) is not None)
        return alive

    assert in_store(root, change) == [True, False]
