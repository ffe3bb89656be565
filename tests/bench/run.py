"""`python -m tests.bench.run [GROUP ...]`: measure, print a table, append to bench-results.jsonl, judge.

A group is a module `bench_<group>.py` beside this file with `GROUP` and `run() -> list[Figure]`. Exit code 1: a goal
was missed, or a group could not be measured (the others are all the same). `--table` prints the latest figures of the
file as Markdown instead, for docs/figures.md, and measures nothing.
"""

import importlib
import json
import os
import platform
import sys
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import click
from rich.console import Console
from rich.table import Column, Table

from tests.bench.figure import Figure, amount, goal, markdown, reached

HERE = Path(__file__).parent
RESULTS = HERE.parents[1] / "bench-results.jsonl"


def groups() -> list[str]:
    return sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))


def load(group: str) -> ModuleType:
    return importlib.import_module(f"tests.bench.bench_{group}")


def append(figures: list[Figure], path: Path = RESULTS) -> None:
    keys = Figure.__annotations__
    with path.open("a", encoding="utf-8") as file:
        for figure in figures:
            file.write(json.dumps({key: figure[key] for key in keys}) + "\n")  # type: ignore[literal-required]


def latest(path: Path = RESULTS) -> list[Figure]:
    """The last figure of each name, in the order in which they first came."""
    found: dict[str, Figure] = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            figure: Figure = json.loads(line)
            found[figure["name"]] = figure
    return list(found.values())


def show(figures: list[Figure], console: Console) -> None:
    table = Table(Column("figure", no_wrap=True), "value", "peer", "peer's value", "ratio", "goal", "")
    for one in figures:
        value, peer_value = (f"{amount(number)} {one['unit']}" for number in (one["value"], one["peer_value"]))
        verdict = "" if not one["goal"] else "[green]reached[/]" if reached(one) else "[red]missed[/]"
        table.add_row(one["name"], value, one["peer"], peer_value, f"{one['ratio']:g}", goal(one), verdict)
    console.print(table)


def measure(names: list[str], console: Console) -> bool:
    """Whether every group could be measured and reached its goals."""
    fine = True
    for name in names:
        began = time.monotonic()
        console.print(f"[bold]{name}[/] ...")
        try:
            figures: list[Figure] = load(name).run()
        except Exception:  # noqa: BLE001 - the other groups are measured all the same
            console.print(f"[red]{name} could not be measured:[/]")
            console.print(traceback.format_exc(), markup=False, highlight=False)
            fine = False
            continue
        append(figures)
        show(figures, console)
        console.print(f"{name}: {time.monotonic() - began:.0f} s")
        fine = fine and all(map(reached, figures))
    return fine


def machine() -> str:
    """What the figures depend on, without a name."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    processor = models[0] if models else platform.machine()
    return f"{os.cpu_count()} cores, {processor}, {memory:.0f} GB, Python {platform.python_version()}"


@click.command()
@click.argument("names", nargs=-1, metavar="[GROUP]...")
@click.option("--table", is_flag=True, help="Print the latest figures as Markdown; measure nothing.")
def main(*, names: tuple[str, ...], table: bool) -> None:
    """Measure all groups, or those named."""
    if table:
        date = datetime.fromtimestamp(RESULTS.stat().st_mtime, UTC).date().isoformat() if RESULTS.exists() else "never"
        click.echo(markdown(latest(), machine=machine(), date=date))
        return
    unknown = [name for name in names if name not in groups()]
    if unknown:
        raise click.UsageError(f"there is no group {unknown[0]!r}; there are: {', '.join(groups())}")
    sys.exit(0 if measure(list(names) or groups(), Console()) else 1)


if __name__ == "__main__":
    main()
