"""Why an offer went to whom it went to, and why a waiting caller has no agent yet: what is kept and what is shown."""

from typing import Any, Final

import msgspec

RUNNERS_UP: Final = 4
"""How many of those who came behind are kept with each offer."""
OFFERS_KEPT: Final = 20
"""How many offers of one interaction are explained, the latest."""
PICKED_UP: Final = "picked_up"
"""Nobody was chosen: the agent took it on purpose."""


class Candidate(msgspec.Struct, frozen=True):
    """`rank` is as `cti/acd/choice.py` says, () for one who was not ranked; `rejected` says why not, "" for chosen."""

    agent_id: str
    rank: tuple[Any, ...] = ()
    rejected: str = ""


class OfferReasons(msgspec.Struct, frozen=True, kw_only=True):
    """Kept for each offer. `chosen_by` is the queue's choice, "preferred" or `PICKED_UP`.

    `points` are those of the interaction at `at`, with ageing. `candidates` are the chosen agent and the next few of
    the `idle` agents who might have had it; `fitting` are the signed-in agents who might have had it, idle or not.
    """

    offer_id: str
    agent_id: str
    at: float
    chosen_by: str
    points: float
    doors: tuple[str, ...]
    skills: tuple[tuple[str, int], ...]
    candidates: tuple[Candidate, ...]
    idle: int
    fitting: int


class WaitReasons(msgspec.Struct, frozen=True, kw_only=True):
    """Worked out on request. `verdict` is a short sentence; `next_change` when relaxation asks less, None for never.

    `candidates` are agents of the queue and of what relaxation added so far, the fitting ones first; `left_off` counts
    the rest. `ahead` is how many come before it in its queue. `offers` explains the offers it has had.
    """

    interaction_id: str
    verdict: str
    points: float
    ahead: int
    doors: tuple[str, ...]
    skills: tuple[tuple[str, int], ...]
    held_for: str
    next_change: float | None
    candidates: tuple[Candidate, ...]
    left_off: int
    offers: tuple[OfferReasons, ...]
