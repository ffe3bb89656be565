"""The fuzz targets with their kept inputs, those changed a little, and some new ones; `make fuzz` tries millions."""

import importlib
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.fuzz.corpus import kept
from tests.fuzz.targets import TARGETS

NEW = 500
INPUT_S = 5
"""CPU time; the slowest input takes a fiftieth of it."""


def changed(chance: random.Random, data: bytes) -> bytes:
    """A byte replaced, a piece taken out, or a piece said twice."""
    if not data:
        return chance.randbytes(8)
    at, length = chance.randrange(len(data)), chance.randint(1, 8)
    match chance.randrange(3):
        case 0:
            return data[:at] + chance.randbytes(1) + data[at + 1 :]
        case 1:
            return data[:at] + data[at + length :]
    return data[: at + length] + data[at:]


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_crashes_or_hangs(target: str) -> None:
    module, chance = importlib.import_module(f"tests.fuzz.{target}"), random.Random(target)
    inputs = kept(target)
    assert inputs, f"tests/fuzz/corpus/{target}.txt"
    new = [chance.randbytes(chance.randint(1, TARGETS[target].most_bytes)) for _ in range(NEW)]
    varied = [changed(chance, chance.choice(inputs)) for _ in range(NEW)]
    for data in (*inputs, *new, *varied):
        began = time.thread_time()
        module.one_input(data)
        assert time.thread_time() - began < INPUT_S, data


def test_the_kept_inputs_are_small() -> None:
    folder = Path(__file__).parents[2] / "fuzz" / "corpus"
    assert sum(file.stat().st_size for file in folder.iterdir()) < 300_000


def test_the_guided_run_counts_what_it_tried(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fuzz.run", "agi", "--runs", "1000", "--kept", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert '"inputs": 1000' in (tmp_path / "results.jsonl").read_text()
