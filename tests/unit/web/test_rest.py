from typing import Any

import pytest

from cti.desk.views import AgentView, QueueView
from tests.unit.web.conftest import NASTY, World


async def test_bad_input_names_the_field(world: World) -> None:
    async with world.client("anna") as client:
        cases: list[tuple[str, str, Any, str]] = [
            ("PATCH", "/api/v1/customers/7", {"version": "four"}, "version"),
            ("PATCH", "/api/v1/customers/7", {"version": 4, "vip": 99}, "vip"),
            ("PATCH", "/api/v1/customers/7", {"version": 4, "salary": 1}, "salary"),
            ("POST", "/api/v1/customers/7/notes", {"text": "   "}, "text"),
            ("GET", "/api/v1/interactions?limit=100000", None, "limit"),
            ("GET", "/api/v1/interactions?order=desc", None, "order"),
            ("GET", "/api/v1/interactions?limit=1&limit=2", None, "limit"),
            ("GET", "/api/v1/interactions?outcome=lost", None, "outcome"),
        ]
        for method, path, body, field in cases:
            response = await client.request(method, path, json=body)
            problem = await response.json()
            assert response.status == 422, (path, problem)
            assert problem["code"] == "bad_request"
            assert problem["field"] == field
            assert problem["message"]


async def test_a_body_must_be_a_json_object_of_reasonable_size(world: World) -> None:
    path = "/api/v1/customers/7/notes"
    json = {"Content-Type": "application/json"}
    async with world.client("anna") as client:
        assert (await client.post(path, data=b"{", headers=json)).status == 400
        assert (await client.post(path, data=b"[]", headers=json)).status == 422
        assert (await client.post(path, data={"text": "a form of another page"})).status == 415
        huge = b'{"text": "' + b"x" * 100_000 + b'"}'
        assert (await client.post(path, data=huge, headers=json)).status == 413


async def test_a_change_from_an_old_version_is_refused_with_the_present_one(world: World) -> None:
    async with world.client("anna") as client:
        changed = await client.patch("/api/v1/customers/7", json={"version": 4, "city": "Shanghai"})
        assert (await changed.json())["customer"]["city"] == "Shanghai"
        again = await client.patch("/api/v1/customers/7", json={"version": 4, "city": "Wuhan"})
        assert again.status == 409
        problem = await again.json()
        assert (problem["code"], problem["state"]) == ("conflict", "5")


@pytest.mark.parametrize("customer_id", ["8", "x", "-1", "9" * 40, "７"])
async def test_a_customer_that_is_not_there(world: World, customer_id: str) -> None:
    async with world.client("anna") as client:
        response = await client.get(f"/api/v1/customers/{customer_id}")
        assert response.status == 404
        assert (await response.json())["code"] == "not_found"


async def test_a_note_carries_its_author(world: World) -> None:
    async with world.client("anna") as client:
        response = await client.post("/api/v1/customers/7/notes", json={"text": " called back "})
        assert response.status == 201
        assert (await response.json())["note"] == {"at": world.now, "author": "anna", "text": "called back"}


async def test_agents_find_their_own_interactions_whatever_they_ask_for(world: World) -> None:
    async with world.client("anna") as client:
        await client.get("/api/v1/interactions?agent=ben")
    async with world.client("sue") as client:
        await client.get("/api/v1/interactions?agent=ben&number=139&outcome=handled&since=5&before=9&customer=7")
    mine, theirs = world.interactions.sought
    assert mine.agent_id == "anna"
    assert (theirs.agent_id, theirs.number, theirs.outcome) == ("ben", "139", "handled")
    assert (theirs.since, theirs.before, theirs.customer_id) == (5.0, 9.0, 7)


async def test_a_nasty_caller_name_stays_text(world: World) -> None:
    """JSON that is called JSON, sniffed by nobody, on an origin where no inline script runs."""
    async with world.client("anna") as client:
        response = await client.get("/api/v1/customers/7")
        assert (await response.json())["customer"]["name"] == NASTY
        assert response.headers["Content-Type"] == "application/json; charset=utf-8"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        policy = response.headers["Content-Security-Policy"]
        assert "unsafe-inline" not in policy
        assert "unsafe-eval" not in policy
        assert "script-src 'self';" in policy
        missing = await client.get(f"/api/v1/interactions/{NASTY}")
        assert missing.status == 404
        assert missing.content_type == "application/json"
        page = await client.get(f"/{NASTY}")
        assert NASTY not in await page.text()


