"""A secret of the configuration: from the environment, or from a file that only its owner should be able to read."""

import os
import stat
from pathlib import Path

import structlog

from cti.errors import Unusable

log = structlog.get_logger(__name__)

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_secret(what: str, *, variable: str, file: Path | None) -> str:
    """The environment comes before the file; "" when there is neither. `what` names it: "the MQTT password".

    Raises Unusable for a file that cannot be read or is empty. One that other users can get at is warned of.
    """
    if found := os.environ.get(variable, ""):
        return found
    if file is None:
        return ""
    try:
        found = file.read_text(encoding="utf-8").strip()
        mode = file.stat().st_mode
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise Unusable(f"{what} cannot be read from {file}: {reason}") from None
    if not found:
        raise Unusable(f"{what} cannot be read from {file}: the file is empty")
    if mode & _OTHERS:
        text = "other users can get at a secret: chmod 600 the file"
        log.warning(text, what=what, file=str(file), mode=oct(mode & 0o777))
    return found
