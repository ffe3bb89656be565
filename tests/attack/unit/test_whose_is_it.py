"""IDOR: every route and every command that names an object, asked by everybody who has nothing to do with it.

`OWNERS` says of each parameterised route whose objects it serves; a route without an entry fails the first test. The
real store holds Anna's call with its recording, a comment, a finished score and a draft; Ben took part in nothing.
"""

import time
from dataclasses import dataclass
from typing import Any, Final, Literal

from cti.web.app import ROUTES
from cti.web.registry import Route
from tests.unit.web.conftest import Client
from tests.unit.web.test_quality_site import real as site_with_scorecards
from tests.unit.web.test_site import RealSite

real = site_with_scorecards

Owners = Literal["everybody", "board", "part", "part with right", "author", "scored", "with right", "own", "admin"]
"""everybody: every agent serves every customer, whose card and earlier contacts the pop shows. board: only
supervisors and admins. part: who took part in the conversation, and the board. part with right: of those, who has the
right to keep a recording. author: only who wrote it. scored: only the agent whose score it is. with right: to merge.
own: nobody but the person, whatever the role of who asks. admin: only admins.
"""

OWNERS: Final[dict[str, Owners]] = {
    "GET /api/v1/customers/{customer_id}": "everybody",
    "PATCH /api/v1/customers/{customer_id}": "everybody",
    "GET /api/v1/customers/{customer_id}/timeline": "everybody",
    "POST /api/v1/customers/{customer_id}/notes": "everybody",
    "GET /api/v1/customers/{customer_id}/merge-preview": "with right",
    "POST /api/v1/customers/{customer_id}/merges": "with right",
    "GET /api/v1/customers/{customer_id}/merges": "everybody",
    "POST /api/v1/merges/{merge_id}/undo": "with right",
    "GET /api/v1/interactions/{interaction_id}": "everybody",
    "GET /api/v1/interactions/{interaction_id}/explain": "board",
    "GET /api/v1/interactions/{interaction_id}/ledger": "board",
    "GET /api/v1/recordings/{interaction_id}": "part",
    "GET /api/v1/recordings/{interaction_id}/audio": "part",
    "GET /api/v1/quality/recordings/{interaction_id}": "part",
    "GET /api/v1/quality/recordings/{interaction_id}/waveform": "part",
    "GET /api/v1/quality/recordings/{interaction_id}/download": "part with right",
    "POST /api/v1/quality/recordings/{interaction_id}/comments": "part",
    "PATCH /api/v1/quality/comments/{comment_id}": "author",
    "DELETE /api/v1/quality/comments/{comment_id}": "author",
    "POST /api/v1/quality/recordings/{interaction_id}/scores": "board",
    "GET /api/v1/quality/recordings/{interaction_id}/calibration": "board",
    "POST /api/v1/quality/scores/{score_id}/acknowledgement": "scored",
    "DELETE /api/v1/account/sessions/{session_id}": "own",
    "POST /api/v1/users/{login}/password": "admin",
    "DELETE /api/v1/users/{login}/second-factor": "admin",
    "DELETE /api/v1/tokens/{token_id}": "admin",
    "GET /api/v1/customers/{customer_id}/export": "admin",
    "POST /api/v1/customers/{customer_id}/erasure": "admin",
    "DELETE /api/v1/holds/{hold_id}": "board",
}

FEW: Final = frozenset({403, 404})
BOARD: Final[frozenset[Owners]] = frozenset({"board", "part", "part with right", "with right"})


def parameterised() -> list[Route]:
    return [route for route in ROUTES if "{" in route.path]


def test_every_route_with_a_parameter_says_whose_objects_it_serves() -> None:
    assert sorted(OWNERS) == sorted(f"{route.method} {route.path}" for route in parameterised())


@dataclass(frozen=True)
class Things:
    """What Anna (any agent of the demo data) has, and Ben has nothing to do with."""

    anna: str
    ben: str
    interaction_id: str
    customer_id: int
    other: int
    comment_id: int
    score_id: int
    session_id: str
    answers: dict[str, int]

    def path(self, route: Route) -> str:
        path = route.path
        for name in ("interaction_id", "customer_id", "comment_id", "score_id", "session_id"):
            path = path.replace(f"{{{name}}}", str(getattr(self, name)))
        return (
            path.replace("{merge_id}", "1")
            .replace("{token_id}", "1")
            .replace("{hold_id}", "1")
            .replace("{login}", self.anna)
        )

    def body(self, route: Route) -> dict[str, Any] | None:
        bodies: dict[str, dict[str, Any]] = {
            "PATCH /api/v1/customers/{customer_id}": {"version": 1, "city": "Shanghai"},
            "POST /api/v1/customers/{customer_id}/notes": {"text": "called"},
            "POST /api/v1/customers/{customer_id}/merges": {"other": self.other, "version": 1, "other_version": 1},
            "POST /api/v1/quality/recordings/{interaction_id}/comments": {"at_s": 0.1, "text": "polite"},
            "PATCH /api/v1/quality/comments/{comment_id}": {"text": "changed"},
            "POST /api/v1/quality/recordings/{interaction_id}/scores": {
                "scorecard": "service",
                "agent_id": self.anna,
                "answers": self.answers,
            },
            "POST /api/v1/quality/scores/{score_id}/acknowledgement": {"reply": "yes"},
            "POST /api/v1/users/{login}/password": {"password": "another correct horse"},
        }
        return bodies.get(f"{route.method} {route.path}")


