"""The event loop comes first on its machine, as Asterisk's own threads do where it was started with `-p`.

Before whatever else computes, as long as it has little to do itself: then nobody waits for it to let go of a core. A
house so busy that the loop works most of the time needs the cores for Asterisk, too, which would otherwise be late with
sound: there the loop is but a favoured one among others.
"""

import asyncio
import contextlib
import os
import time
from collections.abc import Callable
from typing import Final

import structlog

log = structlog.get_logger(__name__)

PRIORITY: Final = 1
"""The lowest of the real-time priorities; Asterisk's `-p` takes 10."""
NICE: Final = -10
"""Among others: ten times the weight of a program that nobody favours (sched(7))."""
BUSY, CALM = 0.5, 0.45
"""Shares of the time that the loop works: from the one on it stands back, from the other on it comes first again."""
LOOK_S: Final = 1.0
ANY_CHILD: Final = os.SCHED_RESET_ON_FORK
"""What the thread starts, threads and programs, is scheduled as before."""


def come_first() -> bool:
    """This thread runs as soon as it has something to do, whatever else computes; True if we may (sched(7)).

    It lets go of the core as soon as it waits, and the kernel keeps a twentieth of the time for all others in any case.
    Needs root, CAP_SYS_NICE, or RLIMIT_RTPRIO (systemd: LimitRTPRIO=1).
    """
    try:
        os.sched_setscheduler(0, os.SCHED_RR | ANY_CHILD, os.sched_param(PRIORITY))
    except PermissionError:
        log.info("the event loop has no precedence over other programs: that takes LimitRTPRIO=1, or CAP_SYS_NICE")
        return False
    return True


def go_along() -> None:
    """This thread shares the cores with all others, and is favoured where that is allowed (systemd: LimitNICE=-10)."""
    os.sched_setscheduler(0, os.SCHED_OTHER | ANY_CHILD, os.sched_param(0))
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, NICE)


def stand_back() -> None:
    """Like any other program again: before this process becomes another, which has yet to start."""
    try:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    except PermissionError:  # `ANY_CHILD` may be set by everybody, and taken back by root only (sched(7)): it may stay
        os.sched_setscheduler(0, os.SCHED_OTHER | ANY_CHILD, os.sched_param(0))
    os.setpriority(os.PRIO_PROCESS, 0, 0)


class Precedence:
    """For the thread of the running event loop, until that ends."""

    def __init__(
        self, worked: Callable[[], float] = time.thread_time, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`worked`: seconds that this thread has computed so far."""
        self._worked, self._clock = worked, clock
        self._then = worked(), clock()
        self.first = False

    def begin(self) -> None:
        go_along()
        self.first = come_first()
        if self.first:
            self._again()

    def look(self) -> None:
        """Judge the time since the last look, and stand accordingly."""
        (worked, at), self._then = self._then, (self._worked(), self._clock())
        share = (self._then[0] - worked) / max(self._then[1] - at, 0.001)
        if self.first and share > BUSY:
            go_along()
            self.first = False
        elif not self.first and share < CALM:
            self.first = come_first()

    def _again(self) -> None:
        asyncio.get_running_loop().call_later(LOOK_S, self._turn)

    def _turn(self) -> None:
        self.look()
        self._again()
