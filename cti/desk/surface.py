"""Where the desk writes: the hub that sends changes to the browsers, or a plain dict in a test."""

from typing import Protocol

from cti.desk.views import AnyView


class Surface(Protocol):
    def put(self, topic: str, key: str, entity: AnyView) -> None: ...

    def drop(self, topic: str, key: str) -> None: ...