@pytest.mark.parametrize("path", ["/api/v1/session", "/api/v1/nothing", "/healthz", "/login", "/nothing", "/ws/v1"])
async def test_every_answer_carries_the_security_headers(world: World, path: str) -> None:
    async with world.client() as client:
        headers = (await client.get(path)).headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "connect-src 'self' ws://127.0.0.1:8088;" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Laidian-Demo"] == "1"
    if path.startswith("/api"):
        assert headers["Cache-Control"] == "no-store"


async def test_a_wrong_method_says_which_are_right(world: World) -> None:
    async with world.client("anna") as client:
        response = await client.put("/api/v1/customers/7", json={})
        assert response.status == 405
        assert response.headers["Allow"] == "GET,PATCH"
        assert (await response.json())["code"] == "method_not_allowed"


async def test_a_defect_says_nothing_of_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("SELECT secret FROM passwords")

    monkeypatch.setattr(world.interactions, "card", broken)
    async with world.client("anna") as client:
        response = await client.get("/api/v1/interactions/i1")
        assert response.status == 500
        assert "SELECT" not in await response.text()
        assert (await response.json())["code"] == "failed"


async def test_readiness(world: World) -> None:
    async with world.client() as client:
        assert (await client.get("/readyz")).status == 200
        world.checks["database"] = "away"  # the journal has the facts meanwhile
        assert (await client.get("/readyz")).status == 200
        world.checks["database"] = "failed"
        response = await client.get("/readyz")
        assert response.status == 503
        assert (await response.json())["checks"]["database"] == "failed"
        assert (await client.get("/healthz")).status == 200


async def test_queues_and_agents_come_from_the_hub(world: World) -> None:
    queue = QueueView(
        name="sales",
        label={"en": "Sales"},
        waiting=1,
        oldest=5.0,
        ready=0,
        busy=1,
        signed_in=1,
        offered_today=1,
        answered_today=1,
        abandoned_today=0,
        service_level_today=None,
        target_s=20,
    )
    agent = AgentView(
        agent_id="ben",
        name="Ben",
        extension="8002",
        state="busy",
        reason="",
        since=1.0,
        until=None,
        reachable=True,
        queues=("sales",),
        interaction_id="i1",
        customer=NASTY,
        queue="sales",
        phase="connected",
        supervised_by="sue",
        supervised_mode="listen",
        handled_today=1,
    )
    world.hub.put("queues", "sales", queue)
    world.hub.put("agents", "ben", agent)
    async with world.client("anna") as client:
        assert (await (await client.get("/api/v1/queues")).json())["items"][0]["waiting"] == 1
        (seen,) = (await (await client.get("/api/v1/agents")).json())["items"]
        assert (seen["name"], seen["customer"], seen["supervised_by"]) == ("Ben", "", "")
    async with world.client("sue") as client:
        (seen,) = (await (await client.get("/api/v1/agents")).json())["items"]
        assert seen["customer"] == NASTY


async def test_the_phone_is_ones_own(world: World) -> None:
    async with world.client("anna") as client:
        assert (await (await client.get("/api/v1/phone")).json())["login"] == "wanna"


# --- recordings ---


async def test_audio_is_served_in_ranges_and_the_listening_audited(world: World) -> None:
    path = "/api/v1/recordings/i1/audio"
    async with world.client("sue") as client:
        whole = await client.get(path)
        assert whole.status == 200
        assert whole.content_type == "audio/wav"
        assert len(await whole.read()) == 1000
        part = await client.get(path, headers={"Range": "bytes=500-599"})
        assert part.status == 206
        assert part.headers["Content-Range"] == "bytes 500-599/1000"
        assert len(await part.read()) == 100
        assert (await client.get(path, headers={"Range": "bytes=5000-"})).status == 416
    (audited,) = world.audited
    assert (audited.actor, audited.command, audited.allowed) == ("sue", "recording.listen", True)
    assert audited.interaction_id == "i1"


async def test_only_who_took_part_and_supervisors_listen(world: World) -> None:
    async with world.client("anna") as client:
        assert (await client.get("/api/v1/recordings/i1/audio")).status == 200
    async with world.client("ben") as client:
        for path in ("/api/v1/recordings/i1", "/api/v1/recordings/i1/audio"):
            assert (await client.get(path)).status == 403
    assert [fact.allowed for fact in world.audited] == [True, False, False]


@pytest.mark.parametrize("interaction_id", ["out", "gone", "nothing"])
async def test_no_file_outside_the_folder_is_ever_served(world: World, interaction_id: str) -> None:
    async with world.client("ada") as client:
        response = await client.get(f"/api/v1/recordings/{interaction_id}/audio")
        assert response.status == 404
        assert b"secret" not in await response.read()
