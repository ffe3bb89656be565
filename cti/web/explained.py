"""What the REST API answers to "why did this call go there?". Every sentence comes in Chinese and in English."""

from cti.desk.views import Text
from cti.web.resources import Resource


class CandidateView(Resource, frozen=True, kw_only=True):
    """`rejection` says why not, `code` its kind ("": has it, or may have it), `said` it in the distributor's words."""

    agent_id: str
    agent_name: str
    chosen: bool
    score: Text
    rejection: Text
    code: str
    said: str


class WaitExplanation(Resource, frozen=True, kw_only=True):
    """As it was at `at`. `next_change`: when less is asked of an agent, None for never; `left_off` candidates more."""

    at: float
    queue: str
    verdict: Text
    said: str
    points: float
    ahead: int
    skills: dict[str, int]
    doors: tuple[Text, ...]
    next_change: float | None
    candidates: tuple[CandidateView, ...]
    left_off: int


class OfferExplanation(Resource, frozen=True, kw_only=True):
    """`end` is "" while it goes on. `idle` agents might have had it, `fitting` counts those who were occupied too.

    `chosen_by` None: it was not explained (an older version of us made it).
    """

    offer_id: str
    agent_id: str
    agent_name: str
    queue: str
    made_at: float
    ended_at: float | None
    end: str
    chosen_by: Text | None
    points: float
    skills: dict[str, int]
    idle: int
    fitting: int
    candidates: tuple[CandidateView, ...]


class VisitExplanation(Resource, frozen=True, kw_only=True):
    """One wait in one queue. `outcome` is "" while it goes on; `wait` is the last explanation that was kept."""

    queue: str
    queued_at: float
    ended_at: float | None
    outcome: str
    wait: WaitExplanation | None


class AheadView(Resource, frozen=True, kw_only=True):
    interaction_id: str
    position: int
    queued_at: float
    points: float


class Explanation(Resource, frozen=True, kw_only=True):
    """`wait`, `position`, `estimate_s` and `ahead` are of this moment, None and empty for one that does not wait now.

    `state`: "queued", "offered", "connected", "held", "ended", ...; `ahead` are the nearest before it in its queue.
    """

    interaction_id: str
    at: float
    state: str
    position: int | None
    estimate_s: float | None
    wait: WaitExplanation | None
    ahead: tuple[AheadView, ...]
    offers: tuple[OfferExplanation, ...]
    visits: tuple[VisitExplanation, ...]
