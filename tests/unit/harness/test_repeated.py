"""Which failed tests of a whole run get a second chance, alone: few, and none of those that count lost callers."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.run import SOME_FAILED, failed_tests, may_be_repeated


@pytest.mark.parametrize(
    ("failed", "repeated"),
    [
        ([], False),
        (["tests/live/away/test_killed.py::test_it[1]"], True),
        (["tests/live/a.py::test_a", "tests/browser/b.py::test_b"], True),
        (["tests/live/a.py::test_a", "tests/live/b.py::test_b", "tests/live/c.py::test_c"], False),
        (["tests/live/a.py::test_a", "tests/chaos/test_chaos.py::test_killed"], False),
    ],
)
def test_one_or_two_and_no_chaos(failed: list[str], repeated: bool) -> None:
    assert may_be_repeated(failed) is repeated


def test_what_failed_is_read_from_what_pytest_writes(tmp_path: Path) -> None:
    file = tmp_path / "test_both.py"
    file.write_text("def test_good(): pass\ndef test_bad(): assert False\n")
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-o", f"cache_dir={tmp_path / 'cache'}", str(file)]
    run = subprocess.run([*command, "--rootdir", str(tmp_path)], check=False, capture_output=True, cwd=tmp_path)
    assert run.returncode == SOME_FAILED, run.stdout
    assert failed_tests(tmp_path / "cache") == ["test_both.py::test_bad"]
    assert failed_tests(tmp_path / "nothing") == []
