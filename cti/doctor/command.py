"""`laidian doctor`."""

import asyncio
import sys
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.text import Text

from cti.daemon.build import account
from cti.doctor.checks import Finding, examine, exit_code
from cti.doctor.dialplan import shipped
from cti.doctor.look_asterisk import look_at_asterisk
from cti.doctor.look_books import look_at_books
from cti.doctor.look_machine import (
    look_at_certificates,
    look_at_daemon,
    look_at_folders,
    look_at_machine,
    look_at_prompts,
)
from cti.doctor.observed import AsteriskSeen, Observations, Step
from cti.doctor.texts import LEVELS, sentence
from cti.errors import ConfigError, Unusable
from cti.private_asterisk.model import REPOSITORY
from cti.reports.explaining import LANGUAGES, Language
from cti.settings import Settings, read

_COLOURS = {"ok": "green", "warning": "yellow", "problem": "red"}


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One line of `--json`. `code` "" where all is well."""

    check: str
    level: str
    code: str
    text: str


async def observe(settings: Settings) -> Observations:
    """Looks at everything; what cannot be looked at is in the observations too."""
    wanted = await asyncio.to_thread(our_dialplan)
    asterisk, daemon, books = await asyncio.gather(
        _asterisk(settings, wanted), look_at_daemon(settings), look_at_books(settings.database_url)
    )
    return Observations(
        asterisk=asterisk,
        daemon=daemon,
        books=books,
        machine=await asyncio.to_thread(look_at_machine, settings),
        folders=await asyncio.to_thread(look_at_folders, settings),
        certificates=await asyncio.to_thread(look_at_certificates, settings),
        wanted=wanted,
        prompts_missing=await asyncio.to_thread(look_at_prompts, settings),
    )


async def _asterisk(settings: Settings, wanted: dict[str, frozenset[Step]]) -> AsteriskSeen:
    try:
        whom = account(settings)
    except Unusable as error:
        return AsteriskSeen(trouble=str(error))
    return await look_at_asterisk(whom, wanted)


def our_dialplan() -> dict[str, frozenset[Step]]:
    files = sorted((REPOSITORY / "dialplan").glob("*.conf"))
    return {name: steps for file in files for name, steps in shipped(file.read_text(encoding="utf-8")).items()}


@click.command()
@click.option(
    "--root",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    default=Path(),
    help="The folder that holds config/ (default: here).",
)
@click.option("--lang", type=click.Choice(LANGUAGES), help="Default: the site's language.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each finding.")
def doctor(*, root: Path, lang: Language | None, as_json: bool) -> None:
    """Look at the running installation and say what is wrong and what to do.

    Exit code 0: all is well, 1: a warning, 2: a problem.
    """
    try:
        settings = read(root)
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    findings = examine(asyncio.run(observe(settings)))
    language: Language = lang or settings.default_language
    for finding in findings:
        _show(finding, language, as_json=as_json)
    sys.exit(exit_code(findings))


def _show(finding: Finding, language: Language, *, as_json: bool) -> None:
    text = sentence(finding, language)
    if as_json:
        told = Told(check=finding.check, level=finding.level, code=finding.code, text=text)
        click.echo(msgspec.json.encode(told).decode())
        return
    level = LEVELS[finding.level][language == "en"]
    line = Text.assemble((level.ljust(8 - (language == "zh") * 2), _COLOURS[finding.level]), " ", text)
    Console(soft_wrap=True).print(line)
