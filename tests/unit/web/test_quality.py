"""The routes on recordings and scores: who sees what, what is refused and what is audited."""

from typing import Any

import msgspec
import pytest

from tests.unit.web.conftest import Client, World
from tests.unit.web.fake_quality import SCORE

I1 = "/api/v1/quality/recordings/i1"
ANSWERS = {"greeting": 1, "verified": 1, "solution": 4}


async def get(client: Client, path: str, status: int = 200) -> Any:
    response = await client.get(path)
    assert response.status == status, await response.text()
    return await response.json()


async def post(client: Client, path: str, body: dict[str, Any], status: int = 200) -> Any:
    response = await client.post(path, json=body)
    assert response.status == status, await response.text()
    return await response.json()


# --- recordings ---


async def test_every_filter_reaches_the_search(world: World) -> None:
    given = {
        "customer": "139 0000",
        "agent": "anna",
        "queue": "sales",
        "disposition": "solved",
        "since": "1",
        "until": "2",
        "min_s": "3",
        "max_s": "4",
        "min_score": "5",
        "max_score": "6",
        "scored": "true",
        "cursor": "1.0~i1",
        "limit": "7",
    }
    async with world.client("sue") as client:
        response = await client.get("/api/v1/quality/recordings", params=given)
        assert response.status == 200, await response.text()
        assert (await response.json())["total_s"] == 2.0
        (query,) = world.quality.searched
        found = query.model_dump()
        assert set(found) == set(given)
        assert (found["customer"], found["max_score"], found["scored"], found["limit"]) == ("139 0000", 6.0, True, 7)
        for wrong in ("min_score=101", "limit=0", "scored=perhaps", "colour=red", "min_s=-1"):
            problem = await get(client, f"/api/v1/quality/recordings?{wrong}", 422)
            assert problem["error" if "error" in problem else "field"]


async def test_only_who_took_part_and_supervisors_see_a_recording(world: World) -> None:
    async with world.client("ben") as client:
        for path in (I1, f"{I1}/waveform", f"{I1}/download"):
            await get(client, path, 403)
        await post(client, f"{I1}/comments", {"at_s": 0, "text": "?"}, 403)
        await get(client, "/api/v1/quality/recordings/nothing", 404)
    assert [fact.allowed for fact in world.audited] == [False] * 4


async def test_an_agent_sees_of_the_scores_only_their_own_finished_ones(world: World) -> None:
    draft = msgspec.structs.replace(SCORE, score_id=6, percent=None, finished_at=None)
    colleague = msgspec.structs.replace(SCORE, score_id=7, agent_id="ben")
    world.quality.kept = (SCORE, draft, colleague)
    async with world.client("anna") as client:
        found = await get(client, I1)
        assert [score["score_id"] for score in found["scores"]] == [5]
        assert [person["name"] for person in found["agents"]] == ["Anna"]
        assert [comment["mine"] for comment in found["comments"]] == [True]
    async with world.client("sue") as client:
        found = await get(client, I1)
        assert [score["score_id"] for score in found["scores"]] == [5, 6, 7]
        assert [comment["mine"] for comment in found["comments"]] == [False]


async def test_a_download_needs_the_right_and_is_audited(world: World) -> None:
    world.quality.rights = {}
    async with world.client("anna") as client:
        assert (await get(client, I1))["may_download"] is False
        problem = await get(client, f"{I1}/download", 403)
        assert "not download" in str(problem)
    assert [(fact.actor, fact.allowed) for fact in world.audited] == [("anna", False)]
    world.quality.rights = {"anna": frozenset({"recording.download"})}
    async with world.client("anna") as client:
        assert (await get(client, I1))["may_download"] is True
        response = await client.get(f"{I1}/download")
        assert response.headers["Content-Disposition"] == 'attachment; filename="i1.wav"'
        assert len(await response.read()) == 1000
    allowed = world.audited[-1]
    assert (allowed.command, allowed.allowed, allowed.interaction_id) == ("recording.download", True, "i1")
    async with world.client("sue") as client:
        assert (await get(client, I1))["may_download"] is True


async def test_nothing_outside_the_folder_is_downloaded_or_drawn(world: World) -> None:
    async with world.client("ada") as client:
        for interaction in ("out", "gone"):
            for what in ("download", "waveform"):
                await get(client, f"/api/v1/quality/recordings/{interaction}/{what}", 404)


