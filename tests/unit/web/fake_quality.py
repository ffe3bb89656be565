"""What stands behind the routes on quality in the tests of this folder: `i1` is a conversation of anna's."""

import msgspec

from cti.errors import Conflict, Forbidden, NotFound
from cti.quality.scorecard import Question, Scorecard
from cti.web.ports_quality import GivenScore
from cti.web.resources_quality import (
    Calibrations,
    CommentView,
    FoundRecordingsView,
    FoundRecordingView,
    RecordingSearchQuery,
    ScoresQuery,
    ScoreView,
)
from cti.web.routes_scores import scorecard_view

CARD = Scorecard(
    code="service",
    label={"zh": "服务", "en": "Service"},
    questions=(
        Question(code="greeting", label={"en": "Greeting"}, kind="yes_no", weight=1),
        Question(code="verified", label={"en": "Verified"}, kind="yes_no", weight=1, auto_fail=True, may_skip=True),
        Question(code="solution", label={"en": "Solution"}, kind="rating", weight=2),
    ),
)

SCORE = ScoreView(
    score_id=5,
    interaction_id="i1",
    agent_id="anna",
    agent_name="Anna",
    scorer="sue",
    scorer_name="Sue",
    card=scorecard_view(CARD),
    answers={"greeting": 1, "verified": None, "solution": 4},
    comment="well done",
    percent=86.7,
    failed=(),
    saved_at=3.0,
    finished_at=3.0,
    acknowledged_at=None,
    reply="",
    called_at=1.0,
    queue="sales",
)

COMMENT = CommentView(
    comment_id=3,
    interaction_id="i1",
    at_s=0.5,
    author="anna",
    author_name="Anna",
    text="here",
    created_at=2.0,
    edited_at=None,
    mine=True,
)

FOUND = FoundRecordingView(
    interaction_id="i1",
    started_at=1.0,
    duration_s=2.0,
    customer_id=7,
    customer_name="Zhang",
    customer_number="+8613900000001",
    agent_id="anna",
    agent_name="Anna",
    queue="sales",
    outcome="handled",
    disposition="",
    complaint=False,
    score=86.7,
    unacknowledged=1,
    comments=1,
)


class FakeQuality:
    """Obliging about whose a comment or a score is, unless `strict`: that is the store's business, tested there."""

    def __init__(self) -> None:
        self.scorecards = (CARD,)
        self.rights = {"anna": frozenset({"recording.download", "customer.merge"})}
        self.given: list[GivenScore] = []
        self.searched: list[RecordingSearchQuery] = []
        self.listed: list[tuple[ScoresQuery, str]] = []
        self.kept: tuple[ScoreView, ...] = (SCORE,)
        self.strict = False

    async def search(self, query: RecordingSearchQuery) -> FoundRecordingsView:
        self.searched.append(query)
        return FoundRecordingsView(items=(FOUND,), next=None, count=1, total_s=2.0)

    async def found(self, interaction_id: str) -> FoundRecordingView:
        return msgspec.structs.replace(FOUND, interaction_id=interaction_id)

    async def names(self, agents: frozenset[str]) -> dict[str, str]:
        return {agent: agent.title() for agent in agents}

    async def granted(self, agent_id: str) -> frozenset[str]:
        return self.rights.get(agent_id, frozenset())

    async def comments(self, interaction_id: str, viewer: str) -> tuple[CommentView, ...]:
        return (msgspec.structs.replace(COMMENT, interaction_id=interaction_id, mine=viewer == "anna"),)

    async def comment(self, interaction_id: str, author: str, at_s: float, text: str) -> CommentView:
        return msgspec.structs.replace(
            COMMENT, interaction_id=interaction_id, author=author, at_s=at_s, text=text, mine=True
        )

    async def edit_comment(self, comment_id: int, author: str, text: str) -> CommentView:
        await self.remove_comment(comment_id, author)
        return msgspec.structs.replace(COMMENT, text=text)

    async def remove_comment(self, comment_id: int, author: str) -> None:
        if comment_id != COMMENT.comment_id:
            raise NotFound("comment", comment_id)
        if self.strict and author != COMMENT.author:
            raise Forbidden("only who wrote a comment may change it")

    async def scores(self, interaction_id: str, viewer: str) -> tuple[ScoreView, ...]:
        return tuple(msgspec.structs.replace(score, interaction_id=interaction_id) for score in self.kept if viewer)

    async def score_list(self, query: ScoresQuery, agent_id: str) -> tuple[tuple[ScoreView, ...], float | None]:
        self.listed.append((query, agent_id))
        return self.kept, None

    async def save_score(self, score: GivenScore) -> ScoreView:
        self.given.append(score)
        return msgspec.structs.replace(SCORE, percent=score.result.percent if score.result else None)

    async def acknowledge(self, score_id: int, agent_id: str, reply: str) -> ScoreView:
        if self.strict and agent_id != SCORE.agent_id:
            raise Forbidden("only the agent whose score it is may acknowledge it")
        if self.strict:
            raise Conflict("this score was acknowledged already", "acknowledged")
        return msgspec.structs.replace(SCORE, score_id=score_id, acknowledged_at=4.0, reply=reply)

    async def calibrations(self, interaction_id: str, viewer: str) -> Calibrations:
        assert viewer
        assert interaction_id
        return Calibrations(items=())
