"""Recordings and scores over the real store with the demo data: from the search to the agent's acknowledgement."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from cti.settings import read
from cti.store.demo import seed
from cti.store.store import Store
from tests.unit.web.conftest import Client
from tests.unit.web.fake_login import CHEAP
from tests.unit.web.test_site import ROOT, RealSite

Q = "/api/v1/quality"


@pytest.fixture
async def real(tmp_path: Path) -> AsyncIterator[RealSite]:
    (tmp_path / "config").mkdir()
    for name in ("laidian.yaml", "queues.yaml"):
        shutil.copy(ROOT / "config" / name, tmp_path / "config" / name)
    shutil.copy(ROOT / "config" / "scorecards.example.yaml", tmp_path / "config" / "scorecards.yaml")
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/laidian.db", spool=tmp_path / "spool")
    assert await seed(store, recordings=tmp_path / "recordings", hash_password=CHEAP.hash)
    writer = asyncio.create_task(store.writer.run())
    yield RealSite(store, tmp_path, settings=read(tmp_path))
    writer.cancel()
    await asyncio.gather(writer, return_exceptions=True)
    await store.close()


async def get(client: Client, path: str, **params: str | float) -> Any:
    response = await client.get(f"{Q}{path}", params=params)
    assert response.status == 200, await response.text()
    return await response.json()


async def post(client: Client, path: str, **body: object) -> Any:
    response = await client.post(f"{Q}{path}", json=body)
    assert response.status in {200, 201}, await response.text()
    return await response.json()


async def test_a_recording_is_found_scored_by_two_calibrated_and_acknowledged(real: RealSite) -> None:
    async with real.client("2001") as sue, real.client("2002") as sophie:
        everything = await get(sue, "/recordings")
        assert everything["count"] == len(everything["items"]) > 3
        first = await get(sue, "/recordings", limit=2)
        rest = await get(sue, "/recordings", cursor=first["next"])
        assert [*first["items"], *rest["items"]] == everything["items"]
        response = await sue.get(f"{Q}/recordings", params={"cursor": "x"})
        assert response.status == 422
        hit = everything["items"][0]
        assert hit["agent_name"] != hit["agent_id"]
        path, agent_id = f"/recordings/{hit['interaction_id']}", hit["agent_id"]
        assert len((await get(sue, f"{path}/waveform"))["customer"]) > 10
        service = (await get(sue, "/scorecards"))["items"][0]
        best = {one["code"]: one["most"] for one in service["questions"]}
        given = {"scorecard": "service", "agent_id": agent_id}
        score = await post(sue, f"{path}/scores", **given, answers=best)
        assert score["percent"] == 100
        await post(sophie, f"{path}/scores", **given, answers={**best, "solution": 3, "summary": None})
        (pair,) = (await get(sue, f"{path}/calibration"))["items"]
        assert (pair["first"]["scorer_name"], pair["second"]["scorer_name"]) == ("陈静", "Sophie Martin")
        assert pair["agreement"] == pytest.approx(5 / 7)
        assert {one["question"]["code"]: one["by"] for one in pair["differences"] if one["by"] != 0} == {
            "solution": -2,
            "summary": None,
        }
        async with real.client(agent_id) as agent:
            mine = await get(agent, "/scores")
            assert [one["percent"] for one in mine["items"]] == [86.7, 100]
            await post(agent, f"/scores/{score['score_id']}/acknowledgement", reply="谢谢")
        review = await get(sue, path)
        assert [(one["reply"], one["acknowledged_at"] is None) for one in review["scores"]] == [
            ("谢谢", False),
            ("", True),
        ]
        assert review["recording"]["unacknowledged"] == 1
        (found,) = (await get(sue, "/recordings", scored="true"))["items"]
        assert found["interaction_id"] == hit["interaction_id"]


async def test_a_right_is_granted_to_one_agent(real: RealSite) -> None:
    async with real.client("2001") as sue:
        hit = (await get(sue, "/recordings"))["items"][0]
    path = f"{Q}/recordings/{hit['interaction_id']}/download"
    async with real.client(hit["agent_id"]) as agent:
        assert (await agent.get(path)).status == 403
        await real.store.rights.grant(hit["agent_id"], "recording.download", at=1.0)
        response = await agent.get(path)
        assert response.status == 200
        assert (await response.read())[:4] == b"RIFF"
