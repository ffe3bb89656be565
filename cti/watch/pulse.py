"""How late the event loop comes, and how long the garbage collector holds everything up."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final

from cti.watch.histogram import SHORT_S, Histogram

TICK_S: Final = 0.1


class Pulse:
    """`lag`: by how much a timer of the loop fires late. `pauses`: by generation of the collector."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self.lag = Histogram(SHORT_S)
        self.pauses = tuple(Histogram(SHORT_S) for _ in range(3))
        self._clock = clock
        self._collecting_since = 0.0

    async def run(self) -> None:
        while True:
            began = self._clock()
            await asyncio.sleep(TICK_S)
            self.lag.observe(max(0.0, self._clock() - began - TICK_S))

    def on_collection(self, phase: str, info: Mapping[str, int]) -> None:
        """As `gc.callbacks` calls it."""
        if phase == "start":
            self._collecting_since = self._clock()
        else:
            self.pauses[info["generation"]].observe(self._clock() - self._collecting_since)


@asynccontextmanager
async def felt() -> AsyncIterator[Pulse]:
    pulse = Pulse()
    gc.callbacks.append(pulse.on_collection)
    task = asyncio.create_task(pulse.run(), name="pulse")
    try:
        yield pulse
    finally:
        gc.callbacks.remove(pulse.on_collection)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
