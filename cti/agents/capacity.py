"""How much of each medium an agent may have in hand at once, and what may come on top of what.

Within one medium the capacity of the agent's profile decides alone; between two media the interruption rules do.
What is in hand is whatever rings at the agent, is being talked about, or is wrapped up.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from cti.agents.agent import AgentProfile
from cti.events import Medium

Interruption = Mapping[str, frozenset[str]]
"""Which other media each medium may come on top of; one that is missing comes on top of none."""

INTERRUPTION: Final[Interruption] = {
    "voice": frozenset({"chat", "email", "voicemail"}),
    "chat": frozenset({"email", "voicemail"}),
}
"""Unless a site says otherwise: who waits by the second goes before who waits by the minute, and both before what can
lie. Nobody is torn from a call, and whoever writes to us meets an agent who can write back."""

AskedMedium = Medium | Literal[""]
"""What somebody said of the medium of an interaction; "" for nothing."""

MEDIA: Final = ("voice", "chat", "email", "voicemail")
"""What capacities are given for."""

_COUNTED_AS: Final[Mapping[str, str]] = {**dict(zip(MEDIA, MEDIA, strict=True)), "callback": "voice"}


def counted_as(medium: str) -> str:
    """The medium whose capacity a `cti.events.Medium` takes; `ValueError` for a word that is none."""
    try:
        return _COUNTED_AS[medium]
    except KeyError:
        raise ValueError(f"medium '{medium}': expected one of {', '.join(_COUNTED_AS)}") from None


def may_join(medium: str, other: str, interruption: Interruption) -> bool:
    """Whether the one may come on top of the other, capacity apart."""
    return medium == other or other in interruption.get(medium, ())


def has_room(profile: AgentProfile, medium: str, in_hand: Sequence[str], interruption: Interruption) -> bool:
    """Whether one more of this medium may come to an agent who has these media in hand, one for each interaction."""
    return in_hand.count(medium) < profile.capacity_for(medium) and all(
        may_join(medium, other, interruption) for other in in_hand
    )
