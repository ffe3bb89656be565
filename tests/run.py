"""`make test`: everything, in an order that fails early.

A live test mostly waits for phones: on 2 cores five run side by side. Each takes the next of the list when it is free,
and what takes long stands first (`tests/conftest.py`), so that nobody waits for a last long one at the end.

One or two live tests that failed beside the others are repeated alone, once, and named: on a machine that is too busy a
phone answers too late. A caller lost in the chaos, a unit test and a third failure count as they are
(docs/decisions/0029-repeated-alone.md).
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

CHAOS: Final = "tests/chaos"
LIVE: Final = ("tests/live", "tests/attack/live", "tests/browser", CHAOS)
REPEATED: Final = 2
SOME_FAILED: Final = 1
"""The exit code of pytest for tests that failed, and nothing worse."""


def main() -> int:
    """The exit code of pytest: 0 only when every phase passed."""
    unit = _phase("unit", ["-n", "2", "tests/unit", "tests/attack/unit"])
    with tempfile.TemporaryDirectory(prefix="laidian-tests-") as name:
        beside = ["-n", "5", "--dist", "load", "--maxschedchunk", "1", "-o", f"cache_dir={name}"]
        live = _phase("live and browser", [*beside, *LIVE])
        failed = failed_tests(Path(name))
    if live == SOME_FAILED and may_be_repeated(failed):
        print("failed beside others, and repeated alone:", *failed, sep="\n  ", flush=True)
        live = _phase("repeated alone", failed)
    return unit or live


def _phase(name: str, arguments: list[str]) -> int:
    began = time.monotonic()
    code = subprocess.run([sys.executable, "-m", "pytest", *arguments, *sys.argv[1:]], check=False).returncode
    print(f"{name}: {'passed' if code == 0 else 'FAILED'} in {time.monotonic() - began:.0f} s", flush=True)
    return code


def failed_tests(cache: Path) -> list[str]:
    """What pytest wrote down of its last run."""
    try:
        return sorted(json.loads((cache / "v" / "cache" / "lastfailed").read_text(encoding="utf-8")))
    except FileNotFoundError:
        return []


def may_be_repeated(failed: list[str]) -> bool:
    return 0 < len(failed) <= REPEATED and not any(one.startswith(CHAOS) for one in failed)


if __name__ == "__main__":
    sys.exit(main())
