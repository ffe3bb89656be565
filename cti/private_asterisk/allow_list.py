"""Which modules `asterisk/modules.conf` requires, and which of them an Asterisk lacks."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def templates(folder: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - these are Asterisk's files; values are checked in model.py
    )


def lacking(templates_dir: Path, present: frozenset[str]) -> list[str]:
    """Names without ".so". A template may require a module only where it exists, so it is rendered first."""
    return missing_modules(templates(templates_dir).get_template("modules.conf").render(modules=present), present)


def missing_modules(modules_conf: str, present: frozenset[str]) -> list[str]:
    """The modules that a rendered modules.conf requires and that are not on disk."""
    lines = [line.split(";")[0].split("=") for line in modules_conf.splitlines()]
    wanted = [parts[1].strip().removesuffix(".so") for parts in lines if parts[0].strip() in ("load", "require")]
    return sorted(set(wanted) - present)
