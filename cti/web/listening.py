"""Which requests for audio are one listening."""

from collections import OrderedDict
from typing import Final

PLAYING_S: Final = 600.0
"""A player that asks for another part after so long is taken for a new listening."""
_REMEMBERED: Final = 10_000


class Listening:
    """Who is playing what: one listening is audited once, however many ranges the player asks for."""

    def __init__(self) -> None:
        self._last: OrderedDict[tuple[str, str], float] = OrderedDict()

    def failed(self, agent_id: str, interaction_id: str) -> None:
        """Nothing was played: the next request begins anew."""
        self._last.pop((agent_id, interaction_id), None)

    def begins(self, agent_id: str, interaction_id: str, now: float) -> bool:
        key = (agent_id, interaction_id)
        before = self._last.pop(key, None)
        self._last[key] = now
        while len(self._last) > _REMEMBERED:
            self._last.popitem(last=False)
        return before is None or now - before > PLAYING_S
