import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from cti.desk.hub import Hub
from cti.desk.views import SystemView
from cti.errors import ActionFailed, Conflict, Forbidden, NotConnected, NotFound
from cti.web import ws
from cti.web.way import Way
from tests.unit.web.conftest import Client, World

Socket = aiohttp.ClientWebSocketResponse


@asynccontextmanager
async def connected(client: Client) -> AsyncIterator[Socket]:
    origin = str(client.make_url("/")).rstrip("/")
    async with client.ws_connect("/ws/v1", origin=origin) as socket:
        snapshot = await socket.receive_json()
        assert snapshot["t"] == "snapshot"
        assert snapshot["seq"] == 1
        yield socket


async def said(socket: Socket, text: str) -> dict[str, Any]:
    await socket.send_str(text)
    reply: dict[str, Any] = await socket.receive_json()
    assert reply["t"] == "reply"
    return reply


def system(message: str) -> SystemView:
    return SystemView(link=True, demo=True, version="1", message=message)


async def test_a_snapshot_comes_first_and_then_the_changes(world: World) -> None:
    world.hub.put("system", "daemon", system("up"))
    async with world.client("anna") as client:
        origin = str(client.make_url("/")).rstrip("/")
        async with client.ws_connect("/ws/v1", origin=origin) as socket:
            snapshot = await socket.receive_json()
            assert snapshot["topics"]["system"]["daemon"]["demo"] is True
            assert (snapshot["role"], snapshot["agent_id"]) == ("agent", "anna")
            world.hub.put("system", "daemon", system("down"))
            world.hub.put("waiting", "i1", _waiting())
            changes = await socket.receive_json()
    assert changes["seq"] == 2
    assert [change["topic"] for change in changes["changes"]] == ["system"]


def _waiting() -> Any:
    from cti.desk.views import WaitingView  # noqa: PLC0415 - used once

    return WaitingView(
        interaction_id="i1",
        queue="sales",
        number="",
        caller_name="",
        customer_name="",
        vip=0,
        priority=5,
        queued_at=1.0,
        offered_to="",
    )


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null", "http://127.0.0.1"])
async def test_a_page_of_another_origin_cannot_connect(world: World, origin: str | None) -> None:
    async with world.client("anna") as client:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            await client.ws_connect("/ws/v1", origin=origin)
        assert refusal.value.status == 403
    assert [fact.allowed for fact in world.audited] == [False]


async def test_nobody_connects_without_a_session(world: World) -> None:
    async with world.client() as client:
        origin = str(client.make_url("/")).rstrip("/")
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            await client.ws_connect("/ws/v1", origin=origin)
        assert refusal.value.status == 401


@pytest.mark.parametrize(
    ("text", "number", "field"),
    [
        ("{", 0, ""),
        ("[]", 0, ""),
        ('{"id": 3}', 3, "cmd"),
        ('{"id": 3, "cmd": "agent.fly"}', 3, "cmd"),
        ('{"id": 3, "cmd": "agent.not_ready"}', 3, "reason"),
        ('{"id": 3, "cmd": "agent.not_ready", "reason": 5}', 3, "reason"),
        ('{"id": 3, "cmd": "agent.ready", "agent_id": "ben"}', 3, "agent_id"),
        ('{"id": "3", "cmd": "agent.ready"}', 0, "id"),
        ('{"id": 3, "cmd": "call.transfer", "interaction_id": "i", "kind": "planet", "target": "x"}', 3, "kind"),
    ],
)
async def test_a_command_that_does_not_fit_names_the_field(world: World, text: str, number: int, field: str) -> None:
    async with world.client("anna") as client, connected(client) as socket:
        reply = await said(socket, text)
        assert not reply["ok"]
        assert reply["id"] == number
        assert reply["error"]["code"] == "bad_request"
        assert reply["error"]["field"] == field
        assert reply["error"]["message"]
        assert (await said(socket, '{"id": 4, "cmd": "agent.ready"}'))["ok"], "the connection goes on"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Forbidden("this call is ben's"), "forbidden"),
        (NotFound("interaction", "i9"), "not_found"),
        (Conflict("already answered", "CONNECTED"), "conflict"),
        (NotConnected("Asterisk is away"), "unavailable"),
        (ActionFailed("Redirect", "no such channel"), "failed"),
        (RuntimeError("a defect"), "failed"),
    ],
)
async def test_what_the_floor_refuses_is_answered(world: World, error: Exception, code: str) -> None:
    world.floor.refusal = error
    async with world.client("anna") as client, connected(client) as socket:
        reply = await said(socket, '{"id": 1, "cmd": "call.hang_up", "interaction_id": "i1"}')
        assert reply["error"]["code"] == code
        assert reply["error"]["state"] == ("CONNECTED" if code == "conflict" else "")
        assert "defect" not in reply["error"]["message"]
        world.floor.refusal = None
        assert (await said(socket, '{"id": 2, "cmd": "agent.ready"}'))["result"] == {"done": True}
    if code == "forbidden":
        (audited,) = world.audited
        assert (audited.actor, audited.command, audited.subject) == ("anna", "call.hang_up", "i1")


