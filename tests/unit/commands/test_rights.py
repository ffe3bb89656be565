"""The right to download: by the role, or given to one person with `laidian user allow`."""

import asyncio
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cti.cli import main
from cti.rights import has
from cti.settings import read
from cti.store.store import Store
from cti.store.users import User

ROOT = Path(__file__).parents[3]


def test_supervisors_have_the_right_by_their_role_and_agents_only_when_it_was_given() -> None:
    assert has("recording.download", "supervisor", ())
    assert has("recording.download", "admin", ())
    assert not has("recording.download", "agent", ())
    assert not has("recording.download", "agent", {"another.right"})
    assert has("recording.download", "agent", {"recording.download"})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "config").mkdir()
    for name in ("laidian.yaml", "queues.yaml"):
        shutil.copy(ROOT / "config" / name, tmp_path / "config" / name)

    async def add() -> None:
        settings = read(tmp_path)
        store = await Store.open(settings.database_url, spool=tmp_path / "spool")
        await store.users.add(User(login="1001", name="李娜", role="agent", password_hash="x"), at=1.0)
        await store.close()

    asyncio.run(add())
    return tmp_path


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["user", arguments[0], "--root", str(root), *arguments[1:]])


def test_the_command_gives_a_right_and_takes_it_back(root: Path) -> None:
    assert run(root, "allow", "1001", "recording.download").exit_code == 0
    assert "(recording.download)" in run(root, "list").output
    assert run(root, "forbid", "1001", "recording.download").exit_code == 0
    assert "(recording.download)" not in run(root, "list").output


def test_a_right_or_a_person_that_is_not_there_is_told(root: Path) -> None:
    unknown = run(root, "allow", "1009", "recording.download")
    assert (unknown.exit_code, unknown.output.strip()) == (1, "there is no user 1009")
    wrong = run(root, "allow", "1001", "recording.delete")
    assert wrong.exit_code == 2
    assert "recording.download" in wrong.output
