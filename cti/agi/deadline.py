"""A deadline that is moved far more often than it passes, so that moving it costs no timer."""

import asyncio
from collections.abc import Callable


class Deadline:
    """One at a time, as `begin` noted it last. One timer runs, and looks when it rings whether it is time yet: a timer
    of its own for each command would cost more than to encode the command and to send it.
    """

    __slots__ = ("_at", "_loop", "_missed", "_rings_at", "_timer")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._at = self._rings_at = 0.0
        self._missed: Callable[[], None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, seconds: float, missed: Callable[[], None]) -> None:
        """`missed` is called in so many seconds, unless another deadline begins or this one is `kept`."""
        self._at, self._missed = self._loop.time() + seconds, missed
        if self._timer is not None and self._rings_at > self._at:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._ring()

    def kept(self) -> None:
        self._missed = None

    def end(self) -> None:
        """Kept, and nothing is left behind."""
        self._missed = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer, missed = None, self._missed
        if missed is None:
            return
        if self._loop.time() < self._at:
            self._ring()
        else:
            self._missed = None
            missed()

    def _ring(self) -> None:
        self._rings_at = self._at
        self._timer = self._loop.call_at(self._at, self._look)
