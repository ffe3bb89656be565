"""What the REST API answers about recordings and their quality, and what it accepts. As in `cti.web.resources`."""

from typing import Annotated, Literal

from pydantic import Field

from cti.desk.views import Text
from cti.web.resources import Body, Resource


class FoundRecordingView(Resource, frozen=True, kw_only=True):
    """`score`: the mean of its finished scores in percent; `unacknowledged`: how many its agents have not seen."""

    interaction_id: str
    started_at: float
    duration_s: float
    customer_id: int | None
    customer_name: str
    customer_number: str
    agent_id: str
    agent_name: str
    queue: str
    outcome: str
    disposition: str
    complaint: bool
    score: float | None
    unacknowledged: int
    comments: int


class FoundRecordingsView(Resource, frozen=True, kw_only=True):
    """Newest first. `next` goes into `cursor` for the next page, None at the end.

    `count` and `total_s` are of all pages together; None with a `cursor`, since they were told before.
    """

    items: tuple[FoundRecordingView, ...]
    next: str | None
    count: int | None
    total_s: float | None


class PersonView(Resource, frozen=True, kw_only=True):
    agent_id: str
    name: str


class CommentView(Resource, frozen=True, kw_only=True):
    """`at_s` is the position in the recording; `mine`: who asks wrote it and may change it."""

    comment_id: int
    interaction_id: str
    at_s: float
    author: str
    author_name: str
    text: str
    created_at: float
    edited_at: float | None
    mine: bool


class QuestionView(Resource, frozen=True, kw_only=True):
    """`most` is the best answer, 0 the worst; with `auto_fail` that one makes the whole score 0."""

    code: str
    label: Text
    kind: Literal["rating", "yes_no"]
    weight: float
    most: int
    auto_fail: bool
    may_skip: bool


class ScorecardView(Resource, frozen=True, kw_only=True):
    code: str
    label: Text
    queues: tuple[str, ...]
    questions: tuple[QuestionView, ...]


class ScorecardList(Resource, frozen=True, kw_only=True):
    items: tuple[ScorecardView, ...]


class ScoreView(Resource, frozen=True, kw_only=True):
    """`card` is the scorecard as it was then. `percent` and `finished_at` None: a draft of who asks.

    In `answers` None is "does not apply"; `failed` are the auto-fail questions that made the score 0.
    """

    score_id: int
    interaction_id: str
    agent_id: str
    agent_name: str
    scorer: str
    scorer_name: str
    card: ScorecardView
    answers: dict[str, int | None]
    comment: str
    percent: float | None
    failed: tuple[str, ...]
    saved_at: float
    finished_at: float | None
    acknowledged_at: float | None
    reply: str
    called_at: float | None
    queue: str


class ScoreList(Resource, frozen=True, kw_only=True):
    """Those finished last first. `next_before` is the `before` of the next page, None at the end."""

    items: tuple[ScoreView, ...]
    next_before: float | None


class RecordingReview(Resource, frozen=True, kw_only=True):
    """A recording with what was said about it. Agents see of the scores only their own, and those when finished."""

    recording: FoundRecordingView
    agents: tuple[PersonView, ...]
    may_download: bool
    comments: tuple[CommentView, ...]
    scores: tuple[ScoreView, ...]


class SilenceView(Resource, frozen=True, kw_only=True):
    begin_s: float
    end_s: float


class WaveformView(Resource, frozen=True, kw_only=True):
    """`customer` and `ours`: the peak of each bucket of `bucket_s` seconds in per mille of full scale.

    `silences`: the stretches, longer than a pause between two sentences, in which neither side says anything.
    """

    duration_s: float
    bucket_s: float
    customer: tuple[int, ...]
    ours: tuple[int, ...]
    silences: tuple[SilenceView, ...]


class DifferenceView(Resource, frozen=True, kw_only=True):
    """`by` is how many points the second gave more, None when only one of the two skipped the question."""

    question: QuestionView
    first: int | None
    second: int | None
    by: int | None


class CalibrationView(Resource, frozen=True, kw_only=True):
    """`agreement`: the share of the questions, 0 to 1, to which both gave the same answer."""

    first: ScoreView
    second: ScoreView
    differences: tuple[DifferenceView, ...]
    agreement: float


class Calibrations(Resource, frozen=True, kw_only=True):
    items: tuple[CalibrationView, ...]


# --- bodies and queries ---

Words = Annotated[str, Field(max_length=2000)]
Name = Annotated[str, Field(max_length=64)]
Percent = Annotated[float, Field(ge=0, le=100)]
Seconds = Annotated[float, Field(ge=0, le=1_000_000)]


class CommentBody(Body):
    at_s: Seconds
    text: Annotated[str, Field(min_length=1, max_length=2000)]


class CommentPatchBody(Body):
    text: Annotated[str, Field(min_length=1, max_length=2000)]


class ScoreBody(Body):
    """`finished` False keeps a draft. `answers`: question -> points, null for "does not apply"."""

    scorecard: Annotated[str, Field(min_length=1, max_length=64)]
    agent_id: Annotated[str, Field(min_length=1, max_length=64)]
    answers: dict[str, int | None]
    comment: Words = ""
    finished: bool = True


class AcknowledgeBody(Body):
    reply: Words = ""


class RecordingSearchQuery(Body):
    """`customer`: a part of the name, or of the number in any spelling. `scored`: whether there is a finished score."""

    customer: Annotated[str, Field(max_length=100)] = ""
    agent: Name = ""
    queue: Name = ""
    disposition: Name = ""
    since: float | None = None
    until: float | None = None
    min_s: Seconds | None = None
    max_s: Seconds | None = None
    min_score: Percent | None = None
    max_score: Percent | None = None
    scored: bool | None = None
    cursor: Annotated[str, Field(max_length=128)] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class ScoresQuery(Body):
    agent: Name = ""
    acknowledged: bool | None = None
    before: float | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
