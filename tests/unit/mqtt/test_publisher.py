"""Against a real mosquitto on a free loopback port."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiomqtt
import msgspec
import pytest

from cti.bus import Bus
from cti.desk.hub import Hub
from cti.desk.views import QueueView
from cti.errors import Unusable
from cti.events import AgentStateChanged, InteractionStarted, LinkLost
from cti.mqtt.publisher import Broker, Publisher
from cti.mqtt.service import broker_of
from cti.mqtt.service import publishing as publishing_by
from cti.settings import MqttSettings, Settings, read
from tests.harness.mosquitto import HOST, Mosquitto


async def becomes(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - somebody else's process makes it true
            await asyncio.sleep(0.01)


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    mosquitto = Mosquitto(tmp_path)
    await mosquitto.start()
    yield mosquitto
    await mosquitto.stop()


class Reader:
    """What a program of somebody else's receives: {topic: [payload]}, and which messages came retained."""

    def __init__(self) -> None:
        self.got: dict[str, list[Any]] = {}
        self.retained: set[str] = set()

    def last(self, topic: str) -> Any:
        return self.got.get(f"laidian/v1/demo/{topic}", [None])[-1]

    async def until(self, topic: str, **fields: object) -> Any:
        await becomes(lambda: _fits(self.last(topic), fields))
        return self.last(topic)


def _fits(payload: Any, fields: dict[str, object]) -> bool:
    return isinstance(payload, dict) and all(payload.get(name) == value for name, value in fields.items())


@asynccontextmanager
async def reading(port: int) -> AsyncIterator[Reader]:
    reader = Reader()

    async def collect(client: aiomqtt.Client) -> None:
        async for message in client.messages:
            raw = bytes(message.payload) if isinstance(message.payload, bytes | bytearray) else b""
            topic = str(message.topic)
            reader.got.setdefault(topic, []).append(msgspec.json.decode(raw) if raw else None)
            if message.retain:
                reader.retained.add(topic)

    async with aiomqtt.Client(HOST, port) as client:
        await client.subscribe("laidian/#", qos=1)
        task = asyncio.create_task(collect(client))
        try:
            yield reader
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def publishing(port: int, **given: Any) -> AsyncIterator[Publisher]:
    publisher = Publisher(Broker(host=HOST, port=port), site="demo", version="0.1", **given)
    task = asyncio.create_task(publisher.run())
    try:
        yield publisher
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def started(interaction_id: str) -> InteractionStarted:
    return InteractionStarted(
        at=5.0,
        interaction_id=interaction_id,
        medium="voice",
        channel="c",
        linkedid="c",
        customer_number="+8613900000001",
        caller_name="张伟",
        dialled="4000",
    )


def queue(waiting: int) -> QueueView:
    return QueueView(
        name="sales",
        label={"en": "Sales"},
        waiting=waiting,
        oldest=None,
        ready=0,
        busy=0,
        signed_in=0,
        offered_today=0,
        answered_today=0,
        abandoned_today=0,
        service_level_today=None,
        target_s=20,
    )


async def test_facts_of_the_bus_arrive_in_their_order(broker: Mosquitto) -> None:
    bus = Bus()
    async with reading(broker.port) as reader, publishing(broker.port) as publisher:
        bus.subscribe(publisher.on_fact)
        for n in range(50):
            bus.publish(LinkLost(at=float(n), reason=str(n)))
        bus.publish(started("i1"))
        fact = await reader.until("interaction/i1/started")
        assert (fact["schema"], fact["type"], fact["caller_name"]) == (1, "InteractionStarted", "张伟")
        assert [payload["reason"] for payload in reader.got["laidian/v1/demo/daemon/asterisk/link_lost"]] == [
            str(n) for n in range(50)
        ]
        assert publisher.dropped == 0


async def test_who_comes_late_finds_the_retained_states_and_no_old_facts(broker: Mosquitto) -> None:
    hub = Hub()
    hub.put("queues", "sales", queue(1))
    async with publishing(broker.port) as publisher:
        hub.listen(publisher.on_entity)
        hub.put("queues", "vip", queue(0))
        hub.put("queues", "sales", queue(2))
        hub.drop("queues", "vip")
        publisher.on_fact(started("i1"))
        await becomes(lambda: publisher.connected and not publisher.waiting)
        async with reading(broker.port) as reader:
            assert (await reader.until("queue/sales/state"))["waiting"] == 2
            assert (await reader.until("daemon/state"))["state"] == "online"
            assert set(reader.got) == reader.retained
            assert set(reader.got) == {"laidian/v1/demo/queue/sales/state", "laidian/v1/demo/daemon/state"}


