"""`python -m cti.prompts [--check] [--root ivr_prompts]`: exit code 0 done, 1 outdated, 2 unusable."""

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from cti.errors import CtiError
from cti.prompts.build import Builder, Job, default_cache, outdated, remove_unknown
from cti.prompts.catalog import Catalog, read

ROOT = Path("ivr_prompts")


@click.command(help="Synthesise the prompts that have no recorded file, as far as they are missing or changed.")
@click.option("--check", is_flag=True, help="Make nothing; say what is missing or changed, exit code 1 if anything is.")
@click.option("--root", type=click.Path(path_type=Path), default=ROOT, show_default=True)
@click.option("--cache", type=click.Path(path_type=Path), default=None, help="Where sounds are kept by their content.")
def main(*, check: bool, root: Path, cache: Path | None) -> None:
    out = Console(highlight=False, soft_wrap=True)
    try:
        catalogs = read(root)
        jobs = list(outdated(catalogs.values()))
        if check:
            sys.exit(_report(out, catalogs, jobs))
        builder = Builder(cache or default_cache())
        _make(out, builder, jobs)
        for catalog in catalogs.values():
            remove_unknown(catalog)
    except CtiError as error:
        Console(stderr=True, highlight=False, soft_wrap=True, markup=False).print(str(error))
        sys.exit(2)
    total = sum(len(catalog.prompts) for catalog in catalogs.values())
    out.print(f"{total} prompts: {len(jobs)} new or changed, {builder.spoken} of them synthesised, the rest at hand")


def _report(out: Console, catalogs: dict[str, Catalog], jobs: list[Job]) -> int:
    for job in jobs:
        out.print(f"{job.catalog.language}/{job.prompt}: missing or changed, run `make prompts`")
    if not jobs:
        out.print(f"{sum(len(catalog.prompts) for catalog in catalogs.values())} prompts are up to date")
    return 1 if jobs else 0


def _make(out: Console, builder: Builder, jobs: list[Job]) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as progress:
        task = progress.add_task("prompts", total=len(jobs))
        for job in jobs:
            progress.update(task, description=f"{job.catalog.language}/{job.prompt}")
            builder.make(job)
            progress.advance(task)


if __name__ == "__main__":
    main()