async def things(site: RealSite, sue: Client) -> Things:
    hit = (await (await sue.get("/api/v1/quality/recordings")).json())["items"][0]
    agents = [user.login for user in await site.store.users.list(role="agent")]
    interaction_id, anna = hit["interaction_id"], hit["agent_id"]
    took_part = (await site.site.recordings.get(interaction_id)).agents
    comment = await site.store.comments.add(interaction_id, at_s=0.1, author=anna, text="mine", at=time.time())
    (card, *_) = (await (await sue.get("/api/v1/quality/scorecards")).json())["items"]
    answers = {one["code"]: one["most"] for one in card["questions"]}
    body = {"scorecard": card["code"], "agent_id": anna, "answers": answers}
    saved = await sue.post(f"/api/v1/quality/recordings/{interaction_id}/scores", json=body)
    assert saved.status == 200, await saved.text()
    customers = (await (await sue.get("/api/v1/customers")).json())["items"]
    return Things(
        anna=anna,
        ben=next(agent for agent in agents if agent not in took_part),
        interaction_id=interaction_id,
        customer_id=hit["customer_id"],
        other=next(one["customer_id"] for one in customers if one["customer_id"] != hit["customer_id"]),
        comment_id=comment.comment_id,
        score_id=(await saved.json())["score_id"],
        session_id=await session_of(site, anna),
        answers=answers,
    )


async def session_of(site: RealSite, login: str) -> str:
    """One that the person is logged in with somewhere else."""
    async with site.client(login) as elsewhere:
        items = (await (await elsewhere.get("/api/v1/account/sessions")).json())["items"]
        return str(next(one["session_id"] for one in items if one["this_one"]))


async def asked(client: Client, route: Route, have: Things) -> int:
    query = {"other": str(have.other)} if route.path.endswith("merge-preview") else {}
    response = await client.request(route.method, have.path(route), json=have.body(route), params=query)
    await response.read()
    return response.status


async def test_who_has_nothing_to_do_with_it_gets_nothing(real: RealSite) -> None:
    async with real.client("2001") as sue, real.client("2002") as sophie:
        have = await things(real, sue)
        async with real.client(have.ben) as ben, real.client(have.anna) as anna:
            for route in parameterised():
                owners = OWNERS[f"{route.method} {route.path}"]
                status = await asked(ben, route, have)
                assert (status not in FEW) is (owners == "everybody"), (route.method, route.path, status)
                if owners in {"author", "scored", "own"}:
                    assert await asked(sophie, route, have) in FEW, (route.method, route.path)
            kept = await real.store.comments.of(have.interaction_id)
            assert [(one.text, one.author) for one in kept] == [("mine", have.anna)]
            for route in parameterised():
                owners = OWNERS[f"{route.method} {route.path}"]
                allowed = owners in {"everybody", "part", "author", "scored", "own"}
                status = await asked(anna, route, have)
                assert (status not in FEW) is allowed, (route.method, route.path, status)
                if owners in BOARD:
                    assert await asked(sue, route, have) != 403, (route.method, route.path)
                if owners == "admin":
                    assert await asked(sue, route, have) == 403, (route.method, route.path)


async def test_searches_give_an_agent_nothing_of_a_colleagues(real: RealSite) -> None:
    async with real.client("2001") as sue:
        have = await things(real, sue)
        async with real.client(have.ben) as ben:
            for path in ("/api/v1/interactions", "/api/v1/recordings", "/api/v1/quality/scores"):
                everything = (await (await sue.get(path, params={"agent": have.anna})).json())["items"]
                assert everything, path
                for params in (
                    {"agent": have.anna},
                    {"agent": ""},
                    {"agent": "%"},
                    {"agent": f"{have.ben}' OR '1'='1"},
                ):
                    response = await ben.get(path, params=params)
                    found = (await response.json()).get("items", []) if response.status == 200 else []
                    assert {one.get("agent_id") for one in found} <= {have.ben}, (path, params)


async def test_a_draft_of_a_score_is_its_scorers_alone(real: RealSite) -> None:
    async with real.client("2001") as sue, real.client("2002") as sophie:
        have = await things(real, sue)
        body = {
            "scorecard": "service",
            "agent_id": have.anna,
            "answers": {},
            "comment": "secret draft",
            "finished": False,
        }
        path = f"/api/v1/quality/recordings/{have.interaction_id}"
        assert (await sophie.post(f"{path}/scores", json=body)).status == 200
        async with real.client(have.anna) as anna:
            for client in (anna, sue):
                for place in (path, "/api/v1/quality/scores"):
                    assert "secret draft" not in await (await client.get(place)).text()
        assert "secret draft" in await (await sophie.get(path)).text()
