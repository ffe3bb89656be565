"""Where phones are registered."""

from cti.events import EndpointReachable, Fact


class Contacts:
    """URIs of the registered phones of every endpoint; an endpoint that has none is not in here."""

    __slots__ = ("by_endpoint",)

    def __init__(self) -> None:
        self.by_endpoint: dict[str, frozenset[str]] = {}

    def change(self, endpoint: str, uri: str, *, reachable: bool, at: float) -> list[Fact]:
        """News of one phone; a fact when it is the endpoint's first or was its last."""
        uris = self.by_endpoint.get(endpoint, frozenset())
        return self.put(endpoint, uris | {uri} if reachable else uris - {uri}, at)

    def put(self, endpoint: str, uris: frozenset[str], at: float) -> list[Fact]:
        """All phones of one endpoint."""
        was = endpoint in self.by_endpoint
        if uris:
            self.by_endpoint[endpoint] = uris
        elif was:
            del self.by_endpoint[endpoint]
        reachable = bool(uris)
        return [] if reachable is was else [EndpointReachable(at=at, endpoint=endpoint, reachable=reachable)]

    def replace(self, by_endpoint: dict[str, set[str]], at: float) -> list[Fact]:
        """All phones there are."""
        facts: list[Fact] = []
        for endpoint in sorted(self.by_endpoint.keys() | by_endpoint.keys()):
            facts += self.put(endpoint, frozenset(by_endpoint.get(endpoint, ())), at)
        return facts
