"""Everything that happens, published by MQTT; off unless it is configured.

The bus and the hub are never held up: what they tell goes into an outbox, and one task sends it.
"""

import asyncio
import random
import ssl
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Never

import aiomqtt
import msgspec
import structlog
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from cti.desk.views import AnyView
from cti.events import Fact
from cti.mqtt import topics
from cti.mqtt.outbox import DEFAULT_LIMIT, Outbox, Outgoing
from cti.tls import refusal

log = structlog.get_logger(__name__)

KEEPALIVE_S: Final = 15
CONNECT_DEADLINE_S: Final = 10.0
SEND_DEADLINE_S: Final = 10.0
FAREWELL_DEADLINE_S: Final = 2.0
BATCH: Final = 10
"""Messages on their way at the same time, each confirmed by the broker (QoS 1)."""

FIRST_DELAY_S: Final = 0.5
LONGEST_DELAY_S: Final = 30.0


class Broker(msgspec.Struct, frozen=True, kw_only=True):
    host: str = "127.0.0.1"
    port: int = 1883
    username: str | None = None
    password: str | None = None
    tls: ssl.SSLContext | None = None


class Publisher:
    """Subscribe `on_fact` to the bus and `on_entity` to the hub, and run `run()` as a task until it is cancelled."""

    def __init__(
        self,
        broker: Broker,
        *,
        site: str,
        version: str,
        clock: Callable[[], float] = time.time,
        limit: int = DEFAULT_LIMIT,
    ) -> None:
        self._broker = broker
        self._site = site
        self._version = version
        self._clock = clock
        self._outbox = Outbox(limit)
        self._wake = asyncio.Event()
        self._run_id = uuid.uuid4().hex[:8]
        self._numbered = 0
        self.connected = False

    @property
    def dropped(self) -> int:
        """Facts that were never published because the broker was away for too long."""
        return self._outbox.dropped

    @property
    def waiting(self) -> int:
        return self._outbox.waiting

    def on_fact(self, fact: Fact) -> None:
        topic = topics.topic_of(self._site, fact)
        if topic is None:
            return
        self._numbered += 1
        payload = topics.payload_of(fact, f"{self._run_id}-{self._numbered}")
        self._outbox.fact(Outgoing(topic=topic, payload=payload, expires_after_s=topics.expires_after_s(fact)))
        self._wake.set()

    def on_entity(self, topic: str, key: str, entity: AnyView | None) -> None:
        """A change of the desk's state, see `cti.desk.hub.Hub.listen`."""
        address = topics.state_topic(self._site, topic, key)
        if address is not None:
            self._outbox.state(address, (topics.state_payload(entity) or b"") if entity is not None else b"")
            self._wake.set()

    async def run(self) -> Never:
        """Until cancelled, which says farewell: the daemon's state becomes "offline" before the connection ends."""
        delay_s = FIRST_DELAY_S
        while True:
            try:
                async with self._client() as client:
                    delay_s = FIRST_DELAY_S
                    await self._converse(client)
            except (aiomqtt.MqttError, TimeoutError, OSError) as error:
                where = f"{self._broker.host}:{self._broker.port}"
                log.warning("mqtt is away", broker=where, reason=self._reason(error))
            finally:
                self.connected = False
            await asyncio.sleep(delay_s * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, no secret
            delay_s = min(delay_s * 2, LONGEST_DELAY_S)

    def _reason(self, error: BaseException) -> str:
        """What aiomqtt tells of TLS is in the error that it was raised from."""
        found: BaseException | None = error
        while found is not None:
            if text := refusal(found, self._broker.host):
                return text
            found = found.__cause__ or found.__context__
        return str(error)

    def _client(self) -> aiomqtt.Client:
        will = aiomqtt.Will(
            topics.daemon_topic(self._site), self._daemon(online=False, at=None).payload, qos=1, retain=True
        )
        return aiomqtt.Client(
            self._broker.host,
            self._broker.port,
            username=self._broker.username,
            password=self._broker.password,
            protocol=aiomqtt.ProtocolVersion.V5,
            will=will,
            keepalive=KEEPALIVE_S,
            timeout=CONNECT_DEADLINE_S,
            tls_context=self._broker.tls,
        )

    def _daemon(self, *, online: bool, at: float | None) -> Outgoing:
        payload = topics.daemon_payload(online=online, version=self._version, at=at)
        return Outgoing(topic=topics.daemon_topic(self._site), payload=payload, retain=True)

    async def _converse(self, client: aiomqtt.Client) -> None:
        """Send until the connection is lost, which raises; when cancelled, say farewell first."""
        try:
            await _publish(client, self._daemon(online=True, at=self._clock()))
            self._outbox.connected()
            self.connected = True
            log.info("mqtt connected", broker=f"{self._broker.host}:{self._broker.port}")
            sending = asyncio.create_task(self._send(client), name="mqtt send")
            watching = asyncio.create_task(_until_lost(client), name="mqtt watch")
            try:
                done, _ = await asyncio.wait({sending, watching}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                sending.cancel()
                watching.cancel()
                await asyncio.gather(sending, watching, return_exceptions=True)
            for task in done:
                task.result()
        except asyncio.CancelledError:
            await self._farewell(client)
            raise

    async def _send(self, client: aiomqtt.Client) -> Never:
        while True:
            self._wake.clear()
            if not (batch := self._outbox.take(BATCH)):
                await self._wake.wait()
                continue
            await asyncio.gather(*(_publish(client, message) for message in batch))
            self._outbox.sent()

    async def _farewell(self, client: aiomqtt.Client) -> None:
        """Send what still waits and "offline"; the broker itself sends the last will only for a lost connection."""
        with suppress(aiomqtt.MqttError, TimeoutError):
            async with asyncio.timeout(FAREWELL_DEADLINE_S):
                while batch := self._outbox.take(BATCH):
                    await asyncio.gather(*(_publish(client, message) for message in batch))
                    self._outbox.sent()
                await _publish(client, self._daemon(online=False, at=self._clock()))


async def _publish(client: aiomqtt.Client, message: Outgoing) -> None:
    properties = None
    if message.expires_after_s is not None:
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho has no types here
        properties.MessageExpiryInterval = message.expires_after_s
    await client.publish(
        message.topic,
        message.payload,
        qos=1,
        retain=message.retain,
        properties=properties,
        timeout=SEND_DEADLINE_S,
    )


async def _until_lost(client: aiomqtt.Client) -> None:
    """Nothing is subscribed to, so this ends only by the error that says that the connection is lost."""
    async for _ in client.messages:
        pass