async def test_the_waveform_is_of_the_file(world: World) -> None:
    file = world.config.recordings / "2026" / "i1.wav"
    file.write_bytes(bytes(44) + b"\xff\x3f\x00\x00" * 400 + b"\x00\x00\xff\x1f" * 400)
    async with world.client("anna") as client:
        found = await get(client, f"{I1}/waveform")
        assert (found["duration_s"], found["bucket_s"]) == (0.1, 0.05)
        assert (found["customer"], found["ours"]) == ([499, 0], [0, 249])
        assert found["silences"] == []
        file.write_bytes(bytes(44) + bytes(4 * 8000 * 2))
        found = await get(client, f"{I1}/waveform")
        assert found["silences"] == [{"begin_s": 0.0, "end_s": 2.0}]


async def test_a_comment_stands_within_the_recording_and_only_its_author_changes_it(world: World) -> None:
    async with world.client("anna") as client:
        added = await post(client, f"{I1}/comments", {"at_s": 99, "text": " late "}, 201)
        assert (added["at_s"], added["text"]) == (2.0, "late")
        await post(client, f"{I1}/comments", {"at_s": -1, "text": "x"}, 422)
        await post(client, f"{I1}/comments", {"at_s": 1, "text": "   "}, 422)
    world.quality.strict = True
    async with world.client("sue") as client:
        assert (await client.patch("/api/v1/quality/comments/3", json={"text": "mine now"})).status == 403
        assert (await client.delete("/api/v1/quality/comments/3")).status == 403
        assert (await client.delete("/api/v1/quality/comments/4")).status == 404
        assert (await client.delete("/api/v1/quality/comments/x")).status == 404


# --- scores ---


async def test_a_score_is_reckoned_by_the_server_and_audited(world: World) -> None:
    async with world.client("sue") as client:
        body = {"scorecard": "service", "agent_id": "anna", "answers": ANSWERS, "comment": "good"}
        assert (await post(client, f"{I1}/scores", body))["percent"] == 90.0
        failed = {**body, "answers": {**ANSWERS, "verified": 0}}
        assert (await post(client, f"{I1}/scores", failed))["percent"] == 0.0
        draft = {**body, "answers": {"greeting": 1}, "finished": False}
        assert (await post(client, f"{I1}/scores", draft))["percent"] is None
    assert [score.scorer for score in world.quality.given] == ["sue"] * 3
    assert world.quality.given[1].result is not None
    assert world.quality.given[1].result.failed == ("verified",)
    assert [(fact.command, fact.subject, fact.detail) for fact in world.audited] == [
        ("recording.score", "anna", "service 90 %"),
        ("recording.score", "anna", "service 0 %"),
    ]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"answers": {**ANSWERS, "solution": 6}}, "answers.solution"),
        ({"answers": {"greeting": 1, "solution": 1}}, "answers.verified"),
        ({"answers": {**ANSWERS, "charm": 1}}, "answers.charm"),
        ({"answers": {**ANSWERS, "greeting": None}}, "answers.greeting"),
        ({"answers": {**ANSWERS, "solution": "5 of 5"}}, "answers.solution"),
        ({"scorecard": "unknown"}, "scorecard"),
        ({"agent_id": "ben"}, "agent_id"),
        ({"grade": "A"}, "grade"),
    ],
)
async def test_a_score_that_does_not_fit_names_the_field(world: World, change: dict[str, Any], field: str) -> None:
    async with world.client("sue") as client:
        body = {"scorecard": "service", "agent_id": "anna", "answers": ANSWERS, **change}
        problem = await post(client, f"{I1}/scores", body, 422)
    assert field in str(problem)
    assert not world.quality.given
    assert not world.audited


async def test_agents_list_their_own_scores_whatever_they_ask_for(world: World) -> None:
    async with world.client("anna") as client:
        await get(client, "/api/v1/quality/scores?agent=ben")
        await get(client, "/api/v1/quality/recordings", 403)
        await get(client, f"{I1}/calibration", 403)
    async with world.client("sue") as client:
        await get(client, "/api/v1/quality/scores?agent=ben&acknowledged=false")
        await get(client, "/api/v1/quality/scores")
    assert [agent for _, agent in world.quality.listed] == ["anna", "ben", ""]
    assert world.quality.listed[1][0].acknowledged is False


async def test_only_the_agent_acknowledges_and_only_once(world: World) -> None:
    path = "/api/v1/quality/scores/5/acknowledgement"
    async with world.client("anna") as client:
        assert (await post(client, path, {"reply": "ok"}))["reply"] == "ok"
        world.quality.strict = True
        assert (await post(client, path, {}, 409))["state"] == "acknowledged"
    async with world.client("ben") as client:
        await post(client, path, {}, 403)


async def test_the_scorecards_are_there_for_everybody(world: World) -> None:
    async with world.client("ben") as client:
        (card,) = (await get(client, "/api/v1/quality/scorecards"))["items"]
    assert [(one["code"], one["most"], one["auto_fail"]) for one in card["questions"]] == [
        ("greeting", 1, False),
        ("verified", 1, True),
        ("solution", 5, False),
    ]
