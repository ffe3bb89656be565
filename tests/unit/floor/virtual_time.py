"""An event loop whose clock jumps to the next timer: a day of calls takes a second, and always the same way."""

import asyncio
import selectors
from collections.abc import Mapping
from typing import Any

SHORTEST_S = 1e-6


class _Skipping(selectors.SelectSelector):
    """Never sleeps; adds up what it was asked to wait. Waiting without any timer is a deadlock, hence an error."""

    skipped = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("nothing will ever happen")
            if timeout > 0:
                self.skipped += max(timeout, SHORTEST_S)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """`broken` collects what escaped from tasks and callbacks."""

    def __init__(self) -> None:
        self._skipping = _Skipping()
        self.broken: list[Mapping[str, Any]] = []
        super().__init__(self._skipping)
        self.set_exception_handler(lambda _loop, context: self.broken.append(context))

    def time(self) -> float:
        return self._skipping.skipped

    def pass_time(self, seconds: float) -> None:
        self.run_until_complete(asyncio.sleep(seconds))

    def shut(self) -> None:
        """Cancel what still runs, and close."""
        tasks = asyncio.all_tasks(self)
        for task in tasks:
            task.cancel()
        if tasks:
            self.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self.close()
