"""The spool folder: raw files that Asterisk writes, named by interaction.

`<interaction>.raw` is a conversation, `<interaction>.barge-<n>.raw` a supervisor's voice, n counting from 1.
"""

import re
from pathlib import Path
from typing import NamedTuple

from cti.errors import LocalProtocolError

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{7,63}")
_NAME = re.compile(rf"({_ID.pattern})(?:\.barge-([0-9]{{1,4}}))?\.raw")


class RawName(NamedTuple):
    """`barge` 0 is the conversation itself."""

    interaction_id: str
    barge: int

    def __str__(self) -> str:
        return f"{self.interaction_id}.raw" if not self.barge else f"{self.interaction_id}.barge-{self.barge}.raw"


def checked_id(interaction_id: str) -> str:
    """`LocalProtocolError` for what must not become part of a path."""
    if not _ID.fullmatch(interaction_id):
        raise LocalProtocolError(f"{interaction_id!r} is no interaction id")
    return interaction_id


def raw_name(interaction_id: str, barge: int = 0) -> str:
    return str(RawName(checked_id(interaction_id), barge))


def parse_name(name: str) -> RawName | None:
    """None for any other file."""
    if not (match := _NAME.fullmatch(name)):
        return None
    return RawName(match[1], int(match[2] or 0))


def left_behind(folder: Path) -> dict[str, list[Path]]:
    """Interaction id -> its raw files, the conversation first. Barges without a conversation are left out."""
    found: dict[str, list[RawName]] = {}
    if not folder.is_dir():
        return {}
    for path in folder.iterdir():
        if (name := parse_name(path.name)) and path.is_file() and not path.is_symlink():
            found.setdefault(name.interaction_id, []).append(name)
    return {
        key: [folder / str(name) for name in sorted(names, key=lambda n: n.barge)]
        for key, names in sorted(found.items())
        if any(not name.barge for name in names)
    }
