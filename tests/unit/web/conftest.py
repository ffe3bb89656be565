"""A whole site with fakes behind its ports, served on a free loopback port."""

import io
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Any, ClassVar

import aiohttp
import msgspec
import pytest
from aiohttp.test_utils import TestClient, TestServer

from cti.desk.audience import Actor
from cti.desk.commands import AnyCommand
from cti.desk.hub import Hub
from cti.desk.views import ContactView, CustomerView, NoteView, ReasonView
from cti.errors import Conflict, NotFound
from cti.events import CommandAudited, Fact
from cti.web.app import build
from cti.web.errors import BadInput
from cti.web.explained import Explanation
from cti.web.ports import Result, Sought, StoredRecording, WebConfig
from cti.web.resources import (
    AuditTrail,
    AuditView,
    CustomerCard,
    CustomerHits,
    DispositionView,
    InteractionCard,
    InteractionHit,
    Interactions,
    PhoneView,
    Recordings,
    RecordingView,
    Timeline,
    WorkCodes,
)
from cti.web.resources_board import Behind, Ledger, LedgerEntry, NumberQuery, PastAlarms, PastAlarmView
from cti.web.resources_customers import Changed, CustomerForm, CustomerPatchBody, TimelineQuery
from cti.web.resources_personal import ErasureAnswer, HoldBody, Holds, HoldView
from cti.web.site import Site
from tests.unit.web.fake_login import PASSWORD, FakeIdentities, FakeLogin, FakeSessions, FakeUsers
from tests.unit.web.fake_merges import FakeMerges
from tests.unit.web.fake_quality import FakeQuality

NASTY = "<img src=x onerror=alert(1)>"
Client = TestClient[Any, Any]

__all__ = ["PASSWORD", "Client", "World", "log_in", "world"]


class FakeFloor:
    """Records what reached it; `refusal` is what the next command meets."""

    def __init__(self) -> None:
        self.executed: list[tuple[AnyCommand, Actor]] = []
        self.refusal: Exception | None = None

    async def execute(self, command: AnyCommand, actor: Actor) -> Result | None:
        if self.refusal is not None:
            raise self.refusal
        self.executed.append((command, actor))
        return {"done": True}


class FakePhones:
    async def credentials(self, agent_id: str) -> PhoneView:
        return PhoneView(
            ws_url="ws://127.0.0.1:8088/ws", sip_uri=f"sip:w{agent_id}@127.0.0.1", login=f"w{agent_id}", password="s"
        )


CUSTOMER = CustomerView(
    customer_id=7,
    name=NASTY,
    vip=3,
    numbers=("+8613900000001",),
    city="Beijing",
    company="",
    new=False,
    orders=(),
    contacts=(),
    notes=(),
)


class FakeCustomers:
    def __init__(self) -> None:
        self.version = 4
        self.timelines: list[TimelineQuery] = []

    async def search(self, text: str, limit: int) -> CustomerHits:
        assert limit > 0
        assert isinstance(text, str)
        return CustomerHits(items=())

    async def card(self, customer_id: int) -> CustomerCard:
        if customer_id != CUSTOMER.customer_id:
            raise NotFound("customer", customer_id)
        return CustomerCard(version=self.version, customer=CUSTOMER)

    async def change(self, customer_id: int, patch: CustomerPatchBody, by: str) -> Changed:
        assert by
        await self.card(customer_id)
        if patch.version != self.version:
            raise Conflict("the customer was changed meanwhile", str(self.version))
        self.version += 1
        customer = msgspec.structs.replace(CUSTOMER, city=patch.city or CUSTOMER.city)
        return Changed(card=CustomerCard(version=self.version, customer=customer), detail="city: Beijing -> Shanghai")

    async def timeline(self, customer_id: int, query: TimelineQuery) -> Timeline:
        await self.card(customer_id)
        self.timelines.append(query)
        items: tuple[ContactView, ...] = ()
        return Timeline(items=items, next_before=None)

    async def add_note(self, customer_id: int, author: str, text: str, at: float) -> NoteView:
        await self.card(customer_id)
        return NoteView(at=at, author=author, text=text)


def hit(interaction_id: str) -> InteractionHit:
    return InteractionHit(
        interaction_id=interaction_id,
        medium="voice",
        started_at=1.0,
        ended_at=2.0,
        customer_id=7,
        customer_name=NASTY,
        customer_number="+8613900000001",
        queue="sales",
        agent_id="anna",
        agent_name="Anna",
        waited_s=1.0,
        talked_s=1.0,
        outcome="handled",
        disposition="",
        has_recording=True,
    )


class FakeInteractions:
    def __init__(self) -> None:
        self.sought: list[Sought] = []

    async def search(self, sought: Sought) -> Interactions:
        self.sought.append(sought)
        return Interactions(items=(hit("i1"),), next_before=None)

    async def card(self, interaction_id: str) -> InteractionCard:
        if interaction_id != "i1":
            raise NotFound("interaction", interaction_id)
        return InteractionCard(
            interaction=hit("i1"), dialled="4000", ended_by="customer", note="", complaint=False, steps=(), segments=()
        )


class FakeExplanations:
    async def explain(self, interaction_id: str) -> Explanation:
        if interaction_id != "i1":
            raise NotFound("interaction", interaction_id)
        return Explanation(
            interaction_id="i1",
            at=1.0,
            state="ended",
            position=None,
            estimate_s=None,
            wait=None,
            ahead=(),
            offers=(),
            visits=(),
        )


