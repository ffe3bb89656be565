"""The event loop comes first on its machine, as Asterisk's own threads do where it was started with `-p`."""

import os
from typing import Final

import structlog

log = structlog.get_logger(__name__)

PRIORITY: Final = 1
"""The lowest of the real-time priorities; Asterisk's `-p` takes 10."""


def come_first() -> bool:
    """This thread runs as soon as it has something to do, whatever else computes; True if we may (sched(7)).

    Only the event loop, to be called in its thread: what it starts, threads and programs, is scheduled as before. It
    lets go of the core as soon as it waits, and the kernel keeps a twentieth of the time for all others in any case.
    Needs root, CAP_SYS_NICE, or RLIMIT_RTPRIO (systemd: LimitRTPRIO=1).
    """
    try:
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(PRIORITY))
    except PermissionError:
        log.info("the event loop has no precedence over other programs: that takes LimitRTPRIO=1, or CAP_SYS_NICE")
        return False
    return True


def stand_back() -> None:
    """Like any other program again: before this process becomes another, which has yet to start."""
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
