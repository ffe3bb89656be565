"""Recordings to be judged: search, waveform, download by right, comments at positions."""

from typing import Final

from aiohttp import web

from cti import rights
from cti.errors import Forbidden
from cti.web.audio import file_of, send
from cti.web.encoding import json_response
from cti.web.ports import StoredRecording
from cti.web.registry import BOARD, EVERYBODY, Answer, Call, Route
from cti.web.resources_quality import (
    CommentBody,
    CommentPatchBody,
    CommentView,
    FoundRecordingsView,
    PersonView,
    RecordingReview,
    RecordingSearchQuery,
    ScoreView,
    SilenceView,
    WaveformView,
)
from cti.web.routes_records import admitted

DOWNLOAD: Final = "recording.download"


async def search(call: Call) -> FoundRecordingsView:
    return await call.site.quality.search(call.query_as(RecordingSearchQuery))


async def review(call: Call) -> RecordingReview:
    stored = await admitted(call)
    quality, interaction_id, me = call.site.quality, stored.view.interaction_id, call.actor.agent_id
    names = await quality.names(stored.agents)
    scores = await quality.scores(interaction_id, me)
    return RecordingReview(
        recording=await quality.found(interaction_id),
        agents=tuple(PersonView(agent_id=one, name=names[one]) for one in sorted(stored.agents)),
        may_download=await _may_download(call, stored),
        comments=await quality.comments(interaction_id, me),
        scores=tuple(score for score in scores if _may_see(call, score)),
    )


def _may_see(call: Call, score: ScoreView) -> bool:
    return rights.may_see_score(call.actor, score.agent_id, finished=score.finished_at is not None)


async def _may_download(call: Call, stored: StoredRecording) -> bool:
    granted = await call.site.quality.granted(call.actor.agent_id)
    return rights.may_download(call.actor, stored.agents, granted)


async def waveform(call: Call) -> WaveformView:
    stored = await admitted(call)
    found = await call.site.waveforms.of(file_of(call, stored), call.site.config.keys)
    return WaveformView(
        duration_s=found.duration_s,
        bucket_s=found.bucket_s,
        customer=found.customer,
        ours=found.ours,
        silences=tuple(SilenceView(begin_s=begin, end_s=end) for begin, end in found.silences),
    )


async def download(call: Call) -> web.StreamResponse:
    """The WAV as a file to keep. Whoever may listen has to have the right as well; every download is audited."""
    stored = await admitted(call)
    if not await _may_download(call, stored):
        raise Forbidden("you may listen to this recording, but not download it")
    return await send(call, stored, command=DOWNLOAD, once=False)


async def add_comment(call: Call) -> Answer:
    stored = await admitted(call)
    body = call.body_as(CommentBody)
    at_s = min(body.at_s, stored.view.duration_s)
    added = await call.site.quality.comment(stored.view.interaction_id, call.actor.agent_id, at_s, body.text)
    return json_response(added, status=201)


async def edit_comment(call: Call) -> CommentView:
    comment_id, text = call.path_int("comment_id", "comment"), call.body_as(CommentPatchBody).text
    return await call.site.quality.edit_comment(comment_id, call.actor.agent_id, text)


async def remove_comment(call: Call) -> None:
    await call.site.quality.remove_comment(call.path_int("comment_id", "comment"), call.actor.agent_id)


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/quality/recordings",
        serve=search,
        roles=BOARD,
        scope="read:recordings",
        summary="Search recordings by agent, customer, queue, time, disposition, duration and score",
        tag="quality",
        query=RecordingSearchQuery,
        answer=FoundRecordingsView,
    ),
    Route(
        method="GET",
        path="/api/v1/quality/recordings/{interaction_id}",
        serve=review,
        roles=EVERYBODY,
        scope="read:quality",
        summary="One recording with comments and scores: agents only those of their own conversations",
        tag="quality",
        answer=RecordingReview,
        errors=(404,),
    ),
    Route(
        method="GET",
        path="/api/v1/quality/recordings/{interaction_id}/waveform",
        serve=waveform,
        roles=EVERYBODY,
        scope="read:recordings",
        summary="How loud each side is over time, and where both are silent",
        tag="quality",
        answer=WaveformView,
        errors=(404,),
    ),
    Route(
        method="GET",
        path="/api/v1/quality/recordings/{interaction_id}/download",
        serve=download,
        roles=EVERYBODY,
        scope="read:recordings",
        summary="The WAV to keep, for those who have the right to download; every download is audited",
        tag="quality",
        media="audio/wav",
        errors=(404,),
    ),
    Route(
        method="POST",
        path="/api/v1/quality/recordings/{interaction_id}/comments",
        serve=add_comment,
        roles=EVERYBODY,
        scope="write:quality",
        summary="Comment at a position; everybody who may listen sees it",
        tag="quality",
        body=CommentBody,
        answer=CommentView,
        status=201,
        errors=(404,),
    ),
    Route(
        method="PATCH",
        path="/api/v1/quality/comments/{comment_id}",
        serve=edit_comment,
        roles=EVERYBODY,
        scope="write:quality",
        summary="Change a comment of one's own",
        tag="quality",
        body=CommentPatchBody,
        answer=CommentView,
        errors=(404,),
    ),
    Route(
        method="DELETE",
        path="/api/v1/quality/comments/{comment_id}",
        serve=remove_comment,
        roles=EVERYBODY,
        scope="write:quality",
        summary="Remove a comment of one's own",
        tag="quality",
        status=204,
        errors=(404,),
    ),
)