async def test_an_agent_acts_as_itself_whatever_it_sends(world: World) -> None:
    """The floor gets who acts from the session; a command has no field in which an agent could name another."""
    async with world.client("anna") as client, connected(client) as socket:
        await said(socket, '{"id": 1, "cmd": "call.hold", "interaction_id": "i-of-ben"}')
    ((_, actor),) = world.floor.executed
    assert actor.agent_id == "anna"


async def test_commands_are_executed_in_their_order(world: World) -> None:
    async with world.client("anna") as client, connected(client) as socket:
        for number in range(1, 21):
            await socket.send_str(f'{{"id": {number}, "cmd": "agent.ready"}}')
        assert [(await socket.receive_json())["id"] for _ in range(20)] == list(range(1, 21))


async def test_an_oversized_or_binary_message_ends_the_connection(world: World) -> None:
    async with world.client("anna") as client:
        async with connected(client) as socket:
            await socket.send_str("x" * (ws.MAX_MESSAGE + 1))
            assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
            assert socket.close_code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG
        async with connected(client) as socket:
            await socket.send_bytes(b"\x00")
            assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
        async with connected(client):
            pass


async def test_logging_out_closes_the_socket(world: World) -> None:
    async with world.client("anna") as client, connected(client) as socket:
        assert (await client.delete("/api/v1/session")).status == 204
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
        assert socket.close_code == ws.RECONNECT


async def test_the_socket_ends_with_the_session(world: World) -> None:
    async with world.client("anna") as client:
        world.now += 12 * 3600 - 0.2
        async with connected(client) as socket:
            assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
            assert socket.close_code == ws.SESSION_ENDED


async def test_the_pop_is_on_the_wire_when_flushed_returns(world: World) -> None:
    async with world.client("anna") as client, connected(client) as socket:
        world.hub.put("system", "daemon", system("pop"))
        assert await world.hub.flushed("anna", 1)
        assert (await asyncio.wait_for(socket.receive_json(), 1))["t"] == "changes"
    assert not await world.hub.flushed("anna", 0.1)


async def test_pain_23_a_browser_that_cannot_keep_up_is_told_to_reconnect(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = Hub(limit=3)
    object.__setattr__(world.site, "hub", small)
    async with world.client("sue") as client:
        async with connected(client) as socket:
            monkeypatch.setattr(Way, "free", lambda _: False)
            for n in range(10):
                small.put("waiting", str(n), _waiting())
            assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
            assert socket.close_code == ws.RECONNECT
        origin = str(client.make_url("/")).rstrip("/")
        async with client.ws_connect("/ws/v1", origin=origin) as socket:
            assert len((await socket.receive_json())["topics"]["waiting"]) == 10


async def test_stopping_the_server_closes_the_sockets_at_once(world: World) -> None:
    async with world.client("anna") as client, connected(client) as socket:
        closing = asyncio.create_task(client.server.close())
        assert (await asyncio.wait_for(socket.receive(), 2)).type is aiohttp.WSMsgType.CLOSE
        await asyncio.wait_for(closing, 3)


@pytest.mark.parametrize("size", [10, 500, 70_000])
async def test_a_change_of_any_size_is_one_frame(world: World, size: int) -> None:
    """Its length stands in one, three or nine bytes."""
    async with world.client("anna") as client, connected(client) as socket:
        for n in range(3):
            world.hub.put("system", "daemon", system(f"{n}" * size))
            change = (await asyncio.wait_for(socket.receive_json(), 5))["changes"][0]
            assert change["entity"]["message"] == f"{n}" * size
