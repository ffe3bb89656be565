"""What the routes on quality need of the rest of the daemon, as in `cti.web.ports`."""

from typing import Protocol

import msgspec

from cti.quality.scorecard import Result, Scorecard
from cti.web.resources_quality import (
    Calibrations,
    CommentView,
    FoundRecordingsView,
    FoundRecordingView,
    RecordingSearchQuery,
    ScoresQuery,
    ScoreView,
)


class GivenScore(msgspec.Struct, frozen=True, kw_only=True):
    """What a scorer handed in, checked; `result` None: a draft."""

    interaction_id: str
    agent_id: str
    scorer: str
    card: Scorecard
    answers: dict[str, int | None]
    comment: str
    result: Result | None


class QualityPort(Protocol):
    """`viewer` and `author` are agent ids."""

    @property
    def scorecards(self) -> tuple[Scorecard, ...]: ...

    async def search(self, query: RecordingSearchQuery) -> FoundRecordingsView:
        """Raises BadInput for a cursor that is none."""

    async def found(self, interaction_id: str) -> FoundRecordingView:
        """Raises NotFound."""

    async def names(self, agents: frozenset[str]) -> dict[str, str]:
        """Of all these; who is unknown goes by the id."""

    async def granted(self, agent_id: str) -> frozenset[str]:
        """The rights that this person has beyond the role."""

    async def comments(self, interaction_id: str, viewer: str) -> tuple[CommentView, ...]:
        """In the order of their positions."""

    async def comment(self, interaction_id: str, author: str, at_s: float, text: str) -> CommentView: ...

    async def edit_comment(self, comment_id: int, author: str, text: str) -> CommentView:
        """Raises NotFound, and Forbidden when somebody else wrote it."""

    async def remove_comment(self, comment_id: int, author: str) -> None:
        """Raises like `edit_comment`."""

    async def scores(self, interaction_id: str, viewer: str) -> tuple[ScoreView, ...]:
        """The finished ones, and the viewer's own drafts."""

    async def score_list(self, query: ScoresQuery, agent_id: str) -> tuple[tuple[ScoreView, ...], float | None]:
        """Finished ones, and the `next_before`; of `agent_id`, of everybody when it is ""."""

    async def save_score(self, score: GivenScore) -> ScoreView:
        """Raises Conflict when it was acknowledged, or is finished and this is a draft."""

    async def acknowledge(self, score_id: int, agent_id: str, reply: str) -> ScoreView:
        """Raises NotFound, Forbidden unless it is this agent's, Conflict when it was acknowledged before."""

    async def calibrations(self, interaction_id: str, viewer: str) -> Calibrations: ...