class FakeRecordings:
    """`i1` is a recording of anna's, `out` one whose path points outside the folder."""

    paths: ClassVar = {"i1": "2026/i1.wav", "out": "../secret.wav", "gone": "2026/gone.wav"}

    async def search(self, sought: Sought) -> Recordings:
        assert sought.limit > 0
        return Recordings(items=(), next_before=None)

    async def get(self, interaction_id: str) -> StoredRecording:
        if interaction_id not in self.paths:
            raise NotFound("recording", interaction_id)
        view = RecordingView(
            interaction_id=interaction_id,
            started_at=1.0,
            duration_s=2.0,
            size=1000,
            sha256="0" * 64,
            channels=2,
            customer_number="+8613900000001",
            customer_id=7,
            agent_id="anna",
            queue="sales",
        )
        return StoredRecording(view=view, path=self.paths[interaction_id], agents=frozenset({"anna"}))


class FakeBoard:
    async def behind(self, query: NumberQuery) -> Behind:
        if query.cursor == "none":
            raise BadInput("'none' is no cursor of this list", "cursor")
        return Behind(items=(), count=0, next=None)

    async def ledger(self, interaction_id: str) -> Ledger:
        if interaction_id != "i1":
            raise NotFound("interaction", interaction_id)
        return Ledger(items=(LedgerEntry(at=1, type="InteractionStarted", fields={}),))

    async def alarms(self) -> PastAlarms:
        items: tuple[PastAlarmView, ...] = ()
        return PastAlarms(items=items)


class FakeAudit:
    async def search(self, sought: Sought) -> AuditTrail:
        assert sought.limit > 0
        items: tuple[AuditView, ...] = ()
        return AuditTrail(items=items, next_before=None)


class FakePersonal:
    async def export(self, customer_id: int, by: str, role: str) -> IO[bytes]:
        if customer_id != CUSTOMER.customer_id:
            raise NotFound("customer", customer_id)
        return io.BytesIO(f"zip for {by}, {role}".encode())

    async def erase(self, customer_id: int, by: str, role: str, reason: str) -> ErasureAnswer:
        assert by
        assert role == "admin"
        if reason == "held":
            raise Conflict(f"customer {customer_id} is held", "held")
        return ErasureAnswer(customer_id=customer_id, interactions=1, recordings=1, rows=2, emptied=0)

    async def holds(self) -> Holds:
        items: tuple[HoldView, ...] = ()
        return Holds(items=items)

    async def hold(self, body: HoldBody, by: str) -> HoldView:
        return HoldView(hold_id=4, kind=body.kind, key=body.key, reason=body.reason, at=1.0, by=by)

    async def release(self, hold_id: int, by: str) -> HoldView:
        if hold_id != 4:
            raise NotFound("legal hold", hold_id)
        return HoldView(hold_id=4, kind="interaction", key="i1", reason="case 7", at=1.0, by=by)


class World:
    """Everything a test may look at or bend."""

    def __init__(self, folder: Path) -> None:
        self.now = 1_000_000.0
        self.users = FakeUsers()
        self.sessions = FakeSessions(self.users)
        self.floor = FakeFloor()
        self.interactions = FakeInteractions()
        self.quality = FakeQuality()
        self.hub = Hub(clock=lambda: self.now)
        self.facts: list[Fact] = []
        self.checks = {"ami": "ok"}
        self.static = folder / "static"
        recordings = folder / "recordings"
        (recordings / "2026").mkdir(parents=True)
        (recordings / "2026" / "i1.wav").write_bytes(b"RIFF" + bytes(996))
        (folder / "secret.wav").write_bytes(b"secret")
        reason = ReasonView(code="break", label={"zh": "小休", "en": "Break"})
        solved = DispositionView(code="solved", label={"en": "Solved"}, children=())
        self.codes = WorkCodes(dispositions=(solved,), not_ready_reasons=(reason,))
        self.customers = FakeCustomers()
        self.refreshed: list[tuple[int, ...]] = []
        self.config = WebConfig(
            static=self.static,
            recordings=recordings,
            version="0.1",
            phone_ws_url="ws://127.0.0.1:8088/ws",
            demo=True,
        )
        self.login = FakeLogin(self.users, self.sessions, clock=lambda: self.now)
        self.identities = FakeIdentities()
        self.gate = self.login.gate
        self.site = Site(
            config=self.config,
            gate=self.gate,
            hub=self.hub,
            floor=self.floor,
            phones=FakePhones(),
            customers=self.customers,
            merges=FakeMerges(CUSTOMER),
            interactions=self.interactions,
            explanations=FakeExplanations(),
            recordings=FakeRecordings(),
            quality=self.quality,
            personal=FakePersonal(),
            board=FakeBoard(),
            audit=FakeAudit(),
            entrance=self.login.entrance,
            publish=self.facts.append,
            readiness=self.readiness,
            codes=lambda: self.codes,
            customer_form=lambda: CustomerForm(fields=(), links=()),
            refresh=self.refresh,
            clock=lambda: self.now,
        )

    async def refresh(self, customer_ids: Collection[int]) -> None:
        self.refreshed.append(tuple(customer_ids))

    async def readiness(self) -> dict[str, str]:
        return self.checks

    @property
    def audited(self) -> list[CommandAudited]:
        return [fact for fact in self.facts if isinstance(fact, CommandAudited)]

    @asynccontextmanager
    async def client(self, login: str | None = None) -> AsyncIterator[Client]:
        """A browser, logged in as `login`, with its CSRF token in the default headers."""
        server = TestServer(build(self.site))
        client: Client = TestClient(server, cookie_jar=aiohttp.CookieJar(unsafe=True))
        async with client:
            if login is not None:
                client.session.headers["X-CSRF-Token"] = await log_in(client, login)
            yield client


async def log_in(client: Client, login: str, password: str = PASSWORD) -> str:
    response = await client.post("/api/v1/session", json={"login": login, "password": password})
    assert response.status == 201, await response.text()
    return str((await response.json())["csrf"])


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)
