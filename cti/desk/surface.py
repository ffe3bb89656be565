"""Where the desk writes: the hub that sends changes to the browsers, or a plain dict in a test."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from cti.desk.views import AnyView
from cti.events import Fact

Handlers = Mapping[type[Fact], Callable[[Any], None]]
"""Kind of fact -> what a desk does with it; the key's class is the argument's class."""


class Surface(Protocol):
    def put(self, topic: str, key: str, entity: AnyView) -> None: ...

    def drop(self, topic: str, key: str) -> None: ...

    def notice(self, agent_id: str, level: str, code: str, message: str) -> None:
        """A word to one agent; the page has its own sentence for a `code` that it knows."""
