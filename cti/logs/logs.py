"""The daemon's log: one line for each event on stderr, `key=value` or JSON, with the interaction that it is about.

What comes from outside (names, numbers, what Asterisk said) is escaped and cut off, so that it can neither forge a
line nor fill a disk with one. What libraries say through Python's `logging` comes out in the same way.
"""

import json
import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final, Literal, TextIO

import structlog

from cti.logs.about import add_interaction

Format = Literal["text", "json"]
Line = MutableMapping[str, Any]

LONGEST_VALUE: Final = 1000
LONGEST_TRACE: Final = 8000
"""Characters of a value, and of the end of a traceback."""
LONGEST_LINE: Final = 40_000
_FIRST: Final = ["timestamp", "level", "event", "interaction"]
_PLAIN: Final = (int, float, bool, type(None))


def configure(level: int = logging.INFO, form: Format = "text", file: TextIO | None = None) -> None:
    """For the whole process, also what was logged by nobody of ours. May be called again."""
    file = file or sys.stderr
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        processors=[
            structlog.contextvars.merge_contextvars,
            add_interaction,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            cut_off,
            _json if form == "json" else structlog.processors.KeyValueRenderer(key_order=_FIRST, drop_missing=True),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=file),
    )
    root = logging.getLogger()
    root.handlers = [handler for handler in root.handlers if not isinstance(handler, _Through)] + [_Through()]
    root.setLevel(logging.WARNING)


def cut_off(_logger: Any, _method: str, line: Line) -> Line:
    """A processor: nothing is longer than it may be."""
    for key, value in line.items():
        if key == "exception":
            line[key] = value if len(value) <= LONGEST_TRACE else f"... {value[-LONGEST_TRACE:]}"
        elif not isinstance(value, _PLAIN):
            text = value if isinstance(value, str) else repr(value)
            line[key] = text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]} ... ({len(text)} characters)"
    return line


_UNSEEN: Final = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ud800-\udfff]")
"""What a terminal or an editor may take for a new line, or show in another order."""


def _json(_logger: Any, _method: str, line: Line) -> str:
    text = json.dumps({**{key: line[key] for key in _FIRST if key in line}, **line}, ensure_ascii=False)
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


class _Through(logging.Handler):
    """From `logging` to structlog."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger()
        log.log(record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info or None)
