"""`python -m tests.fuzz.run TARGET --runs N`: coverage-guided (atheris) until N inputs were tried or one fails.

What failed is kept as `var/fuzz/<target>/crash-...` and taken over by `tests.fuzz.corpus` once it is mended; inputs
that reached something new are kept beside it. A run that ends well adds one JSON line to `var/fuzz/results.jsonl`.
"""

import argparse
import importlib
import json
import logging
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from tests.fuzz.corpus import unpack
from tests.fuzz.targets import TARGETS

HERE = Path(__file__).parent
KEPT = Path("var/fuzz")
INPUT_S = 10
"""No input may take longer; the machine may be busy with other things."""
FRESH = 0.25
GROWTH_MB = 64
"""How much larger the process may be in the end than after a tenth of the inputs; the fuzzer keeps what it finds."""


class Watch:
    """Counts inputs, and notes the slowest and how large the process gets."""

    def __init__(self, target: str, runs: int, seed: int, one_input: Callable[[bytes], None], results: Path) -> None:
        self._one_input = one_input
        self._results = results
        self._target, self._runs, self._seed = target, runs, seed
        self._count = 0
        self._slowest_s = 0.0
        self._early_mb = 0.0
        self._began = time.monotonic()

    def __call__(self, data: bytes) -> None:
        began = time.thread_time()
        self._one_input(data)
        self._slowest_s = max(self._slowest_s, time.thread_time() - began)
        self._count += 1
        if self._count == max(1, self._runs // 10):
            self._early_mb = _resident_mb()
        if self._count == self._runs:
            self._finish()

    def _finish(self) -> None:
        took_s, late_mb = time.monotonic() - self._began, _resident_mb()
        assert late_mb < self._early_mb + GROWTH_MB, f"grew from {self._early_mb:.0f} to {late_mb:.0f} MB"
        line = {
            "target": self._target,
            "at": time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
            "inputs": self._count,
            "seed": self._seed,
            "took_s": round(took_s),
            "per_s": round(self._count / took_s),
            "slowest_ms": round(self._slowest_s * 1000, 1),
            "early_mb": round(self._early_mb),
            "late_mb": round(late_mb),
        }
        with self._results.open("a") as results:
            results.write(json.dumps(line) + "\n")
        print(json.dumps(line), flush=True)


def _resident_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _any_bytes(chance: random.Random, most: int) -> bytes:
    return chance.randbytes(chance.randint(1, most))


def _mutator(
    mutate: Callable[[bytes, int], bytes], fresh: Callable[[random.Random, int], bytes], seed: int
) -> Callable[[bytes, int, int], bytes]:
    """One input in four is new altogether: a structured target makes of any bytes a deep input at once."""
    chance = random.Random(seed)

    def mutated(data: bytes, most: int, _seed: int) -> bytes:
        if chance.random() < FRESH:
            return fresh(chance, most)
        return mutate(data, most)

    return mutated


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kept", type=Path, default=KEPT, help="where inputs that are worth keeping go")
    asked = parser.parse_args()
    kept = asked.kept / asked.target
    (kept / "corpus").mkdir(parents=True, exist_ok=True)
    unpack(asked.target, kept / "seeds")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    import atheris  # type: ignore[import-untyped]  # noqa: PLC0415 - replaying needs no fuzzer

    target = TARGETS[asked.target]
    with atheris.instrument_imports(include=list(target.instrumented)):
        module = importlib.import_module(f"tests.fuzz.{asked.target}")
    options = [
        sys.argv[0],
        str(kept / "corpus"),
        str(kept / "seeds"),
        f"-runs={asked.runs}",
        f"-seed={asked.seed}",
        f"-max_len={target.most_bytes}",
        f"-timeout={INPUT_S}",
        "-rss_limit_mb=2048",
        f"-artifact_prefix={kept}/",
        "-print_final_stats=1",
    ]
    if (words := HERE / f"{asked.target}.dict").exists():
        options.append(f"-dict={words}")
    fresh = getattr(module, "fresh", _any_bytes)
    mutate = _mutator(lambda data, most: atheris.Mutate(data, most), fresh, asked.seed)  # noqa: PLW0108 - Fuzz() sets it
    atheris.Setup(
        options,
        Watch(asked.target, asked.runs, asked.seed, module.one_input, asked.kept / "results.jsonl"),
        custom_mutator=mutate,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
