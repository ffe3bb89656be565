"""Orders to Asterisk that nobody awaits: each a named task whose failure is logged and told to whom it concerns."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from cti.errors import CtiError

log = structlog.get_logger(__name__)


class Orders:
    """`start` runs an order in the background; `drain` waits for those that are under way."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(
        self,
        name: str,
        order: Coroutine[Any, Any, None],
        on_failure: Callable[[CtiError], None] | None = None,
    ) -> None:
        task = asyncio.create_task(self._run(name, order, on_failure), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self, deadline_s: float) -> tuple[str, ...]:
        """Wait for all orders; returns the names of those that had to be cancelled."""
        if not self._tasks:
            return ()
        _, late = await asyncio.wait(self._tasks, timeout=deadline_s)
        for task in late:
            task.cancel()
        return tuple(task.get_name() for task in late)

    @staticmethod
    async def _run(name: str, order: Coroutine[Any, Any, None], on_failure: Callable[[CtiError], None] | None) -> None:
        try:
            await order
        except CtiError as error:
            log.warning("an order failed", order=name, reason=str(error))
            if on_failure is not None:
                on_failure(error)
        except Exception:
            log.exception("an order broke", order=name)
