"""The web server over the real store with the demo data, and over the settings of the repository."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Collection
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from cti.bus import Bus
from cti.desk.hub import Hub
from cti.errors import NotFound
from cti.events import (
    AlarmAcknowledged,
    AlarmCleared,
    AlarmRaised,
    InteractionQueued,
    OfferEnded,
    OfferMade,
    WaitExplained,
)
from cti.privacy.personal_data import personal_data
from cti.recording.keys import NO_KEYS
from cti.reports.explaining import Names
from cti.settings import Settings, read
from cti.site.board import StoredBoard
from cti.site.explain import Explanations, Nobody
from cti.site.site import make_site, work_codes
from cti.store.demo import demo_password, seed
from cti.store.store import Store
from cti.web.app import build
from cti.web.ports import NoStations
from cti.web.scraping import Scraping
from tests.unit.web.conftest import Client, FakeFloor, log_in
from tests.unit.web.fake_login import CHEAP

ROOT = Path(__file__).parents[3]


class FakePhoneBook:
    async def renew(self, agent_id: str) -> tuple[str, str]:
        if agent_id == "nobody":
            raise NotFound("phone of", agent_id)
        return "w1001", f"secret of {agent_id}"


async def _nobody_looks(_customer_ids: Collection[int]) -> None:
    pass


class RealSite:
    def __init__(self, store: Store, folder: Path, settings: Settings | None = None) -> None:
        self.store = store
        self.bus = Bus()
        self.bus.subscribe(store.writer.on_fact)
        self.hub = Hub()
        self.checks = {"asterisk": "failed"}
        settings = (settings or read(ROOT)).model_copy(update={"recordings": folder / "recordings"})
        self.site = make_site(
            settings,
            store,
            hub=self.hub,
            floor=FakeFloor(),
            explanations=Explanations(Nobody(), store.interactions, Names),
            phones=FakePhoneBook(),
            where=lambda _: settings.sip,
            stations=NoStations(),
            publish=self.bus.publish,
            codes=partial(work_codes, settings),
            board=StoredBoard(store, targets=dict, midnight=lambda: 0.0),
            current=lambda: settings,
            refresh=_nobody_looks,
            personal=personal_data(settings, store, NO_KEYS, publish=self.bus.publish),
            readiness=self.readiness,
            scraping=Scraping(),
            version="0.1",
            demo=True,
        )

    async def readiness(self) -> dict[str, str]:
        return self.checks

    @contextlib.asynccontextmanager
    async def client(self, login: str) -> AsyncIterator[Client]:
        jar = aiohttp.CookieJar(unsafe=True)
        client: Client = TestClient(TestServer(build(self.site)), cookie_jar=jar)
        async with client:
            client.session.headers["X-CSRF-Token"] = await log_in(client, login, demo_password(login))
            yield client

    async def login_of(self, role: Any) -> str:
        return (await self.store.users.list(role=role))[0].login


@pytest.fixture
async def real(tmp_path: Path) -> AsyncIterator[RealSite]:
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/laidian.db", spool=tmp_path / "spool")
    await seed(store, now=time.time(), recordings=tmp_path / "recordings", hash_password=CHEAP.hash)
    writer = asyncio.create_task(store.writer.run())
    yield RealSite(store, tmp_path)
    writer.cancel()
    await asyncio.gather(writer, return_exceptions=True)
    await store.close()


async def got(client: Client, path: str) -> Any:
    response = await client.get(path)
    assert response.status == 200, (path, await response.text())
    return await response.json()


async def test_customers_of_the_store(real: RealSite) -> None:
    async with real.client(await real.login_of("agent")) as client:
        hits = (await got(client, "/api/v1/customers?limit=5"))["items"]
        assert len(hits) == 5
        hit = next(h for h in (await got(client, "/api/v1/customers?limit=200"))["items"] if h["numbers"])
        number = hit["numbers"][0].removeprefix("+86")
        found = (await got(client, f"/api/v1/customers?q={number}"))["items"]
        assert hit["customer_id"] in {h["customer_id"] for h in found}
        path = f"/api/v1/customers/{hit['customer_id']}"
        card = await got(client, path)
        assert card["customer"]["name"] == hit["name"]
        response = await client.patch(path, json={"version": card["version"], "city": "Xi'an"})
        changed = await response.json()
        assert changed["customer"]["city"] == "Xi'an"
        assert changed["customer"]["vip"] == card["customer"]["vip"], "what is left out stays"
        assert changed["version"] > card["version"]
        response = await client.patch(path, json={"version": card["version"], "city": "Wuhan"})
        assert response.status == 409
        assert (await response.json())["state"] == f"version {changed['version']}"
        assert (await client.post(f"{path}/notes", json={"text": "prefers e-mail"})).status == 201
        assert "prefers e-mail" in {note["text"] for note in (await got(client, path))["customer"]["notes"]}
        assert (await client.get("/api/v1/customers/999999")).status == 404
        assert (await client.get("/api/v1/customers/999999/timeline")).status == 404


async def _paged(client: Client, path: str, key: str) -> list[Any]:
    """All items, three at a time."""
    items: list[Any] = []
    before = ""
    while True:
        page = await got(client, f"{path}limit=3{before}")
        items += page["items"]
        assert len(page["items"]) <= 3
        assert [item[key] for item in items] == sorted((item[key] for item in items), reverse=True)
        if page["next_before"] is None or len(items) >= 30:
            return items
        before = f"&before={page['next_before']!r}"


async def test_pages_lead_from_one_to_the_next_without_gap_or_double(real: RealSite) -> None:
    async with real.client(await real.login_of("supervisor")) as client:
        whole = (await got(client, "/api/v1/interactions?limit=30"))["items"]
        paged = await _paged(client, "/api/v1/interactions?", "started_at")
        assert [item["interaction_id"] for item in paged] == [item["interaction_id"] for item in whole]
        recordings = await _paged(client, "/api/v1/recordings?", "started_at")
        assert recordings
        assert len({item["interaction_id"] for item in recordings}) == len(recordings)


async def test_interactions_by_number_agent_and_customer(real: RealSite) -> None:
    async with real.client(await real.login_of("supervisor")) as client:
        one = next(
            item
            for item in (await got(client, "/api/v1/interactions?limit=200&outcome=handled"))["items"]
            if item["customer_number"] and item["agent_id"]
        )
        national = one["customer_number"].removeprefix("+86")
        for query in (f"number={national}", f"agent={one['agent_id']}", f"customer={one['customer_id']}"):
            items = (await got(client, f"/api/v1/interactions?limit=200&{query}"))["items"]
            assert one["interaction_id"] in {item["interaction_id"] for item in items}, query
        card = await got(client, f"/api/v1/interactions/{one['interaction_id']}")
        assert card["segments"][0]["agent_id"]
        assert card["interaction"] == one


async def test_a_recording_is_heard_by_who_took_part_and_the_audit_says_so(real: RealSite) -> None:
    supervisor = await real.login_of("supervisor")
    async with real.client(supervisor) as client:
        recording = (await got(client, "/api/v1/recordings?limit=1"))["items"][0]
        path = f"/api/v1/recordings/{recording['interaction_id']}/audio"
        response = await client.get(path)
        assert response.status == 200
        assert (await response.read())[:4] == b"RIFF"
        assert await real.store.writer.drain(10)
        newest = (await got(client, "/api/v1/audit?limit=1"))["items"][0]
        assert (newest["actor"], newest["command"]) == (supervisor, "recording.listen")
        assert newest["interaction_id"] == recording["interaction_id"]
    agents = {user.login for user in await real.store.users.list(role="agent")}
    took_part = (await real.site.recordings.get(recording["interaction_id"])).agents
    for login, status in ((min(took_part & agents), 200), (min(agents - took_part), 403)):
        async with real.client(login) as client:
            assert (await client.get(path)).status == status
    async with real.client(min(agents - took_part)) as client:
        mine = (await got(client, "/api/v1/recordings?limit=200"))["items"]
        assert recording["interaction_id"] not in {item["interaction_id"] for item in mine}


async def test_codes_phone_and_readiness(real: RealSite) -> None:
    async with real.client(await real.login_of("agent")) as client:
        codes = await got(client, "/api/v1/codes")
        delivery = next(node for node in codes["dispositions"] if node["code"] == "delivery")
        assert {child["code"] for child in delivery["children"]} == {"delivery.late", "delivery.damaged"}
        assert {reason["code"] for reason in codes["not_ready_reasons"]} >= {"break", "lunch"}
        phone = await got(client, "/api/v1/phone")
        assert phone["sip_uri"] == "sip:w1001@127.0.0.1"
        assert phone["ws_url"].startswith("ws://")
        response = await client.get("/readyz")
        assert response.status == 503
        assert (await response.json()) == {"ok": False, "checks": {"asterisk": "failed"}}
        real.checks["asterisk"] = "ok"
        assert (await client.get("/readyz")).status == 200


async def test_a_session_survives_a_restart_of_the_daemon(real: RealSite, tmp_path: Path) -> None:
    login = await real.login_of("agent")
    async with real.client(login) as client:
        cookies = {cookie.key: cookie.value for cookie in client.session.cookie_jar}
    again = RealSite(real.store, tmp_path)
    async with TestClient(TestServer(build(again.site)), cookie_jar=aiohttp.CookieJar(unsafe=True)) as later:
        later.session.cookie_jar.update_cookies(cookies, later.make_url("/"))
        assert (await got(later, "/api/v1/session"))["login"] == login


async def test_what_was_kept_is_explained_with_names_and_labels(real: RealSite) -> None:
    """Here nothing is live; what is missing in the books (older calls) is left out."""
    why = {
        "at": 4.0,
        "verdict": "nobody",
        "doors": ["queue:after_sales"],
        "candidates": [{"agent_id": "1001", "rejection": {"code": "skill", "subject": "zh", "has": 3, "needs": 5}}],
    }
    for fact in (
        InteractionQueued(at=3.0, interaction_id="x1", queue="after_sales", priority=0, queued_at=3.0),
        WaitExplained(at=4.0, interaction_id="x1", queue="after_sales", queued_at=3.0, why=why),
        OfferMade(
            at=5.0, interaction_id="x1", offer_id="x1-1", agent_id="1001", queue="after_sales", waited_s=2, ring_until=9
        ),
        OfferEnded(at=9.0, interaction_id="x1", offer_id="x1-1", agent_id="1001", reason="rona"),
    ):
        real.bus.publish(fact)
    assert await real.store.writer.drain(10)
    async with real.client(await real.login_of("supervisor")) as client:
        response = await client.get("/api/v1/interactions/x1/explain")
        assert response.status == 200, await response.text()
        told = await response.json()
        assert (await client.get("/api/v1/interactions/none/explain")).status == 404
    (visit,) = told["visits"]
    (candidate,) = visit["wait"]["candidates"]
    assert visit["wait"]["verdict"]["zh"] == "已签入的坐席中没有人符合要求"
    assert candidate["rejection"] == {"zh": "技能 zh 只有 3 级，需要 5 级", "en": "skill zh is 3, 5 is needed"}
    assert [(offer["end"], offer["chosen_by"], offer["candidates"]) for offer in told["offers"]] == [("rona", None, [])]
    assert (told["position"], told["wait"]) == (None, None)


async def test_what_stands_behind_a_number_and_the_alarms_of_today(real: RealSite) -> None:
    raised = AlarmRaised(
        at=50, alarm_id="a", queue="after_sales", kind="waiting", level="warn", worst="warn", value=6, limit=5
    )
    acknowledged = AlarmAcknowledged(at=60, alarm_id="a", queue="after_sales", kind="waiting", agent_id="2001")
    for fact in (raised, acknowledged, AlarmCleared(at=90, alarm_id="a", queue="after_sales", kind="waiting")):
        real.bus.publish(fact)
    assert await real.store.writer.drain(5)
    async with real.client(await real.login_of("supervisor")) as client:
        answer = await (await client.get("/api/v1/board/behind?what=answered&queue=after_sales&limit=2")).json()
        assert answer["count"] > 2 == len(answer["items"])
        assert {item["queue"] for item in answer["items"]} == {"after_sales"}
        assert answer["next"]
        for wrong in ("what=everything", "what=offered&cursor=none", "what=offered&limit=0"):
            assert (await client.get(f"/api/v1/board/behind?{wrong}")).status == 422
        found = answer["items"][0]["interaction_id"]
        ledger = (await (await client.get(f"/api/v1/interactions/{found}/ledger")).json())["items"]
        assert ledger[0]["type"] == "InteractionStarted"
        assert "SegmentEnded" in {entry["type"] for entry in ledger}
        assert (await client.get("/api/v1/interactions/nothing/ledger")).status == 404
        (alarm,) = (await (await client.get("/api/v1/board/alarms")).json())["items"]
        assert (alarm["raised_at"], alarm["cleared_at"], alarm["acknowledged_by"]) == (50, 90, "2001")
        assert (alarm["queue"], alarm["kind"], alarm["worst"], alarm["value"]) == ("after_sales", "waiting", "warn", 6)
    async with real.client(await real.login_of("agent")) as client:
        assert (await client.get("/api/v1/board/behind?what=offered")).status == 403
