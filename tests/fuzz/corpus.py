"""The kept inputs: those that reached something new, and those that broke something, a target's in one file of base64.

`python -m tests.fuzz.corpus` takes over what `tests.fuzz.run` has found in var/fuzz, as much as is small.
"""

import base64
import random
from pathlib import Path

from tests.fuzz.targets import TARGETS

HERE = Path(__file__).parent / "corpus"
MOST_BYTES = 36_000
"""Of a target's file: the whole stays below 300 kB."""
LONGEST = 320


def kept(target: str) -> list[bytes]:
    file = HERE / f"{target}.txt"
    return [base64.b64decode(line) for line in file.read_text().split()] if file.exists() else []


def unpack(target: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for count, data in enumerate(kept(target)):
        (folder / f"kept-{count:04}").write_bytes(data)


def take_over(target: str, found: Path) -> int:
    """Those kept before stay; of the new ones a fair choice. How many there are now."""
    lines = [base64.b64encode(data).decode() for data in kept(target)]
    files = [*sorted(found.glob("crash-*")), *sorted((found / "corpus").glob("*"))]
    random.Random(1).shuffle(files)
    for file in sorted(files, key=lambda file: not file.name.startswith("crash-")):
        line = base64.b64encode(file.read_bytes()).decode()
        crashed = file.name.startswith("crash-")
        small = len(line) <= LONGEST and sum(map(len, lines)) + len(line) < MOST_BYTES
        if (crashed or small) and line not in lines:
            lines.append(line)
    HERE.mkdir(exist_ok=True)
    (HERE / f"{target}.txt").write_text("\n".join([*lines, ""]))
    return len(lines)


if __name__ == "__main__":
    for name in TARGETS:
        print(name, take_over(name, Path("var/fuzz") / name))
