"""A page that gave its tab is asked whether it is there, and is gone when it does not answer."""

import asyncio
from dataclasses import dataclass, field, replace

import aiohttp
import pytest

from cti.errors import Conflict
from cti.web import presence, ws
from tests.unit.web.conftest import Client, World

TAB = "0123456789abcdef"


@dataclass
class Stations:
    """Writes down who comes and goes."""

    seen: list[tuple[str, str, str]] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    owner: str = TAB

    def came(self, agent_id: str, tab: str) -> None:
        self.seen.append(("came", agent_id, tab))

    def went(self, agent_id: str, tab: str) -> None:
        self.seen.append(("went", agent_id, tab))
        self.gone.set()

    def check_owner(self, _agent_id: str, tab: str) -> None:
        if tab != self.owner:
            raise Conflict("your phone is in another tab", "elsewhere")


@pytest.fixture
def stations(world: World, monkeypatch: pytest.MonkeyPatch) -> Stations:
    monkeypatch.setattr(presence, "EVERY_S", 0.02)
    monkeypatch.setattr(presence, "PATIENCE_S", 0.3)
    stations = Stations()
    world.site = replace(world.site, stations=stations)
    return stations


async def open_page(client: Client, tab: str = TAB) -> aiohttp.ClientWebSocketResponse:
    origin = str(client.make_url("/")).rstrip("/")
    return await client.ws_connect(f"/ws/v1?tab={tab}", origin=origin)


async def test_a_page_that_answers_stays_and_one_that_hangs_is_gone(world: World, stations: Stations) -> None:
    async with world.client("anna") as client:
        socket = await open_page(client)
        beats = 0
        while beats < 3:
            if (await socket.receive_json())["t"] == "beat":
                beats += 1
                await socket.send_str("beat")
        assert stations.seen == [("came", "anna", TAB)]
        async with asyncio.timeout(5):
            await stations.gone.wait()  # it was asked once more, and says nothing
            while (last := await socket.receive()).type != aiohttp.WSMsgType.CLOSE:
                assert last.type is aiohttp.WSMsgType.TEXT
        assert last.data == ws.RECONNECT
        await socket.close()
    assert stations.seen == [("came", "anna", TAB), ("went", "anna", TAB)]


async def test_a_page_that_closes_is_gone_at_once(world: World, stations: Stations) -> None:
    async with world.client("anna") as client:
        socket = await open_page(client)
        await socket.close()
        async with asyncio.timeout(5):
            await stations.gone.wait()


async def test_a_client_without_a_tab_is_asked_nothing(world: World, stations: Stations) -> None:
    async with world.client("anna") as client:
        socket = await open_page(client, tab="")
        assert (await socket.receive_json())["t"] == "snapshot"
        with pytest.raises(TimeoutError):
            await socket.receive_json(timeout=0.2)
        await socket.close()
    assert stations.seen == []


async def test_a_tab_with_a_strange_name_is_refused(world: World, stations: Stations) -> None:
    async with world.client("anna") as client:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await open_page(client, tab="no%20name")
    assert refused.value.status == 422
    assert stations.seen == []


async def test_only_the_tab_that_owns_the_phone_is_told_its_secret(world: World, stations: Stations) -> None:
    stations.owner = "another-one"
    async with world.client("anna") as client, client.get(f"/api/v1/phone?tab={TAB}") as refused:
        assert refused.status == 409
        assert (await refused.json())["state"] == "elsewhere"
    stations.owner = TAB
    async with world.client("anna") as client, client.get(f"/api/v1/phone?tab={TAB}") as told:
        assert told.status == 200
