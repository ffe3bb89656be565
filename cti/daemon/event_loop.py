"""The event loop of the daemon: uvloop, calm once everything has started, and first in line on its machine."""

import asyncio
import gc
import sys
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

import uvloop

from cti.daemon.precedence import Precedence

T = TypeVar("T")

SWITCH_S: Final = 0.00005
"""How long a thread of the store or the recordings may keep the interpreter while the event loop waits for it: with
Python's own 5 ms every write to a socket, which lets go of it for a moment, could cost as much."""


def run(main: Coroutine[Any, Any, T]) -> T:
    """As `asyncio.run` does, on the loop that tests run on, too."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


def calm_down(*, realtime: bool) -> None:
    """Call it in the event loop's thread, when everything has started. `realtime`: see `cti.daemon.precedence`.

    A full garbage collection through all that was imported and built holds every call up for tens of milliseconds: what
    is there now stays for good, and what comes later is looked through less often (it is nearly all freed by counting
    references).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    sys.setswitchinterval(SWITCH_S)
    if realtime:
        Precedence().begin()