async def test_a_daemon_that_stops_says_farewell(broker: Mosquitto) -> None:
    async with reading(broker.port) as reader:
        async with publishing(broker.port, clock=lambda: 7.0) as publisher:
            await reader.until("daemon/state", state="online")
            publisher.on_fact(started("last"))
        assert (await reader.until("daemon/state", state="offline"))["at"] == 7.0
        assert reader.last("interaction/last/started"), "what still waited was sent before"


async def test_the_last_will_speaks_for_a_daemon_that_was_killed(broker: Mosquitto) -> None:
    program = (
        "import asyncio; from cti.mqtt.publisher import Broker, Publisher; "
        f"asyncio.run(Publisher(Broker(port={broker.port}), site='demo', version='0.1').run())"
    )
    async with reading(broker.port) as reader:
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
        try:
            await reader.until("daemon/state", state="online")
        finally:
            process.kill()
            await process.wait()
        assert (await reader.until("daemon/state", state="offline"))["at"] is None


async def test_a_broker_that_was_away_gets_what_happened_meanwhile(
    broker: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: Publisher) -> aiomqtt.Client:
        """Held back until somebody reads: a fact is not retained."""
        raise OSError("away")

    async with publishing(broker.port) as publisher:
        async with reading(broker.port) as reader:
            await reader.until("daemon/state", state="online")
        publisher.on_entity("queues", "sales", queue(3))
        await broker.stop()
        monkeypatch.setattr(Publisher, "_client", away)
        await becomes(lambda: not publisher.connected)
        for n in range(30):
            publisher.on_fact(started(f"i{n}"))
        await broker.start()
        async with reading(broker.port) as reader:
            monkeypatch.undo()
            assert (await reader.until("queue/sales/state"))["waiting"] == 3
            for n in range(30):
                await reader.until(f"interaction/i{n}/started")
            assert (await reader.until("daemon/state"))["state"] == "online"
    assert publisher.dropped == 0


async def test_a_broker_that_never_answers_costs_the_bus_nothing() -> None:
    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        writer.close()

    server = await asyncio.start_server(silent, HOST, 0)
    port = server.sockets[0].getsockname()[1]
    try:
        async with publishing(port, limit=100) as publisher:
            for n in range(500):
                publisher.on_fact(AgentStateChanged(at=1.0, agent_id=str(n), state="ready", previous="busy", since=1.0))
            await asyncio.sleep(0.05)
            assert not publisher.connected
            assert publisher.waiting == 100
            assert publisher.dropped == 400
    finally:
        server.close()


def _settings(mqtt: MqttSettings | None) -> Settings:
    return read(Path(__file__).parents[3]).model_copy(update={"mqtt": mqtt})


async def test_it_is_off_unless_configured() -> None:
    async with publishing_by(_settings(None), bus=Bus(), hub=Hub(), version="0.1") as publisher:
        assert publisher is None


async def test_configured_it_publishes_what_bus_and_hub_tell(broker: Mosquitto) -> None:
    bus, hub = Bus(), Hub()
    settings = _settings(MqttSettings(port=broker.port))
    async with reading(broker.port) as reader:
        async with publishing_by(settings, bus=bus, hub=hub, version="0.1"):
            hub.put("queues", "sales", queue(1))
            bus.publish(started("i1"))
            await reader.until("interaction/i1/started")
            await reader.until("queue/sales/state", waiting=1)
        await reader.until("daemon/state", state="offline")


def test_a_password_that_cannot_be_read_is_one_clear_sentence(tmp_path: Path) -> None:
    missing = tmp_path / "none"
    with pytest.raises(Unusable, match=r"the MQTT password cannot be read from .*none"):
        broker_of(_settings(MqttSettings(password_file=missing)))
    missing.write_text("secret\n")
    found = broker_of(_settings(MqttSettings(password_file=missing)))
    assert found is not None
    assert found.password == "secret"
