"""`make test`: everything, in an order that fails early.

A live test mostly waits for phones: on 2 cores five run side by side. Each takes the next of the list when it is free,
and what takes long stands first (`tests/conftest.py`), so that nobody waits for a last long one at the end.
"""

import subprocess
import sys
import time

LIVE = ("tests/live", "tests/attack/live", "tests/browser", "tests/chaos")
PHASES = (
    ("unit", ["-n", "2", "tests/unit", "tests/attack/unit"]),
    (
        "live and browser",
        ["-n", "5", "--dist", "load", "--maxschedchunk", "1", *LIVE],
    ),
)


def main() -> int:
    """The exit code of pytest: 0 only when every phase passed."""
    worst = 0
    for name, arguments in PHASES:
        began = time.monotonic()
        code = subprocess.run([sys.executable, "-m", "pytest", *arguments, *sys.argv[1:]], check=False).returncode
        print(f"{name}: {'passed' if code == 0 else 'FAILED'} in {time.monotonic() - began:.0f} s", flush=True)
        worst = worst or code
    return worst


if __name__ == "__main__":
    sys.exit(main())
