"""Scores: the scorecards, what scorers gave by them, how far scorers agree, what agents say to it."""

from typing import Final, NoReturn

from cti.quality.scorecard import BadAnswer, Question, Scorecard, check, result
from cti.rights import is_own, seen_by
from cti.web.errors import BadInput
from cti.web.ports import StoredRecording
from cti.web.ports_quality import GivenScore
from cti.web.registry import BOARD, EVERYBODY, Call, Route
from cti.web.resources_quality import (
    AcknowledgeBody,
    Calibrations,
    QuestionView,
    ScoreBody,
    ScorecardList,
    ScorecardView,
    ScoreList,
    ScoresQuery,
    ScoreView,
)
from cti.web.routes_records import admitted

SCORE: Final = "recording.score"


async def scorecards(call: Call) -> ScorecardList:
    return ScorecardList(items=tuple(map(scorecard_view, call.site.quality.scorecards)))


def scorecard_view(card: Scorecard) -> ScorecardView:
    questions = tuple(map(question_view, card.questions))
    return ScorecardView(code=card.code, label=card.label, queues=card.queues, questions=questions)


def question_view(question: Question) -> QuestionView:
    return QuestionView(
        code=question.code,
        label=question.label,
        kind=question.kind,
        weight=question.weight,
        most=question.most,
        auto_fail=question.auto_fail,
        may_skip=question.may_skip,
    )


async def give_score(call: Call) -> ScoreView:
    """Audited when it is finished: it is a judgement of somebody else."""
    stored = await admitted(call)
    score = _given(call, stored)
    saved = await call.site.quality.save_score(score)
    if saved.percent is not None:
        detail = f"{saved.card.code} {saved.percent:g} %"
        call.site.audited(
            call.actor, SCORE, saved.agent_id, allowed=True, detail=detail, interaction_id=saved.interaction_id
        )
    return saved


def _given(call: Call, stored: StoredRecording) -> GivenScore:
    body = call.body_as(ScoreBody)
    card = next((one for one in call.site.quality.scorecards if one.code == body.scorecard), None)
    if card is None:
        raise BadInput(f"there is no scorecard {body.scorecard}", "scorecard")
    if body.agent_id not in stored.agents:
        raise BadInput(f"{body.agent_id} did not take part in this conversation", "agent_id")
    if is_own(call.actor.agent_id, (body.agent_id,)):
        raise BadInput("nobody scores themselves", "agent_id")
    try:
        check(card, body.answers)
        judged = result(card, body.answers) if body.finished else None
    except BadAnswer as wrong:
        _refuse(wrong)
    return GivenScore(
        interaction_id=stored.view.interaction_id,
        agent_id=body.agent_id,
        scorer=call.actor.agent_id,
        card=card,
        answers=body.answers,
        comment=body.comment,
        result=judged,
    )


def _refuse(wrong: BadAnswer) -> NoReturn:
    raise BadInput(str(wrong), f"answers.{wrong.question}" if wrong.question else "answers") from wrong


async def scores(call: Call) -> ScoreList:
    """Agents find their own, whatever they ask for."""
    query = call.query_as(ScoresQuery)
    agent_id = seen_by(call.actor, query.agent)
    items, next_before = await call.site.quality.score_list(query, agent_id)
    return ScoreList(items=items, next_before=next_before)


async def acknowledge(call: Call) -> ScoreView:
    score_id, reply = call.path_int("score_id", "score"), call.body_as(AcknowledgeBody).reply
    return await call.site.quality.acknowledge(score_id, call.actor.agent_id, reply)


async def calibration(call: Call) -> Calibrations:
    stored = await admitted(call)
    return await call.site.quality.calibrations(stored.view.interaction_id, call.actor.agent_id)


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/quality/scorecards",
        serve=scorecards,
        roles=EVERYBODY,
        scope="read:quality",
        summary="The scorecards of config/scorecards.yaml",
        tag="quality",
        answer=ScorecardList,
    ),
    Route(
        method="POST",
        path="/api/v1/quality/recordings/{interaction_id}/scores",
        serve=give_score,
        roles=BOARD,
        scope="write:quality",
        summary="Save one's score of an agent in a conversation, as a draft or finished; 409 once it is acknowledged",
        tag="quality",
        body=ScoreBody,
        answer=ScoreView,
        errors=(404, 409),
    ),
    Route(
        method="GET",
        path="/api/v1/quality/recordings/{interaction_id}/calibration",
        serve=calibration,
        roles=BOARD,
        scope="read:quality",
        summary="How far those agree who scored the same conversation by the same scorecard",
        tag="quality",
        answer=Calibrations,
        errors=(404,),
    ),
    Route(
        method="GET",
        path="/api/v1/quality/scores",
        serve=scores,
        roles=EVERYBODY,
        scope="read:quality",
        summary="Finished scores; agents find their own",
        tag="quality",
        query=ScoresQuery,
        answer=ScoreList,
    ),
    Route(
        method="POST",
        path="/api/v1/quality/scores/{score_id}/acknowledgement",
        serve=acknowledge,
        roles=EVERYBODY,
        scope="write:quality",
        summary="The agent whose score it is has seen it, and may reply",
        tag="quality",
        body=AcknowledgeBody,
        answer=ScoreView,
        errors=(404, 409),
    ),
)
